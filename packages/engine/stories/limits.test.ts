/** Stories of limits of running instances: what reaches one stops in an incident, or an event of the model takes over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, event, flows, work } from './drawing.ts';
import { drawn, LINE, limit, of, one, settle, theOnly } from './limit-moves.ts';
import { typed, type World } from './world.ts';

const CYCLE =
  element('startEvent', 'start') + element('exclusiveGateway', 'merge') + work('do') + flows('start merge do merge');

describe('a limit of steps', () => {
  it('counts the whole life of an instance, and goes on when it is raised', async () => {
    const world = await drawn('cycle', CYCLE);
    limit(world, of('cycle'), { steps: 40 });
    const id = world.start('cycle');
    let rounds = 0;
    for (; world.incidents().length === 0; rounds += 1) world.work('do');
    assert.ok(rounds > 3 && rounds < 15, `${rounds} rounds`);
    const incident = theOnly(world, 'steps');
    world.do({ type: 'resolveIncident', incidentId: incident.id });
    theOnly(world, 'steps');
    limit(world, of('cycle'), { steps: 60 });
    world.do({ type: 'resolveIncident', incidentId: theOnly(world, 'steps').id });
    world.work('do');
    assert.equal(world.state(id), 'active');
    world.assertReplayEqual();
  });

  it('is taken over by an error event of this very limit, once', async () => {
    const world = await drawn(
      'caught',
      element('startEvent', 'start') +
        element(
          'subProcess',
          'inner',
          element('startEvent', 'begin') +
            element('exclusiveGateway', 'again') +
            work('do') +
            flows('begin again do again'),
        ) +
        element('boundaryEvent', 'enough', event('error', 'spent'), 'attachedToRef="inner"') +
        element('boundaryEvent', 'anything', event('error'), 'attachedToRef="inner"') +
        work('tell') +
        work('wrong') +
        flows('start inner', 'enough tell', 'anything wrong'),
      '<bpmn:error id="spent" errorCode="procos.limit.steps" />',
    );
    limit(world, of('caught'), { steps: 30 });
    const id = world.start('caught');
    for (let round = 0; round < 20 && world.standing(id).includes('do'); round += 1) world.work('do');
    assert.deepEqual(world.standing(id), ['tell']);
    assert.deepEqual(world.incidents(), []);
    world.work('tell');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('is no error that an event for every error would catch', async () => {
    const world = await drawn(
      'careless',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'again') +
        work('do') +
        element('boundaryEvent', 'anything', event('error'), 'attachedToRef="do"') +
        element('endEvent', 'end') +
        flows('start again do again', 'anything end'),
    );
    limit(world, of('careless'), { steps: 5 });
    world.start('careless');
    for (let round = 0; round < 5 && world.incidents().length === 0; round += 1) world.work('do');
    theOnly(world, 'steps');
  });

  it('without a wait is narrower than that of the settings', async () => {
    const world = await drawn(
      'spin',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'merge') +
        element('task', 'look') +
        flows('start merge look merge'),
    );
    limit(world, of('spin'), { stepsWithoutWait: 100 });
    world.start('spin');
    settle(world);
    assert.match(theOnly(world, 'stepsWithoutWait').message, /101 steps without waiting/);
  });

  it('of beginnings of one element is narrower than that of the settings', async () => {
    const world = await drawn(
      'spin',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'merge') +
        element('task', 'look') +
        flows('start merge look merge'),
    );
    limit(world, of('spin'), { laps: 7 });
    world.start('spin');
    settle(world);
    assert.match(theOnly(world, 'laps').message, /'merge' has begun 8 times/);
  });
});

describe('a limit of loops', () => {
  const LOOP =
    element('startEvent', 'start') +
    work(
      'each',
      element(
        'multiInstanceLoopCharacteristics',
        'loop',
        '<bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">${n}</bpmn:loopCardinality>',
      ),
    ) +
    flows('start each');

  it('stops a loop before it begins', async () => {
    const world = await drawn('many', LOOP);
    limit(world, of('many'), { loopInstances: 3 });
    world.start('many', { n: 3 });
    assert.deepEqual(world.incidents(), []);
    world.start('many', { n: 4 });
    assert.match(theOnly(world, 'loopInstances').message, /would run 4 times/);
  });

  it('of element instances stops what would be too many', async () => {
    const world = await drawn('many', LOOP);
    limit(world, of('many'), { elements: 6 });
    world.start('many', { n: 8 });
    assert.ok(world.incidents().length > 0);
    assert.ok(world.incidents().every(({ kind }) => kind === 'limitReached'));
  });
});

describe('a limit of time', () => {
  const WAITING = element('startEvent', 'start') + work('wait') + work('next') + flows('start wait next');

  it('rings by a timer, and nothing new begins until it is raised', async () => {
    const world = await drawn('slow', WAITING);
    limit(world, of('slow'), { time: 60_000 });
    const id = world.start('slow');
    world.advance(59_999);
    assert.deepEqual(world.incidents(), []);
    world.advance(1);
    const incident = theOnly(world, 'time');
    world.work('wait');
    assert.equal(world.incidents().length, 2, 'what follows may not begin');
    limit(world, one(id), { time: null });
    limit(world, of('slow'), { time: 3_600_000 });
    world.do({ type: 'resolveIncident', incidentId: incident.id });
    for (const { id: incidentId } of world.incidents()) world.do({ type: 'resolveIncident', incidentId });
    assert.deepEqual(world.standing(id), ['next']);
    assert.deepEqual(world.incidents(), []);
    world.advance(3_600_000);
    theOnly(world, 'time');
    world.assertReplayEqual();
  });

  it('is taken over by an event sub-process', async () => {
    const world = await drawn(
      'slow',
      WAITING +
        element(
          'subProcess',
          'late',
          element('startEvent', 'over', event('error', 'time'), 'isInterrupting="true"') +
            work('tell') +
            flows('over tell'),
          'triggeredByEvent="true"',
        ),
      '<bpmn:error id="time" errorCode="procos.limit.time" />',
    );
    limit(world, of('slow'), { time: 60_000 });
    const id = world.start('slow');
    world.advance(60_000);
    assert.deepEqual(world.standing(id), ['tell']);
    world.work('tell');
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.incidents(), []);
    world.assertReplayEqual();
  });

  it('holds for instances that were there before it, in commands that are short', async () => {
    const world = await drawn('slow', WAITING);
    await world.draw('other', WAITING);
    const ids = Array.from({ length: 250 }, () => world.start('slow'));
    world.start('other');
    world.now += 50_000;
    limit(world, of('slow'), { time: 60_000 });
    const before = world.records.length;
    settle(world);
    assert.equal(world.records.length - before, 3, 'a hundred at a time');
    world.advance(10_000);
    assert.equal(world.incidents().length, ids.length);
    world.assertReplayEqual();
  });

  it('of one instance follows what is set', async () => {
    const world = await drawn('slow', WAITING);
    const id = world.start('slow');
    limit(world, one(id), { time: 60_000 });
    limit(world, one(id), { time: 30_000 });
    assert.deepEqual(
      world.store.find('timers').map(({ dueAt }) => dueAt - world.now),
      [30_000],
    );
    limit(world, one(id), { time: null });
    assert.deepEqual(world.store.find('timers'), []);
  });
});

describe('limits of called instances', () => {
  async function family(): Promise<World> {
    const world = await drawn(
      'parent',
      element('startEvent', 'start') +
        element('parallelGateway', 'fork') +
        element('callActivity', 'one', '', 'calledElement="child"') +
        element('callActivity', 'two', '', 'calledElement="child"') +
        flows('start fork one', 'fork two'),
    );
    await world.draw(
      'child',
      element('startEvent', 'start') +
        element('callActivity', 'call', '', 'calledElement="leaf"') +
        flows('start call'),
    );
    await world.draw('leaf', element('startEvent', 'start') + work('wait') + flows('start wait'));
    return world;
  }

  it('count those that it has called', async () => {
    const world = await family();
    limit(world, of('parent'), { children: 1 });
    world.start('parent');
    assert.equal(theOnly(world, 'children').elementId, 'two');
    world.work('wait');
    world.do({ type: 'resolveIncident', incidentId: theOnly(world, 'children').id });
    assert.deepEqual(world.incidents(), [], 'the first one has ended');
  });

  it('count how deep calls lie in each other', async () => {
    const world = await family();
    limit(world, of('child'), { callDepth: 0 });
    world.start('parent');
    assert.equal(world.incidents().length, 2);
    assert.match(world.incidents()[0]?.message ?? '', /limit 'callDepth' of 0 .* call number 1 in a row, of 'leaf'/);
  });

  it('count the whole tree, wherever in it the call is', async () => {
    const world = await family();
    limit(world, of('parent'), { tree: 3 });
    world.start('parent');
    assert.match(theOnly(world, 'tree').message, /3 instances are alive below/);
    world.assertReplayEqual();
  });
});

describe('limits of data', () => {
  const COPY =
    element('startEvent', 'start') +
    work('hold') +
    element('serviceTask', 'copy', '', 'camunda:expression="${text}" camunda:resultVariable="copy"') +
    work('after') +
    flows('start hold copy after');

  it('refuse a value from outside, and stop one from inside', async () => {
    const world = await drawn('data', COPY);
    limit(world, of('data'), { variableSize: 100 });
    const refused = world.try({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'data' },
      variables: typed({ text: 'x'.repeat(200) }),
    });
    assert.equal(refused.ok ? '' : refused.rejection.code, 'LIMIT_REACHED');
    const id = world.start('data', { text: 'x'.repeat(50) });
    const set200 = {
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ text: 'x'.repeat(200) }),
      local: true,
    } as const;
    const late = world.try(set200);
    assert.match(late.ok ? '' : late.rejection.message, /at most 100 are allowed.*by 'story': the budget of spring/);
    limit(world, of('data'), { variableSize: null });
    world.do(set200);
    limit(world, of('data'), { variableSize: 100 });
    world.work('hold');
    theOnly(world, 'variableSize');
    limit(world, of('data'), { variableSize: 1_000 });
    world.do({ type: 'resolveIncident', incidentId: theOnly(world, 'variableSize').id });
    assert.deepEqual(world.standing(id), ['after']);
  });

  it('of all variables together', async () => {
    const world = await drawn('data', COPY);
    limit(world, of('data'), { instanceSize: 150 });
    world.start('data', { text: 'x'.repeat(100) });
    world.work('hold');
    theOnly(world, 'instanceSize');
  });
});

describe('limits of external tasks', () => {
  it('count those that are open', async () => {
    const world = await drawn(
      'fan',
      element('startEvent', 'start') +
        element('parallelGateway', 'fork') +
        work('a') +
        work('b') +
        work('c') +
        flows('start fork a', 'fork b', 'fork c'),
    );
    limit(world, of('fan'), { openTasks: 2 });
    world.start('fan');
    assert.equal(theOnly(world, 'openTasks').elementId, 'c');
    world.work('a');
    world.do({ type: 'resolveIncident', incidentId: theOnly(world, 'openTasks').id });
    assert.deepEqual(world.incidents(), []);
  });

  it('count all that were created', async () => {
    const world = await drawn('line', LINE);
    limit(world, of('line'), { createdTasks: 2 });
    world.start('line');
    world.work('a');
    world.work('b');
    assert.equal(theOnly(world, 'createdTasks').elementId, 'c');
    world.assertReplayEqual();
  });
});
