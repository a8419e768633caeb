/** Stories of activities and gateways with a life of their own: ad-hoc, loops, quantities, complex gateways, global tasks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { World } from './world.ts';

function adHocOf(world: World, processInstanceId: number): number {
  const elements = world.store.state.instances.get(processInstanceId)?.elements.values() ?? [];
  return [...elements].find(({ elementId }) => elementId === 'free')?.id ?? 0;
}

function activate(world: World, processInstanceId: number, ...elementIds: string[]) {
  return world.try({
    type: 'activateAdHoc',
    processInstanceId,
    elementInstanceId: adHocOf(world, processInstanceId),
    elements: elementIds.map((elementId) => ({ elementId })),
  });
}

describe('ad-hoc sub-processes', () => {
  it('wait for activities that are started from outside, and complete when nothing is active', async () => {
    const world = await World.with('ad-hoc');
    const id = world.start('ad-hoc');
    activate(world, id, 'a', 'b', 'a');
    assert.deepEqual(world.standing(id), ['a', 'a', 'b']);
    world.work('a');
    world.work('b');
    world.work('c');
    assert.equal(world.state(id), 'active');
    world.work('a');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('only activities directly inside without an incoming flow can be started', async () => {
    const world = await World.with('ad-hoc');
    const id = world.start('ad-hoc');
    const refused = activate(world, id, 'c');
    assert.ok(!refused.ok);
    assert.match(refused.rejection.message, /'c' is no activity directly inside/);
  });

  it('nothing is started in one that has not begun', async () => {
    const world = await World.with('ad-hoc-later');
    const id = world.start('ad-hoc-later');
    const early = activate(world, id, 'a');
    assert.ok(!early.ok);
    assert.match(early.rejection.message, /'free' has not begun yet/);
    world.advance(0);
    assert.ok(activate(world, id, 'a').ok);
    world.work('a');
    assert.equal(world.state(id), 'completed');
  });

  it('sequential: one after the other, until the completion condition holds', async () => {
    const world = await World.with('ad-hoc-condition');
    const id = world.start('ad-hoc-condition', { done: false });
    activate(world, id, 'a', 'b', 'a');
    assert.deepEqual(world.standing(id), ['a']);
    world.work('a');
    assert.deepEqual(world.standing(id), ['b']);
    world.work('b', { done: true });
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('Camunda 8: a list says what to start with, and results are collected', async () => {
    const world = await World.with('ad-hoc-c8');
    const id = world.start('ad-hoc-c8', { elements: ['a', 'c'] });
    assert.deepEqual(world.standing(id), ['a', 'c']);
    world.work('c', {}, { result: 3 });
    world.work('a', {}, { result: 1 });
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.variables(id)['results'], [3, 1]);
  });
});

describe('standard loops', () => {
  it('run while the condition holds, which may be never', async () => {
    const world = await World.with('loop-while');
    const id = world.start('loop-while', { count: 1 });
    world.work('work', { count: 2 });
    world.work('work', { count: 3 });
    assert.equal(world.state(id), 'completed');
    assert.equal(world.state(world.start('loop-while', { count: 3 })), 'completed');
    world.assertReplayEqual();
  });

  it('run at least once when the condition is tested afterwards', async () => {
    const world = await World.with('loop-until');
    const id = world.start('loop-until', { again: false });
    world.work('work', { again: true });
    world.work('work', { again: false });
    assert.equal(world.state(id), 'completed');
  });

  it('run at most as often as their maximum says', async () => {
    const world = await World.with('loop-maximum');
    const id = world.start('loop-maximum');
    world.work('work');
    world.work('work');
    assert.equal(world.state(id), 'completed');
  });
});

describe('behavior of multi-instance activities', () => {
  for (const [fixture, times] of [
    ['behavior-none', 3],
    ['behavior-one', 1],
    ['behavior-complex', 1],
    ['behavior-complex-c8', 1],
  ] as const) {
    it(`${fixture} throws its event ${times} times in three`, async () => {
      const world = await World.with(fixture);
      const id = world.start(fixture);
      for (const _ of [1, 2, 3]) world.work('work');
      assert.equal(world.state(id), 'completed');
      assert.equal(world.trace(id).filter((element) => element === 'onEachEnd').length, times);
      world.assertReplayEqual();
    });
  }
});

it('completionQuantity puts that many tokens on a flow, startQuantity waits for that many', async () => {
  const world = await World.with('quantities');
  const id = world.start('quantities');
  world.work('split');
  assert.equal(world.fetchAll('three').length, 1);
  world.assertReplayEqual();
  assert.deepEqual(world.standing(id), ['three']);
});

describe('complex gateways', () => {
  it('start when their condition holds, swallow the rest of the round, and start again in the next', async () => {
    const world = await World.with('discriminator');
    const id = world.start('discriminator', { more: true });
    world.work('a');
    assert.deepEqual(world.standing(id), ['b', 'c']);
    world.work('c');
    assert.deepEqual(world.standing(id), ['after', 'b']);
    world.work('b');
    assert.deepEqual(world.standing(id), ['after']);
    world.work('after', { more: true });
    world.work('b');
    world.work('c');
    world.work('after', { more: false });
    world.work('a');
    assert.equal(world.state(id), 'completed');
    assert.equal(world.trace(id).filter((element) => element === 'first').length, 2);
    world.assertReplayEqual();
  });
});

it('a global task is called like a process', async () => {
  const world = await World.with('global-task');
  const id = world.start('global-task');
  const [task] = world.store.find('userTasks');
  assert.equal(task?.name, 'Check it');
  world.do({ type: 'completeUserTask', userTaskId: task?.id ?? 0 });
  assert.equal(world.state(id), 'completed');
});

it('a join that can never open is an incident that names it', async () => {
  const world = await World.with('deadlock');
  const id = world.start('deadlock');
  world.work('b');
  assert.deepEqual(
    world.incidents().map(({ kind, elementId }) => [kind, elementId]),
    [['deadlock', 'join']],
  );
  assert.equal(world.state(id), 'active');
});

it('data associations carry data objects into an activity and its results out of it', async () => {
  const world = await World.with('data-association');
  const id = world.start('data-association', { order: 7 });
  const locked = world.work('work', {}, { made: 'invoice 7' });
  assert.equal(locked.variables['given']?.value, 7);
  assert.equal(world.variables(id)['invoice'], 'invoice 7');
});
