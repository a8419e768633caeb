/** Workers on the real engine: what is known of one that only works, and of one that says what it is. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WorkerList } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const MODEL = bpmn(
  'mailing',
  '<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Mail" camunda:type="external" camunda:topic="mail" />',
  ['Start->Mail'],
);

describe('workers', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'mailing.bpmn': MODEL });
    await system.kernel.ready;
  });
  after(() => system.stop());

  const workers = async (query = '') => (await system.get<WorkerList>(`/api/workers${query}`)).workers;

  it('one that fetches, fails and completes shows what it holds, has done, and what went wrong', async () => {
    for (let n = 0; n < 3; n++) await system.post('/engine-rest/process-definition/key/mailing/start');
    const tasks = await system.post<{ id: string }[]>('/engine-rest/external-task/fetchAndLock', {
      workerId: 'plain',
      maxTasks: 3,
      topics: [{ topicName: 'mail', lockDuration: 60_000 }],
    });
    const [first, second] = tasks;
    await system.post(`/engine-rest/external-task/${first?.id}/complete`, { workerId: 'plain' });
    await system.post(`/engine-rest/external-task/${second?.id}/failure`, {
      ...{ workerId: 'plain', errorMessage: 'no such mailbox', retries: 2, retryTimeout: 60_000 },
    });
    const refused = await system.app.inject({
      method: 'POST',
      url: `/engine-rest/external-task/${tasks[2]?.id}/complete`,
      payload: { workerId: 'thief' },
    });
    assert.equal(refused.statusCode, 400);
    const [worker, ...others] = await workers('?topic=mail');
    assert.deepEqual(others, []);
    const { workerId, kind, topics, locked, completed, failed, silent, waiting } = worker ?? {};
    assert.deepEqual(
      { workerId, kind, topics, locked, completed, failed, silent, waiting },
      {
        ...{ workerId: 'plain', kind: 'client', topics: ['mail'], locked: 1, completed: 1, failed: 1 },
        ...{ silent: false, waiting: false },
      },
    );
    assert.deepEqual([worker?.lastError?.topic, worker?.lastError?.message], ['mail', 'no such mailbox']);
  });

  it('one that says what it is appears with that, before it has done anything', async () => {
    await system.post('/api/workers', {
      ...{ workerId: 'sdk-1', name: 'Mailer', version: '2.1', topics: ['fax'], capacity: 4 },
    });
    const [worker] = await workers('?topic=fax');
    assert.deepEqual(
      [worker?.name, worker?.version, worker?.kind, worker?.capacity, worker?.completed],
      ['Mailer', '2.1', 'sdk', 4, 0],
    );
    const status = async (payload: object) =>
      (await system.app.inject({ method: 'POST', url: '/api/workers', payload })).statusCode;
    assert.equal(await status({ topics: ['fax'] }), 400);
    assert.equal(await status({ workerId: 'w', topics: 'fax' }), 400);
    assert.equal(await status({ workerId: 'w', name: 'x'.repeat(201), topics: [] }), 400);
    assert.equal(await status({ workerId: 'w', topics: new Array(101).fill('t') }), 400);
  });

  it('one that hangs up while it waits is gone, and so is one that says that it goes; who comes again is there', async () => {
    const poll = (workerId: string, signal: AbortSignal) =>
      fetch(`${system.url}/engine-rest/external-task/fetchAndLock`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          workerId,
          maxTasks: 1,
          asyncResponseTimeout: 20_000,
          topics: [{ topicName: 'never', lockDuration: 1 }],
        }),
        signal,
      }).catch(() => undefined);
    const state = async () => {
      const [worker] = await workers('?topic=never');
      return worker?.gone ? 'gone' : worker?.waiting ? 'waiting' : worker?.silent ? 'silent' : 'here';
    };
    const until = async (wanted: string) => {
      for (let tries = 0; (await state()) !== wanted; tries += 1) {
        assert.ok(tries < 200, `${await state()} and not ${wanted}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const id = 'host 1/2';
    const goodbye = () => system.app.inject({ method: 'DELETE', url: `/api/workers/${encodeURIComponent(id)}` });
    assert.equal((await goodbye()).statusCode, 204);
    for (const ends of ['hangs up', 'says so', 'hangs up'] as const) {
      const leaving = new AbortController();
      const polled = poll(id, leaving.signal);
      await until('waiting');
      if (ends === 'says so') assert.equal((await goodbye()).statusCode, 204);
      else leaving.abort();
      await until('gone');
      leaving.abort();
      await polled;
    }
  });
});
