/** Long polling: first come, first served; woken by new tasks, ends of locks and back-offs; nothing is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CommandOf,
  EngineEvent,
  ExternalTask,
  LockedTask,
  LogRecord,
  RequestKey,
  TopicRequest,
} from '@procos/engine';
import { manualClock, settle } from './testing/clock.ts';
import { type Wait, Waiters, type WaitersOptions } from './waiters.ts';

const BY = { kind: 'worker', id: 'w' } as const;

interface FakeTask {
  readonly id: number;
  readonly topic: string;
  readonly tenant?: string;
  availableAt: number;
}

/** A pool of tasks that hands out like the engine does. */
function bench(options: Partial<WaitersOptions> = {}) {
  const clock = manualClock();
  const tasks: FakeTask[] = [];
  const unlocked: number[] = [];
  const counts = { fetches: 0 };
  const tell = (event: Partial<EngineEvent> & { type: EngineEvent['type'] }): void =>
    waiters.onRan([{ events: [event] } as unknown as LogRecord]);
  const waiters: Waiters = new Waiters({
    clock,
    now: () => clock.wallNow(),
    submit: async (command) => {
      counts.fetches += 1;
      await settle(1);
      const free = (request: TopicRequest) =>
        tasks.filter((task) => matches(task, request) && task.availableAt <= clock.wallNow());
      const wanted = command.topics.find((request) => free(request).length > 0);
      if (!wanted) return { ok: true, value: { tasks: [] } };
      const taken = free(wanted).slice(0, command.maxTasks);
      for (const task of taken) {
        task.availableAt = clock.wallNow() + wanted.lockMs;
        queueMicrotask(() =>
          tell({ type: 'externalTaskLocked', topic: task.topic, lockExpiresAt: task.availableAt } as EngineEvent),
        );
      }
      const locked = taken.map(({ id, topic }) => ({ task: { id, topic } as ExternalTask }) as LockedTask);
      return { ok: true, value: { tasks: locked } };
    },
    unlock: ({ task }) => unlocked.push(task.id),
    nextFreeAt: (topic, after) =>
      tasks
        .filter((task) => task.topic === topic && task.availableAt > after)
        .map((task) => task.availableAt)
        .sort((a, b) => a - b)[0],
    topicOf: (taskId) => tasks.find(({ id }) => id === taskId)?.topic,
    ...options,
  });
  const create = (id: number, topic: string, tenant?: string): void => {
    tasks.push({ id, topic, availableAt: 0, ...(tenant === undefined ? {} : { tenant }) });
    tell({ type: 'externalTaskCreated', task: { topic, availableAt: 0 } as ExternalTask });
  };
  const poll = (
    workerId: string,
    topic: string,
    wait: Partial<Wait> = {},
    tenantIds?: string[],
    { maxTasks = 1, request }: { readonly maxTasks?: number; readonly request?: RequestKey } = {},
  ) => {
    const command: CommandOf<'fetchAndLock'> = {
      type: 'fetchAndLock',
      workerId,
      maxTasks,
      usePriority: false,
      topics: [{ topic, lockMs: 5_000, ...(tenantIds ? { tenantIds } : {}) }],
    };
    const answer: { tasks?: number[]; error?: unknown } = {};
    waiters.fetch(command, BY, { waitMs: 60_000, ...wait }, request).then(
      (outcome) => {
        if (outcome.ok) answer.tasks = outcome.value.tasks.map(({ task }) => task.id);
      },
      (error: unknown) => {
        answer.error = error;
      },
    );
    return answer;
  };
  return { clock, waiters, tasks, create, poll, tell, unlocked, counts };
}

function matches(task: FakeTask, request: { topic: string; tenantIds?: readonly string[] }): boolean {
  return task.topic === request.topic && (!request.tenantIds || request.tenantIds.includes(task.tenant ?? ''));
}

