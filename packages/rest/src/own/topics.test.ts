/** Topics that processes serve, on the real engine: the list, the change of the server, and what a worker gets to see. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { HoldingList, ProcessDetail, TopicList, TopicRow } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const CALLER = bpmn(
  'caller',
  '<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Rate" camunda:type="external" camunda:topic="rate" />',
  ['Start->Rate'],
);
const SERVER = bpmn(
  'rater',
  `<bpmn:extensionElements><procos:servesTopic xmlns:procos="http://procos.dev/schema/1.0" topic="rate" results="risk" /></bpmn:extensionElements>
  <bpmn:startEvent id="Begin" /><bpmn:userTask id="Look" />`,
  ['Begin->Look'],
);

describe('topics', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'caller.bpmn': CALLER });
    await system.deploy({ 'rater.bpmn': SERVER });
    await system.kernel.ready;
  });
  after(() => system.stop());

  const topics = async () => (await system.get<TopicList>('/api/topics')).topics;
  const start = async () => (await system.post<{ id: string }>('/engine-rest/process-definition/key/caller/start')).id;
  const locks = (workerId: string) =>
    system.post<{ id: string }[]>('/engine-rest/external-task/fetchAndLock', {
      workerId,
      maxTasks: 5,
      topics: [{ topicName: 'rate', lockDuration: 60_000 }],
    });

  it('a process serves the topic that it declares; its instance stands below the caller, and no worker gets the task', async () => {
    assert.deepEqual(await topics(), [
      { topic: 'rate', tenantId: null, process: 'rater', chosen: false, declaredBy: ['rater'], tasks: 0 },
    ]);
    const pid = await start();
    assert.deepEqual(await locks('w'), []);
    const { children, waitsAt } = await system.get<ProcessDetail>(`/api/processes/${pid}`);
    assert.deepEqual(
      [children.map(({ bpmnProcessId }) => bpmnProcessId), waitsAt.map(({ elementId }) => elementId)],
      [['rater'], ['Rate']],
    );
    const { holdings } = await system.get<HoldingList>(`/api/processes/${pid}/holdings`);
    assert.deepEqual(
      holdings.map(({ name, holder, until }) => [name, holder, until]),
      [['rate', 'process:rater', null]],
    );
    const [task] = await system.get<{ id: string; workerId: string; lockExpirationTime: string }[]>(
      '/engine-rest/external-task?locked=true',
    );
    assert.deepEqual([task?.workerId, task?.lockExpirationTime], ['process:rater', '9999-12-31T00:00:00.000+0000']);
    const answer = await system.app.inject({
      method: 'POST',
      url: `/engine-rest/external-task/${task?.id}/unlock`,
    });
    assert.notEqual(answer.statusCode, 204);
    const [look] = await system.get<{ id: string }[]>('/engine-rest/task');
    await system.post(`/engine-rest/task/${look?.id}/complete`, { variables: { risk: { value: 7 } } });
    const variables = await system.get<{ name: string; value: unknown }[]>(
      `/engine-rest/history/variable-instance?processInstanceId=${pid}`,
    );
    assert.deepEqual(
      variables.map(({ name, value }) => [name, value]),
      [['risk', 7]],
    );
  });

  it('workers get the topic and give it back; what makes no sense is refused', async () => {
    const chosen = await system.post<TopicRow>('/api/topics/rate', { process: null });
    assert.deepEqual([chosen.process, chosen.chosen], [null, true]);
    await start();
    assert.equal((await locks('w')).length, 1);
    assert.equal((await system.post<TopicRow>('/api/topics/rate', { process: 'rater' })).process, 'rater');
    await start();
    assert.deepEqual(await locks('w2'), []);
    const refused = async (topic: string, payload: object) =>
      (await system.app.inject({ method: 'POST', url: `/api/topics/${topic}`, payload })).json<{ code: string }>().code;
    assert.equal(await refused('rate', {}), 'INVALID_ARGUMENT');
    assert.equal(await refused('rate', { process: 'nobody' }), 'NOT_FOUND');
    assert.equal(await refused('rate', { process: 'caller' }), 'INVALID_STATE');
  });
});
