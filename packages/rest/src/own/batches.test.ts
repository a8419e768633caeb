/** Batches on our own face, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { BatchDetail, BatchList } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const WORK = bpmn(
  'work',
  '<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Do" camunda:type="external" camunda:topic="do" /><bpmn:endEvent id="End" />',
  ['Start->Do', 'Do->End'],
);

describe('/api/batches', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'work.bpmn': WORK });
  });
  after(() => system.stop());
  const refused = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const answer = await system.app.inject({ method, url, ...(payload ? { payload } : {}) });
    return [answer.statusCode, answer.json<{ code: string }>().code];
  };

  it('one is begun on all instances of a process, shown with what has failed, and listed', async () => {
    const start = () => system.post<{ id: string }>('/engine-rest/process-definition/key/work/start');
    const ids = await Promise.all([start(), start()]);
    const begin = (operation: string, bpmnProcessId: string) =>
      system.post<BatchDetail>('/api/batches', { operation, bpmnProcessId });
    const ended = async ({ pid }: BatchDetail): Promise<BatchDetail> => {
      for (let tries = 0; tries < 400; tries += 1) {
        const batch = await system.get<BatchDetail>(`/api/batches/${pid}`);
        if (batch.endedAt !== null) return batch;
      }
      throw new Error(`batch ${pid} does not end`);
    };
    const suspended = await ended(await begin('suspend', 'work'));
    const { operation, state, total, done, failed } = suspended;
    assert.deepEqual([operation, state, total, done, failed], ['setSuspension', 'completed', 2, 2, 0]);
    assert.deepEqual(suspended.failures, []);
    await ended(await begin('resume', 'work'));
    await system.app.inject({
      method: 'PUT',
      url: '/engine-rest/external-task/retries',
      payload: { retries: 0, processInstanceIds: ids.map(({ id }) => id) },
    });
    assert.equal((await ended(await begin('retry', 'work'))).done, 2);
    await ended(await begin('cancel', 'work'));
    const list = await system.get<BatchList>('/api/batches?state=ended');
    assert.equal(list.total, 4);
    assert.equal(list.batches[0]?.operation, 'cancelProcessInstance');
    const batches = { operation: 'cancel', bpmnProcessId: 'work' };
    assert.deepEqual(await refused('POST', '/api/batches', batches), [409, 'INVALID_STATE']);
    assert.deepEqual(await refused('POST', '/api/batches', { ...batches, bpmnProcessId: 'no' }), [404, 'NOT_FOUND']);
    const frob = { ...batches, operation: 'frob' };
    assert.deepEqual(await refused('POST', '/api/batches', frob), [400, 'INVALID_ARGUMENT']);
    assert.deepEqual(await refused('GET', '/api/batches/1'), [404, 'NOT_FOUND']);
  });
});