test('a task that is there is answered at once', async () => {
  const { create, poll } = bench();
  create(1, 'mail');
  const answer = poll('a', 'mail');
  await settle();
  assert.deepEqual(answer.tasks, [1]);
});

test('without waiting time the answer is empty at once', async () => {
  const { poll } = bench();
  const answer = poll('a', 'mail', { waitMs: 0 });
  await settle();
  assert.deepEqual(answer.tasks, []);
});

test('a new task goes to who waits longest, and the others are not disturbed', async () => {
  const { create, poll, counts } = bench();
  const [first, second, other] = [poll('a', 'mail'), poll('b', 'mail'), poll('c', 'file')];
  await settle();
  assert.equal(counts.fetches, 3);
  create(1, 'mail');
  await settle();
  assert.deepEqual([first.tasks, second.tasks, other.tasks], [[1], undefined, undefined]);
  assert.equal(counts.fetches, 4);
});

test('whoever got fewer tasks than he may have, since one answer holds no more, finds the others when he asks again', async () => {
  let left = 0;
  const submit: WaitersOptions['submit'] = async () => {
    await settle(1);
    if (left === 0) return { ok: true, value: { tasks: [] } };
    left -= 1;
    const locked = { type: 'externalTaskLocked', topic: 'mail', lockExpiresAt: clock.wallNow() + 5_000 } as EngineEvent;
    queueMicrotask(() => tell(locked));
    const tasks = [{ task: { id: 3 - left, topic: 'mail' } as ExternalTask } as LockedTask];
    return { ok: true, value: left > 0 ? { tasks, more: true } : { tasks } };
  };
  const nextFreeAt = (): number => clock.wallNow() + 5_000;
  const { clock, poll, tell } = bench({ submit, nextFreeAt });
  poll('z', 'mail', {}, ['acme']);
  await settle(10);
  left = 3;
  for (const id of [1, 2, 3]) {
    const answer = poll('a', 'mail', {}, undefined, { maxTasks: 10 });
    await settle(10);
    assert.deepEqual(answer.tasks, [id]);
  }
});

test('a task that the first may not have goes on to the next', async () => {
  const { create, poll } = bench();
  const picky = poll('a', 'mail', {}, ['acme']);
  const open = poll('b', 'mail');
  await settle();
  create(1, 'mail', 'other');
  await settle(10);
  assert.equal(picky.tasks, undefined);
  assert.deepEqual(open.tasks, [1]);
});

test('many tasks at once wake as many', async () => {
  const { create, poll } = bench();
  const answers = ['a', 'b', 'c'].map((worker) => poll(worker, 'mail'));
  await settle();
  create(1, 'mail');
  create(2, 'mail');
  await settle(10);
  assert.deepEqual(
    answers.map(({ tasks }) => tasks?.length ?? 0),
    [1, 1, 0],
  );
});

test('of those who take several tasks no more look than it takes for what is there', async () => {
  const { create, poll, counts } = bench();
  const answers = ['a', 'b', 'c', 'd'].map((worker) => poll(worker, 'mail', {}, undefined, { maxTasks: 10 }));
  await settle(10);
  const before = counts.fetches;
  for (let id = 1; id <= 12; id += 1) create(id, 'mail');
  await settle(20);
  assert.deepEqual(
    answers.map(({ tasks }) => tasks?.length ?? 0),
    [10, 2, 0, 0],
  );
  assert.ok(counts.fetches - before <= 3, `${counts.fetches - before} looks`);
});

test('who takes several and has looked before some of them came leaves them to the next', async () => {
  const { create, poll } = bench();
  const answers = ['a', 'b', 'c'].map((worker) => poll(worker, 'mail', {}, undefined, { maxTasks: 10 }));
  await settle(10);
  create(1, 'mail');
  await settle(1);
  create(2, 'mail');
  create(3, 'mail');
  await settle(20);
  assert.deepEqual(answers.flatMap(({ tasks = [] }) => tasks).toSorted(), [1, 2, 3]);
});

