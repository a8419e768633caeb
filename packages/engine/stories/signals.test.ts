/** Stories of signals to very many: told in slices, each receiver once, others get their turn, and what is carried along stays small. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS, type Limits } from '../src/index.ts';
import { element, event, flow, flows, named, work } from './drawing.ts';
import { typed, World } from './world.ts';

const SIGNAL = named('signal', 's');
const CATCHES =
  element('startEvent', 'start') +
  element('intermediateCatchEvent', 'heard', event('signal', 's')) +
  element('task', 'a') +
  flows('start heard a');
const STAYS =
  element('startEvent', 'start') +
  work('stay') +
  flows('start stay') +
  element(
    'subProcess',
    'beside',
    element('startEvent', 'heard', event('signal', 's'), 'isInterrupting="false"') +
      element('task', 'note') +
      flows('heard note'),
    'triggeredByEvent="true"',
  );
const SLICES_OF_FIVE = { ...DEFAULT_LIMITS, stepsPerCommand: 5 };

async function world(limits: Limits, models: Readonly<Record<string, string>>): Promise<World> {
  const made = new World();
  made.limits = limits;
  for (const [id, inside] of Object.entries(models)) await made.draw(id, inside, SIGNAL);
  return made;
}

function many(made: World, bpmnProcessId: string, count: number): number[] {
  return Array.from({ length: count }, () => made.start(bpmnProcessId));
}

function heard(made: World, id: number): number {
  return made.trace(id).filter((name) => name === 'heard').length;
}

/** One of the timers that are due rings; false: none is. */
function ring(made: World, which = 0): boolean {
  const due = made.store.state.timers.due(made.now, 100);
  const timer = due[which % Math.max(1, due.length)];
  if (timer !== undefined) made.do({ type: 'triggerTimer', timerId: timer.id });
  return timer !== undefined;
}

function settle(made: World): void {
  for (let rings = 0; ring(made); rings += 1) assert.ok(rings < 2_000, 'still going');
}

function suspend(made: World, processInstanceId: number, suspended: boolean): void {
  made.try({ type: 'setSuspension', target: { processInstanceId }, suspended });
}

const tell = (made: World) => made.do({ type: 'broadcastSignal', name: 's' });

