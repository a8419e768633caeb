/** Stories of limits that an owner sets: the least counts, and what reaches one stops or is taken over by an event. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LimitKind } from '@procos/bpmn';
import fc from 'fast-check';
import { allBounds, type CommandOf, DEFAULT_LIMITS, type Owned, type ProcessInstance } from '../src/index.ts';
import { element, event, flow, flows, named, timer, work } from './drawing.ts';
import { typed, World } from './world.ts';

type Set = Omit<CommandOf<'setLimits'>, 'type' | 'reason'>;
const of = (bpmnProcessId: string, version: number | null = null): Set['target'] => ({
  kind: 'definition',
  bpmnProcessId,
  tenantId: null,
  version,
});
const one = (processInstanceId: number): Set['target'] => ({ kind: 'instance', processInstanceId });

function set(world: World, given: Set): void {
  world.do({ type: 'setLimits', reason: 'the budget of spring', ...given });
}

function limit(world: World, target: Set['target'], limits: { readonly [kind in LimitKind]?: number | null }): void {
  set(world, { target, limits });
}

function settle(world: World): void {
  for (let count = 0; count < 1_000; count += 1) {
    const [next] = world.store.state.timers.due(world.now, 1);
    if (next === undefined) return;
    world.do({ type: 'triggerTimer', timerId: next.id });
  }
  assert.fail('still going');
}

function theOnly(world: World, kind: LimitKind) {
  const incidents = world.incidents();
  assert.equal(incidents.length, 1, JSON.stringify(incidents.map(({ message }) => message)));
  const [incident] = incidents;
  assert.ok(incident !== undefined);
  assert.equal(incident.kind, 'limitReached');
  assert.match(incident.message, new RegExp(`limit '${kind}'`));
  assert.match(incident.message, /by 'story': the budget of spring/);
  return incident;
}

async function drawn(id: string, inside: string, beside = ''): Promise<World> {
  const world = new World();
  await world.draw(id, inside, beside);
  return world;
}

const LINE = element('startEvent', 'start') + work('a') + work('b') + work('c') + flows('start a b c');
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

describe('limits of AI', () => {
  const ASK =
    element('startEvent', 'start') +
    element('exclusiveGateway', 'again') +
    work('ai_query') +
    element('boundaryEvent', 'broke', event('error', 'spent'), 'attachedToRef="ai_query"') +
    work('manual') +
    flows('start again ai_query again', 'broke manual');
  const SPENT = '<bpmn:error id="spent" errorCode="procos.limit.aiTokens" />';

  function answer(world: World, tokens: number, cost = 0) {
    const locked = world.fetch('ai_query');
    const usage = { inputTokens: 10, outputTokens: tokens - 10, cost, model: 'openai/x' };
    world.do({ type: 'completeExternalTask', externalTaskId: locked.task.id, workerId: 'w', usage });
    return locked;
  }

  it('tell the worker what is left, and stop the next task of an instance that has used it up', async () => {
    const world = await drawn('ask', ASK, SPENT);
    limit(world, of('ask'), { aiCost: 1_000, aiTokens: 500 });
    world.start('ask');
    assert.deepEqual(answer(world, 100, 400).aiBudget, { tokens: 500, cost: 1_000 });
    assert.deepEqual(answer(world, 100, 700).aiBudget, { tokens: 400, cost: 600 });
    assert.match(theOnly(world, 'aiCost').message, /nothing is left for 'ai_query'/);
    assert.deepEqual(world.fetchAll('ai_query'), []);
    limit(world, of('ask'), { aiCost: 2_000 });
    world.do({ type: 'resolveIncident', incidentId: theOnly(world, 'aiCost').id });
    assert.deepEqual(answer(world, 100).aiBudget, { tokens: 300, cost: 900 });
    world.assertReplayEqual();
  });

  it('are taken over by an event of the model', async () => {
    const world = await drawn('ask', ASK, SPENT);
    limit(world, of('ask'), { aiTokens: 150 });
    const id = world.start('ask');
    answer(world, 100);
    answer(world, 100);
    assert.deepEqual(world.standing(id), ['manual']);
    assert.deepEqual(world.incidents(), []);
  });

  it('of a day hold for all instances of a definition, and a task that waits already is not handed out', async () => {
    const world = await drawn('ask', ASK, SPENT);
    limit(world, of('ask'), { aiTokensPerDay: 150 });
    const ids = [world.start('ask'), world.start('ask')];
    answer(world, 100);
    answer(world, 100);
    assert.equal(world.fetchAll('ai_query').length, 0);
    assert.equal(world.incidents().length, 2, 'one cannot begin, the other waits');
    assert.ok(world.incidents().every(({ kind }) => kind === 'limitReached'));
    world.now += 86_400_000;
    for (const { id: incidentId } of world.incidents()) world.do({ type: 'resolveIncident', incidentId });
    assert.equal(world.fetchAll('ai_query').length, ids.length);
    world.assertReplayEqual();
  });

  it('say nothing about other tasks, and nothing to a worker where there are none', async () => {
    const world = await drawn('line', LINE);
    await world.draw('ask', ASK, SPENT);
    limit(world, of('line'), { aiTokens: 0 });
    world.start('line');
    assert.equal(world.fetch('a').aiBudget, undefined);
    world.start('ask');
    assert.equal(world.fetch('ai_query').aiBudget, undefined);
    const refused = world.try({
      type: 'completeExternalTask',
      externalTaskId: world.store.find('externalTasks').find(({ topic }) => topic === 'a')?.id ?? 0,
      workerId: 'w',
      usage: { inputTokens: -1, outputTokens: 0, cost: 0, model: '' },
    });
    assert.equal(refused.ok ? '' : refused.rejection.code, 'INVALID_ARGUMENT');
  });
});

describe('limits of a definition', () => {
  it('refuse more living instances, also those that were there before it', async () => {
    const world = await drawn('line', LINE);
    const ids = [world.start('line'), world.start('line'), world.start('line')];
    limit(world, of('line'), { instances: 4 });
    settle(world);
    world.start('line');
    const refused = world.try({ type: 'createProcessInstance', definition: { bpmnProcessId: 'line' } });
    assert.equal(refused.ok ? '' : refused.rejection.code, 'LIMIT_REACHED');
    assert.match(refused.ok ? '' : refused.rejection.message, /'instances' of process 'line' is 4: 4 are alive/);
    world.do({ type: 'cancelProcessInstance', processInstanceId: ids[0] ?? 0 });
    world.start('line');
    world.assertReplayEqual();
  });

  it('count right while those from before are being counted and some of them end', async () => {
    const world = await drawn('line', LINE);
    const ids = Array.from({ length: 250 }, () => world.start('line'));
    limit(world, of('line'), { instances: 1_000 });
    const living = () => world.store.find('controls')[0]?.living;
    for (let step = 0; step < 10; step += 1) {
      world.do({ type: 'cancelProcessInstance', processInstanceId: ids.pop() ?? 0 });
      world.do({ type: 'cancelProcessInstance', processInstanceId: ids.shift() ?? 0 });
      ids.push(world.start('line'));
      const [next] = world.store.state.timers.due(world.now, 1);
      if (next !== undefined) world.do({ type: 'triggerTimer', timerId: next.id });
    }
    assert.equal(living(), ids.length);
    world.assertReplayEqual();
  });

  it('refuse starts that come too fast, until the minute is over', async () => {
    const world = await drawn('line', LINE);
    limit(world, of('line'), { startsPerMinute: 2 });
    world.start('line');
    world.now += 20_000;
    world.start('line');
    const refused = world.try({ type: 'createProcessInstance', definition: { bpmnProcessId: 'line' } });
    assert.match(refused.ok ? '' : refused.rejection.message, /2 have begun; try again in 40 s/);
    world.now += 40_000;
    world.start('line');
  });

  it('refuse a message that would begin one, keep one that waits, and note what nobody can refuse', async () => {
    const world = await drawn(
      'told',
      element('startEvent', 'm', event('message', 'go')) + work('a') + flows('m a'),
      named('message', 'go'),
    );
    await world.draw(
      'heard',
      element('startEvent', 's', event('signal', 'now')) + work('h') + flows('s h'),
      named('signal', 'now'),
    );
    limit(world, of('told'), { instances: 0 });
    limit(world, of('heard'), { instances: 0 });
    settle(world);
    const correlated = world.try({ type: 'correlateMessage', name: 'go', all: false });
    assert.equal(correlated.ok ? '' : correlated.rejection.code, 'LIMIT_REACHED');
    const gone = world.try({ type: 'publishMessage', name: 'go', correlationKey: '', timeToLiveMs: 0 });
    assert.equal(gone.ok ? '' : gone.rejection.code, 'LIMIT_REACHED');
    const kept = world.do({ type: 'publishMessage', name: 'go', correlationKey: '', timeToLiveMs: 60_000 });
    assert.deepEqual(kept.correlated, []);
    assert.equal(world.store.find('timers').length + world.store.state.messages.byKey('go', '').length, 1);
    assert.equal(world.do({ type: 'broadcastSignal', name: 'now' }).receivers, 0);
    const noted = world.records.flatMap(({ events }) => events).filter(({ type }) => type === 'startRefused');
    assert.equal(noted.length, 2, 'the kept message and the signal');
  });

  it('stop a call, which goes on when there is room', async () => {
    const world = await drawn(
      'caller',
      element('startEvent', 'start') +
        element('callActivity', 'call', '', 'calledElement="line"') +
        flows('start call'),
    );
    await world.draw('line', LINE);
    limit(world, of('line'), { instances: 1 });
    settle(world);
    const first = world.start('line');
    world.start('caller');
    const incident = theOnly(world, 'instances');
    world.do({ type: 'cancelProcessInstance', processInstanceId: first });
    world.do({ type: 'resolveIncident', incidentId: incident.id });
    assert.deepEqual(world.incidents(), []);
  });

  it('keep a start timer from beginning one, and the timer goes on', async () => {
    const world = await drawn(
      'daily',
      element('startEvent', 't', timer('timeCycle', 'R/PT1H')) + work('a') + flows('t a'),
    );
    limit(world, of('daily'), { instances: 1 });
    settle(world);
    world.advance(3 * 3_600_000);
    assert.equal(world.instanceIds().length, 1);
    world.work('a');
    world.advance(3_600_000);
    assert.equal(world.instanceIds().length, 2);
  });
});

describe('of all limits that apply', () => {
  it('the least counts, whoever has set it', async () => {
    const world = await World.with();
    await world.deploy('expression', 'blue');
    const process = { kind: 'definition', bpmnProcessId: 'expression', tenantId: 'blue' } as const;
    const own = [
      { kind: 'tenant', tenantId: 'blue' },
      { ...process, version: null },
      { ...process, version: 1 },
    ] as const;
    const { definitions } = world.store.state;
    const definition = definitions.latest('expression', 'blue');
    assert.ok(definition !== undefined);
    const kinds = ['laps', 'elements', 'steps', 'time'] as const;
    fc.assert(
      fc.property(
        fc.array(fc.record({ who: fc.nat(4), kind: fc.constantFrom(...kinds), value: fc.option(fc.nat(9)) }), {
          maxLength: 30,
        }),
        fc.nat(9),
        fc.dictionary(fc.constantFrom(...kinds), fc.nat(9)),
        (settings, laps, declared) => {
          const all = new Map<string, number>();
          let instance: Pick<ProcessInstance, 'control'> = {};
          for (const target of own) limit(world, target, { laps: null, elements: null, steps: null, time: null });
          for (const { who, kind, value } of settings) {
            const target = own[who];
            if (target !== undefined) limit(world, target, { [kind]: value });
            else {
              const limits: Record<string, Owned> = { ...instance.control?.limits };
              if (value === null) delete limits[kind];
              else limits[kind] = { value, by: 'x', at: 0, reason: 'y' };
              instance = { control: { limits, usage: {} } };
            }
            const key = `${Math.min(who, 3)} ${kind}`;
            if (value === null) all.delete(key);
            else all.set(key, value);
          }
          for (const [kind, value] of Object.entries(declared)) all.set(`model ${kind}`, value);
          const limits = { ...DEFAULT_LIMITS, laps };
          all.set('settings laps', laps);
          all.set('settings elements', DEFAULT_LIMITS.elements);
          const model = { ...definition.model, capabilities: { limits: declared } };
          const bounds = allBounds(world.store.state, limits, { ...definition, model }, instance);
          for (const kind of kinds) {
            const values = [...all].filter(([key]) => key.endsWith(` ${kind}`)).map(([, value]) => value);
            const found = bounds.find((bound) => bound.kind === kind);
            assert.equal(found?.value, values.length === 0 ? undefined : Math.min(...values), kind);
          }
        },
      ),
      { numRuns: 100, seed: 5 },
    );
    world.assertReplayEqual();
  });

  it('an owner cannot widen what the settings or the model allow', async () => {
    const world = await drawn(
      'spin',
      element('startEvent', 'start') +
        element('exclusiveGateway', 'merge') +
        element('task', 'look') +
        flows('start merge look merge'),
    );
    world.limits = { ...DEFAULT_LIMITS, laps: 20 };
    limit(world, of('spin'), { laps: 1_000 });
    world.start('spin');
    settle(world);
    assert.equal(world.incidents()[0]?.kind, 'runaway');
    const declaring = await drawn('line', LINE);
    const [model] = declaring.store
      .find('definitions')
      .map(({ id }) => declaring.store.state.definitions.get(id)?.model);
    assert.ok(model !== undefined);
    const made = new World();
    made.deployModels('line', '', [
      { ...model, capabilities: { tasks: [{ name: '*' }], limits: { createdTasks: 1 } } },
    ]);
    limit(made, of('line'), { createdTasks: 5 });
    made.start('line');
    made.work('a');
    assert.match(made.incidents()[0]?.message ?? '', /'createdTasks' of 1 is reached.*declared by the model/);
  });

  it('those of a tenant hold for its processes only', async () => {
    const world = new World();
    await world.deploy('external', 'blue');
    await world.draw('line', LINE);
    limit(world, { kind: 'tenant', tenantId: 'blue' }, { instances: 1, createdTasks: 0 });
    settle(world);
    world.start('line');
    assert.deepEqual(world.incidents(), []);
    const { bpmnProcessId } =
      world.store.state.definitions.get(world.store.find('definitions')[0]?.id ?? 0) ?? assert.fail();
    const start = {
      type: 'createProcessInstance',
      definition: { bpmnProcessId, tenantId: 'blue' },
      variables: typed({ subject: 's', amount: 1 }),
    } as const;
    world.do(start);
    assert.match(theOnly(world, 'createdTasks').message, /set for its tenant/);
    assert.equal(world.try(start).ok, false);
  });
});

describe('setting limits', () => {
  it('is refused without a reason, for what there is not, and for values that make no sense', async () => {
    const world = await drawn('line', LINE);
    const refused = (given: Partial<CommandOf<'setLimits'>>): string => {
      const outcome = world.try({
        type: 'setLimits',
        target: of('line'),
        limits: { steps: 1 },
        reason: 'why',
        ...given,
      });
      assert.ok(!outcome.ok, JSON.stringify(given));
      return outcome.rejection.message;
    };
    assert.match(refused({ reason: ' ' }), /give a reason/);
    assert.match(refused({ target: of('nobody') }), /not deployed/);
    assert.match(refused({ target: one(1) }), /does not run/);
    assert.match(refused({ limits: { steps: -1 } }), /0 or more/);
    assert.match(refused({ limits: { steps: 1.5 } }), /whole number/);
    assert.match(refused({ limits: { wishes: 3 } as never }), /there is no limit 'wishes'/);
    assert.match(refused({ limits: {}, nice: 20 }), /from -20 to 19/);
    assert.match(refused({ limits: {} }), /at least one/);
    const id = world.start('line');
    assert.match(refused({ target: one(id), limits: { instances: 1 } }), /definition or tenant/);
  });

  it('is in the log with who and why', async () => {
    const world = await drawn('line', LINE);
    world.by = { kind: 'user', id: 'anna' };
    limit(world, of('line'), { steps: 9 });
    const record = world.records.at(-1);
    assert.deepEqual(record?.by, { kind: 'user', id: 'anna' });
    const [event] = record?.events ?? [];
    assert.equal(event?.type === 'limitsSet' ? event.reason : '', 'the budget of spring');
  });
});

describe('nice', () => {
  const LATER =
    element('startEvent', 'start') +
    work('a') +
    element('task', 'later', '', 'camunda:asyncBefore="true"') +
    flows('start a', 'a later');

  it('is the priority of tasks and continuations where the model gives none', async () => {
    const world = await drawn('line', LATER + work('urgent', '', 'camunda:taskPriority="7"') + flow('start', 'urgent'));
    set(world, { target: of('line'), nice: 5 });
    const id = world.start('line');
    const priorities = () =>
      Object.fromEntries(world.store.find('externalTasks').map(({ topic, priority }) => [topic, priority]));
    assert.deepEqual(priorities(), { a: -5, urgent: 7 });
    set(world, { target: one(id), nice: -10 });
    assert.deepEqual(priorities(), { a: 10, urgent: 7 });
    world.work('a');
    assert.deepEqual(
      world.store.find('timers').map(({ priority }) => priority),
      [10],
    );
    set(world, { target: one(id), nice: null });
    assert.deepEqual(
      world.store.find('timers').map(({ priority }) => priority),
      [-5],
    );
    world.assertReplayEqual();
  });
});