test('after a wake-up that did not say for how many all look once, and then as many as there are new tasks', async () => {
  const { create, clock, tasks, poll, counts } = bench();
  tasks.push({ id: 1, topic: 'mail', availableAt: clock.wallNow() + 1_000 });
  const answers = Array.from({ length: 60 }, (_, worker) => poll(`w${worker}`, 'mail'));
  await settle(10);
  const before = counts.fetches;
  clock.advance(1_000);
  // There is always somebody who looks.
  for (let id = 2; id <= 21; id += 1) {
    create(id, 'mail');
    await settle(1);
  }
  await settle(50);
  assert.equal(answers.flatMap(({ tasks: got = [] }) => got).length, 21);
  const looks = counts.fetches - before;
  assert.ok(looks <= 60 + 2 * 20, `${looks} looks`);
});

test('tasks that became free without a number while somebody was finding nothing are looked for by all', async () => {
  const { tasks, poll, tell } = bench();
  const answers = ['a', 'b', 'c'].map((worker) => poll(worker, 'mail'));
  await settle(10);
  // Somebody else has it by the time that the first one looks.
  tell({ type: 'externalTaskCreated', task: { topic: 'mail', availableAt: 0 } as ExternalTask });
  await settle(1);
  queueMicrotask(() => {
    for (let id = 1; id <= 3; id += 1) tasks.push({ id, topic: 'mail', availableAt: 0 });
    tell({ type: 'processInstanceResumed' });
  });
  await settle(20);
  assert.deepEqual(answers.flatMap(({ tasks: got = [] }) => got).toSorted(), [1, 2, 3]);
});

test('whose time is up while it looks gets what it finds', async () => {
  const { clock, create, poll, tasks, unlocked } = bench();
  const first = poll('a', 'mail', { waitMs: 1_000 });
  await settle(10);
  create(1, 'mail');
  clock.advance(1_000);
  assert.equal(first.tasks, undefined);
  await settle(20);
  assert.deepEqual([first.tasks, unlocked], [[1], []]);
  const second = poll('b', 'mail', { waitMs: 1_000 });
  await settle(10);
  create(2, 'mail');
  // Somebody else has it by then.
  tasks.pop();
  clock.advance(1_000);
  await settle(20);
  assert.deepEqual(second.tasks, []);
});

test('an answer that is given again says nothing of what is there now', async () => {
  const { create, poll, counts } = bench({
    submit: async (_command, _by, request) => {
      counts.fetches += 1;
      const task = { id: 1, topic: 'mail' } as ExternalTask;
      return { ok: true, value: { tasks: request === undefined ? [{ task } as LockedTask] : [] } };
    },
  });
  create(1, 'mail');
  poll('a', 'mail', { waitMs: 0 }, undefined, { request: { key: 'k', fingerprint: 'f' } });
  await settle();
  const other = poll('b', 'mail', { waitMs: 0 });
  await settle();
  assert.deepEqual([other.tasks, counts.fetches], [[1], 2]);
});

test('a task created between the first look and the wait is not lost', async () => {
  const { create, poll, tasks } = bench();
  const answer = poll('a', 'mail');
  // The look is under way and will find nothing; the task is announced before the waiter stands in the queue.
  create(1, 'mail');
  const task = tasks.pop() as FakeTask;
  await settle(1);
  tasks.push(task);
  await settle(10);
  assert.deepEqual(answer.tasks, [1]);
});

test('an expired lock wakes a waiter', async () => {
  const { create, poll, clock } = bench();
  create(1, 'mail');
  const holder = poll('dead', 'mail');
  await settle();
  const heir = poll('heir', 'mail');
  await settle();
  assert.deepEqual([holder.tasks, heir.tasks], [[1], undefined]);
  clock.advance(5_001);
  await settle();
  assert.deepEqual(heir.tasks, [1]);
});

