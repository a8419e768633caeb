/** The alarm rings once per timer, at its time, however far away and whatever the wall clock does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Alarm, type AlarmOptions } from './alarm.ts';
import { FairShare } from './fair-share.ts';
import { manualClock, settle } from './testing/clock.ts';

const DAY = 86_400_000;

function bench(options: Partial<AlarmOptions> = {}) {
  const clock = manualClock();
  const timers: { id: number; dueAt: number; priority?: number; of?: number }[] = [];
  const messages: { id: number; expiresAt: number }[] = [];
  const rung: number[] = [];
  const expired: number[] = [];
  const take = <T extends { id: number }>(list: T[], ids: readonly number[]): void => {
    for (const id of ids) {
      const index = list.findIndex((one) => one.id === id);
      if (index >= 0) list.splice(index, 1);
    }
  };
  const due = (now: number, limit: number, definitionId?: number) =>
    timers
      .filter(({ dueAt, of = 0 }) => dueAt <= now && (definitionId === undefined || definitionId === of))
      .sort((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit)
      .map((timer) => ({ priority: 0, ...timer }));
  const given: AlarmOptions = {
    clock,
    now: () => clock.wallNow(),
    flowOf: (id) => ({ tenantId: null, bpmnProcessId: `p${id}` }),
    turns: new FairShare({ tenant: () => 1, process: ({ bpmnProcessId }) => (bpmnProcessId === 'p9' ? 3 : 1) }),
    timers: {
      due,
      definitions: () => [...new Set(timers.map(({ of = 0 }) => of))],
      dueOf: (definitionId, now, limit) => due(now, limit, definitionId),
      nextDueAt: () => timers.map(({ dueAt }) => dueAt).sort((a, b) => a - b)[0],
    },
    messages: {
      expired: (now, limit) => messages.filter(({ expiresAt }) => expiresAt <= now).slice(0, limit),
      nextExpiryAt: () => messages.map(({ expiresAt }) => expiresAt).sort((a, b) => a - b)[0],
    },
    triggerTimer: async (id) => {
      rung.push(id);
      take(timers, [id]);
    },
    expireMessages: async (ids) => {
      expired.push(...ids);
      take(messages, ids);
    },
    ...options,
  };
  const alarm: Alarm = new Alarm(given);
  return { clock, timers, messages, rung, expired, alarm, options: given };
}

test('a timer rings at its time, not before', async () => {
  const { clock, timers, rung, alarm } = bench();
  timers.push({ id: 1, dueAt: clock.wallNow() + 1_000 });
  alarm.arm();
  clock.advance(999);
  await settle();
  assert.deepEqual(rung, []);
  clock.advance(1);
  await settle();
  assert.deepEqual(rung, [1]);
});

test('of timers that are due together the highest priority goes first, then the earliest', async () => {
  const { clock, timers, rung, alarm } = bench();
  const at = clock.wallNow();
  timers.push({ id: 1, dueAt: at + 1 }, { id: 2, dueAt: at + 2, priority: 5 }, { id: 3, dueAt: at + 3, priority: 9 });
  timers.push({ id: 4, dueAt: at + 4 });
  clock.advance(10);
  alarm.arm();
  clock.advance(1);
  await settle();
  assert.deepEqual(rung, [3, 2, 1, 4]);
});

test('a timer beyond 24.8 days rings at its time', async () => {
  const { clock, timers, rung, alarm } = bench({ recheckMs: 20 * DAY });
  timers.push({ id: 1, dueAt: clock.wallNow() + 100 * DAY });
  alarm.arm();
  for (let day = 0; day < 99; day++) {
    clock.advance(DAY);
    await settle(1);
  }
  assert.deepEqual(rung, []);
  clock.advance(DAY);
  await settle();
  assert.deepEqual(rung, [1]);
});

test('an earlier timer that comes later takes over', async () => {
  const { clock, timers, rung, alarm } = bench();
  timers.push({ id: 1, dueAt: clock.wallNow() + 10_000 });
  alarm.arm();
  timers.push({ id: 2, dueAt: clock.wallNow() + 1_000 });
  alarm.arm();
  clock.advance(1_000);
  await settle();
  assert.deepEqual(rung, [2]);
});

test('a wall clock that jumps forward is noticed within the re-check time', async () => {
  const { clock, timers, rung, alarm } = bench();
  timers.push({ id: 1, dueAt: clock.wallNow() + DAY });
  alarm.arm();
  clock.jumpTo(clock.wallNow() + 2 * DAY);
  clock.advance(30_000);
  await settle();
  assert.deepEqual(rung, [1]);
});

test('a storm is worked off in bounded batches', async () => {
  const batches: number[] = [];
  let running = 0;
  const { clock, timers, alarm } = bench({
    batch: 10,
    triggerTimer: async (id) => {
      running += 1;
      timers.splice(
        timers.findIndex((timer) => timer.id === id),
        1,
      );
      await settle(1);
      batches.push(running);
      running = 0;
    },
  });
  for (let id = 1; id <= 25; id++) timers.push({ id, dueAt: clock.wallNow() });
  alarm.arm();
  for (let round = 0; round < 5; round++) {
    clock.advance(0);
    await settle();
  }
  assert.equal(timers.length, 0);
  assert.ok(Math.max(...batches) <= 10);
});

test('a storm is worked off without sleep: each of its timers is read once, with no look at those that are due first', async () => {
  const reads: number[] = [];
  const looks: number[] = [];
  const storm = bench({ batch: 10 });
  const { clock, timers, rung } = storm;
  for (let id = 1; id <= 95; id++) timers.push({ id, dueAt: clock.wallNow() });
  const due = (limit: number) => timers.slice(0, limit).map((timer) => ({ priority: 0, ...timer }));
  const alarm = new Alarm({
    ...storm.options,
    timers: {
      ...storm.options.timers,
      due: (_now, limit) => {
        looks.push(limit);
        return due(limit);
      },
      dueOf: (_definitionId, _now, limit) => {
        reads.push(limit);
        return due(limit);
      },
    },
  });
  alarm.arm();
  clock.advance(0);
  await settle(100);
  assert.equal(rung.length, 95);
  assert.equal(looks.length, 1);
  assert.ok(reads.length <= 2 * 10, `${reads.length} reads`);
});

test('a stop in the midst of a storm is one', async () => {
  const { clock, timers, rung, alarm } = bench({ batch: 10 });
  for (let id = 1; id <= 95; id++) timers.push({ id, dueAt: clock.wallNow() });
  alarm.arm();
  clock.advance(0);
  await settle(2);
  alarm.stop();
  const before = rung.length;
  assert.ok(before > 0 && before < 95, `${before} rang`);
  clock.advance(DAY);
  await settle(100);
  assert.equal(rung.length, before);
});

test('a timer whose command fails rests and does not keep the others from ringing', async () => {
  const tried: number[] = [];
  const { clock, timers, alarm } = bench({
    batch: 1,
    triggerTimer: async (id) => {
      tried.push(id);
      if (id === 1) throw new Error('assertion');
      timers.pop();
    },
  });
  timers.push({ id: 1, dueAt: clock.wallNow() }, { id: 2, dueAt: clock.wallNow() + 1 });
  alarm.arm();
  clock.advance(0);
  await settle();
  clock.advance(1);
  await settle();
  assert.deepEqual(tried, [1, 2]);
  clock.advance(1_000);
  await settle();
  assert.deepEqual(tried, [1, 2, 1]);
});

test('messages expire at their time', async () => {
  const { clock, messages, expired, alarm } = bench();
  messages.push({ id: 7, expiresAt: clock.wallNow() + 500 });
  alarm.arm();
  clock.advance(500);
  await settle();
  assert.deepEqual(expired, [7]);
});

test('a stopped alarm sleeps for ever', async () => {
  const { clock, timers, rung, alarm } = bench();
  timers.push({ id: 1, dueAt: clock.wallNow() + 10 });
  alarm.arm();
  alarm.stop();
  alarm.arm();
  clock.advance(DAY);
  await settle();
  assert.deepEqual(rung, []);
  assert.equal(clock.pending, 0);
});

test('a definition with very many timers that are due does not keep those of others waiting', async () => {
  const { clock, timers, rung, alarm } = bench({ batch: 10 });
  const at = clock.wallNow();
  for (let id = 1; id <= 1_000; id += 1) timers.push({ id, dueAt: at, of: 1 });
  alarm.arm();
  clock.advance(0);
  await settle();
  const before = rung.length;
  timers.push(
    { id: 2_001, dueAt: at + 1, of: 2 },
    { id: 2_002, dueAt: at + 1, of: 2 },
    { id: 3_001, dueAt: at + 1, of: 3 },
  );
  while (rung.length < 1_003) {
    clock.advance(1);
    await settle();
  }
  const waited = [2_001, 3_001, 2_002].map((id) => rung.indexOf(id) - before);
  // The ring that is under way, then one of each definition.
  assert.ok(
    waited.every((count) => count <= 2 * 10),
    `waited for ${waited}`,
  );
  assert.deepEqual(
    rung.filter((id) => id <= 1_000),
    Array.from({ length: 1_000 }, (_, index) => index + 1),
  );
});

test('those of a definition that is less nice ring more often', async () => {
  const { clock, timers, rung, alarm } = bench({ batch: 40 });
  for (let id = 1; id <= 400; id += 1) timers.push({ id, dueAt: clock.wallNow(), of: id <= 200 ? 8 : 9 });
  alarm.arm();
  clock.advance(0);
  await settle();
  while (rung.length < 160) {
    clock.advance(1);
    await settle();
  }
  const first = rung.slice(0, 160);
  assert.equal(first.filter((id) => id > 200).length, 120);
});

test('what could not be done rests by the clock of the machine, also while time stands still, and is tried again', async () => {
  const tries: string[] = [];
  let refuses = true;
  const stands = manualClock().wallNow();
  const said = async (what: string): Promise<void> => {
    tries.push(what);
    if (refuses) throw new Error('no room');
    timers.length = 0;
    messages.length = 0;
  };
  const { clock, timers, messages, alarm } = bench({
    now: () => stands,
    untilMs: (at) => (at <= stands ? 0 : Number.POSITIVE_INFINITY),
    triggerTimer: () => said('timer'),
    expireMessages: () => said('messages'),
  });
  timers.push({ id: 1, dueAt: stands });
  messages.push({ id: 2, expiresAt: stands });
  alarm.arm();
  for (let turn = 0; turn < 900; turn += 1) {
    clock.advance(1);
    await settle(1);
  }
  assert.deepEqual(tries, ['timer', 'messages']);
  refuses = false;
  clock.advance(200);
  await settle();
  assert.deepEqual(tries, ['timer', 'messages', 'timer', 'messages']);
});
