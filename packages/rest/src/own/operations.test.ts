/** Retries, variables and moves of a running process, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MoveReply, ProcessDetail, RetryReply } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const MODEL = bpmn(
  'mended',
  `<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Send" camunda:type="external" camunda:topic="send" />
    <bpmn:exclusiveGateway id="Which" default="f2" /><bpmn:userTask id="Check" /><bpmn:endEvent id="End" />
    <bpmn:sequenceFlow id="good" sourceRef="Which" targetRef="End"><bpmn:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="bpmn:tFormalExpression">\${missing == 1}</bpmn:conditionExpression></bpmn:sequenceFlow>`,
  ['Start->Send', 'Send->Which', 'Which->Check', 'Check->End'],
);

describe('mending a process', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'mended.bpmn': MODEL });
    await system.kernel.ready;
  });
  after(() => system.stop());

  async function start(): Promise<string> {
    return (await system.post<{ id: string }>('/engine-rest/process-definition/key/mended/start')).id;
  }
  async function task(): Promise<string> {
    const [locked] = await system.post<{ id: string }[]>('/engine-rest/external-task/fetchAndLock', {
      workerId: 'w',
      maxTasks: 1,
      topics: [{ topicName: 'send', lockDuration: 60_000 }],
    });
    return locked?.id ?? '';
  }
  const detail = (pid: string) => system.get<ProcessDetail>(`/api/processes/${pid}`);
  const waits = async (pid: string) => (await detail(pid)).waitsAt.map(({ elementId }) => elementId);
  async function refused(path: string, payload: object) {
    const answer = await system.app.inject({ method: 'POST', url: `/api/processes/${path}`, payload });
    return [answer.statusCode, answer.json<{ code: string }>().code];
  }

  it('retries: a task without attempts gets some, a step that failed is tried again; without an incident it is refused', async () => {
    const pid = await start();
    assert.deepEqual(await refused(`${pid}/retries`, {}), [409, 'INVALID_STATE']);
    const failure = { workerId: 'w', errorMessage: 'no address', retries: 0 };
    await system.post(`/engine-rest/external-task/${await task()}/failure`, failure);
    assert.equal((await detail(pid)).state, 'incident');
    const { retried } = await system.post<RetryReply>(`/api/processes/${pid}/retries`, { retries: 3 });
    assert.deepEqual(
      retried.map(({ elementId, message }) => [elementId, message]),
      [['Send', 'no address']],
    );
    const [row] = await system.get<{ retries: number }[]>(`/engine-rest/external-task?processInstanceId=${pid}`);
    assert.equal(row?.retries, 3);
    await system.post(`/engine-rest/external-task/${await task()}/complete`, { workerId: 'w' });
    assert.equal((await detail(pid)).incidents.filter(({ state }) => state === 'open').length, 1);
    await system.post(`/api/processes/${pid}/variables`, { variables: { missing: 1 } });
    await system.post(`/api/processes/${pid}/retries`);
    assert.equal((await detail(pid)).state, 'completed');
    assert.deepEqual(await refused(`${pid}/retries`, {}), [409, 'INVALID_STATE']);
  });

  it('variables: typed, in the process or in one active element, and taken away', async () => {
    const pid = await start();
    await system.post(`/api/processes/${pid}/variables`, { variables: { text: 'a', list: [1] } });
    await system.post(`/api/processes/${pid}/variables`, { scope: 'Send', variables: { text: 'b' }, remove: ['none'] });
    await system.post(`/api/processes/${pid}/variables`, { remove: ['list'] });
    const live = (await detail(pid)).variables.filter(({ live }) => live);
    assert.deepEqual(live.map(({ name, value, elementId }) => [name, value, elementId]).sort(), [
      ['text', 'a', null],
      ['text', 'b', 'Send'],
    ]);
    assert.deepEqual(await refused(`${pid}/variables`, {}), [400, 'INVALID_ARGUMENT']);
    assert.deepEqual(await refused(`${pid}/variables`, { remove: [1] }), [400, 'INVALID_ARGUMENT']);
    assert.deepEqual(await refused(`${pid}/variables`, { scope: 'End', remove: ['a'] }), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused('999999/variables', { remove: ['a'] }), [404, 'NOT_FOUND']);
    assert.equal((await refused('1/variables', { remove: ['a'] }))[0], 400, 'PID 1 is not changed from outside');
  });

  it('moves: the token is canceled there and starts here', async () => {
    const pid = await start();
    const reply = await system.post<MoveReply>(`/api/processes/${pid}/moves`, { from: 'Send', to: 'Check' });
    assert.equal(reply.moved, 1);
    assert.deepEqual(await waits(pid), ['Check']);
    assert.deepEqual(await refused(`${pid}/moves`, { from: 'Send', to: 'Check' }), [409, 'INVALID_STATE']);
    assert.deepEqual(await refused(`${pid}/moves`, { from: 'Check', to: 'Nowhere' }), [400, 'INVALID_ARGUMENT']);
    assert.deepEqual(await waits(pid), ['Check']);
  });
});