test('a task that comes while its topic is forgotten, for there are too many, is not lost to who is looking there', async () => {
  const { create, poll, tasks } = bench({
    submit: async (command) => {
      const [wanted] = command.topics;
      const found = tasks.filter(({ topic }) => topic === wanted?.topic);
      await settle(2);
      return { ok: true, value: { tasks: found.map(({ id, topic }) => ({ task: { id, topic } }) as LockedTask) } };
    },
  });
  for (let at = 0; at < 9_999; at += 1) poll('a', `once${at}`, { waitMs: 0 });
  const answer = poll('b', 'mail');
  poll('c', 'one too many', { waitMs: 0 });
  create(1, 'mail');
  await settle();
  assert.deepEqual(answer.tasks, [1]);
});

test('a lock that ends between the first look and the wait is not lost', async () => {
  const { clock, waiters, tasks, poll } = bench({
    submit: async () => {
      const free = tasks.filter((task) => task.availableAt <= clock.wallNow());
      // What waits for its commit is answered later.
      await settle(1);
      if (free.length === 0) clock.advance(10);
      return { ok: true, value: { tasks: free.map(({ id, topic }) => ({ task: { id, topic } }) as LockedTask) } };
    },
  });
  tasks.push({ id: 1, topic: 'mail', availableAt: clock.wallNow() + 5 });
  const first = poll('a', 'mail');
  await settle();
  clock.advance(1);
  await settle();
  assert.deepEqual(first.tasks, [1]);

  // Nor is one where nobody waited for the topic when another lock ended.
  tasks.splice(0, 1, { id: 2, topic: 'mail', availableAt: clock.wallNow() + 20 });
  const other = poll('b', 'other');
  waiters.onRan([
    {
      events: [{ type: 'externalTaskLocked', topic: 'mail', lockExpiresAt: clock.wallNow() + 2 }],
    } as unknown as LogRecord,
  ]);
  clock.advance(15);
  const second = poll('c', 'mail');
  await settle();
  clock.advance(1);
  await settle();
  assert.deepEqual(second.tasks, [2]);
  assert.equal(other.tasks, undefined);
});

test('when the disk has room again all look: who had been woken for a task was refused, and its lock undone', async () => {
  const disk = { full: false };
  const { create, poll, waiters, tasks } = bench({
    submit: async () => {
      await settle(1);
      if (disk.full) throw new Error('no room');
      const found = tasks.splice(0).map(({ id, topic }) => ({ task: { id, topic } }) as LockedTask);
      return { ok: true, value: { tasks: found } };
    },
  });
  const first = poll('a', 'mail');
  const second = poll('b', 'mail');
  await settle();
  disk.full = true;
  create(1, 'mail');
  await settle();
  assert.match(String(first.error), /no room/);
  assert.deepEqual(second, {});
  disk.full = false;
  waiters.wakeAll();
  await settle();
  assert.deepEqual(second.tasks, [1]);
});

test('a back-off that ends wakes a waiter', async () => {
  const { tasks, poll, clock, tell } = bench();
  const answer = poll('a', 'mail');
  await settle();
  const availableAt = clock.wallNow() + 2_000;
  tasks.push({ id: 1, topic: 'mail', availableAt });
  tell({ type: 'externalTaskFailed', topic: 'mail', retries: 2, availableAt } as EngineEvent);
  clock.advance(1_999);
  await settle();
  assert.equal(answer.tasks, undefined);
  clock.advance(1);
  await settle();
  assert.deepEqual(answer.tasks, [1]);
});

test('the waiting time ends with an empty answer', async () => {
  const { poll, clock, waiters } = bench();
  const answer = poll('a', 'mail', { waitMs: 1_000 });
  await settle();
  clock.advance(1_000);
  await settle();
  assert.deepEqual(answer.tasks, []);
  assert.equal(waiters.size, 0);
  assert.equal(clock.pending, 0);
});

