/** Stories of models that would never stop: they get an incident that names the loop, and others go on meanwhile. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_LIMITS } from '../src/index.ts';
import { element, event, flow, flows, named, timer, work } from './drawing.ts';
import { World } from './world.ts';

const FEW = { ...DEFAULT_LIMITS, stepsPerCommand: 500, laps: 400, stepsWithoutWait: 20_000 };

/** Lets due continuations run, at most so many of them. */
function settle(world: World, commands = 1_000): void {
  for (let count = 0; count < commands; count += 1) {
    const [next] = world.store.state.timers.due(world.now, 1);
    if (next === undefined) return;
    world.do({ type: 'triggerTimer', timerId: next.id });
  }
  assert.fail(`still going after ${commands} commands`);
}

async function world(...args: Parameters<World['draw']>): Promise<World> {
  const made = new World();
  made.limits = FEW;
  await made.draw(...args);
  return made;
}

function theOnly(made: World) {
  const incidents = made.incidents();
  assert.equal(incidents.length, 1, JSON.stringify(incidents.map(({ message }) => message)));
  const [incident] = incidents;
  assert.ok(incident !== undefined);
  assert.equal(incident.kind, 'runaway');
  return incident;
}

const GATEWAY_LOOP =
  element('startEvent', 'start') +
  element('exclusiveGateway', 'merge') +
  element('task', 'look') +
  element('exclusiveGateway', 'enough', '', 'default="enough_merge"') +
  work('after') +
  flows('start merge look enough merge') +
  flow('enough', 'after', '${done}');

describe('a loop that never waits', () => {
  it('is stopped by an incident that names its elements, how often and since when, and what to do', async () => {
    const made = await world('loop', GATEWAY_LOOP);
    made.start('loop', { done: false });
    settle(made);
    const { message, elementId } = theOnly(made);
    assert.equal(elementId, 'merge');
    assert.match(message, /'merge' has begun 401 times without waiting since 2026-01-01T00:00:00/);
    assert.match(message, /'merge' → 'look' → 'enough' → 'merge': .*resolve this incident/);
    made.assertReplayEqual();
  });

  it('goes on where it stopped when the cause is mended and the incident resolved', async () => {
    const made = await world('loop', GATEWAY_LOOP);
    const id = made.start('loop', { done: false });
    settle(made);
    made.do({ type: 'resolveIncident', incidentId: theOnly(made).id });
    settle(made);
    const again = theOnly(made);
    made.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: { done: { type: 'Boolean', value: true } },
      local: true,
    });
    made.do({ type: 'resolveIncident', incidentId: again.id });
    assert.deepEqual(made.standing(id), ['after']);
    assert.deepEqual(made.incidents(), []);
    made.assertReplayEqual();
  });

  it('gives others their turn: its command ends after its share of steps', async () => {
    const made = await world('loop', GATEWAY_LOOP);
    await made.draw('other', element('startEvent', 'begin') + work('job') + flows('begin job'));
    made.start('loop', { done: false });
    assert.deepEqual(made.incidents(), [], 'it has only used up its share');
    const other = made.start('other');
    assert.deepEqual(made.standing(other), ['job']);
    const longest = Math.max(...made.records.map(({ events }) => events.length));
    assert.ok(longest < FEW.stepsPerCommand * 3, `${longest} events in one command`);
  });

  it('can be left by a modification, which closes the incident', async () => {
    const made = await world('loop', GATEWAY_LOOP);
    const id = made.start('loop', { done: false });
    settle(made);
    made.do({
      type: 'modifyProcessInstance',
      processInstanceId: id,
      instructions: [
        { kind: 'startBefore', elementId: 'after' },
        { kind: 'cancelAll', elementId: 'merge' },
      ],
    });
    assert.deepEqual(made.incidents(), []);
    assert.deepEqual(made.standing(id), ['after']);
  });

  it('is seen through waits of no length and through asynchronous continuations', async () => {
    for (const pause of [
      element('intermediateCatchEvent', 'pause', timer('timeDuration', 'PT0S')),
      element('intermediateCatchEvent', 'pause', timer('timeDate', '2020-01-01T00:00:00Z')),
      element('task', 'pause', '', 'camunda:asyncBefore="true"'),
      element('task', 'pause', '', 'camunda:asyncAfter="true"'),
    ]) {
      const made = await world(
        'pausing',
        element('startEvent', 'start') +
          element('exclusiveGateway', 'merge') +
          pause +
          flows('start merge pause merge'),
      );
      made.start('pausing');
      settle(made, 1_500);
      assert.match(theOnly(made).message, /has begun 401 times without waiting/);
    }
  });

  it('is none when time passes on the way, or somebody outside moves it', async () => {
    const made = await world(
      'patient',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'merge') +
        element('intermediateCatchEvent', 'pause', timer('timeDuration', 'PT1S')) +
        flows('start merge pause merge'),
    );
    made.limits = { ...FEW, laps: 20 };
    made.start('patient');
    made.advance(50 * 1_000);
    await made.draw(
      'served',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'merge') +
        work('do') +
        flows('start merge do merge'),
    );
    made.start('served');
    for (let count = 0; count < 50; count += 1) made.work('do');
    assert.deepEqual(made.incidents(), []);
  });
});

