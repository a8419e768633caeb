/** Stories of locks that are over: whoever lost one can do nothing more under it, whatever it tries. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command, Holder } from '../src/index.ts';
import { World } from './world.ts';

/** Everything that only the holder of a lock may do. */
const ACTIONS: Readonly<Record<string, (holder: Holder) => Command>> = {
  complete: (holder) => ({ type: 'completeExternalTask', ...holder }),
  fail: (holder) => ({ type: 'failExternalTask', ...holder, errorMessage: 'late', retries: 0, retryAfterMs: 0 }),
  'throw a BPMN error': (holder) => ({ type: 'throwBpmnError', ...holder, errorCode: 'late' }),
  'extend the lock': (holder) => ({ type: 'extendLock', ...holder, lockMs: 60_000 }),
  'work on the next item': (holder) => ({ type: 'workOnItem', ...holder, item: 0 }),
  // It asks for no worker, as in Camunda: only the token tells.
  unlock: ({ externalTaskId, lockCount }) => ({
    type: 'unlockExternalTask',
    externalTaskId,
    ...(lockCount === undefined ? {} : { lockCount }),
  }),
};

async function expired(): Promise<{ readonly world: World; readonly stale: Holder & { readonly lockCount: number } }> {
  const world = await World.with('uncaught');
  world.start('uncaught');
  const { task } = world.fetch('work', 1_000);
  world.now += 1_000;
  return { world, stale: { externalTaskId: task.id, workerId: 'w', lockCount: task.lockCount } };
}

function isRefused(world: World, command: Command): void {
  const [records, task] = [world.records.length, structuredClone(taskOf(world, command))];
  const outcome = world.try(command as never);
  assert.equal(!outcome.ok && outcome.rejection.code, 'NOT_LOCKED_BY_WORKER', command.type);
  assert.equal(world.records.length, records);
  assert.deepEqual(taskOf(world, command), task);
}

function taskOf(world: World, command: Command) {
  return 'externalTaskId' in command ? world.store.state.externalTasks.get(command.externalTaskId) : undefined;
}

describe('an expired lock that was taken over', () => {
  for (const [name, action] of Object.entries(ACTIONS)) {
    it(`by another worker lets its old holder not ${name}`, async () => {
      const { world, stale } = await expired();
      world.do({ type: 'lockExternalTask', externalTaskId: stale.externalTaskId, workerId: 'other', lockMs: 1_000 });
      const { lockCount, ...nameOnly } = stale;
      isRefused(world, action(stale));
      if (name !== 'unlock') isRefused(world, action(nameOnly));
      world.do({ type: 'completeExternalTask', externalTaskId: stale.externalTaskId, workerId: 'other' });
    });

    it(`by a worker of the same name lets the first one not ${name}`, async () => {
      const { world, stale } = await expired();
      const again = world.fetch('work', 1_000);
      assert.equal(again.task.lockCount, stale.lockCount + 1);
      isRefused(world, action(stale));
      world.do({ type: 'completeExternalTask', ...stale, lockCount: again.task.lockCount });
    });
  }
});

describe('an expired lock that nobody took over', () => {
  it('still lets its holder tell the outcome, as in Camunda, but not extend it', async () => {
    const { world, stale } = await expired();
    const late = world.try({ type: 'extendLock', ...stale, lockMs: 1_000 });
    assert.equal(!late.ok && late.rejection.code, 'LOCK_EXPIRED');
    world.do({ type: 'completeExternalTask', ...stale });
  });
});

describe('what would end after the year 9999', () => {
  it('is refused, whatever asks for it: no number of its end could be kept', async () => {
    const world = await World.with('uncaught');
    world.start('uncaught');
    const { task } = world.fetch('work', 1_000);
    const holder = { externalTaskId: task.id, workerId: 'w' };
    const ms = Number.MAX_SAFE_INTEGER;
    const commands: readonly Command[] = [
      { type: 'fetchAndLock', workerId: 'w', maxTasks: 1, usePriority: false, topics: [{ topic: 'work', lockMs: ms }] },
      { type: 'lockExternalTask', ...holder, lockMs: ms },
      { type: 'extendLock', ...holder, lockMs: ms },
      { type: 'failExternalTask', ...holder, errorMessage: null, retries: 1, retryAfterMs: ms },
      { type: 'publishMessage', name: 'm', correlationKey: '', timeToLiveMs: ms },
    ];
    const records = world.records.length;
    for (const command of commands) {
      const outcome = world.try(command as never);
      assert.equal(!outcome.ok && outcome.rejection.code, 'INVALID_ARGUMENT', command.type);
      assert.match(outcome.ok ? '' : outcome.rejection.message, /after the year 9999/);
    }
    assert.equal(world.records.length, records);
    const limits = { time: ms };
    world.do({
      type: 'setLimits',
      target: { kind: 'instance', processInstanceId: task.processInstanceId },
      limits,
      reason: 'r',
    });
    assert.deepEqual(
      world.store.find('timers').map(({ dueAt }) => new Date(dueAt).toISOString()),
      ['9999-12-31T23:59:59.999Z'],
    );
  });
});