test('a task locked for somebody who has hung up is given back', async () => {
  const { create, poll, unlocked } = bench();
  const gone = new AbortController();
  const answer = poll('a', 'mail', { signal: gone.signal });
  await settle();
  create(1, 'mail');
  gone.abort();
  await settle();
  assert.deepEqual(answer.tasks, []);
  assert.deepEqual(unlocked, [1]);
});

test('a newer unique request of a worker ends its older one', async () => {
  const { poll, create } = bench();
  const older = poll('a', 'mail');
  await settle();
  const newer = poll('a', 'mail', { uniqueWorker: true });
  await settle();
  create(1, 'mail');
  await settle();
  assert.deepEqual([older.tasks, newer.tasks], [[], [1]]);
});

test('beyond the capacity a request is refused', async () => {
  const { poll } = bench({ capacity: 1 });
  poll('a', 'mail');
  await settle();
  const refused = poll('b', 'mail');
  await settle();
  assert.equal((refused.error as { code: string }).code, 'OVERLOADED');
});

test('every waiting request is tried again within the re-check time', async () => {
  const { tasks, poll, clock } = bench();
  const answer = poll('a', 'mail');
  await settle();
  tasks.push({ id: 1, topic: 'mail', availableAt: 0 });
  clock.advance(30_000);
  await settle();
  assert.deepEqual(answer.tasks, [1]);
});

test('at a re-check one looks for all who wait for the same, and all do where that one found as many as it may have', async () => {
  const { tasks, poll, clock, counts } = bench();
  const answers = Array.from({ length: 50 }, (_, worker) => poll(`w${worker}`, 'mail', { waitMs: 300_000 }));
  const picky = poll('picky', 'mail', { waitMs: 300_000 }, ['tenant']);
  await settle(20);
  const before = counts.fetches;
  clock.advance(30_000);
  await settle(20);
  assert.equal(counts.fetches - before, 1);
  for (const id of [1, 2, 3]) tasks.push({ id, topic: 'mail', availableAt: 0 });
  tasks.push({ id: 4, topic: 'mail', tenant: 'tenant', availableAt: 0 });
  clock.advance(30_000);
  await settle(50);
  const got = [...answers, picky].flatMap((answer) => answer.tasks ?? []);
  assert.deepEqual(got.toSorted(), [1, 2, 3, 4]);
});

test('at a re-check those look themselves who want only some of what there is', async () => {
  const { tasks, poll, clock, counts } = bench();
  const one = poll('a', 'mail', { waitMs: 300_000 }, ['one']);
  const two = poll('b', 'mail', { waitMs: 300_000 }, ['two']);
  await settle(20);
  const before = counts.fetches;
  tasks.push({ id: 1, topic: 'mail', tenant: 'two', availableAt: 0 });
  clock.advance(30_000);
  await settle(20);
  assert.deepEqual([one.tasks, two.tasks], [undefined, [1]]);
  assert.equal(counts.fetches - before, 2);
});

test('whoever waits looks again at once when something that was suspended is resumed', async () => {
  const { tasks, poll, waiters } = bench();
  const answers = [poll('a', 'mail'), poll('b', 'mail')];
  await settle();
  tasks.push({ id: 1, topic: 'mail', availableAt: 0 }, { id: 2, topic: 'mail', availableAt: 0 });
  const resumed = { type: 'processInstanceResumed', processInstanceId: 7 };
  waiters.onRan([{ events: [resumed] } as unknown as LogRecord]);
  await settle();
  assert.deepEqual(
    answers.map((answer) => answer.tasks),
    [[1], [2]],
  );
});

