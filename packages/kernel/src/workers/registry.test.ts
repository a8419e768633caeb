/** Who works: from what workers do and say; who is silent; and that nothing grows without end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '@procos/engine';
import { manualClock } from '../testing/clock.ts';
import { WorkerRegistry } from './registry.ts';

function bench() {
  const clock = manualClock();
  const registry = new WorkerRegistry(clock);
  const one = (id: string) => registry.list().find(({ workerId }) => workerId === id);
  const holder = (workerId: string) => ({ externalTaskId: 1, workerId });
  const complete = (workerId: string): void =>
    registry.told({ type: 'completeExternalTask', ...holder(workerId) }, undefined);
  const fail = (workerId: string, errorMessage: string): void => {
    const command: Command = {
      type: 'failExternalTask',
      ...holder(workerId),
      errorMessage,
      retries: 1,
      retryAfterMs: 0,
    };
    registry.told(command, 'mail');
  };
  return { clock, registry, one, complete, fail };
}

test('a worker is known from the first thing that it does, with its topics, counts, rate and last error', () => {
  const { clock, registry, one, complete, fail } = bench();
  const answered = registry.asks('w', ['mail', 'file']);
  assert.deepEqual([one('w')?.waiting, one('w')?.topics, one('w')?.kind], [true, ['file', 'mail'], 'client']);
  answered(false);
  complete('w');
  complete('w');
  clock.advance(30_000);
  fail('w', 'no such mailbox');
  complete('w');
  const worker = one('w');
  assert.deepEqual([worker?.completed, worker?.failed, worker?.perMinute, worker?.waiting], [3, 1, 3, false]);
  assert.deepEqual(worker?.lastError, { at: 1_030_000, topic: 'mail', message: 'no such mailbox' });
  clock.advance(31_000);
  assert.deepEqual([one('w')?.perMinute, one('w')?.completed], [1, 3]);
  assert.equal(one('w')?.seenAt, 1_030_000);
});

test('who is not heard of for 30 s is silent; who waits for tasks is not, unless it had said that it goes on speaking', () => {
  const { clock, registry, one, complete } = bench();
  registry.asks('patient', ['mail']);
  complete('gone');
  registry.announce({ workerId: 'sdk', name: 'Mailer', version: '2', kind: 'sdk', topics: ['mail'], capacity: 4 });
  registry.asks('sdk', ['mail']);
  clock.advance(30_000);
  assert.deepEqual(
    registry.list().map(({ workerId, silent }) => [workerId, silent]),
    [
      ['patient', false],
      ['gone', false],
      ['sdk', false],
    ],
  );
  clock.advance(1);
  assert.deepEqual([one('patient')?.silent, one('gone')?.silent, one('sdk')?.silent], [false, true, true]);
  registry.announce({ workerId: 'sdk', name: 'Mailer', version: '2', kind: 'sdk', topics: ['mail'], capacity: 4 });
  const { name, version, kind, capacity, silent } = one('sdk') ?? {};
  assert.deepEqual([name, version, kind, capacity, silent], ['Mailer', '2', 'sdk', 4, false]);
});

test('who says that he goes, or hangs up while he waits, is gone and not silent, until he is heard of again', () => {
  const { clock, registry, one, complete } = bench();
  const state = (id: string) => [one(id)?.gone, one(id)?.silent, one(id)?.waiting];
  const sdk = { workerId: 'sdk', name: 'Mailer', version: '2', kind: 'sdk', topics: ['mail'], capacity: 4 };
  registry.announce(sdk);
  registry.leaves('sdk');
  registry.leaves('nobody');
  const [first, second] = [registry.asks('client', ['mail']), registry.asks('client', ['mail'])];
  first(true);
  assert.deepEqual(state('client'), [false, false, true], 'another one of that name still waits');
  second(true);
  assert.deepEqual(state('client'), [true, false, false]);
  clock.advance(60_000);
  assert.deepEqual([state('sdk'), one('nobody')], [[true, false, false], undefined]);
  complete('client');
  registry.announce(sdk);
  registry.asks('polite', ['mail'])(false);
  assert.deepEqual(
    ['client', 'sdk', 'polite'].map((id) => state(id)),
    Array(3).fill([false, false, false]),
  );
  registry.leaves('sdk');
  clock.advance(600_001);
  assert.equal(one('sdk'), undefined);
});

test('the silent are forgotten after ten minutes, and of very many the longest silent first', () => {
  const { clock, registry, one, complete } = bench();
  complete('old');
  registry.asks('patient', ['mail']);
  clock.advance(600_001);
  assert.deepEqual([one('old'), one('patient')?.workerId], [undefined, 'patient']);
  for (let n = 0; n < 1_500; n++) complete(`w${n}`);
  complete('x'.repeat(201));
  const ids = registry.list().map(({ workerId }) => workerId);
  assert.deepEqual([ids.length, ids[0], ids.at(-1)], [1_000, 'w500', 'w1499']);
});

test('topics of one worker are bounded, the last asked for stay', () => {
  const { registry, one } = bench();
  for (let n = 0; n < 250; n++) registry.asks('w', [`t${n}`]);
  const topics = one('w')?.topics ?? [];
  assert.deepEqual([topics.length, topics.includes('t150'), topics.includes('t149')], [100, true, false]);
});
