/** The loop batches, answers after the commit only, isolates faults of the engine and stops at faults of the disk. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, CommandOf, EngineEvent, LogRecord, State } from '@procos/engine';
import { StorageFull, type Store, StoreFailure } from '@procos/store';
import { CommandLoop, type LoopOptions } from './loop.ts';
import { Unavailable } from './process-engine.ts';
import { manualClock, settle } from './testing/clock.ts';

const BY = { kind: 'user', id: 'ada' } as const;
const signal = (name: string): CommandOf<'broadcastSignal'> => ({ type: 'broadcastSignal', name });

/** An engine whose state is a list of names: enough to see what was applied, undone and committed. */
function bench(options: Partial<LoopOptions> = {}) {
  const names: string[] = [];
  let committedNames: string[] = [];
  let lastId = 0;
  let committedId = 0;
  const commits: (readonly LogRecord[])[] = [];
  const faults = { commit: false, full: false };
  /** Of each command. */
  const takes = { runMs: 0, commitMs: 0 };
  const clock = manualClock();
  const storage: boolean[] = [];
  /** Each time how many commands, and how many had been run by then. */
  const foreseen: { readonly commands: number; readonly run: number }[] = [];
  const fatal: unknown[] = [];
  const assertions: string[] = [];
  const store = {
    state: { singletons: { clockPinnedAt: null } } as State,
    ids: {
      next: () => ++lastId,
      skipTo: (id: number) => {
        lastId = Math.max(lastId, id);
      },
      get last() {
        return lastId;
      },
    },
    get lastSequence() {
      return commits.flat().length;
    },
    get lastAt() {
      return commits.flat().at(-1)?.at ?? 0;
    },
    commit(records: readonly LogRecord[]) {
      if (faults.commit) throw new StoreFailure('disk failed');
      if (faults.full) throw new StorageFull('disk full');
      clock.advance(records.length * takes.commitMs);
      commits.push(records);
      committedNames = [...names];
      committedId = lastId;
    },
    foresee(commands: readonly Command[]) {
      foreseen.push({ commands: commands.length, run: names.length });
    },
    rollback() {
      names.splice(0, names.length, ...committedNames);
      lastId = committedId;
    },
  } as unknown as Store;
  const apply = (_state: State, event: EngineEvent): void => {
    if (event.type === 'signalBroadcast') names.push(event.name);
  };
  const execute = ((command: CommandOf<'broadcastSignal'>, context: { ids: { next(): number } }) => {
    context.ids.next();
    clock.advance(takes.runMs);
    if (command.name === 'refused') {
      return { ok: false, rejection: { code: 'INVALID_ARGUMENT', message: 'no' }, events: [] };
    }
    const event = { type: 'signalBroadcast', name: command.name } as const;
    apply(store.state, event);
    if (command.name === 'faulty') throw new Error('assertion: impossible');
    return { ok: true, value: { receivers: names.length }, events: command.name === 'silent' ? [] : [event] };
  }) as unknown as LoopOptions['engine']['execute'];
  const loop = new CommandLoop({
    store,
    engine: { execute, apply },
    clock,
    zone: 'UTC',
    onFatal: (error) => fatal.push(error),
    onAssertion: (command) => assertions.push(command),
    onStorage: (full) => storage.push(full),
    ...options,
  });
  return { loop, names, commits, faults, takes, fatal, assertions, storage, clock, foreseen, ids: store.ids };
}

test('the store is told of the commands of a batch before the first of them is run', async () => {
  const { loop, names, foreseen } = bench();
  await Promise.all(['a', 'b', 'c'].map((name) => loop.submit(signal(name), BY)));
  await loop.submit(signal('d'), BY);
  assert.deepEqual(names, ['a', 'b', 'c', 'd']);
  assert.deepEqual(foreseen, [
    { commands: 3, run: 0 },
    { commands: 1, run: 3 },
  ]);
});

test('commands that arrive together share one commit, and every caller gets its own answer', async () => {
  const { loop, commits } = bench();
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => loop.submit(signal(name), BY)));
  assert.equal(commits.length, 1);
  assert.deepEqual(
    commits[0]?.map(({ sequence, command, by }) => [sequence, command, by.id]),
    [
      [1, 'broadcastSignal', 'ada'],
      [2, 'broadcastSignal', 'ada'],
      [3, 'broadcastSignal', 'ada'],
    ],
  );
  assert.deepEqual(
    answers.map((answer) => answer.ok && answer.value.receivers),
    [1, 2, 3],
  );
});

test('a batch never exceeds its bound; the rest follows in the next', async () => {
  const { loop, commits } = bench({ maxBatch: 2 });
  await Promise.all(['a', 'b', 'c'].map((name) => loop.submit(signal(name), BY)));
  assert.deepEqual(
    commits.map((records) => records.length),
    [2, 1],
  );
});

