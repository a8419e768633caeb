/** Stories of undoing: compensation in reverse order with the values of the time, and transactions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { World } from './world.ts';

describe('compensation', () => {
  it('undoes the latest first, each with its variables of the time, and waits for it', async () => {
    const world = await World.with('compensation');
    const id = world.start('compensation', { amount: 1 });
    world.work('book');
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: { amount: { type: 'Integer', value: 2 } },
      local: false,
    });
    world.work('pay');
    assert.deepEqual(world.standing(id), ['refund', 'undoAll']);
    world.work('refund');
    const unbook = world.work('unbook');
    assert.equal(unbook.variables['price']?.value, 1);
    assert.equal(unbook.variables['amount']?.value, 2);
    assert.deepEqual(world.trace(id), ['start', 'book', 'pay', 'refund', 'unbook', 'undoAll', 'end']);
    world.assertReplayEqual();
  });

  it('only what was completed is undone', async () => {
    const world = await World.with('compensation-one');
    const id = world.start('compensation-one');
    world.work('book');
    world.work('pay');
    world.work('refund');
    assert.deepEqual(world.trace(id), ['start', 'book', 'pay', 'refund', 'undoPay', 'end']);
    assert.equal(world.state(id), 'completed');
  });

  it('goes on with the next when a handler is canceled', async () => {
    const world = await World.with('compensation');
    const id = world.start('compensation', { amount: 1 });
    world.work('book');
    world.work('pay');
    const cancel = { kind: 'cancelAll' as const, elementId: 'refund' };
    world.do({ type: 'modifyProcessInstance', processInstanceId: id, instructions: [cancel] });
    world.work('unbook');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a completed sub-process without a handler is brought back with its variables, to undo what is inside', async () => {
    const world = await World.with('compensation-nested');
    const id = world.start('compensation-nested', { target: 'Rome' });
    world.work('book');
    world.work('pay');
    world.work('check');
    assert.equal(world.work('refund').variables['city']?.value, 'Rome');
    world.work('unbook');
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.trace(id).slice(-4), ['refund', 'unbook', 'trip', 'end']);
    world.assertReplayEqual();
  });

  it('a compensation event sub-process undoes its sub-process in its own way', async () => {
    const world = await World.with('compensation-event-sub-process');
    const id = world.start('compensation-event-sub-process');
    world.work('book');
    world.work('pay');
    assert.deepEqual(world.standing(id), ['tell', 'undoAll']);
    world.work('tell');
    world.work('refund');
    world.work('unbook');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('every instance of a loop is undone with its own item', async () => {
    const world = await World.with('compensation-loop');
    const id = world.start('compensation-loop', { seats: ['1A', '1B'] });
    world.work('book');
    world.work('book');
    assert.equal(world.work('unbook').variables['seat']?.value, '1B');
    assert.equal(world.work('unbook').variables['seat']?.value, '1A');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('Camunda 8: a loop is undone as a whole, once, by its handler, which may itself be a loop', async () => {
    const world = await World.with('compensation-loop-c8');
    const id = world.start('compensation-loop-c8', { seats: ['1A', '1B'] });
    world.work('book');
    world.work('book');
    assert.deepEqual(world.standing(id), ['unbook', 'unbook', 'undo']);
    assert.equal(world.work('unbook').variables['seat']?.value, '1A');
    world.work('unbook');
    assert.deepEqual(world.trace(id).slice(-5), ['unbook', 'unbook', 'unbook', 'undo', 'end']);
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('Camunda 8: a loop that has not completed is not undone', async () => {
    const world = await World.with('compensation-loop-c8');
    const id = world.start('compensation-loop-c8', { seats: ['1A', '1B'] });
    world.work('book');
    world.do({ type: 'broadcastSignal', name: 'now' });
    assert.equal(world.state(id), 'completed');
    assert.ok(!world.trace(id).includes('unbook'));
    world.assertReplayEqual();
  });

  it('without waiting, all handlers run at once and the process goes on; it ends when they have', async () => {
    const world = await World.with('compensation-unawaited');
    const id = world.start('compensation-unawaited');
    world.work('book');
    world.work('pay');
    assert.deepEqual(world.standing(id), ['after', 'refund', 'unbook']);
    world.work('after');
    assert.equal(world.state(id), 'active');
    world.work('unbook');
    world.work('refund');
    assert.equal(world.state(id), 'completed');
  });
});

describe('transactions', () => {
  it('canceled: what it completed is undone, then it is left by its cancel boundary event', async () => {
    const world = await World.with('transaction');
    const id = world.start('transaction');
    world.work('book');
    world.work('check', { result: 'cancel' });
    assert.deepEqual(world.standing(id), ['failed', 'unbook']);
    world.work('unbook');
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.trace(id).slice(-5), ['unbook', '-failed', '-tx', 'canceled', 'endCanceled']);
    world.assertReplayEqual();
  });

  it('completed: it goes on, and nothing is undone', async () => {
    const world = await World.with('transaction');
    const id = world.start('transaction');
    world.work('book');
    world.work('check', { result: 'ok' });
    assert.deepEqual(world.trace(id).slice(-3), ['txEnd', 'tx', 'endOk']);
  });

  it('hazard: an error leaves it by its error boundary event, and nothing is undone', async () => {
    const world = await World.with('transaction');
    const id = world.start('transaction');
    world.work('book');
    world.work('check', { result: 'broken' });
    assert.deepEqual(world.trace(id).slice(-2), ['hazard', 'endHazard']);
    assert.equal(world.state(id), 'completed');
  });
});
