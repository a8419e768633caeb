/** Stories of instances that are suspended: nothing of them goes on by itself, and what waits is still there. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { World } from './world.ts';

const HOUR = 3_600_000;
describe('suspension', () => {
  const suspend = (world: World, processInstanceId: number, suspended = true) =>
    world.do({ type: 'setSuspension', target: { processInstanceId }, suspended });

  it('a suspended instance hands out no tasks, fires no timers and receives nothing, until it is resumed', async () => {
    const world = await World.with('moving-1');
    const id = world.start('moving');
    suspend(world, id);
    assert.equal(world.fetchAll('work').length, 0);
    world.advance(2 * HOUR);
    assert.deepEqual(world.standing(id), ['approve', 'paid', 'work']);
    assert.ok(!world.try({ type: 'correlateMessage', name: 'paid', all: false }).ok);
    const userTaskId = world.store.find('userTasks')[0]?.id ?? 0;
    const refused = world.try({ type: 'completeUserTask', userTaskId });
    assert.ok(!refused.ok);
    assert.match(refused.rejection.message, /suspended: resume/);
    suspend(world, id, false);
    world.advance(0);
    assert.ok(world.trace(id).includes('endLate'));
    world.work('work');
    world.assertReplayEqual();
  });

  it('a task fetched before cannot be completed meanwhile', async () => {
    const world = await World.with('moving-1');
    const id = world.start('moving');
    const { task } = world.fetch('work');
    suspend(world, id);
    const refused = world.try({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
    assert.ok(!refused.ok);
    suspend(world, id, false);
    world.do({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
  });

  it('a suspended definition cannot be started, also not by its message', async () => {
    const world = await World.with('multiple-start');
    const definitionId = world.store.find('definitions')[0]?.id ?? 0;
    world.do({ type: 'setSuspension', target: { definitionId }, suspended: true });
    assert.ok(!world.try({ type: 'correlateMessage', name: 'order', all: false }).ok);
    assert.ok(!world.try({ type: 'createProcessInstance', definition: { definitionId } }).ok);
    assert.equal(world.store.find('definitions')[0]?.suspended, true);
    world.do({ type: 'setSuspension', target: { definitionId }, suspended: false });
    assert.ok(world.try({ type: 'correlateMessage', name: 'order', all: false }).ok);
  });

  it('one external task alone', async () => {
    const world = await World.with('moving-1');
    world.start('moving');
    const externalTaskId = world.store.find('externalTasks')[0]?.id ?? 0;
    world.do({ type: 'setSuspension', target: { externalTaskId }, suspended: true });
    assert.equal(world.fetchAll('work').length, 0);
  });
});