test('nobody looks where somebody has just found nothing, until something can have become free', async () => {
  const { create, poll, waiters, counts, tasks } = bench();
  poll('a', 'mail');
  await settle();
  assert.equal(counts.fetches, 1);
  poll('b', 'mail');
  const answer = poll('c', 'mail', { waitMs: 0 });
  await settle();
  assert.deepEqual([counts.fetches, answer.tasks], [1, []]);
  // Another topic, and a request that could see less, say nothing about this one.
  poll('d', 'file', {}, ['x']);
  await settle();
  poll('e', 'file');
  await settle();
  assert.equal(counts.fetches, 3);
  create(1, 'file');
  await settle();
  assert.equal(counts.fetches, 5, 'the longest-waiting looks and may not have it, then the next takes it');
  const resumed = { type: 'processInstanceResumed', processInstanceId: 7 };
  tasks.push({ id: 2, topic: 'mail', availableAt: 0 });
  waiters.onRan([{ events: [resumed] } as unknown as LogRecord]);
  await settle();
  waiters.onRan([{ events: [resumed] } as unknown as LogRecord]);
  await settle();
  const before = counts.fetches;
  poll('f', 'mail', { waitMs: 0 });
  await settle();
  assert.equal(counts.fetches, before);
  waiters.dismissAll();
  waiters.onRan([{ events: [resumed] } as unknown as LogRecord]);
  poll('g', 'mail', { waitMs: 0 });
  await settle();
  assert.equal(counts.fetches, before + 1);
  poll('h', 'mail', { waitMs: 0 });
  await settle();
  assert.equal(counts.fetches, before + 1);
});

test('the end of a lock that is cut short is heard of, by who waits and by who asks without waiting', async () => {
  const { create, poll, tell, clock, tasks } = bench();
  create(1, 'mail');
  poll('holder', 'mail');
  await settle();
  const heir = poll('heir', 'mail', { waitMs: 60_000 });
  await settle();
  const cut = (ms: number): void => {
    const [task] = tasks;
    if (task === undefined) return;
    task.availableAt = clock.wallNow() + ms;
    tell({ type: 'externalTaskLockExtended', externalTaskId: 1, lockExpiresAt: task.availableAt });
  };
  cut(100);
  clock.advance(101);
  await settle();
  assert.deepEqual(heir.tasks, [1]);
  // A look says nothing of what comes free later.
  cut(500);
  poll('other', 'mail', { waitMs: 0 });
  await settle();
  clock.advance(501);
  const asker = poll('asker', 'mail', { waitMs: 0 });
  await settle();
  assert.deepEqual(asker.tasks, [1]);
});

test('a lock that is moved after the alarm rang for its old end is heard of at its new end', async () => {
  const { create, poll, tell, clock, tasks } = bench();
  create(1, 'mail');
  poll('holder', 'mail');
  await settle();
  const heir = poll('heir', 'mail');
  await settle();
  const [task] = tasks;
  assert.ok(task);
  const moved = task.availableAt + 2_000;
  clock.advance(5_000);
  // The look that the alarm has asked for comes after this.
  task.availableAt = moved;
  tell({ type: 'externalTaskLockExtended', externalTaskId: 1, lockExpiresAt: moved });
  await settle();
  assert.equal(heir.tasks, undefined);
  clock.advance(2_000);
  await settle();
  assert.deepEqual(heir.tasks, [1]);
});

test('a task that has failed for good and is given retries is heard of when its back-off ends', async () => {
  const { poll, tell, clock, tasks } = bench();
  const waiting = poll('a', 'mail');
  await settle();
  const task = { id: 1, topic: 'mail', availableAt: clock.wallNow() + 700 };
  tasks.push(task);
  tell({ type: 'externalTaskFailed', topic: 'mail', retries: 0, availableAt: task.availableAt } as EngineEvent);
  tell({ type: 'externalTaskRetriesSet', externalTaskId: 1, topic: 'mail', retries: 1 });
  await settle();
  assert.equal(waiting.tasks, undefined);
  clock.advance(701);
  await settle();
  assert.deepEqual(waiting.tasks, [1]);
});

