/** Stories of loops over calls and sub-processes, and of Camunda 8 loops and calls. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { typed, World } from './world.ts';

const HOUR = 3_600_000;

describe('loops over scopes', () => {
  it('a boundary event of a loop of calls ends every called instance with its work; a non-interrupting one ends nothing', async () => {
    const world = await World.with('loop-of-calls', 'called');
    const id = world.start('loop-of-calls', { n: 3 });
    world.work('work');
    world.do({ type: 'correlateMessage', name: 'ask', all: false });
    assert.equal(world.store.find('externalTasks').length, 3);
    world.do({ type: 'correlateMessage', name: 'stop', all: false });
    assert.deepEqual(world.standing(id), ['asked']);
    assert.deepEqual(
      world.store.find('externalTasks').map(({ topic }) => topic),
      ['asked'],
    );
    assert.equal(world.store.find('processInstances').filter(({ state }) => state === 'terminated').length, 2);
    world.work('asked');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a message buffered for an interrupting boundary event ends the loop before any of its work can be fetched', async () => {
    const world = await World.with('loop-of-calls', 'called');
    world.do({ type: 'publishMessage', name: 'stop', correlationKey: '', timeToLiveMs: HOUR });
    const id = world.start('loop-of-calls', { n: 2 });
    assert.deepEqual(world.trace(id).slice(-2), ['stop', 'stopped']);
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.store.find('externalTasks'), []);
    assert.ok(world.store.find('processInstances').every(({ state }) => state !== 'active'));
  });

  it('canceling the caller ends incidents, tasks and subscriptions of what it called', async () => {
    const world = await World.with('loop-of-calls', 'called');
    const id = world.start('loop-of-calls', { n: 2 });
    const { task } = world.fetch('work');
    world.do({
      type: 'failExternalTask',
      externalTaskId: task.id,
      workerId: 'w',
      errorMessage: 'no',
      retries: 0,
      retryAfterMs: 0,
    });
    assert.equal(world.incidents().length, 1);
    world.do({ type: 'cancelProcessInstance', processInstanceId: id });
    for (const table of ['externalTasks', 'incidents', 'subscriptions', 'timers'] as const)
      assert.deepEqual(world.store.find(table), []);
    assert.ok(world.store.find('processInstances').every(({ state }) => state !== 'active'));
  });

  it('a terminate end event ends one instance of the loop, its event sub-processes with it', async () => {
    const world = await World.with('loop-of-sub-processes');
    const id = world.start('loop-of-sub-processes', { n: 2 });
    world.do({ type: 'correlateMessage', name: 'note', all: true });
    assert.deepEqual(world.standing(id), ['late', 'late', 'note', 'note', 'work', 'work']);
    world.work('work');
    assert.deepEqual(world.standing(id), ['late', 'note', 'work']);
    world.work('work');
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.store.find('timers'), []);
  });

  it('a timer on a loop ends it while one of its instances waits in an incident', async () => {
    const world = await World.with('loop-of-sub-processes');
    const id = world.start('loop-of-sub-processes', { n: 3 });
    const { task } = world.fetch('late');
    world.do({
      type: 'failExternalTask',
      externalTaskId: task.id,
      workerId: 'w',
      errorMessage: 'no',
      retries: 0,
      retryAfterMs: 0,
    });
    world.advance(HOUR);
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.trace(id).slice(-2), ['tooLong', 'gaveUp']);
    assert.deepEqual(world.incidents(), []);
    world.assertReplayEqual();
  });
});

describe('loops in loops', () => {
  it('rows one after the other, the cells of a row side by side', async () => {
    const world = await World.with('nested-loops');
    const id = world.start('nested-loops', { rows: [{ cells: [1, 2] }, { cells: [] }, { cells: [3] }] });
    const cells = () =>
      world.fetchAll('cell').map(({ task, variables }) => [task.id, variables['cell']?.value] as const);
    const first = cells();
    assert.deepEqual(
      first.map(([, cell]) => cell),
      [1, 2],
    );
    for (const [externalTaskId] of first) world.do({ type: 'completeExternalTask', externalTaskId, workerId: 'w' });
    const second = cells();
    assert.deepEqual(
      second.map(([, cell]) => cell),
      [3],
    );
    for (const [externalTaskId] of second) world.do({ type: 'completeExternalTask', externalTaskId, workerId: 'w' });
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('an error end event inside one instance goes to the boundary event of the loop', async () => {
    const world = await World.with('error-in-loop');
    const id = world.start('error-in-loop', { n: 3 });
    world.work('work');
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.trace(id).slice(-2), ['caught', 'rescued']);
    assert.deepEqual(world.store.find('externalTasks'), []);
  });
});

describe('camunda 8 loops and calls', () => {
  it('a result that the output element names is collected in order of the input, and is nobody else’s', async () => {
    const world = await World.with('loop-c8');
    const id = world.start('loop-c8', { items: [1, 2, 3] });
    const tasks = world.fetchAll('each');
    const complete = (index: number, variables: Record<string, string>) =>
      world.do({
        type: 'completeExternalTask',
        externalTaskId: tasks[index]?.task.id ?? 0,
        workerId: 'w',
        variables: typed(variables),
      });
    complete(2, { result: 'third' });
    complete(0, {});
    assert.deepEqual(world.variables(id), { items: [1, 2, 3], results: [null, null, 'third'] });
    assert.equal(world.state(id), 'completed', 'two are enough');
  });

  it('an output mapping of a loop instance reaches its output element', async () => {
    const world = await World.with('loop-c8-outputs');
    const id = world.start('loop-c8-outputs', { items: ['a', 'b'] });
    world.work('each', { raw: 1 });
    world.work('each', { raw: 2 });
    assert.deepEqual(world.variables(id), { items: ['a', 'b'], results: [2, 3] });
  });

  it('without propagation a call passes its own input variables and returns what its output mappings take', async () => {
    const world = await World.with('call-c8', 'called-c8');
    const id = world.start('call-c8', { order: { total: 5 }, request: { old: true } });
    const locked = world.work('work', { receipt: 'r', other: 1 });
    assert.deepEqual(
      Object.entries(locked.variables).map(([name, { value }]) => [name, value]),
      [['request', { total: 5 }]],
    );
    assert.deepEqual(world.variables(id), { order: { total: 5 }, request: { old: true }, answer: 'r' });
  });
});
