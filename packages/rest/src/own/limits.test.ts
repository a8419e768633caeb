/** `/api/limits` and `/proc/PID/limits` on the real engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { OwnerLimits, ProcessLimits } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const WORK = bpmn(
  'work',
  '<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Do" camunda:type="external" camunda:topic="ai_query" />',
  ['Start->Do'],
);

describe('/api/limits', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'work.bpmn': WORK });
    await system.kernel.ready;
  });
  after(() => system.stop());
  const set = (payload: object) => system.app.inject({ method: 'POST', url: '/api/limits', payload });
  const start = () =>
    system.app.inject({ method: 'POST', url: '/engine-rest/process-definition/key/work/start', payload: {} });

  it('refuses starts on both faces while a definition has as many instances as its owner allows', async () => {
    const set1 = await set({
      bpmnProcessId: 'work',
      limits: { instances: 1, aiTokens: 1_000 },
      nice: 3,
      reason: 'budget',
    });
    assert.ok(set1.statusCode < 300, set1.body);
    const first = await start();
    assert.equal(first.statusCode, 200, first.body);
    const second = await start();
    assert.equal(second.statusCode, 409, second.body);
    assert.match(second.json<{ message: string }>().message, /limit 'instances' of process 'work' is 1: 1 are alive/);
    const pid = first.json<{ id: string }>().id;
    const listed = await system.get<readonly OwnerLimits[]>('/api/limits');
    assert.deepEqual(
      listed.map(({ bpmnProcessId, version, tenantId, nice, limits }) => ({
        bpmnProcessId,
        version,
        tenantId,
        nice,
        limits: limits.map(({ limit, value, used, reason }) => ({ limit, value, used, reason })),
      })),
      [
        {
          bpmnProcessId: 'work',
          version: null,
          tenantId: null,
          nice: 3,
          limits: [
            { limit: 'aiTokens', value: 1_000, used: undefined, reason: 'budget' },
            { limit: 'instances', value: 1, used: 1, reason: 'budget' },
          ],
        },
      ],
    );
    const held = await system.get<ProcessLimits>(`/api/processes/${pid}/limits`);
    const nobody = await system.app.inject({ url: '/api/processes/999999/limits' });
    assert.equal(nobody.statusCode, 404, nobody.body);
    assert.equal(held.nice, 3);
    assert.equal(held.limits.find(({ limit }) => limit === 'aiTokens')?.from, 'definition');
    assert.equal(held.limits.find(({ limit }) => limit === 'laps')?.from, 'settings');
    assert.equal((await set({ pid, limits: { aiTokens: 500 }, reason: 'only this one' })).statusCode < 300, true);
    const text = (await system.app.inject({ url: `/proc/${pid}/limits` })).body.split('\n');
    assert.ok(
      text.some((line) => /^aiTokens:\t500 \(of the instance, by .*: only this one\)$/.test(line)),
      text.join('\n'),
    );
    assert.ok(text.includes('nice:\t3'));
  });

  it('gives an AI task with what is left for it, and counts what its worker says', async () => {
    const poll = { workerId: 'w', maxTasks: 1, topics: [{ topicName: 'ai_query', lockDuration: 60_000 }] };
    const [task] = await system.post<{ id: string; processInstanceId: string; aiBudget?: object }[]>(
      '/engine-rest/external-task/fetchAndLock',
      poll,
    );
    assert.deepEqual(task?.aiBudget, { tokens: 500 });
    const reserve = (tokens: number, more: object = {}) =>
      system.app.inject({
        method: 'POST',
        url: `/api/external-tasks/${task?.id}/ai-reservation`,
        payload: { workerId: 'w', tokens, ...more },
      });
    assert.deepEqual((await reserve(501)).json(), { granted: false, left: { tokens: 500 }, held: false });
    assert.deepEqual((await reserve(100)).json(), { granted: true, left: { tokens: 500 }, held: false });
    assert.equal((await reserve(100, { cost: 'much' })).statusCode, 400);
    assert.equal((await reserve(100, { workerId: 'another' })).statusCode, 409);
    const complete = (usage: object) =>
      system.app.inject({
        method: 'POST',
        url: `/engine-rest/external-task/${task?.id}/complete`,
        payload: { workerId: 'w', usage },
      });
    assert.equal((await complete({ inputTokens: 'many' })).statusCode, 400);
    const done = await complete({ inputTokens: 7, outputTokens: 30, cost: 12, model: 'ollama/x' });
    assert.equal(done.statusCode, 204, done.body);
  });

  it('refuses what makes no sense, and PID 1', async () => {
    for (const [payload, status] of [
      [{ bpmnProcessId: 'work', limits: { steps: 1 } }, 400],
      [{ limits: { steps: 1 }, reason: 'x' }, 400],
      [{ bpmnProcessId: 'nobody', limits: { steps: 1 }, reason: 'x' }, 404],
      [{ pid: '999999', limits: { steps: 1 }, reason: 'x' }, 404],
      [{ pid: '1', tenantId: 'a', limits: { steps: 1 }, reason: 'x' }, 400],
      [{ bpmnProcessId: 'work', limits: { steps: 'few' }, reason: 'x' }, 400],
      [{ bpmnProcessId: 'work', limits: { wishes: 3 }, reason: 'x' }, 400],
      [{ bpmnProcessId: 'work', nice: 40, reason: 'x' }, 400],
    ] as const)
      assert.equal((await set(payload)).statusCode, status, JSON.stringify(payload));
    assert.match((await set({ pid: '1', limits: { steps: 1 }, reason: 'x' })).body, /PID 1 is the system itself/);
  });
});