test('what is resumed between the first look and the wait is not lost', async () => {
  const { poll, tell, tasks } = bench({
    submit: async () => {
      const found = tasks.splice(0).map(({ id, topic }) => ({ task: { id, topic } }) as LockedTask);
      await settle(2);
      return { ok: true, value: { tasks: found } };
    },
  });
  const answer = poll('a', 'mail');
  tasks.push({ id: 1, topic: 'mail', availableAt: 0 });
  tell({ type: 'processInstanceResumed', processInstanceId: 7 });
  await settle(10);
  assert.deepEqual(answer.tasks, [1]);
});

test('a lock that ends because the clock is turned between the first look and the wait is not lost', async () => {
  const { clock, waiters, tasks, poll, tell } = bench({
    submit: async () => {
      const found = tasks.filter((task) => task.availableAt <= clock.wallNow());
      await settle(2);
      return { ok: true, value: { tasks: found.map(({ id, topic }) => ({ task: { id, topic } }) as LockedTask) } };
    },
  });
  poll('before', 'mail', { waitMs: 10 });
  await settle();
  clock.advance(10);
  tasks.push({ id: 1, topic: 'mail', availableAt: clock.wallNow() + 60_000 });
  tell({ type: 'externalTaskLocked', topic: 'mail', lockExpiresAt: clock.wallNow() + 60_000 } as EngineEvent);
  tell({ type: 'processInstanceResumed', processInstanceId: 7 });
  const answer = poll('a', 'mail');
  clock.jumpTo(clock.wallNow() + 70_000);
  waiters.rearm();
  await settle(10);
  assert.deepEqual(answer.tasks, [1]);
});

test('when a look is refused the next who waits looks for what it was woken for', async () => {
  let refusals = 0;
  const { create, poll, clock, tasks } = bench({
    submit: async () => {
      await settle(1);
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('no room');
      }
      const found = tasks.splice(0).map(({ id, topic }) => ({ task: { id, topic } }) as LockedTask);
      return { ok: true, value: { tasks: found } };
    },
  });
  const first = poll('a', 'mail');
  const second = poll('b', 'mail');
  await settle();
  refusals = 1;
  create(1, 'mail');
  await settle();
  assert.match(String(first.error), /no room/);
  assert.equal(second.tasks, undefined);
  clock.advance(1_000);
  await settle();
  assert.deepEqual(second.tasks, [1]);
});

test('a task that comes after an empty look is found by whoever asks next, also without waiting', async () => {
  const { create, poll, clock, tasks } = bench();
  poll('a', 'mail', { waitMs: 1_000 });
  await settle();
  clock.advance(1_000);
  create(1, 'mail');
  const answer = poll('b', 'mail', { waitMs: 0 });
  await settle();
  assert.deepEqual(answer.tasks, [1]);
  // Its lock ends, and no event says so.
  poll('c', 'mail', { waitMs: 10 });
  await settle();
  clock.advance(5_000);
  assert.equal(tasks[0]?.availableAt, clock.wallNow());
  const again = poll('d', 'mail', { waitMs: 0 });
  await settle();
  assert.deepEqual(again.tasks, [1]);
});

test('dismissed waiters are answered with nothing', async () => {
  const { poll, waiters } = bench();
  const answer = poll('a', 'mail');
  await settle();
  waiters.dismissAll();
  await settle();
  assert.deepEqual(answer.tasks, []);
});

test('who has just looked when all are dismissed, or when a newer request of its worker comes, does not wait either', async () => {
  const { poll, waiters } = bench();
  const answer = poll('a', 'mail');
  waiters.dismissAll();
  await settle();
  assert.deepEqual([answer.tasks, waiters.size], [[], 0]);
  const older = poll('b', 'file', { uniqueWorker: true });
  const newer = poll('b', 'file', { uniqueWorker: true });
  await settle();
  assert.deepEqual([older.tasks, newer.tasks, waiters.size], [[], undefined, 1]);
});
