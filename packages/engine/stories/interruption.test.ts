/** Stories of events that meet: what is interrupted takes no further step, and no message is lost to a wait that is over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, event, flows, named, work } from './drawing.ts';
import { typed, World } from './world.ts';

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

describe('listeners of what a scope, a loop or somebody outside cancels', () => {
  const SCRIPT = 'procos.script';
  const listening = (id: string, inside = '') => element('userTask', id, END_SCRIPT + inside);
  const topics = (world: World) => world.store.find('externalTasks').map(({ topic }) => topic);

  it('a terminate end event waits for them, and ends the scope once', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element(
          'subProcess',
          'scope',
          element('startEvent', 'begin') +
            listening('a') +
            listening('b') +
            work('c') +
            work('e') +
            element('endEvent', 'stop', event('terminate')) +
            element('endEvent', 'stopToo', event('terminate')) +
            flows('begin a', 'begin b', 'begin c stop', 'begin e stopToo'),
        ) +
        work('after') +
        flows('start scope after'),
    );
    const id = world.start('p');
    world.work('c');
    assert.deepEqual(topics(world), ['e', SCRIPT]);
    assert.deepEqual(world.standing(id), ['a', 'b', 'e', 'stop']);
    world.work('e');
    assert.deepEqual(world.standing(id), ['a', 'b', 'stop', 'stopToo']);
    world.work(SCRIPT);
    world.work(SCRIPT);
    assert.deepEqual(world.standing(id), ['after']);
    assert.deepEqual(world.trace(id).slice(-6), ['e', '-stopToo', '-b', '-a', 'stop', 'scope']);
    assert.deepEqual(world.store.find('warnings'), []);
    world.assertReplayEqual();
  });

  it('a terminate end event that throws more goes on with that afterwards', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        listening('a') +
        element('endEvent', 'stop', event('terminate') + event('signal', 'over')) +
        flows('start a', 'start stop') +
        element(
          'subProcess',
          'aside',
          element('startEvent', 'heard', event('signal', 'over'), 'isInterrupting="false"') +
            work('tell') +
            flows('heard tell'),
          'triggeredByEvent="true"',
        ),
      named('signal', 'over'),
    );
    const id = world.start('p');
    world.work(SCRIPT);
    assert.deepEqual(world.standing(id), ['tell']);
    world.work('tell');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a loop that has enough waits for those of its other instances', async () => {
    const world = new World();
    const loop =
      '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">3</bpmn:loopCardinality><bpmn:completionCondition xsi:type="bpmn:tFormalExpression">${enough}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>';
    await world.draw(
      'p',
      element('startEvent', 'start') + listening('a', loop) + work('after') + flows('start a after'),
    );
    const id = world.start('p', { enough: false });
    const [first, , third] = world.store.find('userTasks');
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ enough: true }),
      local: true,
    });
    world.do({ type: 'completeUserTask', userTaskId: first?.id ?? 0 });
    // Its own, as it ends.
    world.work(SCRIPT);
    const refused = world.try({ type: 'completeUserTask', userTaskId: third?.id ?? 0 });
    assert.ok(!refused.ok);
    assert.match(refused.rejection.message, /waits for one of its listeners/);
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ enough: false }),
      local: true,
    });
    world.work(SCRIPT);
    world.work(SCRIPT);
    assert.deepEqual(world.standing(id), ['after']);
    assert.deepEqual(world.trace(id), ['start', 'a', '-a', '-a', 'a']);
    world.assertReplayEqual();
  });

  it('an ad-hoc sub-process that is done waits for those of what is left', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element(
          'adHocSubProcess',
          'free',
          listening('a') +
            work('b') +
            '<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">${true}</bpmn:completionCondition>',
        ) +
        work('after') +
        flows('start free after'),
    );
    const id = world.start('p');
    const elements = [...(world.store.state.instances.get(id)?.elements.values() ?? [])];
    const elementInstanceId = elements.find(({ elementId }) => elementId === 'free')?.id ?? 0;
    world.do({
      type: 'activateAdHoc',
      processInstanceId: id,
      elementInstanceId,
      elements: [{ elementId: 'a' }, { elementId: 'b' }],
    });
    world.work('b');
    assert.deepEqual(world.standing(id), ['a']);
    world.work(SCRIPT);
    assert.deepEqual(world.standing(id), ['after']);
    world.assertReplayEqual();
  });

  it('a transaction is undone when they have been called', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element(
          'transaction',
          'deal',
          element('startEvent', 'begin') +
            element('task', 'book') +
            element('boundaryEvent', 'booked', event('compensate'), 'attachedToRef="book"') +
            work('unbook', '', 'isForCompensation="true"') +
            '<bpmn:association id="as" sourceRef="booked" targetRef="unbook" associationDirection="One" />' +
            listening('a') +
            element('endEvent', 'no', event('cancel')) +
            flows('begin a', 'begin book no'),
        ) +
        element('boundaryEvent', 'canceled', event('cancel'), 'attachedToRef="deal"') +
        work('after') +
        flows('start deal', 'canceled after'),
    );
    const id = world.start('p');
    assert.deepEqual(topics(world), [SCRIPT]);
    world.work(SCRIPT);
    assert.deepEqual(world.standing(id), ['no', 'unbook']);
    world.work('unbook');
    assert.deepEqual(world.standing(id), ['after']);
    world.assertReplayEqual();
  });

  it('a modification cancels when they have been called, with the scopes that are empty then', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element(
          'subProcess',
          'scope',
          END_SCRIPT + element('startEvent', 'begin') + listening('a') + flows('begin a'),
        ) +
        work('b') +
        flows('start scope b'),
    );
    const id = world.start('p');
    world.do({
      type: 'modifyProcessInstance',
      processInstanceId: id,
      instructions: [
        { kind: 'cancelAll', elementId: 'a' },
        { kind: 'startBefore', elementId: 'b' },
      ],
    });
    assert.deepEqual(world.standing(id), ['a', 'b']);
    world.work(SCRIPT);
    assert.deepEqual(world.standing(id), ['b', 'scope']);
    world.work(SCRIPT);
    assert.deepEqual(world.standing(id), ['b']);
    assert.deepEqual(world.trace(id), ['start', 'begin', '-a', '-scope']);
    world.assertReplayEqual();
  });

  it('an end event that was canceled while it waited ends nothing', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        listening('a') +
        element('endEvent', 'stop', event('terminate')) +
        flows('start a', 'start stop'),
    );
    const id = world.start('p');
    world.do({
      type: 'modifyProcessInstance',
      processInstanceId: id,
      instructions: [{ kind: 'cancelAll', elementId: 'stop' }],
    });
    world.work(SCRIPT);
    assert.deepEqual(world.standing(id), ['a']);
    world.do({ type: 'completeUserTask', userTaskId: world.store.find('userTasks')[0]?.id ?? 0 });
    world.work(SCRIPT);
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('are not called where a modification says so', async () => {
    const world = new World();
    await world.draw('p', element('startEvent', 'start') + listening('a') + work('b') + flows('start a', 'start b'));
    const id = world.start('p');
    world.do({
      type: 'modifyProcessInstance',
      processInstanceId: id,
      instructions: [{ kind: 'cancelAll', elementId: 'a' }],
      skipListeners: true,
    });
    assert.deepEqual(world.standing(id), ['b']);
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
