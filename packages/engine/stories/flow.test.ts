/** Stories of tokens: sequences, gateways, joins, loops, ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { World } from './world.ts';

describe('tokens', () => {
  it('an instance of tasks without work runs to its end within the start', async () => {
    const world = await World.with('sequence');
    const reply = world.do({ type: 'createProcessInstance', definition: { bpmnProcessId: 'sequence' } });
    assert.equal(reply.ended, true);
    assert.deepEqual(world.trace(reply.processInstanceId), ['start', 'a', 'b', 'end']);
    assert.equal(world.state(reply.processInstanceId), 'completed');
  });

  it('an exclusive gateway takes the first flow whose condition holds, else the default flow', async () => {
    const world = await World.with('exclusive');
    assert.ok(world.trace(world.start('exclusive', { amount: 101 })).includes('big'));
    assert.ok(world.trace(world.start('exclusive', { amount: 100 })).includes('small'));
  });

  it('an exclusive gateway without a flow to take waits in an incident, and goes on when the data is mended', async () => {
    const world = await World.with('exclusive-stuck');
    const id = world.start('exclusive-stuck', { amount: 50 });
    const [incident] = world.incidents();
    assert.equal(incident?.kind, 'noOutgoingFlow');
    assert.equal(incident?.elementId, 'which');
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: { amount: { type: 'Integer', value: 200 } },
      local: false,
    });
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.incidents(), []);
  });

  it('a condition that cannot be evaluated is an incident that names the flow', async () => {
    const world = await World.with('exclusive');
    world.start('exclusive');
    assert.match(world.incidents()[0]?.message ?? '', /which_big.*amount/);
  });

  it('a task with conditional flows takes those that hold, else its default flow', async () => {
    const world = await World.with('conditional-task');
    assert.deepEqual(world.trace(world.start('conditional-task', { x: 1 })), ['start', 'choose', 'a', 'end']);
    assert.deepEqual(world.trace(world.start('conditional-task', { x: 0 })), ['start', 'choose', 'b', 'end']);
  });

  it('a parallel join waits for every incoming flow', async () => {
    const world = await World.with('parallel');
    const id = world.start('parallel');
    world.work('a');
    assert.deepEqual(world.standing(id), ['b']);
    world.work('b');
    assert.deepEqual(world.trace(id), ['start', 'fork', 'a', 'b', 'join', 'after', 'end']);
  });

  it('two tokens on one flow do not open a join of two flows', async () => {
    const world = await World.with('parallel-two-on-one');
    const id = world.start('parallel-two-on-one');
    world.work('a');
    world.work('b');
    assert.equal(world.trace(id).includes('join'), false);
    world.work('c');
    assert.equal(world.trace(id).filter((element) => element === 'join').length, 1);
    assert.equal(world.state(id), 'active', 'the second token on the first flow still waits');
  });

  it('an inclusive join waits for exactly the flows that its fork took', async () => {
    const world = await World.with('inclusive');
    const both = world.start('inclusive', { x: 2 });
    world.work('a');
    assert.deepEqual(world.standing(both), ['b']);
    world.work('b');
    assert.deepEqual(world.standing(both), ['after']);
    const one = world.start('inclusive', { x: 0 });
    world.work('c');
    assert.deepEqual(world.standing(one), ['after']);
  });

  it('an inclusive join stops waiting when the path that could have reached it ends elsewhere', async () => {
    const world = await World.with('inclusive-dead-path');
    const id = world.start('inclusive-dead-path');
    world.work('a');
    assert.deepEqual(world.standing(id), ['b']);
    world.work('b', { rejected: true });
    assert.deepEqual(world.standing(id), ['after']);
  });

  it('a terminate end event ends the scope with everything that runs in it', async () => {
    const world = await World.with('terminate');
    const id = world.start('terminate');
    world.work('stop');
    assert.equal(world.state(id), 'completed');
    assert.ok(world.trace(id).includes('-long'));
    assert.equal(world.fetchAll('long').length, 0);
  });

  it('a loop that never waits ends in an incident that names it, not in a hang', async () => {
    const world = await World.with('endless-loop');
    const id = world.start('endless-loop');
    world.advance(0);
    assert.equal(world.incidents()[0]?.kind, 'runaway');
    assert.equal(world.state(id), 'active');
    world.do({ type: 'cancelProcessInstance', processInstanceId: id });
    assert.deepEqual(world.incidents(), []);
  });

  it('a replay of the log gives the same state', async () => {
    const world = await World.with('parallel', 'inclusive', 'terminate');
    world.start('parallel');
    world.start('inclusive', { x: 2 });
    world.start('terminate');
    world.work('a');
    world.assertReplayEqual();
    world.work('b');
    world.work('stop');
    world.assertReplayEqual();
  });
});
