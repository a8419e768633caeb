/** Stories of what sets something going: escalations, conditions, links, multiple events, and what begins instances. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ElementInstance, execute } from '../src/index.ts';
import { element, event, flows, work } from './drawing.ts';
import { typed, World } from './world.ts';

const HOUR = 3_600_000;

function set(world: World, id: number, variables: Parameters<typeof typed>[0]): void {
  world.do({ type: 'setVariables', processInstanceId: id, scopeId: id, variables: typed(variables), local: false });
}

function correlate(world: World, name: string, variables = {}): void {
  world.do({ type: 'correlateMessage', name, variables: typed(variables), all: false });
}

describe('a signal that is thrown asynchronously', () => {
  async function thrown() {
    const world = new World();
    const signal = '<bpmn:signal id="S" name="go" />';
    await world.draw(
      'receiver',
      '<bpmn:startEvent id="start" /><bpmn:intermediateCatchEvent id="heard"><bpmn:signalEventDefinition signalRef="S" /></bpmn:intermediateCatchEvent><bpmn:sequenceFlow id="f" sourceRef="start" targetRef="heard" />',
      signal,
    );
    await world.draw(
      'thrower',
      '<bpmn:startEvent id="start" /><bpmn:endEvent id="tell"><bpmn:signalEventDefinition signalRef="S" camunda:async="true" /></bpmn:endEvent><bpmn:sequenceFlow id="f" sourceRef="start" targetRef="tell" />',
      signal,
    );
    const ids = [1, 2].map(() => world.start('receiver'));
    world.start('thrower');
    return { world, ids };
  }

  it('reaches those that waited then, each in a command of its own', async () => {
    const { world, ids } = await thrown();
    const later = world.start('receiver');
    assert.deepEqual(
      ids.map((id) => world.state(id)),
      ['active', 'active'],
    );
    const before = world.records.length;
    world.advance(0);
    assert.equal(world.records.length, before + 2);
    assert.deepEqual(
      ids.map((id) => world.state(id)),
      ['completed', 'completed'],
    );
    assert.equal(world.state(later), 'active');
    world.assertReplayEqual();
  });

  it('is nothing to who has gone meanwhile, and waits for who is suspended', async () => {
    const { world, ids } = await thrown();
    const [gone = 0, resting = 0] = ids;
    world.do({ type: 'cancelProcessInstance', processInstanceId: gone });
    world.do({ type: 'setSuspension', target: { processInstanceId: resting }, suspended: true });
    world.advance(0);
    assert.equal(world.state(resting), 'active');
    world.do({ type: 'setSuspension', target: { processInstanceId: resting }, suspended: false });
    world.advance(0);
    assert.equal(world.state(resting), 'completed');
    world.assertReplayEqual();
  });
});

describe('escalations', () => {
  it('a boundary event that does not interrupt lets the sub-process go on, one that does ends it', async () => {
    const world = await World.with('escalation');
    const id = world.start('escalation');
    assert.deepEqual(world.standing(id), ['go', 'tell']);
    assert.equal(world.variables(id)['code'], 'late');
    world.work('go');
    assert.deepEqual(world.standing(id), ['tell']);
    world.work('tell');
    assert.deepEqual(world.trace(id).slice(-2), ['tell', 'endLate']);
    assert.ok(world.trace(id).includes('endDone'));
    world.assertReplayEqual();
  });

  it('nobody has to catch one: a warning says so and the process goes on', async () => {
    const world = await World.with('escalation-uncaught');
    const id = world.start('escalation-uncaught');
    assert.equal(world.state(id), 'completed');
    assert.match(world.store.find('warnings')[0]?.message ?? '', /escalation 'late' is caught by no/);
  });

  it('it leaves a called process; a catch-all takes every code', async () => {
    const world = await World.with('escalation-uncaught', 'escalation-from-call');
    const id = world.start('escalation-from-call');
    assert.ok(world.trace(id).includes('endAny'));
    assert.equal(world.state(id), 'completed');
  });

  it('an event sub-process catches it beside the flow', async () => {
    const world = await World.with('escalation-event-sub-process');
    const id = world.start('escalation-event-sub-process');
    assert.deepEqual(world.standing(id), ['go', 'tell']);
    world.work('go');
    world.work('tell');
    assert.equal(world.state(id), 'completed');
  });
});

describe('conditional events', () => {
  it('a catch event waits until a change of variables makes its condition true', async () => {
    const world = await World.with('conditional-catch');
    const id = world.start('conditional-catch', { amount: 1 });
    set(world, id, { amount: 5 });
    assert.deepEqual(world.standing(id), ['enough']);
    set(world, id, { amount: 11 });
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a condition that holds already does not wait', async () => {
    const world = await World.with('conditional-catch');
    assert.equal(world.state(world.start('conditional-catch', { amount: 11 })), 'completed');
  });

  it('a boundary event is looked at whenever its variable changes, an interrupting one ends the work', async () => {
    const world = await World.with('conditional-boundary');
    const id = world.start('conditional-boundary', { temperature: 20, stop: false });
    set(world, id, { temperature: 31 });
    set(world, id, { other: 1 });
    set(world, id, { temperature: 32 });
    assert.deepEqual(world.standing(id), ['cool', 'cool', 'work']);
    set(world, id, { stop: true });
    assert.deepEqual(world.standing(id), ['cool', 'cool']);
    world.assertReplayEqual();
  });

  it('a start event begins an instance when somebody asks with variables for which it holds', async () => {
    const world = await World.with('conditional-start');
    assert.equal(world.do({ type: 'evaluateConditions', variables: typed({ amount: 1 }) }).started.length, 0);
    const { started } = world.do({ type: 'evaluateConditions', variables: typed({ amount: 101 }), businessKey: 'k' });
    assert.deepEqual(world.standing(started[0]?.processInstanceId ?? 0), ['large']);
  });

  it('an event sub-process takes over when its condition becomes true', async () => {
    const world = await World.with('conditional-event-sub-process');
    const id = world.start('conditional-event-sub-process');
    set(world, id, { stop: true });
    assert.deepEqual(world.standing(id), ['clean']);
  });
});

describe('conditions among many', () => {
  const drawn = async (): Promise<World> => {
    const world = new World();
    const each =
      '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>${n}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>';
    const holds = '<bpmn:condition xsi:type="bpmn:tFormalExpression">${enough}</bpmn:condition>';
    await world.draw(
      'many',
      element('startEvent', 'start') +
        work('each', each) +
        element('boundaryEvent', 'stop', event('conditional', '', holds), 'attachedToRef="each"') +
        flows('start each'),
    );
    return world;
  };
  const change = (id: number, enough: boolean) =>
    ({ type: 'setVariables', processInstanceId: id, scopeId: id, variables: typed({ enough }), local: true }) as const;

  it('a change looks at what waits for a condition, not at everything that is alive', async () => {
    const world = await drawn();
    const { store, now } = world;
    const id = world.start('many', { n: 500, enough: false });
    world.do(change(id, false));
    const elements = store.state.instances.get(id)?.elements ?? new Map<number, ElementInstance>();
    let seen = 0;
    elements.values = function* (this: Map<number, ElementInstance>) {
      for (const one of Map.prototype.values.call(this)) {
        seen += 1;
        yield one;
      }
    } as typeof elements.values;
    assert.ok(execute(change(id, false), { state: store.state, now, ids: store.ids, zone: 'UTC' }).ok);
    assert.equal(seen, 0);
    store.rollback();
  });

  it('one is found in an instance that has just been read, and when it began to wait later', async () => {
    const world = await drawn();
    const read = world.start('many', { n: 3, enough: false });
    world.store.rollback();
    world.do(change(read, true));
    assert.equal(world.state(read), 'completed');
    const later = world.start('many', { n: 3, enough: false });
    world.do(change(later, false));
    world.do({
      type: 'modifyProcessInstance',
      processInstanceId: later,
      instructions: [
        { kind: 'cancelAll', elementId: 'each#multiInstanceBody' },
        { kind: 'startBefore', elementId: 'each#multiInstanceBody' },
      ],
    });
    assert.equal(world.standing(later).length, 3);
    world.do(change(later, true));
    assert.equal(world.state(later), 'completed');
    world.assertReplayEqual();
  });
});

it('a link goes on at the catching event of its name', async () => {
  const world = await World.with('link');
  const id = world.start('link');
  world.work('one');
  world.work('two');
  assert.deepEqual(world.trace(id), ['start', 'one', 'out', 'in', 'two', 'end']);
});

describe('multiple events', () => {
  it('any of its events is enough, and the others are waited for no longer', async () => {
    for (const act of [
      (world: World) => correlate(world, 'paid'),
      (world: World) => world.do({ type: 'broadcastSignal', name: 'stop' }),
      (world: World) => world.advance(HOUR),
    ]) {
      const world = await World.with('multiple-catch');
      const id = world.start('multiple-catch');
      act(world);
      assert.equal(world.state(id), 'completed');
      assert.deepEqual(world.store.find('subscriptions'), []);
    }
  });

  it('a parallel one needs all of them, in any order, each once', async () => {
    const world = await World.with('multiple-parallel');
    const id = world.start('multiple-parallel');
    correlate(world, 'packed', { packer: 'Ada' });
    correlate(world, 'packed');
    assert.deepEqual(world.standing(id), ['both']);
    correlate(world, 'paid');
    assert.equal(world.state(id), 'completed');
    assert.equal(world.variables(id)['packer'], 'Ada');
    world.assertReplayEqual();
  });

  it('at the boundary: parallel without interrupting happens again; any of a message and an error interrupts', async () => {
    const world = await World.with('multiple-boundary');
    const id = world.start('multiple-boundary');
    for (const name of ['paid', 'packed', 'packed', 'paid']) correlate(world, name);
    assert.equal(world.trace(id).filter((element) => element === 'endBoth').length, 2);
    const { task } = world.fetch('work');
    world.do({ type: 'throwBpmnError', externalTaskId: task.id, workerId: 'w', errorCode: 'bad' });
    assert.deepEqual(world.trace(id).slice(-3), ['-work', 'any', 'endAny']);
    world.assertReplayEqual();
  });

  it('begins an instance with any of its events', async () => {
    const world = await World.with('multiple-start');
    correlate(world, 'order');
    world.do({ type: 'broadcastSignal', name: 'rush' });
    assert.equal(world.fetchAll('work').length, 2);
  });

  it('a parallel start event begins the instance with the first event and goes on with the last', async () => {
    const world = await World.with('multiple-start-parallel');
    correlate(world, 'payment', { paid: 10 });
    assert.equal(world.fetchAll('work').length, 0);
    correlate(world, 'order');
    assert.equal(world.fetchAll('work').length, 1);
    correlate(world, 'order');
    assert.equal(world.store.find('processInstances').length, 2);
    world.assertReplayEqual();
  });

  it('throws all of its events', async () => {
    const world = await World.with('multiple-throw');
    world.start('multiple-throw');
    const thrown = world.records.flatMap(({ events }) => events).filter(({ type }) => type === 'signalBroadcast');
    assert.equal(thrown.length, 2);
    assert.equal(world.store.find('warnings').length, 1);
  });

  it('of a parallel boundary event an error is caught only as the last part: before that it would end the wait for the others', async () => {
    const world = await World.with('parallel-error');
    const id = world.start('parallel-error');
    const fail = () => {
      const { task } = world.fetch('work');
      return world.try({ type: 'throwBpmnError', externalTaskId: task.id, workerId: 'w', errorCode: 'bad' });
    };
    fail();
    assert.deepEqual(
      world.incidents().map(({ kind, elementId }) => [kind, elementId]),
      [['unhandledError', 'work']],
    );
    world.do({ type: 'cancelProcessInstance', processInstanceId: id });
    const other = world.start('parallel-error');
    world.do({ type: 'correlateMessage', name: 'paid', all: false });
    fail();
    assert.equal(world.state(other), 'completed');
    assert.ok(world.trace(other).includes('endBoth'));
    world.assertReplayEqual();
  });

  it('what a multiple throw event waits for happens one after the other, after what is done at once', async () => {
    const world = await World.with('multiple-throw-waits');
    const id = world.start('multiple-throw-waits');
    world.work('book');
    const told = () => world.records.flatMap(({ events }) => events).filter(({ type }) => type === 'signalBroadcast');
    assert.equal(told().length, 1);
    world.work('mail');
    assert.deepEqual(world.standing(id), ['tell', 'unbook']);
    world.work('unbook');
    world.work('call');
    assert.equal(world.state(id), 'completed');
    assert.equal(told().length, 1);
    world.assertReplayEqual();
  });

  it('a transaction is canceled by an end event that throws something beside', async () => {
    const world = await World.with('cancel-and-tell');
    const id = world.start('cancel-and-tell');
    world.work('book');
    world.work('unbook');
    assert.deepEqual(world.trace(id).slice(-3), ['-tx', 'canceled', 'endCanceled']);
  });
});

describe('what begins instances', () => {
  it('a receive task', async () => {
    const world = await World.with('receive-start');
    correlate(world, 'order', { amount: 3 });
    assert.equal(world.work('work').variables['amount']?.value, 3);
  });

  it('an event-based gateway, by whichever of its events comes', async () => {
    const world = await World.with('event-gateway-start');
    correlate(world, 'offer');
    correlate(world, 'order');
    assert.equal(world.fetchAll('work').length, 1);
    assert.equal(world.store.find('processInstances').filter(({ state }) => state === 'completed').length, 1);
  });

  it('a parallel event-based gateway waits for all of its events in one instance', async () => {
    const world = await World.with('event-gateway-start-parallel');
    correlate(world, 'offer');
    assert.equal(world.fetchAll('work').length, 0);
    correlate(world, 'order');
    assert.equal(world.store.find('processInstances').length, 1);
    assert.equal(world.fetchAll('work').length, 1);
    world.assertReplayEqual();
  });
});

describe('messages of Camunda 8', () => {
  const publish = (world: World, correlationKey: string, timeToLiveMs = HOUR) =>
    world.do({ type: 'publishMessage', name: 'order', correlationKey, timeToLiveMs });

  it('a process runs one instance per correlation key; the next message waits for its end', async () => {
    const world = await World.with('message-start-c8');
    publish(world, 'a');
    publish(world, 'a');
    publish(world, 'b');
    assert.equal(world.store.find('processInstances').length, 2);
    world.work('work');
    assert.equal(world.store.find('processInstances').length, 3);
    world.assertReplayEqual();
  });

  it('without a key there is no such limit', async () => {
    const world = await World.with('message-start-c8');
    publish(world, '');
    publish(world, '');
    assert.equal(world.store.find('processInstances').length, 2);
  });

  it('a message is kept for processes that have not received it, until its time is over', async () => {
    const world = await World.with('message-start-c8');
    publish(world, 'a');
    await world.deploy('message-catch');
    assert.equal(world.store.state.messages.byKey('order', 'a').length, 1);
    world.now += 2 * HOUR;
    const expired = world.store.state.messages.expired(world.now, 10).map(({ id }) => id);
    world.do({ type: 'expireMessages', messageIds: expired });
    assert.equal(world.store.state.messages.byKey('order', 'a').length, 0);
  });
});