describe('a signal to very many', () => {
  it('reaches each that waited and was not suspended then, once, whatever happens in between', async () => {
    const act = fc.record({
      what: fc.constantFrom(
        'catches',
        'stays',
        'tell',
        'ring',
        'ring',
        'ring',
        'suspend',
        'suspend',
        'resume',
        'cancel',
      ),
      which: fc.nat(40),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 50 }), async (acts) => {
        const made = await world(SLICES_OF_FIVE, { catches: CATCHES, stays: STAYS });
        const all: { id: number; once: boolean; suspended: boolean; gone: boolean; owed: number }[] = [];
        const start = (name: string) =>
          all.push({ id: made.start(name), once: name === 'catches', suspended: false, gone: false, owed: 0 });
        for (let index = 0; index < 12; index += 1) start(index % 2 === 0 ? 'catches' : 'stays');
        for (const { what, which } of acts) {
          const one = all[which % all.length];
          if (one === undefined) continue;
          if (what === 'catches' || what === 'stays') start(what);
          else if (what === 'ring') ring(made, which);
          else if (what === 'tell') {
            tell(made);
            for (const each of all) if (!each.suspended && !each.gone) each.owed = each.once ? 1 : each.owed + 1;
          } else if (what === 'cancel') {
            made.try({ type: 'cancelProcessInstance', processInstanceId: one.id });
            one.gone = true;
          } else {
            suspend(made, one.id, what === 'suspend');
            one.suspended = what === 'suspend';
          }
        }
        for (const { id } of all) suspend(made, id, false);
        settle(made);
        for (const { id, gone, owed } of all) {
          if (gone) assert.ok(heard(made, id) <= owed, `${id} heard ${heard(made, id)} of ${owed}`);
          else assert.equal(heard(made, id), owed, `of ${id}`);
        }
        assert.deepEqual(made.incidents(), []);
        made.assertReplayEqual();
      }),
      { numRuns: 60 },
    );
  });

  it('begins its start events at once, each once, and nothing that it begins receives it', async () => {
    const begins =
      element('startEvent', 'start', event('signal', 's')) +
      element('intermediateCatchEvent', 'heard', event('signal', 's')) +
      flows('start heard');
    const made = await world(SLICES_OF_FIVE, { catches: CATCHES, begins, also: begins });
    const ids = many(made, 'catches', 23);
    assert.equal(tell(made).receivers, 5, 'both start events, and the first of those that wait');
    assert.equal(made.instanceIds().length, 25);
    await made.draw('begins', begins, SIGNAL);
    settle(made);
    assert.deepEqual(
      ids.filter((id) => heard(made, id) !== 1),
      [],
    );
    assert.deepEqual(
      made
        .instanceIds()
        .slice(23)
        .map((id) => made.standing(id)),
      [['heard'], ['heard']],
    );
    made.assertReplayEqual();
  });

  it('does not begin a process when an instance of it waits for this part of the start event, only then', async () => {
    const both = '<bpmn:messageEventDefinition messageRef="m" />';
    const made = new World();
    await made.draw(
      'gathers',
      element('startEvent', 'heard', event('signal', 's') + both, 'parallelMultiple="true"') +
        work('on') +
        flows('heard on'),
      SIGNAL + named('message', 'm'),
    );
    await made.draw('catches', CATCHES, SIGNAL);
    made.start('catches');
    assert.equal(tell(made).receivers, 2, 'another process has an event of the same id');
    made.do({ type: 'correlateMessage', name: 'm', all: false, processInstanceId: made.instanceIds()[1] ?? 0 });
    made.do({ type: 'correlateMessage', name: 'm', all: false });
    const gathering = made.instanceIds()[2] ?? 0;
    assert.deepEqual(made.standing(gathering), ['heard']);
    assert.equal(tell(made).receivers, 1);
    assert.deepEqual(made.standing(gathering), ['on']);
    assert.equal(made.instanceIds().length, 3);
  });

  it('interrupts who has thrown it before that goes on, however many have waited longer', async () => {
    const throwing =
      element('startEvent', 'start') +
      element(
        'subProcess',
        'inside',
        element('startEvent', 'begin') +
          element('intermediateThrowEvent', 'throw', event('signal', 's')) +
          element('task', 'after') +
          flows('begin throw after'),
      ) +
      element('boundaryEvent', 'stop', event('signal', 's'), 'attachedToRef="inside"') +
      work('stopped') +
      flows('start inside', 'stop stopped');
    const made = await world(SLICES_OF_FIVE, { catches: CATCHES, throws: throwing });
    const ids = many(made, 'catches', 31);
    const id = made.start('throws');
    settle(made);
    assert.deepEqual(made.standing(id), ['stopped']);
    assert.equal(made.trace(id).includes('after'), false);
    assert.equal(made.trace(id).filter((name) => name === 'stop').length, 1);
    assert.ok(ids.every((one) => made.state(one) === 'completed'));
  });

  it('reaches what waits in the instance that has thrown it once', async () => {
    const telling =
      STAYS.replace(
        '</bpmn:startEvent>',
        `</bpmn:startEvent>${element('intermediateThrowEvent', 'tell', event('signal', 's'))}`,
      ).replace('sourceRef="start" targetRef="stay"', 'sourceRef="start" targetRef="tell"') + flow('tell', 'stay');
    const made = await world(SLICES_OF_FIVE, { catches: CATCHES, tells: telling });
    many(made, 'catches', 12);
    const id = made.start('tells');
    settle(made);
    assert.deepEqual(made.standing(id), ['stay']);
    assert.equal(heard(made, id), 1);
  });

  it('carries along no list of those that are left: each command has its few, and the next knows where to go on', async () => {
    async function measured(count: number) {
      const made = await world({ ...DEFAULT_LIMITS, stepsPerCommand: 20 }, { catches: CATCHES });
      many(made, 'catches', count);
      const before = made.records.length;
      tell(made);
      settle(made);
      const events = made.records.slice(before).map((record) => record.events);
      const carried = events.flat().filter(({ type }) => type === 'timerScheduled');
      return {
        ended: events.flat().filter(({ type }) => type === 'processInstanceCompleted').length,
        most: Math.max(...events.map((some) => some.length)),
        carried: carried.map((one) => JSON.stringify(one).length).reduce((sum, size) => sum + size, 0) / count,
      };
    }
    const [few, more] = [await measured(60), await measured(240)];
    assert.deepEqual([few.ended, more.ended], [60, 240]);
    assert.equal(more.most, few.most);
    assert.ok(more.carried < few.carried * 1.2, `${few.carried} characters each of 60, ${more.carried} of 240`);
  });

  it('from outside is no loop, however many steps all that it leads to takes', async () => {
    const limits = { ...DEFAULT_LIMITS, stepsPerCommand: 20, stepsWithoutWait: 150 };
    const made = await world(limits, { catches: CATCHES });
    const ids = many(made, 'catches', 100);
    tell(made);
    settle(made);
    assert.deepEqual(made.incidents(), []);
    assert.ok(ids.every((id) => made.state(id) === 'completed'));
  });

  it('that those who receive it throw again is stopped as a loop', async () => {
    const answering = (hears: string, throws: string) =>
      element('startEvent', 'start') +
      element('exclusiveGateway', 'merge') +
      element('intermediateCatchEvent', 'heard', event('signal', hears)) +
      element('intermediateThrowEvent', 'again', event('signal', throws)) +
      flows('start merge heard again merge');
    const made = new World();
    made.limits = { ...DEFAULT_LIMITS, stepsPerCommand: 10, stepsWithoutWait: 400 };
    const signals = SIGNAL + named('signal', 't');
    await made.draw('ping', answering('s', 't'), signals);
    await made.draw('pong', answering('t', 's'), signals);
    many(made, 'ping', 30);
    many(made, 'pong', 30);
    tell(made);
    settle(made);
    const incidents = made.incidents();
    assert.ok(incidents.length > 0 && incidents.every(({ kind }) => kind === 'runaway'));
    assert.match(incidents[0]?.message ?? '', /more than 400 steps without waiting/);
  });

  it('thrown in a loop is stopped as one, and what is on its way does not pile up', async () => {
    const shouts =
      element('startEvent', 'start') +
      element('exclusiveGateway', 'merge') +
      element('intermediateThrowEvent', 'shout', event('signal', 's')) +
      flows('start merge shout merge');
    const made = await world({ ...SLICES_OF_FIVE, stepsWithoutWait: 1_500 }, { stays: STAYS, shouts });
    const ids = many(made, 'stays', 12);
    made.start('shouts');
    settle(made);
    assert.ok(made.incidents().some(({ kind, elementId }) => kind === 'runaway' && elementId !== 'heard'));
    const events = made.records.flatMap((record) => record.events);
    const thrown = events.filter(({ type }) => type === 'signalBroadcast').length;
    assert.ok(thrown > 20);
    const waiting = events.flatMap((one) =>
      one.type === 'timerScheduled' && one.timer.step?.kind === 'continueTurn' ? [one.timer.step.steps] : [],
    );
    const most = Math.max(...waiting.map((steps) => steps.filter(({ kind }) => kind === 'continueSignal').length));
    assert.ok(most > 1 && most <= 16, `${most} at once`);
    for (const incident of made.incidents()) made.do({ type: 'resolveIncident', incidentId: incident.id });
    assert.ok(ids.every((id) => heard(made, id) > 0));
  });

  it('tells its own data, and who has sent it is who starts what is called because of it', async () => {
    const calls =
      element('startEvent', 'start') +
      element('intermediateCatchEvent', 'heard', event('signal', 's')) +
      element('callActivity', 'call', '', 'calledElement="called"') +
      flows('start heard call');
    const called = element('startEvent', 'start') + work('on') + flows('start on');
    const made = await world(DEFAULT_LIMITS, { calls, called });
    const ids = many(made, 'calls', 130);
    made.by = { kind: 'user', id: 'ada' };
    made.do({ type: 'broadcastSignal', name: 's', variables: typed({ n: 7 }) });
    made.by = { kind: 'kernel', id: 'kernel' };
    settle(made);
    assert.deepEqual(new Set(ids.map((id) => made.variables(id)['n'])), new Set([7]));
    const begun = made.records.flatMap(({ by, events }) =>
      events.flatMap((one) =>
        one.type === 'processInstanceCreated' && one.parentId !== null ? [one.startedBy ?? `${by.kind}:${by.id}`] : [],
      ),
    );
    assert.equal(begun.length, 130);
    assert.deepEqual(new Set(begun), new Set(['user:ada']));
  });

  it('keeps from migrating who is still to receive it, unless that is suspended: then it receives it in the new version', async () => {
    const made = await world(SLICES_OF_FIVE, { catches: CATCHES });
    const ids = many(made, 'catches', 12);
    await made.draw('catches', CATCHES.replace('"a"', '"a" name="A"'), SIGNAL);
    const target = made.store.state.definitions.latest('catches', null)?.id ?? 0;
    tell(made);
    const last = ids.at(-1) ?? 0;
    const migrate = () =>
      made.try({
        type: 'migrateProcessInstance',
        processInstanceId: last,
        targetDefinitionId: target,
        instructions: [{ source: 'heard', target: 'heard', updateEventTrigger: true }],
      });
    const refused = migrate();
    assert.equal(!refused.ok && refused.rejection.code, 'INVALID_STATE');
    suspend(made, last, true);
    assert.ok(migrate().ok);
    settle(made);
    assert.equal(heard(made, last), 0);
    suspend(made, last, false);
    settle(made);
    assert.ok(ids.every((id) => heard(made, id) === 1));
    made.assertReplayEqual();
  });

  it('thrown asynchronously reaches each in a command of its own, and those commands are set up in slices as well', async () => {
    const throwing =
      element('startEvent', 'start') +
      element('endEvent', 'tell', '<bpmn:signalEventDefinition signalRef="s" camunda:async="true" />') +
      flows('start tell');
    const made = await world(SLICES_OF_FIVE, { catches: CATCHES, throws: throwing });
    const ids = many(made, 'catches', 23);
    const before = made.records.length;
    made.start('throws');
    const late = made.start('catches');
    settle(made);
    assert.ok(ids.every((id) => heard(made, id) === 1));
    assert.equal(heard(made, late), 0);
    const commands = made.records.slice(before).map(({ events }) => ({
      ended: events.filter(({ type }) => type === 'processInstanceCompleted').length,
      timers: events.filter(({ type }) => type === 'timerScheduled').length,
    }));
    assert.equal(commands.filter(({ ended }) => ended === 1).length, 24, 'each, and who has thrown it');
    assert.ok(commands.every(({ timers }) => timers <= 6));
    made.assertReplayEqual();
  });
});