describe('large values', () => {
  it('count as many steps: a loop that sets one each time ends its command early, so that no record grows without bound', async () => {
    const made = await world(
      'copies',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'merge') +
        element('serviceTask', 'copy', '', 'camunda:expression="${execution.setVariable(\'copy\', original)}"') +
        flows('start merge copy merge'),
    );
    made.start('copies', { original: 'x'.repeat(50_000) });
    settle(made);
    assert.match(theOnly(made).message, /more than 20000 steps without waiting|has begun 401 times/);
    const longest = Math.max(...made.records.map(({ events }) => JSON.stringify(events).length));
    assert.ok(longest < FEW.stepsPerCommand * 2_048, `${longest} characters in one record`);
  });
});

describe('endless in other ways', () => {
  it('a process that starts itself by its signal', async () => {
    const made = await world(
      'echo',
      element('startEvent', 'start', event('signal', 's')) +
        element('endEvent', 'end', event('signal', 's')) +
        flows('start end'),
      named('signal', 's'),
    );
    made.do({ type: 'broadcastSignal', name: 's' });
    settle(made);
    assert.match(theOnly(made).message, /'echo' has begun 401 times .*'start' → 'end'/);
  });

  it('two processes that send each other messages', async () => {
    const side = (id: string, hears: string, says: string) =>
      [
        id,
        element('startEvent', 'start', event('message', hears)) +
          element('endEvent', 'end', event('message', says)) +
          flows('start end'),
        named('message', hears) + named('message', says),
      ] as const;
    const made = await world(...side('ping', 'pong-said', 'ping-said'));
    await made.draw(...side('pong', 'ping-said', 'pong-said'));
    made.do({ type: 'correlateMessage', name: 'ping-said', all: false });
    settle(made);
    assert.match(theOnly(made).message, /has begun 401 times/);
  });

  it('processes that call each other: the incident names the round', async () => {
    const caller = (called: string) =>
      element('startEvent', 'start') +
      element('callActivity', `call-${called}`, '', `calledElement="${called}"`) +
      flows(`start call-${called}`);
    const made = await world('one', caller('two'));
    await made.draw('two', caller('one'));
    made.start('one');
    settle(made);
    assert.match(theOnly(made).message, /call number 65 in a row: .*'one'.*'two'.*call each other without end/);
  });

  it('a condition that its own event sub-process makes true again', async () => {
    const made = await world(
      'restless',
      element('startEvent', 'start') +
        work('hold') +
        flows('start hold') +
        element(
          'subProcess',
          'again',
          element(
            'startEvent',
            'when',
            event('conditional', '', '<bpmn:condition xsi:type="bpmn:tFormalExpression">${n &gt; 0}</bpmn:condition>'),
            'isInterrupting="false"',
          ) +
            element('serviceTask', 'more', '', 'camunda:expression="${execution.setVariable(\'n\', n + 1)}"') +
            flows('when more'),
          'triggeredByEvent="true"',
        ),
    );
    const id = made.start('restless', { n: 0 });
    made.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: { n: { type: 'Integer', value: 1 } },
      local: true,
    });
    settle(made);
    assert.match(theOnly(made).message, /'again' has begun 401 times/);
    made.work('hold');
    made.assertReplayEqual();
  });

  it('tokens that multiply stop at the number of elements that may be alive', async () => {
    const made = await world(
      'bomb',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'merge') +
        element('parallelGateway', 'fork') +
        work('job') +
        flows('start merge fork merge', 'fork job'),
    );
    made.limits = { ...FEW, elements: 100 };
    const id = made.start('bomb');
    settle(made);
    assert.ok(made.incidents().some(({ message }) => /more than 100 element instances alive/.test(message)));
    assert.ok((made.store.state.instances.get(id)?.elements.size ?? 0) <= 110);
    made.do({ type: 'cancelProcessInstance', processInstanceId: id });
    assert.deepEqual(made.incidents(), []);
  });

  it('a standard loop whose condition never fails', async () => {
    const made = await world(
      'again',
      element('startEvent', 'start') +
        element('task', 'turn', '<bpmn:standardLoopCharacteristics loopMaximum="100000" />') +
        flows('start turn'),
    );
    made.limits = { ...FEW, loopInstances: 300 };
    made.start('again');
    settle(made);
    assert.match(theOnly(made).message, /'turn' has run 300 times/);
  });

  it('a loop of a billion instances', async () => {
    const made = await world(
      'huge',
      element('startEvent', 'start') +
        element(
          'task',
          'many',
          '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>1000000000</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>',
        ) +
        flows('start many'),
    );
    made.start('huge');
    assert.match(theOnly(made).message, /would run 1000000000 times; at most 10000 are allowed/);
  });

  it('an undoing that is thrown again and again', async () => {
    const made = await world(
      'undoing',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'merge') +
        element('task', 'book') +
        element('boundaryEvent', 'undo', event('compensate'), 'attachedToRef="book"') +
        element('task', 'cancel', '', 'isForCompensation="true"') +
        '<bpmn:association id="a" sourceRef="undo" targetRef="cancel" associationDirection="One" />' +
        element('intermediateThrowEvent', 'back', event('compensate')) +
        flows('start merge book back merge'),
    );
    made.start('undoing');
    settle(made);
    assert.match(theOnly(made).message, /has begun 401 times/);
  });
});

