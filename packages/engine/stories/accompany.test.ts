/** Stories of what runs beside an element: listeners, scripts in mappings and conditions, continuations and retries. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { World } from './world.ts';

const MINUTE = 60_000;
const SCRIPTS = 'procos.script';

describe('listeners', () => {
  it('scripts run before the work, after it and on the way along the flow, one after the other', async () => {
    const world = await World.with('listeners');
    const id = world.start('listeners');
    const sources: unknown[] = [];
    sources.push(world.work(SCRIPTS, { told: 1 }).headers['script_source']);
    assert.deepEqual(world.standing(id), ['work']);
    world.work('work');
    sources.push(world.work(SCRIPTS).headers['script_source']);
    sources.push(world.work(SCRIPTS).headers['script_source']);
    assert.deepEqual(sources, ['1 + 1', '2 + 2', '3 + 3']);
    assert.equal(world.state(id), 'completed');
    assert.equal(world.variables(id)['told'], 1);
    world.assertReplayEqual();
  });

  it('expressions of listeners and tasks in place may set variables, and know the user task', async () => {
    const world = await World.with('listeners-set');
    const id = world.start('listeners-set');
    const userTaskId = world.store.find('userTasks')[0]?.id ?? 0;
    world.do({ type: 'assignUserTask', userTaskId, assignee: 'grace', claim: false });
    world.do({ type: 'completeUserTask', userTaskId });
    assert.deepEqual(world.variables(id), { begun: 'approve', who: 'grace', done: 'Approve', noted: 2 });
    world.assertReplayEqual();
  });

  it('Camunda 8: jobs of listeners with retries of their own; a failed one is an incident and is tried again', async () => {
    const world = await World.with('listeners-c8');
    const id = world.start('listeners-c8');
    const { task } = world.fetch('before');
    assert.equal(task.retries, 2);
    world.do({
      type: 'failExternalTask',
      externalTaskId: task.id,
      workerId: 'w',
      errorMessage: 'no',
      retries: 0,
      retryAfterMs: 0,
    });
    const [incident] = world.incidents();
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    world.work('before');
    world.work('work');
    world.work('after');
    assert.equal(world.state(id), 'completed');
  });

  it('Camunda 8: listeners of a user task stand before each of its changes', async () => {
    const world = await World.with('task-listeners-c8');
    const id = world.start('task-listeners-c8');
    const userTaskId = world.store.find('userTasks')[0]?.id ?? 0;
    const early = world.try({ type: 'completeUserTask', userTaskId });
    assert.ok(!early.ok);
    assert.match(early.rejection.message, /waits for one of its listeners/);
    world.work('creating');
    world.do({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: false });
    assert.equal(world.store.state.userTasks.get(userTaskId)?.assignee, null);
    world.work('assigning');
    assert.equal(world.store.state.userTasks.get(userTaskId)?.assignee, 'ada');
    world.do({ type: 'completeUserTask', userTaskId });
    assert.equal(world.state(id), 'active');
    world.work('completing');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });
});

describe('scripts', () => {
  it('in input mappings, also inside a list: each sees the values before it', async () => {
    const world = await World.with('script-mapping');
    const id = world.start('script-mapping', { amount: 21 });
    assert.equal(world.work(SCRIPTS, {}, { result: 42 }).variables['plain']?.value, 21);
    world.work(SCRIPTS, {}, { result: 63 });
    const { variables } = world.work('work');
    assert.deepEqual(
      ['plain', 'computed', 'listed'].map((name) => variables[name]?.value),
      [21, 42, ['one', 63]],
    );
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('as the condition of a flow', async () => {
    for (const [result, end] of [
      [true, 'yes'],
      [false, 'no'],
    ] as const) {
      const world = await World.with('script-condition');
      const id = world.start('script-condition', { amount: 11 });
      world.work(SCRIPTS, {}, { result });
      assert.deepEqual(world.trace(id), ['start', 'which', end]);
    }
  });

  it('a script that gave nonsense runs again when its incident is resolved', async () => {
    const world = await World.with('script-condition');
    const id = world.start('script-condition', { amount: 11 });
    world.work(SCRIPTS, {}, { result: 'nonsense' });
    const [incident] = world.incidents();
    assert.match(incident?.message ?? '', /must give true or false, not "nonsense"/);
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    world.work(SCRIPTS, {}, { result: true });
    assert.deepEqual(world.trace(id), ['start', 'which', 'yes']);
    world.assertReplayEqual();
  });
});

describe('continuations', () => {
  it('asyncBefore and asyncAfter: the command ends there, the instance goes on in one of its own', async () => {
    const world = await World.with('async');
    const id = world.start('async');
    assert.deepEqual(world.standing(id), ['before']);
    assert.equal(world.fetchAll('before').length, 0);
    world.advance(0);
    world.work('before');
    world.work('after');
    assert.equal(world.state(id), 'active');
    world.advance(0);
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a failed step is tried again in the rhythm of the model, then it is an incident', async () => {
    const world = await World.with('retry-cycle');
    const id = world.start('retry-cycle');
    world.advance(10 * MINUTE);
    assert.deepEqual(world.incidents(), []);
    world.advance(10 * MINUTE);
    assert.equal(world.incidents().length, 1);
    const second = world.start('retry-cycle');
    world.do({
      type: 'setVariables',
      processInstanceId: second,
      scopeId: second,
      variables: { missing: { type: 'Integer', value: 1 } },
      local: false,
    });
    world.advance(10 * MINUTE);
    assert.equal(world.variables(second)['sum'], 2);
    assert.equal(world.state(id), 'active');
    world.assertReplayEqual();
  });
});
