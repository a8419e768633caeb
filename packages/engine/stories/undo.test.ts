/** Stories of undoing: compensation in reverse order with the values of the time, and transactions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, event, flows, timer, work } from './drawing.ts';
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

/** `book` can be undone by `unbook`, in the process that is called as in the one that calls. */
function undoable(id: string, handler: string, activity: string): string {
  return (
    activity +
    element('boundaryEvent', `${id}Done`, event('compensate'), `attachedToRef="${id}"`) +
    work(handler, '', 'isForCompensation="true"') +
    `<bpmn:association id="${id}Undo" associationDirection="One" sourceRef="${id}Done" targetRef="${handler}" />`
  );
}

function undoAll(id: string): string {
  return element('intermediateThrowEvent', id, event('compensate'));
}

const TRIP =
  element('startEvent', 'in') +
  undoable('book', 'unbook', work('book')) +
  element('endEvent', 'out') +
  flows('in book out');

describe('compensation and called processes', () => {
  it('a call that has completed is undone by its handler, with the variables of the caller; what was done in the called process stays done', async () => {
    const world = new World();
    await world.draw('trip', TRIP);
    const call = element(
      'callActivity',
      'travel',
      '<bpmn:extensionElements><camunda:in variables="all" /><camunda:out variables="all" /></bpmn:extensionElements>',
      'calledElement="trip"',
    );
    await world.draw(
      'caller',
      element('startEvent', 'start') +
        undoable('travel', 'refund', call) +
        undoAll('undo') +
        element('endEvent', 'end') +
        flows('start travel undo end'),
    );
    const id = world.start('caller', { city: 'Rome' });
    world.work('book', { seat: '1A' });
    assert.deepEqual(world.standing(id), ['refund', 'undo']);
    assert.deepEqual(world.fetchAll('unbook'), []);
    const { variables } = world.work('refund');
    assert.deepEqual([variables['city']?.value, variables['seat']?.value], ['Rome', '1A']);
    assert.deepEqual(world.trace(id), ['start', 'travel', 'refund', 'undo', 'end']);
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a call without a handler is not undone, and compensation is not carried into the process that it called', async () => {
    const world = new World();
    await world.draw('trip', TRIP);
    await world.draw(
      'caller',
      element('startEvent', 'start') +
        undoable('pay', 'refund', work('pay')) +
        element('callActivity', 'travel', '', 'calledElement="trip"') +
        undoAll('undo') +
        element('endEvent', 'end') +
        flows('start pay travel undo end'),
    );
    const id = world.start('caller');
    world.work('pay');
    world.work('book');
    assert.deepEqual(world.standing(id), ['refund', 'undo']);
    world.work('refund');
    assert.deepEqual(world.fetchAll('unbook'), []);
    assert.equal(world.state(id), 'completed');
  });

  it('a called process that throws compensation undoes its own, not what its caller has done', async () => {
    const world = new World();
    await world.draw(
      'trip',
      element('startEvent', 'in') +
        undoable('book', 'unbook', work('book')) +
        undoAll('undo') +
        element('endEvent', 'out') +
        flows('in book undo out'),
    );
    await world.draw(
      'caller',
      element('startEvent', 'start') +
        undoable('pay', 'refund', work('pay')) +
        element('callActivity', 'travel', '', 'calledElement="trip"') +
        element('endEvent', 'end') +
        flows('start pay travel end'),
    );
    const id = world.start('caller');
    world.work('pay');
    world.work('book');
    assert.deepEqual([world.fetchAll('refund'), world.fetchAll('unbook').length], [[], 1]);
    world.now += 3_600_000;
    world.work('unbook');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a called process can be the handler: it runs as a child of the one that undoes', async () => {
    const world = new World();
    await world.draw('refunding', element('startEvent', 'in') + work('refund') + flows('in refund'));
    await world.draw(
      'caller',
      element('startEvent', 'start') +
        work('pay') +
        element('boundaryEvent', 'payDone', event('compensate'), 'attachedToRef="pay"') +
        element('callActivity', 'giveBack', '', 'calledElement="refunding" isForCompensation="true"') +
        '<bpmn:association id="undoPay" associationDirection="One" sourceRef="payDone" targetRef="giveBack" />' +
        undoAll('undo') +
        element('endEvent', 'end') +
        flows('start pay undo end'),
    );
    const id = world.start('caller');
    world.work('pay');
    assert.deepEqual(world.standing(id), ['giveBack', 'undo']);
    world.work('refund');
    assert.deepEqual(world.trace(id), ['start', 'pay', 'giveBack', 'undo', 'end']);
    world.assertReplayEqual();
  });

  it('a call that was canceled has not completed and is not undone', async () => {
    const world = new World();
    await world.draw('trip', TRIP);
    await world.draw(
      'caller',
      element('startEvent', 'start') +
        undoable('travel', 'refund', element('callActivity', 'travel', '', 'calledElement="trip"')) +
        element('boundaryEvent', 'late', timer('timeDuration', 'PT1H'), 'attachedToRef="travel"') +
        undoAll('undo') +
        element('endEvent', 'end') +
        flows('start travel', 'late undo end'),
    );
    const id = world.start('caller');
    world.advance(3_600_000);
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.fetchAll('refund'), []);
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
