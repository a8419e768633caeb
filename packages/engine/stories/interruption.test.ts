/** Stories of events that meet: what is interrupted takes no further step, and no message is lost to a wait that is over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, event, flows, named, work } from './drawing.ts';
import { World } from './world.ts';

const HOUR = 3_600_000;
const END_SCRIPT =
  '<bpmn:extensionElements><camunda:executionListener event="end"><camunda:script scriptFormat="javascript">1</camunda:script></camunda:executionListener></bpmn:extensionElements>';

describe('messages that meet', () => {
  it('two messages thrown in one step reach two waiting instances', async () => {
    const world = await World.with('message-catch', 'throw-two');
    const one = world.start('message-catch');
    const two = world.start('message-catch');
    world.start('throw-two');
    assert.deepEqual([world.standing(one), world.standing(two)], [['shipped'], ['shipped']]);
  });

  it('buffered messages for two branches of an event-based gateway: the first is taken, the other stays for who comes next', async () => {
    const world = await World.with('gateway-two-messages');
    for (const name of ['paid', 'cancel'])
      world.do({ type: 'publishMessage', name, correlationKey: '', timeToLiveMs: HOUR });
    const one = world.start('gateway-two-messages');
    assert.deepEqual(world.trace(one), ['start', 'first', 'paid', 'endPaid']);
    const two = world.start('gateway-two-messages');
    assert.deepEqual(world.trace(two), ['start', 'first', 'cancel', 'endCancel']);
    assert.deepEqual(world.store.find('subscriptions'), []);
  });

  it('a message buffered for an interrupting event sub-process of the process keeps its start event from going on', async () => {
    const world = await World.with('buffered-root');
    world.do({ type: 'publishMessage', name: 'cancel', correlationKey: '', timeToLiveMs: HOUR });
    const id = world.start('buffered-root');
    assert.deepEqual(world.standing(id), ['cleanUp']);
    world.work('cleanUp');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a non-interrupting event sub-process takes every buffered message', async () => {
    const world = await World.with('buffered-root');
    for (const _ of [1, 2]) world.do({ type: 'publishMessage', name: 'note', correlationKey: '', timeToLiveMs: HOUR });
    const id = world.start('buffered-root');
    assert.deepEqual(world.standing(id), ['note', 'note', 'work']);
  });

  it('a message with correlation keys starts an instance when none that waits has these values', async () => {
    const world = await World.with('message-or-none');
    const { correlated } = world.do({
      type: 'correlateMessage',
      name: 'order',
      correlationKeys: { customer: 7 },
      all: false,
    });
    assert.equal(correlated[0]?.started, true);
    const plain = world.start('message-or-none');
    assert.deepEqual(world.trace(plain), ['start']);
    const gone = world.try({ type: 'correlateMessage', name: 'order', processInstanceId: plain, all: false });
    assert.equal(!gone.ok && gone.rejection.code, 'NO_MATCHING_SUBSCRIPTION');
  });

  it('a throwing event whose name comes out empty is an incident', async () => {
    const world = await World.with('empty-signal');
    world.start('empty-signal', { name: '' });
    assert.match(world.incidents()[0]?.message ?? '', /signal name of 'tell' is empty/);
  });
});

describe('interrupting event sub-processes', () => {
  it('of two errors thrown side by side the first is handled, once', async () => {
    const world = await World.with('two-errors');
    const id = world.start('two-errors');
    assert.deepEqual(world.trace(id), ['start', 'fork', '-failB', '-failA', 'onErrorStart']);
    world.work('repair');
    assert.equal(world.state(id), 'completed');
  });

  it('of two that wait for one signal the first runs, and the scope is not interrupted twice', async () => {
    const world = await World.with('signal-twice');
    const id = world.start('signal-twice');
    world.do({ type: 'broadcastSignal', name: 'go' });
    assert.deepEqual(world.standing(id), ['first']);
    world.work('first');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('an error thrown inside one goes to the boundary event of the scope', async () => {
    const world = await World.with('error-in-event-sub-process');
    const id = world.start('error-in-event-sub-process');
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.trace(id).slice(-2), ['outer', 'rescued']);
  });

  it('an error thrown inside one is caught by another of the same scope', async () => {
    const world = await World.with('error-beside');
    const id = world.start('error-beside');
    world.do({ type: 'correlateMessage', name: 'cancel', all: false });
    world.work('cleanUp');
    assert.deepEqual(world.standing(id), ['repair']);
    world.work('repair');
    assert.equal(world.state(id), 'completed');
  });

  it('discards tokens that wait at a join', async () => {
    const world = await World.with('interrupted-join');
    const id = world.start('interrupted-join');
    world.work('a');
    world.do({ type: 'correlateMessage', name: 'cancel', all: false });
    assert.deepEqual(world.standing(id), ['cleanUp']);
    world.work('cleanUp');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });
});

describe('listeners of what is interrupted', () => {
  it('are not called for what has not begun yet', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        work('do', `${END_SCRIPT}<bpmn:standardLoopCharacteristics loopMaximum="3" />`) +
        element(
          'boundaryEvent',
          'enough',
          event('conditional', '', '<bpmn:condition xsi:type="bpmn:tFormalExpression">${n &gt; 1}</bpmn:condition>'),
          'attachedToRef="do"',
        ) +
        work('after') +
        flows('start do', 'enough after'),
    );
    const id = world.start('p', { n: 2 });
    assert.deepEqual(world.standing(id), ['after']);
    assert.deepEqual(
      world.store.find('externalTasks').map(({ topic }) => topic),
      ['after'],
    );
    world.assertReplayEqual();
  });

  it('are waited for, and meanwhile the element does nothing more', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element(
          'subProcess',
          'scope',
          element('startEvent', 'begin') +
            element('task', 'book') +
            element('boundaryEvent', 'undo', event('compensate'), 'attachedToRef="book"') +
            work('cancel', '', 'isForCompensation="true"') +
            '<bpmn:association id="a" sourceRef="undo" targetRef="cancel" associationDirection="One" />' +
            element(
              'intermediateThrowEvent',
              'back',
              END_SCRIPT +
                event('compensate') +
                '<bpmn:messageEventDefinition camunda:type="external" camunda:topic="send" />',
            ) +
            element('endEvent', 'end') +
            flows('begin book back end'),
        ) +
        element('boundaryEvent', 'stopped', event('message', 'stop'), 'attachedToRef="scope"') +
        work('after') +
        flows('start scope', 'stopped after'),
      named('message', 'stop'),
    );
    const id = world.start('p');
    world.do({ type: 'correlateMessage', name: 'stop', all: false });
    world.work('cancel');
    assert.deepEqual(
      world.store.find('externalTasks').map(({ topic }) => topic),
      ['procos.script'],
    );
    world.work('procos.script');
    assert.deepEqual(world.standing(id), ['after']);
    world.assertReplayEqual();
  });
});

describe('joins, calls and starts', () => {
  it('an inclusive join inside a loop waits for this round only, also by way of a boundary event', async () => {
    const world = await World.with('inclusive-loop');
    const id = world.start('inclusive-loop', { round: 0 });
    world.work('a', { round: 1 });
    assert.deepEqual(world.standing(id), ['a', 'b']);
    world.work('b');
    assert.deepEqual(world.standing(id), ['a']);
    world.do({ type: 'correlateMessage', name: 'late', all: false });
    assert.deepEqual(world.standing(id), ['a', 'b'], 'the second round is over, the third has begun');
    world.work('b', { round: 2 });
    world.work('a');
    assert.equal(world.state(id), 'completed');
  });

  it('a call bound to its deployment runs the version that was deployed with it', async () => {
    const world = await World.with('both');
    const early = world.start('both');
    const { definitionIds } = await world.deploy('both');
    const late = world.start('both');
    const children = world.store.find('processInstances', { where: [{ column: 'parentId', op: 'notNull' }] });
    assert.deepEqual(children.map(({ parentId, version }) => [parentId, version]).sort(), [
      [early, 1],
      [late, 2],
    ]);
    assert.equal(definitionIds.length, 2);
  });

  it('a signal starts an instance and moves one that waits; what it starts does not receive it again', async () => {
    const world = await World.with('signal-start');
    world.do({ type: 'broadcastSignal', name: 'go' });
    const [first] = world.store.find('processInstances');
    assert.deepEqual(world.standing(first?.id ?? 0), ['again']);
    assert.equal(world.do({ type: 'broadcastSignal', name: 'go' }).receivers, 2);
    assert.equal(world.state(first?.id ?? 0), 'completed');
    assert.equal(world.store.find('processInstances').filter(({ state }) => state === 'active').length, 1);
  });

  it('a root process is started again once the old one has ended', async () => {
    const world = await World.with('message-catch');
    const root = () =>
      world.do({ type: 'createProcessInstance', definition: { bpmnProcessId: 'message-catch' }, asRoot: true });
    const first = root().processInstanceId;
    assert.equal(root().processInstanceId, first);
    world.do({ type: 'cancelProcessInstance', processInstanceId: first });
    assert.equal(world.store.state.singletons.rootInstanceId, null);
    assert.notEqual(root().processInstanceId, first);
  });

  it('a transient variable is gone once the command that set it is done', async () => {
    const world = await World.with('exclusive-stuck', 'uncaught');
    const seen = { amount: { type: 'Integer', value: 200, info: { transient: true } } } as const;
    const chosen = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'exclusive-stuck' },
      variables: seen,
    });
    assert.equal(chosen.ended, true, 'its conditions saw it');
    const { processInstanceId } = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'uncaught' },
      variables: { ...seen, kept: { type: 'Integer', value: 1 } },
    });
    assert.deepEqual(Object.keys(world.fetch('work').variables), ['kept']);
    const root = world.store.state.instances.get(processInstanceId)?.elements.get(processInstanceId);
    assert.deepEqual([...(root?.variables.keys() ?? [])], ['kept']);
    world.assertReplayEqual();
  });

  it('a variable may have any name', async () => {
    const world = await World.with('uncaught');
    const variables = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": {"__proto__": {"deep": true}}}');
    const id = world.start('uncaught', variables);
    assert.deepEqual(Object.entries(world.fetch('work').variables).length, 3);
    world.now += 60_000;
    world.work('work', variables);
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });
});

describe('what runs beside', () => {
  it('a sub-process waits for its event sub-process; the path of its non-interrupting boundary event outlives it', async () => {
    const world = await World.with('beside');
    const id = world.start('beside');
    world.do({ type: 'correlateMessage', name: 'note', all: false });
    world.do({ type: 'correlateMessage', name: 'ask', all: false });
    world.work('work');
    assert.deepEqual(world.standing(id), ['asked', 'note']);
    world.do({ type: 'correlateMessage', name: 'ask', all: false });
    world.work('note');
    assert.deepEqual(world.standing(id), ['asked', 'asked']);
    assert.equal(world.try({ type: 'correlateMessage', name: 'ask', all: false }).ok, false);
    world.work('asked');
    assert.equal(world.state(id), 'active');
    world.work('asked');
    assert.equal(world.state(id), 'completed');
  });
});
