/** What Camunda calls the incidents: a failed step is a failed job, work that no worker will do a failed external task; others keep their own word. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { IncidentList } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const BROKEN = bpmn(
  'broken',
  `<bpmn:startEvent id="Start" />
   <bpmn:scriptTask id="Script" scriptFormat="juel" camunda:asyncBefore="true" camunda:resultVariable="x"><bpmn:script>\${nowhere.atAll}</bpmn:script></bpmn:scriptTask>
   <bpmn:serviceTask id="Fails" camunda:type="external" camunda:topic="fails" />
   <bpmn:serviceTask id="Throws" camunda:type="external" camunda:topic="throws" />
   <bpmn:userTask id="Waits" />
   <bpmn:parallelGateway id="Join" />
   <bpmn:exclusiveGateway id="Choice" />
   <bpmn:endEvent id="End" />`,
  [
    'Start->Script',
    'Start->Fails',
    'Start->Throws',
    'Start->Choice',
    'Start->Waits',
    'Choice->Join',
    'Script->Join',
    'Join->End',
  ],
);

interface Row {
  readonly id: string;
  readonly incidentType: string;
  readonly activityId: string;
  readonly configuration: string | null;
}

describe('the types of incidents', () => {
  let system: System;
  let id = '';
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'broken.bpmn': BROKEN });
    ({ id } = await system.post<{ id: string }>('/engine-rest/process-definition/key/broken/start'));
    const topics = ['fails', 'throws'].map((topicName) => ({ topicName, lockDuration: 60_000 }));
    const work = { workerId: 'w', maxTasks: 2, topics };
    const tasks = await system.post<{ id: string; topicName: string }[]>(
      '/engine-rest/external-task/fetchAndLock',
      work,
    );
    for (const { id: task, topicName } of tasks) {
      const report = topicName === 'fails' ? 'failure' : 'bpmnError';
      const what = { workerId: 'w', errorMessage: 'no', errorCode: 'NOBODY', retries: 0 };
      await system.post(`/engine-rest/external-task/${task}/${report}`, what);
    }
    const [waits] = await system.get<{ executionId: string }[]>('/engine-rest/task?processDefinitionKey=broken');
    const raised = { incidentType: 'mine', configuration: '5', message: 'look' };
    await system.post(`/engine-rest/execution/${waits?.executionId}/create-incident`, raised);
    for (let turn = 0; turn < 400 && (await open()).length < 4; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
  });
  after(() => system.stop());

  const open = (query = ''): Promise<readonly Row[]> =>
    system.get(`/engine-rest/incident?processInstanceId=${id}${query}`);
  const typesOf = (rows: readonly Row[]) =>
    Object.fromEntries(rows.map(({ activityId, incidentType }) => [activityId, incidentType]));
  const TYPES = { Script: 'failedJob', Fails: 'failedExternalTask', Throws: 'failedExternalTask', Waits: 'mine' };

  it("are Camunda's, now and in the history, and lead to the job or the external task", async () => {
    const rows = await open();
    assert.deepEqual(typesOf(rows), TYPES);
    assert.deepEqual(typesOf(await system.get(`/engine-rest/history/incident?processInstanceId=${id}`)), TYPES);
    const configuration = (element: string) => rows.find(({ activityId }) => activityId === element)?.configuration;
    const job = await system.get<{ retries: number }>(`/engine-rest/job/${configuration('Script')}`);
    assert.equal(job.retries, 0);
    for (const element of ['Fails', 'Throws']) {
      const task = await system.get<{ retries: number; activityId: string }>(
        `/engine-rest/external-task/${configuration(element)}`,
      );
      assert.deepEqual([task.retries, task.activityId], [0, element]);
    }
    const [statistics] = await system
      .get<{ incidents: object[] }[]>('/engine-rest/process-definition/statistics?incidentsForType=failedExternalTask')
      .then((all) => all.filter(({ incidents }) => incidents.length > 0));
    assert.deepEqual(statistics?.incidents, [{ incidentType: 'failedExternalTask', incidentCount: 2 }]);
  });

  it('are found by that word everywhere, and by the one that they have here', async () => {
    const found = async (type: string) => typesOf(await open(`&incidentType=${type}`));
    assert.deepEqual(await found('failedJob'), { Script: 'failedJob' });
    assert.deepEqual(await found('expression'), { Script: 'failedJob' });
    assert.deepEqual(await found('unhandledError'), { Throws: 'failedExternalTask' });
    assert.deepEqual(await found('failedExternalTask'), { Fails: 'failedExternalTask', Throws: 'failedExternalTask' });
    assert.deepEqual(await found('mine'), { Waits: 'mine' });
    assert.deepEqual(await found('custom'), {});
    const lists = ['/process-instance', '/history/process-instance', '/process-definition', '/execution'];
    for (const list of lists) {
      const count = async (type: string) =>
        (await system.get<{ count: number }>(`/engine-rest${list}/count?incidentType=${type}`)).count;
      for (const type of ['failedJob', 'expression', 'failedExternalTask', 'mine'])
        assert.ok((await count(type)) > 0, `${list} ${type}`);
      assert.equal(await count('deadlock'), 0, list);
    }
  });

  it('the own word is told by our own face', async () => {
    const { incidents } = await system.get<IncidentList>('/api/incidents?definition=broken');
    const kinds = Object.fromEntries(incidents.map(({ elementId, kind }) => [elementId, kind]));
    assert.deepEqual(kinds, {
      Script: 'expression',
      Fails: 'failedExternalTask',
      Throws: 'unhandledError',
      Waits: 'custom',
    });
  });

  it('what Camunda has no word for keeps its own: nothing has failed at a join that can never be full', async () => {
    const [waits] = await system.get<{ id: string }[]>('/engine-rest/task?processDefinitionKey=broken');
    await system.post(`/engine-rest/task/${waits?.id}/complete`);
    for (const activityId of ['Script', 'Fails', 'Throws'])
      await system.post(`/engine-rest/process-instance/${id}/modification`, {
        instructions: [{ type: 'cancel', activityId }],
      });
    assert.deepEqual(typesOf(await open()), { Join: 'deadlock' });
    assert.deepEqual(typesOf(await open('&incidentType=failedJob')), {});
  });
});
