/** Stories of finer points of BPMN 2.0.2, where engines differ: each says what happens here. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, event, flow, flows, named, timer, work } from './drawing.ts';
import { typed, World } from './world.ts';

async function drawn(...args: Parameters<World['draw']>): Promise<World> {
  const world = new World();
  await world.draw(...args);
  return world;
}

const boundary = (id: string, host: string, inside: string, attributes = '') =>
  element('boundaryEvent', id, inside, `attachedToRef="${host}" ${attributes}`);
const START = element('startEvent', 'start');
const eventSubProcess = (id: string, start: string, inside: string, interrupting = true) =>
  element(
    'subProcess',
    id,
    element('startEvent', `${id}-start`, start, `isInterrupting="${interrupting}"`) + inside,
    'triggeredByEvent="true"',
  );

describe('complex gateways with conditions on their outgoing flows', () => {
  const model = [
    'complex',
    START +
      element('parallelGateway', 'fork') +
      work('a') +
      work('b') +
      element(
        'complexGateway',
        'join',
        '<bpmn:activationCondition xsi:type="bpmn:tFormalExpression">${activationCount &gt;= 1}</bpmn:activationCondition>',
      ) +
      work('first') +
      work('rest') +
      flows('start fork a join', 'fork b join') +
      flow('join', 'first', '${waitingForStart}') +
      flow('join', 'rest', '${!waitingForStart}'),
  ] as const;

  it('ask them again when the round is over: one token for the first, one for the rest', async () => {
    const world = await drawn(...model);
    const id = world.start('complex');
    world.work('a');
    assert.deepEqual(world.standing(id), ['b', 'first']);
    world.work('b');
    assert.deepEqual(world.standing(id), ['first', 'rest']);
    world.work('first');
    world.work('rest');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('end the round also when the other token can no longer come', async () => {
    const world = await drawn(
      'complex-dead',
      START +
        element('inclusiveGateway', 'fork') +
        work('a') +
        work('b') +
        element('complexGateway', 'join') +
        work('first') +
        work('rest') +
        flows('start fork', 'a join', 'b join') +
        flow('fork', 'a', '${true}') +
        flow('fork', 'b', '${both}') +
        flow('join', 'first', '${waitingForStart}') +
        flow('join', 'rest', '${!waitingForStart}'),
    );
    const id = world.start('complex-dead', { both: false });
    world.work('a');
    assert.deepEqual(world.standing(id), ['first', 'rest']);
  });
});

describe('conditional events', () => {
  const waiting = (condition: string) =>
    [
      'condition',
      START +
        element(
          'intermediateCatchEvent',
          'until',
          event('conditional', '', `<bpmn:condition xsi:type="bpmn:tFormalExpression">${condition}</bpmn:condition>`),
        ) +
        flows('start until'),
    ] as const;

  it('a condition whose variable is not there yet waits without a word', async () => {
    const world = await drawn(...waiting('${n &gt; 3}'));
    const id = world.start('condition');
    assert.equal(world.store.count('warnings'), 0);
    world.do({ type: 'setVariables', processInstanceId: id, scopeId: id, variables: typed({ n: 4 }), local: false });
    assert.equal(world.state(id), 'completed');
  });

  it('one that fails otherwise, or gives no truth value, is a warning', async () => {
    for (const condition of ['${name.nosuch(1)}', '${name}']) {
      const world = await drawn(...waiting(condition));
      const id = world.start('condition', { name: 'x' });
      const [warning] = world.store.find('warnings');
      assert.match(warning?.message ?? '', /condition of 'until' does not hold because it cannot be evaluated/);
      assert.equal(world.state(id), 'active');
    }
  });
});

describe('errors', () => {
  const ERRORS = named('error', 'E') + named('error', 'F');

  it('an error end event in an event sub-process is not caught by that one again, but further out', async () => {
    const world = await drawn(
      'error-inside',
      START +
        element(
          'subProcess',
          'sub',
          element('startEvent', 'begin') +
            element('endEvent', 'fails', event('error', 'E')) +
            flows('begin fails') +
            eventSubProcess(
              'handler',
              event('error', 'E'),
              element('endEvent', 'again', event('error', 'E')) + flows('handler-start again'),
            ),
        ) +
        boundary('outer', 'sub', event('error', 'E')) +
        work('mend') +
        flows('start sub', 'outer mend'),
      ERRORS,
    );
    const id = world.start('error-inside');
    assert.deepEqual(world.standing(id), ['mend']);
  });

  it('rise through several call activities to the first that catches them', async () => {
    const caller = (called: string, catches: boolean) =>
      START +
      element('callActivity', 'call', '', `calledElement="${called}"`) +
      (catches ? boundary('caught', 'call', event('error', 'E')) + work('mend') + flows('caught mend') : '') +
      flows('start call');
    const world = await drawn('top', caller('middle', true), ERRORS);
    await world.draw('middle', caller('bottom', false));
    await world.draw('bottom', START + work('do') + flows('start do'));
    const id = world.start('top');
    const { task } = world.fetch('do');
    world.do({ type: 'throwBpmnError', externalTaskId: task.id, workerId: 'w', errorCode: 'E' });
    assert.deepEqual(world.standing(id), ['mend']);
    const states = world.instanceIds().map((one) => world.state(one));
    assert.deepEqual(states, ['active', 'terminated', 'terminated']);
  });

  it('an exact code comes before a catch-all on the same activity; the nearest catch-all before an exact one outside', async () => {
    const world = await drawn(
      'nearest',
      START +
        element(
          'subProcess',
          'sub',
          element('startEvent', 'begin') +
            work('do') +
            boundary('any', 'do', event('error')) +
            boundary('exact', 'do', event('error', 'F')) +
            work('by-any') +
            work('by-exact') +
            flows('begin do', 'any by-any', 'exact by-exact'),
        ) +
        boundary('outside', 'sub', event('error', 'E')) +
        work('by-outside') +
        flows('start sub', 'outside by-outside'),
      ERRORS,
    );
    for (const [errorCode, where] of [
      ['E', 'by-any'],
      ['F', 'by-exact'],
    ] as const) {
      const id = world.start('nearest');
      const { task } = world.fetch('do');
      world.do({ type: 'throwBpmnError', externalTaskId: task.id, workerId: 'w', errorCode });
      assert.deepEqual(world.standing(id), [where]);
    }
  });

  it('one of two parallel errors interrupts the other; nothing is left of it', async () => {
    const world = await drawn(
      'two',
      START +
        element(
          'subProcess',
          'sub',
          element('startEvent', 'begin') +
            element('parallelGateway', 'fork') +
            element('endEvent', 'e1', event('error', 'E')) +
            element('endEvent', 'e2', event('error', 'F')) +
            flows('begin fork e1', 'fork e2'),
        ) +
        boundary('c1', 'sub', event('error', 'E')) +
        boundary('c2', 'sub', event('error', 'F')) +
        work('one') +
        work('other') +
        flows('start sub', 'c1 one', 'c2 other'),
      ERRORS,
    );
    const id = world.start('two');
    assert.deepEqual(world.standing(id), ['one']);
  });
});

describe('escalations', () => {
  it('a non-interrupting boundary event of a call activity hears each; the called process goes on', async () => {
    const ESC = named('escalation', 'late');
    const world = await drawn(
      'caller',
      START +
        element('callActivity', 'call', '', 'calledElement="called"') +
        boundary('heard', 'call', event('escalation', 'late'), 'cancelActivity="false"') +
        work('note') +
        work('after') +
        flows('start call after', 'heard note'),
      ESC,
    );
    await world.draw(
      'called',
      START +
        element('intermediateThrowEvent', 'tell', event('escalation', 'late')) +
        work('go-on') +
        flows('start tell go-on'),
      ESC,
    );
    const id = world.start('caller');
    assert.deepEqual(world.standing(id), ['call', 'note']);
    world.work('go-on');
    assert.deepEqual(world.standing(id), ['after', 'note']);
  });
});

describe('inclusive joins', () => {
  it('two in sequence open one after the other', async () => {
    const world = await drawn(
      'two-joins',
      START +
        element('inclusiveGateway', 'split') +
        work('a') +
        work('b') +
        work('c') +
        element('inclusiveGateway', 'join1') +
        element('inclusiveGateway', 'join2') +
        work('after') +
        flows('start split', 'a join1', 'b join1', 'join1 join2', 'c join2 after') +
        flow('split', 'a', '${true}') +
        flow('split', 'b', '${true}') +
        flow('split', 'c', '${true}'),
    );
    const id = world.start('two-joins');
    world.work('c');
    world.work('a');
    assert.deepEqual(world.standing(id), ['b']);
    world.work('b');
    assert.deepEqual(world.standing(id), ['after']);
  });

  it('wait for a boundary event that can still bring a token, not for an event sub-process', async () => {
    const world = await drawn(
      'alive',
      START +
        element('parallelGateway', 'fork') +
        work('a') +
        work('b') +
        boundary('late', 'b', timer('timeDuration', 'PT1H'), 'cancelActivity="false"') +
        element('task', 'hurry') +
        element('endEvent', 'other') +
        element('inclusiveGateway', 'join') +
        work('after') +
        flows('start fork a join after', 'fork b other', 'late hurry join') +
        eventSubProcess('beside', event('signal', 's'), work('aside') + flows('beside-start aside'), false),
      named('signal', 's'),
    );
    const id = world.start('alive');
    world.do({ type: 'broadcastSignal', name: 's' });
    world.work('a');
    assert.deepEqual(world.standing(id), ['aside', 'b'], 'the boundary event of b may still fire');
    world.work('b');
    assert.deepEqual(world.standing(id), ['after', 'aside']);
  });
});

describe('ends', () => {
  it('a terminate end event in a sub-process ends that one, and the process goes on after it', async () => {
    const world = await drawn(
      'inner-terminate',
      START +
        element(
          'subProcess',
          'sub',
          element('startEvent', 'begin') +
            element('parallelGateway', 'fork') +
            work('long') +
            work('stop') +
            element('endEvent', 'all', event('terminate')) +
            flows('begin fork long', 'fork stop all'),
        ) +
        work('after') +
        flows('start sub after'),
    );
    const id = world.start('inner-terminate');
    world.work('stop');
    assert.deepEqual(world.standing(id), ['after']);
  });

  it('in a called process it ends that one only: the caller goes on', async () => {
    const world = await drawn(
      'c',
      START + element('callActivity', 'call', '', 'calledElement="t"') + work('after') + flows('start call after'),
    );
    await world.draw(
      't',
      START +
        element('parallelGateway', 'fork') +
        work('long') +
        element('endEvent', 'all', event('terminate')) +
        flows('start fork long', 'fork all'),
    );
    const id = world.start('c');
    assert.deepEqual(world.standing(id), ['after']);
  });

  it('in one instance of a parallel loop it ends that instance, the others go on', async () => {
    const world = await drawn(
      'loop-terminate',
      START +
        element(
          'subProcess',
          'each',
          '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>' +
            element('startEvent', 'begin') +
            element('parallelGateway', 'fork') +
            work('long') +
            work('stop') +
            element('endEvent', 'all', event('terminate')) +
            flows('begin fork long', 'fork stop all'),
        ) +
        flows('start each'),
    );
    const id = world.start('loop-terminate');
    world.work('stop');
    assert.equal(world.standing(id).length, 4);
  });
});

describe('messages and signals', () => {
  it('a message boundary event of a multi-instance activity is one wait, and ends all of its instances', async () => {
    const world = await drawn(
      'mi',
      START +
        work(
          'each',
          '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>',
        ) +
        boundary('stop', 'each', event('message', 'halt')) +
        work('stopped') +
        flows('start each', 'stop stopped'),
      named('message', 'halt'),
    );
    const id = world.start('mi');
    world.do({ type: 'correlateMessage', name: 'halt', all: false });
    assert.deepEqual(world.standing(id), ['stopped']);
  });

  it('a receive task with a timer: the message after the timer finds nobody', async () => {
    const world = await drawn(
      'receive',
      START +
        element('receiveTask', 'wait', '', 'messageRef="answer"') +
        boundary('late', 'wait', timer('timeDuration', 'PT1H')) +
        work('remind') +
        flows('start wait', 'late remind'),
      named('message', 'answer'),
    );
    const id = world.start('receive');
    world.advance(3_600_000);
    assert.deepEqual(world.standing(id), ['remind']);
    const late = world.try({ type: 'correlateMessage', name: 'answer', all: false });
    assert.equal(!late.ok && late.rejection.code, 'NO_MATCHING_SUBSCRIPTION');
  });

  it('a signal starts every process that begins with it and reaches every instance that waits, each once', async () => {
    const world = await drawn(
      's1',
      element('startEvent', 'start', event('signal', 's')) + work('one') + flows('start one'),
      named('signal', 's'),
    );
    await world.draw(
      's2',
      element('startEvent', 'start', event('signal', 's')) + work('two') + flows('start two'),
      named('signal', 's'),
    );
    await world.draw(
      'w',
      START +
        element('intermediateCatchEvent', 'hear', event('signal', 's')) +
        work('heard') +
        flows('start hear heard'),
      named('signal', 's'),
    );
    world.start('w');
    world.start('w');
    assert.equal(world.do({ type: 'broadcastSignal', name: 's' }).receivers, 4);
    assert.deepEqual(
      ['one', 'two', 'heard'].map((topic) => world.fetchAll(topic).length),
      [1, 1, 2],
    );
    const other = world.do({ type: 'broadcastSignal', name: 's', tenantId: 'elsewhere' });
    assert.equal(other.receivers, 0);
  });

  it('a start by message may be repeated for one business key, as in Camunda 7', async () => {
    const world = await drawn(
      'm',
      element('startEvent', 'start', event('message', 'begin')) + work('do') + flows('start do'),
      named('message', 'begin'),
    );
    for (let count = 0; count < 2; count += 1) {
      const { correlated } = world.do({ type: 'correlateMessage', name: 'begin', businessKey: 'k', all: false });
      assert.equal(correlated[0]?.started, true);
    }
    assert.equal(world.fetchAll('do').length, 2);
  });
});

describe('compensation', () => {
  it('thrown in an event sub-process undoes what its scope has completed, with the values of that time', async () => {
    const world = await drawn(
      'undo-from-event',
      START +
        element(
          'subProcess',
          'sub',
          element('startEvent', 'begin') +
            work(
              'book',
              '<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="seat">${next}</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>',
            ) +
            boundary('undo', 'book', event('compensate')) +
            work('release', '', 'isForCompensation="true"') +
            '<bpmn:association id="a" sourceRef="undo" targetRef="release" associationDirection="One" />' +
            work('wait') +
            flows('begin book wait') +
            eventSubProcess(
              'handler',
              event('message', 'stop'),
              element('endEvent', 'back', event('compensate')) + flows('handler-start back'),
            ),
        ) +
        work('after') +
        flows('start sub after'),
      named('message', 'stop'),
    );
    const id = world.start('undo-from-event', { next: 7 });
    world.work('book');
    world.do({ type: 'setVariables', processInstanceId: id, scopeId: id, variables: typed({ next: 8 }), local: true });
    world.do({ type: 'correlateMessage', name: 'stop', all: false });
    const release = world.work('release');
    assert.equal(release.variables['seat']?.value, 7);
    assert.deepEqual(world.standing(id), ['after']);
  });

  it('a transaction in a loop that is canceled undoes its own work, and the whole loop is left', async () => {
    const world = await drawn(
      'tx-loop',
      START +
        element(
          'transaction',
          'tx',
          '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>' +
            element('startEvent', 'begin') +
            work('book') +
            boundary('undo', 'book', event('compensate')) +
            work('release', '', 'isForCompensation="true"') +
            '<bpmn:association id="a" sourceRef="undo" targetRef="release" associationDirection="One" />' +
            work('decide') +
            element('exclusiveGateway', 'ok', '', 'default="ok_done"') +
            element('endEvent', 'done') +
            element('endEvent', 'no', event('cancel')) +
            flows('begin book decide ok done') +
            flow('ok', 'no', '${cancel}'),
        ) +
        boundary('canceled', 'tx', event('cancel')) +
        work('sorry') +
        work('after') +
        flows('start tx after', 'canceled sorry'),
    );
    const id = world.start('tx-loop', { cancel: true });
    for (let count = 0; count < 2; count += 1) world.work('book');
    world.work('decide');
    world.work('release');
    assert.deepEqual(world.standing(id), ['sorry']);
    assert.equal(world.fetchAll('decide').length + world.fetchAll('release').length, 0);
  });
});

describe('timers', () => {
  it('a repeating timer that was not served catches up, one occurrence after the other', async () => {
    const world = await drawn(
      'ticks',
      START +
        work('do') +
        boundary('tick', 'do', timer('timeCycle', 'R3/PT1H'), 'cancelActivity="false"') +
        work('beat') +
        flows('start do', 'tick beat'),
    );
    world.start('ticks');
    world.now += 10 * 3_600_000;
    world.advance(0);
    assert.equal(world.fetchAll('beat').length, 3);
    world.advance(10 * 3_600_000);
    assert.equal(world.store.count('externalTasks', { where: [{ column: 'topic', op: '=', value: 'beat' }] }), 3);
  });
});

describe('an event-based gateway', () => {
  it('of several instances decides for each of them alone', async () => {
    const world = await drawn(
      'race',
      START +
        element('eventBasedGateway', 'first') +
        element('intermediateCatchEvent', 'paid', event('message', 'payment')) +
        element('intermediateCatchEvent', 'late', timer('timeDuration', 'PT1H')) +
        work('ship') +
        work('remind') +
        flows('start first paid ship', 'first late remind'),
      named('message', 'payment'),
    );
    const one = world.start('race', {}, 'one');
    const two = world.start('race', {}, 'two');
    world.do({ type: 'correlateMessage', name: 'payment', businessKey: 'two', all: false });
    world.advance(3_600_000);
    assert.deepEqual([world.standing(one), world.standing(two)], [['remind'], ['ship']]);
  });
});
