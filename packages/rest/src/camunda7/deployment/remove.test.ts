/** Deployments and process definitions that are deleted: what goes with them, and what stays readable. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createServer } from '../../server.ts';
import { FakeKernel } from '../../testing/fake-kernel.test.ts';
import { withOrder } from '../../testing/order.test.ts';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const waits = (id: string, task: string) =>
  bpmn(
    id,
    `<bpmn:startEvent id="Start"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:startEvent>
    <bpmn:userTask id="${task}" name="${task}" />`,
    [`Start->${task}`],
  );
const straight = (id: string) => bpmn(id, '<bpmn:startEvent id="Start" /><bpmn:task id="Do" />', ['Start->Do']);
const TABLE = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rates" name="rates" namespace="n">
  <decision id="rate" name="Rate"><literalExpression><text>1</text></literalExpression></decision></definitions>`;

describe('deleting deployments and process definitions', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());
  const send = async (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) => {
    const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  const ids = async (path: string): Promise<string[]> =>
    (await send('GET', path)).body.map(({ id }: { id: string }) => id);

  it('takes a deployment with its processes and decisions out, and leaves the history of what has ended', async () => {
    const { id } = await system.deploy({ 'gone.bpmn': straight('gone'), 'rates.dmn': TABLE });
    const started = (await send('POST', '/process-definition/key/gone/start', {})).body;
    assert.equal((await send('DELETE', `/deployment/${id}`)).status, 204);
    assert.equal((await send('GET', `/deployment/${id}`)).status, 404);
    assert.equal((await send('DELETE', `/deployment/${id}`)).status, 404);
    for (const path of ['/process-definition?key=gone', '/decision-definition?key=rate'])
      assert.deepEqual(await ids(path), []);
    assert.equal((await send('GET', `/process-definition/${started.definitionId}`)).status, 404);
    assert.equal((await send('POST', `/process-definition/${started.definitionId}/start`, {})).status, 500);
    assert.equal((await send('POST', '/process-definition/key/gone/start', {})).status, 404);
    const visits = (await send('GET', `/history/activity-instance?processInstanceId=${started.id}`)).body;
    assert.deepEqual(
      visits.map((visit: Record<string, unknown>) => [visit['activityId'], visit['processDefinitionId']]),
      [
        ['Start', started.definitionId],
        ['Do', started.definitionId],
      ],
    );
    const own = await system.app.inject(`/api/processes/${started.id}`);
    assert.equal(own.statusCode, 200, own.body);
  });

  it('refuses while instances run, unless all of them are to go too', async () => {
    const { id } = await system.deploy({ 'busy.bpmn': waits('busy', 'Work') });
    const message = { messageName: 'paid', resultEnabled: true };
    const instance = (await send('POST', '/message', message)).body[0].processInstance;
    const refused = await send('DELETE', `/deployment/${id}`);
    assert.deepEqual([refused.status, refused.body.type, refused.body.code], [500, 'ProcessEngineException', 10001]);
    const one = await send('DELETE', '/process-definition/key/busy');
    assert.equal(one.status, 500);
    assert.match(one.body.message, /can't be deleted, since there exists 1 dependening process instances/);
    assert.equal((await send('DELETE', `/deployment/${id}?cascade=true`)).status, 204);
    assert.deepEqual(await ids('/process-instance?processDefinitionKey=busy'), []);
    assert.equal((await send('GET', `/history/process-instance/${instance.id}`)).status, 404);
    assert.equal((await send('POST', '/message', message)).status, 400, 'nothing waits for it any more');
  });

  it('the version before takes over what starts the process', async () => {
    await system.deploy({ 'v.bpmn': waits('v', 'First') });
    await system.deploy({ 'v.bpmn': waits('v', 'Second') });
    const [latest] = await ids('/process-definition?key=v&latestVersion=true');
    assert.equal((await send('DELETE', `/process-definition/${latest}`)).status, 204);
    const [before] = await ids('/process-definition?key=v&latestVersion=true');
    assert.match(before ?? '', /^v:1:/);
    assert.equal((await send('POST', '/message', { messageName: 'paid' })).status, 204);
    const tasks = (await send('GET', '/task?processDefinitionKey=v')).body;
    assert.deepEqual(
      tasks.map((task: Record<string, unknown>) => task['taskDefinitionKey']),
      ['First'],
    );
    assert.equal((await send('DELETE', '/process-definition/key/v?cascade=true')).status, 204);
    assert.deepEqual(await ids('/process-definition?key=v'), []);
    assert.equal((await send('DELETE', '/process-definition/key/v')).status, 404);
  });

  it('what is part of the system stays', async () => {
    const [definition] = (await send('GET', '/process-definition?key=procos_system_batch')).body;
    for (const path of [`/deployment/${definition.deploymentId}`, `/process-definition/${definition.id}`]) {
      const refused = await send('DELETE', `${path}?cascade=true`);
      assert.equal(refused.status, 400, path);
      assert.match(refused.body.message, /part of the system/);
    }
  });

  it('that instances and history go too needs the permission to end and to delete these', async () => {
    for (const [query, actions] of [
      ['', ['deployment.delete']],
      ['?cascade=true', ['deployment.delete', 'processInstance.cancel', 'history.delete']],
    ] as const) {
      const kernel = withOrder(new FakeKernel());
      const app = await createServer(kernel);
      await app.inject({ method: 'DELETE', url: `/engine-rest/deployment/2${query}` });
      assert.deepEqual(
        kernel.asked.map(({ action }) => action),
        actions,
      );
      await app.close();
    }
  });

  it('asked again with the same key it is done once, and gets the same answer', async () => {
    await system.deploy({ 'twice.bpmn': straight('twice') });
    const [id] = await ids('/process-definition?key=twice');
    await system.deploy({
      'ticks.bpmn': bpmn(
        'ticks',
        `<bpmn:startEvent id="Start" /><bpmn:userTask id="Do" /><bpmn:boundaryEvent id="Late" attachedToRef="Do"><bpmn:timerEventDefinition>
        <bpmn:timeDuration xsi:type="bpmn:tFormalExpression" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>`,
        ['Start->Do'],
      ),
    });
    await send('POST', '/process-definition/key/ticks/start', {});
    const [job] = await ids('/job?processDefinitionKey=ticks');
    const ended = (await send('POST', '/process-definition/key/twice/start', {})).body.id;
    const paths = [
      `/history/process-instance/${ended}`,
      `/job/${job}`,
      '/process-definition/key/ticks?cascade=true',
      `/process-definition/${id}`,
    ];
    for (const [at, path] of paths.entries()) {
      const headers = { 'idempotency-key': `again-${at}` };
      const again = () => system.app.inject({ method: 'DELETE', url: `/engine-rest${path}`, headers });
      assert.deepEqual([(await again()).statusCode, (await again()).statusCode], [204, 204], path);
    }
  });
});