describe('a message to all of very many', () => {
  const WAITS =
    element('startEvent', 'start') +
    element('intermediateCatchEvent', 'heard', event('message', 'm')) +
    element('task', 'a') +
    flows('start heard a');
  const BEGINS = element('startEvent', 'heard', event('message', 'm')) + work('stay') + flows('heard stay');

  async function waiting(limits: Limits, count: number) {
    const made = new World();
    made.limits = limits;
    await made.draw('waits', WAITS, named('message', 'm'));
    await made.draw('begins', BEGINS, named('message', 'm'));
    const ids = Array.from({ length: count }, (_, index) =>
      made.start('waits', { colour: index % 3 === 2 ? 'blue' : 'red' }),
    );
    const say = (changes: object = {}) =>
      made.do({
        type: 'correlateMessage',
        name: 'm',
        all: true,
        inTurns: true,
        variables: typed({ n: 7 }),
        localVariables: typed({ own: 8 }),
        correlationKeys: { colour: 'red' },
        ...changes,
      }).correlated;
    return { made, ids, say };
  }

  it('reaches in turns each that waited and was meant, once; the answer names those of the first part', async () => {
    const { made, ids, say } = await waiting(SLICES_OF_FIVE, 23);
    const [quiet = 0, , , , , , , , , late = 0] = ids;
    suspend(made, quiet, true);
    const told = say();
    const begun = told.filter(({ started }) => started);
    assert.equal(begun.length, 1);
    assert.ok(told.length > 1 && told.length <= 6, `${told.length} at first`);
    suspend(made, late, true);
    const newcomer = made.start('waits', { colour: 'red' });
    settle(made);
    assert.deepEqual([heard(made, quiet), heard(made, late), heard(made, newcomer)], [0, 0, 0]);
    suspend(made, late, false);
    suspend(made, quiet, false);
    settle(made);
    const reached = [...ids, newcomer].filter((id) => heard(made, id) > 0);
    assert.deepEqual(
      reached,
      ids.filter((id, index) => index % 3 !== 2 && id !== quiet),
    );
    assert.ok(reached.every((id) => heard(made, id) === 1 && made.variables(id)['n'] === 7));
    const events = made.records.flatMap((record) => record.events);
    assert.equal(events.filter(({ type }) => type === 'messageCorrelated').length, reached.length + 1);
    const own = events.filter((one) => one.type === 'variablesSet' && 'own' in one.variables);
    assert.equal(own.length, reached.length);
    assert.equal(made.instanceIds().length, ids.length + 2);
    made.assertReplayEqual();
  });

  it('is told to all at once where the answer is to name them, and where they are few', async () => {
    const { made, ids, say } = await waiting(SLICES_OF_FIVE, 23);
    assert.equal(say({ inTurns: false, correlationKeys: undefined }).length, ids.length + 1);
    settle(made);
    assert.ok(ids.every((id) => heard(made, id) === 1));
    const few = await waiting(DEFAULT_LIMITS, 23);
    assert.equal(few.say({ correlationKeys: undefined }).length, 24);
  });

  it('carries along no list of those that are left, and no command tells more than the first', async () => {
    const { made, ids, say } = await waiting({ ...DEFAULT_LIMITS, stepsPerCommand: 20 }, 200);
    const before = made.records.length;
    say({ correlationKeys: undefined });
    settle(made);
    const told = made.records
      .slice(before)
      .map(({ events }) => events.filter((one) => one.type === 'messageCorrelated' && !one.started).length);
    assert.equal(
      told.reduce((sum, count) => sum + count, 0),
      ids.length,
    );
    assert.equal(Math.max(...told), 20);
    const carried = made.records
      .slice(before)
      .flatMap(({ events }) => events.filter(({ type }) => type === 'timerScheduled'));
    assert.ok(carried.every((one) => JSON.stringify(one).length < 8_000));
  });
});
