/** Deployments that bring only what has changed, and deployments that are deployed again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { GRAPH } from '../../testing/camunda-models.test.ts';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const one = (task: string) =>
  bpmn('one', `<bpmn:startEvent id="Start" /><bpmn:userTask id="${task}" />`, [`Start->${task}`]);
const two = bpmn('two', '<bpmn:startEvent id="Start" /><bpmn:userTask id="Do" />', ['Start->Do']);

interface Answer {
  readonly id: string;
  readonly deployedProcessDefinitions: Readonly<
    Record<string, { readonly key: string; readonly version: number }>
  > | null;
  readonly deployedDecisionRequirementsDefinitions: Readonly<Record<string, { readonly key: string }>> | null;
}

describe('deployments', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  async function deploy(
    files: Readonly<Record<string, string>>,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const form = new FormData();
    for (const [name, value] of Object.entries({ 'deployment-name': 'both', ...fields })) form.append(name, value);
    for (const [name, content] of Object.entries(files)) form.append(name, new Blob([content]), name);
    const answer = await fetch(`${system.url}/engine-rest/deployment/create`, { method: 'POST', body: form });
    assert.equal(answer.status, 200);
    return (await answer.json()) as Answer;
  }
  const versions = ({ deployedProcessDefinitions }: Answer): string[] =>
    Object.values(deployedProcessDefinitions ?? {})
      .map(({ key, version }) => `${key} ${version}`)
      .toSorted();
  const resources = async (id: string): Promise<string[]> =>
    (await system.get<{ name: string }[]>(`/engine-rest/deployment/${id}/resources`)).map(({ name }) => name);

  it('bring only the files that have changed, where that is asked for', async () => {
    const changed = { 'deploy-changed-only': 'true' };
    const first = await deploy({ 'one.bpmn': one('A'), 'two.bpmn': two });
    assert.deepEqual(versions(first), ['one 1', 'two 1']);
    const second = await deploy({ 'one.bpmn': one('B'), 'two.bpmn': two }, changed);
    assert.deepEqual([versions(second), await resources(second.id)], [['one 2'], ['one.bpmn']]);
    const third = await deploy({ 'one.bpmn': one('B'), 'two.bpmn': two }, changed);
    assert.deepEqual([third.id, third.deployedProcessDefinitions], [second.id, null], 'nothing is new');
    const back = await deploy({ 'one.bpmn': one('A') }, changed);
    assert.deepEqual(versions(back), ['one 3'], 'what was there before the last change is new again');
  });

  it('are deployed again, all files or some', async () => {
    const { id } = await deploy({ 'one.bpmn': one('A'), 'two.bpmn': two }, { 'deployment-name': 'again' });
    const again = (body: object = {}) => system.post<Answer>(`/engine-rest/deployment/${id}/redeploy`, body);
    assert.equal(versions(await again()).length, 2);
    const some = await again({ resourceNames: ['two.bpmn'], source: 'me' });
    assert.deepEqual(await resources(some.id), ['two.bpmn']);
    const { name, source } = await system.get<{ name: string; source: string }>(`/engine-rest/deployment/${some.id}`);
    assert.deepEqual([name, source], ['again', 'me']);
    assert.deepEqual(await resources((await again({ resourceIds: [`${id}.0`] })).id), ['one.bpmn']);
    for (const body of [{ resourceNames: ['none'] }, { resourceIds: ['9.9'] }]) {
      const url = `/engine-rest/deployment/${id}/redeploy`;
      assert.equal((await system.app.inject({ method: 'POST', url, payload: body })).statusCode, 404);
    }
  });

  it('become active at a time', async () => {
    const due = new Date(system.kernel.engine.now() + 3_600_000).toISOString().replace('Z', '+0000');
    const files = { 'later.bpmn': two.replaceAll('"two"', '"later"') };
    assert.deepEqual(versions(await deploy(files, { 'deployment-activation-time': due })), ['later 1']);
    const start = () =>
      system.app.inject({ method: 'POST', url: '/engine-rest/process-definition/key/later/start', payload: {} });
    assert.equal((await start()).statusCode, 500);
    const [timer] = await system.get<{ id: string; dueDate: string }[]>(
      '/engine-rest/job?processDefinitionKey=procos_system_suspension',
    );
    assert.equal(timer?.dueDate, due);
    await system.post(`/engine-rest/job/${timer?.id}/execute`);
    for (let turns = 0; (await start()).statusCode !== 200; turns += 1) {
      assert.ok(turns < 800, 'it never becomes active');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  it('say which requirements graphs they have brought', async () => {
    const { deployedDecisionRequirementsDefinitions: graphs } = await deploy({ 'graph.dmn': GRAPH });
    assert.deepEqual(
      Object.values(graphs ?? {}).map(({ key }) => key),
      ['graph'],
    );
  });
});