test('a batch takes no longer than what else the process has to do, and at least some ms; the rest follows', async () => {
  const clock = manualClock();
  let now = 0;
  // Each look at the clock takes 3 ms: two per command.
  const slow = { ...clock, monotonicNow: () => (now += 3), soon: clock.soon };
  const { loop, commits } = bench({ clock: slow });
  const names = Array.from({ length: 40 }, (_, at) => `${at}`);
  await Promise.all(names.map((name) => loop.submit(signal(name), BY)));
  assert.equal(commits.flat().length, 40);
  const sizes = commits.map((records) => records.length);
  assert.ok(sizes.length > 2 && Math.max(...sizes) < 20, `${sizes}`);
});

test('a batch whose commit takes long ends earlier, so that both together take no longer', async () => {
  const { loop, commits, takes } = bench();
  const submit = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, at) => loop.submit(signal(`${at}`), BY)));
  Object.assign(takes, { runMs: 2, commitMs: 2 });
  await submit(300);
  assert.equal(commits.at(-2)?.length, 3, 'half of 12 ms');
  takes.commitMs = 100;
  await submit(300);
  assert.equal(commits.at(-2)?.length, 2, 'a quarter for the commands always');
});

test('what has waited for too long is run although the event loop does not come to it', () => {
  const clock = manualClock();
  const { loop, commits } = bench({ clock });
  void loop.submit(signal('a'), BY);
  loop.keepUp();
  assert.equal(commits.length, 0, 'others may still come into its batch');
  clock.advance(40);
  loop.keepUp();
  assert.equal(commits.length, 1);
  void loop.submit(signal('b'), BY);
  loop.keepUp();
  assert.equal(commits.length, 1);
  clock.advance(40);
  loop.keepUp();
  loop.keepUp();
  assert.equal(commits.length, 2);
});

test('nobody is answered before the commit, and listeners hear of it after the callers', async () => {
  const { loop, commits } = bench();
  const order: string[] = [];
  loop.onCommitted((records) => order.push(`committed ${records.length}`));
  const answered = loop.submit(signal('a'), BY).then(() => order.push(`answered after ${commits.length} commit`));
  assert.deepEqual(order, []);
  await answered;
  assert.deepEqual(order, ['committed 1', 'answered after 1 commit']);
});

test('what is submitted for what a batch has done goes into the same commit, and is answered after it', async () => {
  const told: (readonly number[])[] = [];
  let following: Promise<string> | undefined;
  const { loop, commits } = bench({
    onRan: (records) => {
      told.push(records.map(({ sequence }) => sequence));
      following ??= loop.submit(signal('b'), BY).then(() => `answered after ${commits.length} commit`);
    },
  });
  await loop.submit(signal('a'), BY);
  assert.equal(await following, 'answered after 1 commit');
  assert.deepEqual(told, [[1], [2]]);
  assert.deepEqual(
    commits[0]?.map(({ sequence }) => sequence),
    [1, 2],
  );
});

test('where a batch has no room for more, what is submitted for it waits for the next one', async () => {
  const { loop, commits } = bench({
    maxBatch: 1,
    onRan: (records) => {
      if (records[0]?.sequence === 1) void loop.submit(signal('c'), BY);
    },
  });
  await Promise.all([loop.submit(signal('a'), BY), loop.submit(signal('b'), BY)]);
  await settle();
  assert.deepEqual(
    commits.map((records) => records.length),
    [1, 1, 1],
  );
});

test('a fault in what follows undoes that alone', async () => {
  let following: Promise<unknown> | undefined;
  const { loop, names, commits } = bench({
    onRan: () => {
      following ??= loop.submit(signal('faulty'), BY).catch(({ code }: Unavailable) => code);
    },
  });
  await loop.submit(signal('a'), BY);
  assert.equal(await following, 'FAILED');
  assert.deepEqual([names, commits.length], [['a'], 1]);
});

test('a rejected command and one without events leave no record', async () => {
  const { loop, commits } = bench();
  const [refused, silent] = await Promise.all([loop.submit(signal('refused'), BY), loop.submit(signal('silent'), BY)]);
  assert.equal(refused.ok, false);
  assert.equal(silent.ok, true);
  assert.equal(commits.length, 0);
});

