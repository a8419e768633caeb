/** Stories of tasks that work through a list: what is done to an item and the note of it are one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ItemCommand } from '../src/index.ts';
import { World } from './world.ts';

/** A world with a task that works through a list, and instances that may be its items. */
async function list() {
  const world = await World.with('uncaught', 'both');
  const owner = world.start('uncaught');
  const { task } = world.fetch('work');
  const holder = { externalTaskId: task.id, workerId: 'w', lockCount: task.lockCount };
  const cancel = (processInstanceId: number): ItemCommand => ({ type: 'cancelProcessInstance', processInstanceId });
  const progress = () => world.store.state.externalTasks.get(task.id)?.progress;
  return { world, owner, holder, cancel, progress };
}

describe('a task that works through a list', () => {
  it('does an item and notes it in one record', async () => {
    const { world, holder, cancel, progress } = await list();
    const item = world.start('both');
    const reply = world.do({ type: 'workOnItem', ...holder, item: 0, command: cancel(item) });
    assert.equal(reply.failure, null);
    assert.equal(world.state(item), 'canceled');
    assert.deepEqual(progress(), { next: 1, failed: [] });
    const types = world.records.at(-1)?.events.map(({ type }) => type);
    assert.ok(types?.includes('processInstanceEnded') && types.includes('externalTaskItemDone'));
  });

  it('does none twice and leaves none out', async () => {
    const { world, holder, cancel } = await list();
    const [first, second] = [world.start('both'), world.start('both')];
    world.do({ type: 'workOnItem', ...holder, item: 0, command: cancel(first) });
    for (const item of [0, 2]) {
      const refused = world.try({ type: 'workOnItem', ...holder, item, command: cancel(second) });
      assert.equal(!refused.ok && refused.rejection.code, 'INVALID_STATE');
    }
    assert.equal(world.state(second), 'active');
  });

  it('keeps why an item could not be done, and goes on', async () => {
    const { world, holder, cancel, progress } = await list();
    world.do({ type: 'workOnItem', ...holder, item: 0, command: cancel(77_777) });
    world.do({ type: 'workOnItem', ...holder, item: 1, failure: 'not that one' });
    world.do({ type: 'workOnItem', ...holder, item: 2 });
    assert.deepEqual(progress(), {
      next: 3,
      failed: [
        { item: 0, reason: 'process instance 77777 does not run' },
        { item: 1, reason: 'not that one' },
      ],
    });
  });

  it('is refused to whoever lost the lock or whose instance rests, and goes on where it stood', async () => {
    const { world, owner, holder, cancel, progress } = await list();
    const [first, second] = [world.start('both'), world.start('both')];
    world.do({ type: 'workOnItem', ...holder, item: 0, command: cancel(first) });
    const suspend = { type: 'setSuspension', target: { processInstanceId: owner } } as const;
    world.do({ ...suspend, suspended: true });
    const resting = world.try({ type: 'workOnItem', ...holder, item: 1, command: cancel(second) });
    assert.equal(!resting.ok && resting.rejection.code, 'INVALID_STATE');
    world.do({ ...suspend, suspended: false });
    world.now += 60_000;
    // Its process takes turns with that of the items, which wait on the same topic.
    const again = world.fetchAll('work').find(({ task }) => task.processInstanceId === owner);
    assert.ok(again !== undefined);
    assert.deepEqual(again.task.progress, { next: 1, failed: [] });
    const late = world.try({ type: 'workOnItem', ...holder, item: 1, command: cancel(second) });
    assert.equal(!late.ok && late.rejection.code, 'NOT_LOCKED_BY_WORKER');
    world.do({ type: 'workOnItem', ...holder, lockCount: again.task.lockCount, item: 1, command: cancel(second) });
    assert.equal(progress()?.next, 2);
  });

  it('may end the very instance that it belongs to', async () => {
    const { world, owner, holder, cancel } = await list();
    world.do({ type: 'workOnItem', ...holder, item: 0, command: cancel(owner) });
    assert.equal(world.state(owner), 'canceled');
  });
});