describe('much work that is none', () => {
  it('a parallel loop of long sub-processes that never wait completes over several commands', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
    const made = await world(
      'long',
      element('startEvent', 'start') +
        element(
          'subProcess',
          'each',
          '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>200</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>' +
            element('startEvent', 'begin') +
            names.map((name) => element('task', name)).join('') +
            flows(['begin', ...names].join(' ')),
        ) +
        work('after') +
        flows('start each after'),
    );
    const id = made.start('long');
    settle(made);
    assert.deepEqual(made.standing(id), ['after']);
    assert.deepEqual(made.incidents(), []);
    made.assertReplayEqual();
  });

  it('a signal for many instances reaches all of them, also when that takes more than one command', async () => {
    const made = await world(
      'listener',
      element('startEvent', 'start') +
        element('intermediateCatchEvent', 'hear', event('signal', 's')) +
        element('task', 'a') +
        element('task', 'b') +
        flows('start hear a b'),
      named('signal', 's'),
    );
    const ids = Array.from({ length: 150 }, () => made.start('listener'));
    made.do({ type: 'broadcastSignal', name: 's' });
    settle(made);
    assert.deepEqual(
      ids.filter((id) => made.state(id) !== 'completed'),
      [],
    );
  });

  it('what is left over of a suspended instance waits until it is resumed; what is canceled is gone', async () => {
    const made = await world('loop', GATEWAY_LOOP);
    const id = made.start('loop', { done: false });
    made.do({ type: 'setSuspension', target: { processInstanceId: id }, suspended: true });
    settle(made);
    assert.deepEqual(made.store.state.timers.due(made.now, 10), []);
    assert.deepEqual(made.incidents(), [], 'it has not gone on');
    made.do({ type: 'setSuspension', target: { processInstanceId: id }, suspended: false });
    assert.equal(made.store.state.timers.due(made.now, 10).length, 1);
    made.do({ type: 'cancelProcessInstance', processInstanceId: id });
    assert.deepEqual(made.store.state.timers.due(made.now, 10), []);
  });

  it('an inclusive join waits for a token that the next command brings', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `t${index}`);
    const made = await world(
      'slow',
      element('startEvent', 'start') +
        element('inclusiveGateway', 'split') +
        element('task', 'short') +
        names.map((name) => element('task', name)).join('') +
        element('inclusiveGateway', 'join') +
        work('after') +
        flows('start split short join after', ['split', ...names, 'join'].join(' ')),
    );
    const id = made.start('slow');
    settle(made);
    assert.deepEqual(made.standing(id), ['after']);
    made.work('after');
    assert.equal(made.trace(id).filter((name) => name === 'after').length, 1);
    assert.equal(made.state(id), 'completed');
  });
});