test('a fault of the engine undoes one command; those before and after it in the batch are kept', async () => {
  const { loop, names, commits, assertions, ids } = bench();
  const [before, faulty, after] = await Promise.allSettled(
    ['before', 'faulty', 'after'].map((name) => loop.submit(signal(name), BY)),
  );
  assert.equal(before?.status, 'fulfilled');
  assert.equal(after?.status, 'fulfilled');
  assert.ok(faulty?.status === 'rejected' && faulty.reason instanceof Unavailable && faulty.reason.code === 'FAILED');
  assert.deepEqual(names, ['before', 'after']);
  assert.deepEqual(
    commits[0]?.map(({ sequence, lastId }) => [sequence, lastId]),
    [
      [1, 1],
      [2, 2],
    ],
  );
  assert.equal(ids.last, 2);
  assert.deepEqual(assertions, ['broadcastSignal']);
});

test('when the disk refuses, nobody is answered and nothing runs any more', async () => {
  const { loop, faults, fatal } = bench();
  faults.commit = true;
  let answered = false;
  const note = (): void => {
    answered = true;
  };
  loop.submit(signal('a'), BY).then(note, note);
  await settle();
  assert.equal(answered, false);
  assert.equal(fatal.length, 1);
  assert.ok(fatal[0] instanceof StoreFailure);
  await assert.rejects(loop.submit(signal('b'), BY), { code: 'FAILED' });
});

test('when the disk has no room, what needs it is refused and undone, and all goes on once there is room', async () => {
  const { loop, names, commits, faults, fatal, storage, ids } = bench();
  await loop.submit(signal('before'), BY);
  faults.full = true;
  const refused = ['a', 'silent', 'b'].map((name) => loop.submit(signal(name), BY));
  for (const one of refused) await assert.rejects(one, { code: 'STORAGE_FULL', passes: true });
  assert.deepEqual(names, ['before']);
  assert.equal(ids.last, 1);
  // What changes nothing needs no room.
  assert.equal((await loop.submit(signal('silent'), BY)).ok, true);
  await assert.rejects(loop.submit(signal('c'), BY), { code: 'STORAGE_FULL' });
  faults.full = false;
  assert.equal((await loop.submit(signal('after'), BY)).ok, true);
  assert.deepEqual(
    commits.flat().map(({ sequence }) => sequence),
    [1, 2],
  );
  assert.deepEqual(storage, [true, false]);
  assert.deepEqual(fatal, []);
});

test('a full queue refuses at once', async () => {
  const { loop } = bench({ capacity: 1 });
  const first = loop.submit(signal('a'), BY);
  await assert.rejects(loop.submit(signal('b'), BY), { code: 'OVERLOADED' });
  await first;
});

test('time never goes backward in the log', async () => {
  const { loop, commits, clock } = bench();
  await loop.submit(signal('a'), BY);
  clock.jumpTo(10);
  await loop.submit(signal('b'), BY);
  assert.deepEqual(
    commits.flat().map(({ at }) => at),
    [1_000_000, 1_000_000],
  );
});

test('closing runs what is queued and refuses the rest', async () => {
  const { loop, commits } = bench();
  const last = loop.submit(signal('a'), BY);
  loop.close();
  assert.equal(commits.length, 1);
  assert.equal((await last).ok, true);
  await assert.rejects(loop.submit(signal('b'), BY), { code: 'STOPPING' });
});

test('what keeps the locks runs before every command that sees a clock set forward, in the same commit', async () => {
  const told: (readonly number[])[] = [];
  const { loop, commits, clock } = bench({
    onClockAhead: (since, byMs) => {
      told.push([since, byMs]);
      return signal('kept') as unknown as CommandOf<'keepLocks'>;
    },
  });
  await loop.submit(signal('a'), BY);
  const before = clock.wallNow();
  clock.jumpTo(before + 3_600_000);
  await Promise.all([loop.submit(signal('b'), BY), loop.submit(signal('c'), BY)]);
  assert.deepEqual(told, [[before, 3_600_000]]);
  assert.deepEqual(
    commits.map((records) => records.map(({ by, events }) => [by.id, (events[0] as { name: string }).name])),
    [
      [['ada', 'a']],
      [
        ['clock', 'kept'],
        ['ada', 'b'],
        ['ada', 'c'],
      ],
    ],
  );
});

test('a batch in whose midst the clock is set forward ends there, and the rest runs after the locks were kept', async () => {
  const wall = manualClock();
  const clock = Object.create(wall, {
    // Read twice before the first command, and once before each: set forward before the second one.
    wallNow: { value: () => (reads++ < 3 ? 1_000_000 : 1_000_000 + 3_600_000) },
  }) as typeof wall;
  let reads = 0;
  const { loop, commits } = bench({
    clock,
    onClockAhead: () => signal('kept') as unknown as CommandOf<'keepLocks'>,
  });
  await Promise.all(['a', 'b', 'c'].map((name) => loop.submit(signal(name), BY)));
  assert.deepEqual(
    commits.map((records) => records.map(({ events }) => (events[0] as { name: string }).name)),
    [['a'], ['kept', 'b', 'c']],
  );
});
