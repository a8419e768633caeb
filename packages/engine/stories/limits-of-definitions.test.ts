/** Stories of limits for more than one instance: which of them counts, how they are set, and how nice instances are. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allBounds, type CommandOf, DEFAULT_LIMITS, type Owned, type ProcessInstance } from '../src/index.ts';
import { element, event, flow, flows, named, timer, work } from './drawing.ts';
import { drawn, LINE, limit, of, one, set, settle, theOnly } from './limit-moves.ts';
import { typed, World } from './world.ts';

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
