/** Stories of instances that go on with another version of their process. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generateMigration, type MigrationInstruction, validateMigrationPlan } from '../src/index.ts';
import { element, flows, timer, work } from './drawing.ts';
import { idOf, typed, World } from './world.ts';

const HOUR = 3_600_000;

describe('migration', () => {
  const PLAN: readonly MigrationInstruction[] = [
    { source: 'work', target: 'labour' },
    { source: 'late', target: 'late' },
    { source: 'approve', target: 'approve' },
    { source: 'paid', target: 'paid', updateEventTrigger: true },
    { source: 'join', target: 'join' },
  ];

  async function moving() {
    const world = await World.with('moving-1');
    const id = world.start('moving');
    await world.deploy('moving-2');
    const [first, second] = world.store.find('definitions').map((row) => world.store.state.definitions.get(row.id));
    assert.ok(first !== undefined && second !== undefined);
    const migrate = (instructions: readonly MigrationInstruction[]) =>
      world.try({ type: 'migrateProcessInstance', processInstanceId: id, targetDefinitionId: second.id, instructions });
    return { world, id, first, second, migrate };
  }

  it('tasks, timers and tokens move along; new events are waited for, and what is asked for is evaluated anew', async () => {
    const { world, id, second, migrate } = await moving();
    world.do({ type: 'completeUserTask', userTaskId: world.store.find('userTasks')[0]?.id ?? 0 });
    const outcome = migrate(PLAN);
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.rejection.message);
    assert.deepEqual(world.standing(id), ['labour', 'paid']);
    assert.equal(world.store.find('externalTasks')[0]?.elementId, 'labour');
    assert.deepEqual(
      world.store.find('subscriptions').map(({ name, definitionId }) => [name, definitionId]),
      [
        ['stop', second.id],
        ['settled', second.id],
      ],
    );
    world.advance(HOUR);
    assert.ok(world.trace(id).includes('endLate'));
    world.do({ type: 'correlateMessage', name: 'settled', all: false });
    world.work('work');
    world.work('extra');
    assert.equal(world.state(id), 'completed');
    assert.equal(world.store.find('processInstances')[0]?.version, 2);
    world.assertReplayEqual();
  });

  it('is refused when an event cannot be evaluated anew; one that is not concerned is not evaluated', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        work('do') +
        element('boundaryEvent', 'late', timer('timeDuration', '${patience}'), 'attachedToRef="do"') +
        flows('start do'),
    );
    const id = world.start('p', { patience: 'PT1H' });
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ patience: 'soon' }),
      local: true,
    });
    const migrate = (updateEventTrigger: boolean) =>
      world.try({
        type: 'migrateProcessInstance',
        processInstanceId: id,
        targetDefinitionId: world.store.state.definitions.latest('p', null)?.id ?? 0,
        instructions: [
          { source: 'do', target: 'do' },
          { source: 'late', target: 'late', updateEventTrigger },
        ],
      });
    const refused = migrate(true);
    assert.match(refused.ok ? '' : refused.rejection.message, /cannot be migrated: timer 'late': .*soon/);
    assert.ok(migrate(false).ok);
    assert.deepEqual(world.incidents(), []);
    world.advance(HOUR);
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('is refused with all reasons at once', async () => {
    const { migrate } = await moving();
    const refused = migrate([{ source: 'approve', target: 'labour' }]);
    assert.ok(!refused.ok);
    assert.match(refused.rejection.message, /a userTask cannot become a serviceTask/);
    assert.match(refused.rejection.message, /'work' is active and not mapped/);
    assert.match(refused.rejection.message, /'paid' is active and not mapped/);
  });

  it('a plan is generated from what has the same id and type in the same scope', async () => {
    const { first, second } = await moving();
    const plan = generateMigration(first.model, second.model);
    assert.deepEqual(plan.map(({ source }) => source).toSorted(), [
      'approve',
      'end',
      'endLate',
      'fork',
      'join',
      'paid',
      'start',
    ]);
    assert.deepEqual(validateMigrationPlan(first.model, second.model, plan), []);
  });

  describe('into new scopes and out of old ones', () => {
    const FLAT = `<bpmn:startEvent id="start" /><bpmn:parallelGateway id="fork" /><bpmn:userTask id="a" /><bpmn:userTask id="b" /><bpmn:userTask id="c" /><bpmn:parallelGateway id="join" /><bpmn:endEvent id="end" />
<bpmn:boundaryEvent id="late" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="endLate" />
<bpmn:sequenceFlow id="f0" sourceRef="start" targetRef="fork" /><bpmn:sequenceFlow id="f1" sourceRef="fork" targetRef="a" /><bpmn:sequenceFlow id="f2" sourceRef="fork" targetRef="b" /><bpmn:sequenceFlow id="f3" sourceRef="fork" targetRef="c" />
<bpmn:sequenceFlow id="f4" sourceRef="a" targetRef="join" /><bpmn:sequenceFlow id="f5" sourceRef="b" targetRef="join" /><bpmn:sequenceFlow id="f6" sourceRef="c" targetRef="join" /><bpmn:sequenceFlow id="f7" sourceRef="join" targetRef="end" /><bpmn:sequenceFlow id="f8" sourceRef="late" targetRef="endLate" />`;

    const LISTENERS = (end: string) =>
      `<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="inner">${'$'}{outer + 1}</camunda:inputParameter><camunda:outputParameter name="from">${'$'}{inner}</camunda:outputParameter></camunda:inputOutput><camunda:executionListener event="start" expression="${'$'}{execution.setVariable('began', '${end}')}" /><camunda:executionListener event="end" expression="${'$'}{execution.setVariable('ended', '${end}')}" /></bpmn:extensionElements>`;

    /** `a` and `b` inside a sub-process inside a sub-process, `c` outside. */
    const NESTED = `<bpmn:startEvent id="start" /><bpmn:subProcess id="big">${LISTENERS('big')}<bpmn:startEvent id="bigStart" /><bpmn:subProcess id="small"><bpmn:startEvent id="smallStart" /><bpmn:parallelGateway id="split" /><bpmn:userTask id="a" /><bpmn:userTask id="b" />
<bpmn:boundaryEvent id="late" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="endLate" />
<bpmn:subProcess id="aside" triggeredByEvent="true"><bpmn:startEvent id="noted" isInterrupting="false"><bpmn:signalEventDefinition signalRef="S_note" /></bpmn:startEvent><bpmn:endEvent id="endNoted" /><bpmn:sequenceFlow id="n1" sourceRef="noted" targetRef="endNoted" /></bpmn:subProcess>
<bpmn:sequenceFlow id="s0" sourceRef="smallStart" targetRef="split" /><bpmn:sequenceFlow id="s1" sourceRef="split" targetRef="a" /><bpmn:sequenceFlow id="s2" sourceRef="split" targetRef="b" /><bpmn:sequenceFlow id="f8" sourceRef="late" targetRef="endLate" /></bpmn:subProcess>
<bpmn:sequenceFlow id="b1" sourceRef="bigStart" targetRef="small" /></bpmn:subProcess>
<bpmn:boundaryEvent id="stop" attachedToRef="big"><bpmn:signalEventDefinition signalRef="S_stop" /></bpmn:boundaryEvent><bpmn:endEvent id="endStop" /><bpmn:userTask id="c" /><bpmn:endEvent id="end" />
<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="big" /><bpmn:sequenceFlow id="f2" sourceRef="big" targetRef="end" /><bpmn:sequenceFlow id="f3" sourceRef="stop" targetRef="endStop" /><bpmn:sequenceFlow id="f4" sourceRef="start" targetRef="c" /><bpmn:sequenceFlow id="f5" sourceRef="c" targetRef="end" />`;
    const SIGNALS = '<bpmn:signal id="S_stop" name="stop" /><bpmn:signal id="S_note" name="note" />';
    const LEAVES = ['a', 'b', 'c', 'late'];

    async function moved(from: string, to: string, ids: readonly string[]) {
      const world = new World();
      await world.draw('p', from, SIGNALS);
      const id = world.start('p', { outer: 1 });
      await world.draw('p', to, SIGNALS);
      const outcome = migrateTo(world, id, ids);
      return { world, id, outcome };
    }

    function migrateTo(world: World, id: number, ids: readonly string[]) {
      const target = world.store.state.definitions.latest('p', null);
      assert.ok(target !== undefined);
      return world.try({
        type: 'migrateProcessInstance',
        processInstanceId: id,
        targetDefinitionId: target.id,
        instructions: ids.map((one) => ({ source: one, target: one })),
      });
    }

    function complete(world: World, elementId: string): void {
      const task = world.store.find('userTasks').find((one) => one.elementId === elementId);
      world.do({ type: 'completeUserTask', userTaskId: task?.id ?? 0 });
    }

    /** Element ids from the inside out. */
    function around(world: World, id: number, elementId: string): string[] {
      const elements = world.store.state.instances.get(id)?.elements;
      const ids: string[] = [];
      for (let at = elements?.get(idOf(world, id, elementId)); at !== undefined; at = elements?.get(at.scopeId ?? 0))
        ids.push(at.elementId);
      return ids;
    }

    it('new scopes begin once around all that moves into them, with mappings, listeners and events; tasks and timers stay', async () => {
      const { world, id, outcome } = await moved(FLAT, NESTED, LEAVES);
      assert.ok(outcome.ok, outcome.ok ? '' : outcome.rejection.message);
      assert.deepEqual(around(world, id, 'a'), ['a', 'small', 'big', 'p']);
      assert.deepEqual(around(world, id, 'b'), ['b', 'small', 'big', 'p']);
      assert.deepEqual(around(world, id, 'c'), ['c', 'p']);
      const elements = [...(world.store.state.instances.get(id)?.elements.values() ?? [])];
      assert.equal(elements.length, 6);
      assert.equal(world.variables(id)['began'], 'big');
      assert.deepEqual(elements.find(({ elementId }) => elementId === 'big')?.variables.get('inner'), {
        type: 'Integer',
        value: 2,
      });
      const rows = world.store.find('elementInstances').filter(({ outcome: how }) => how === 'active');
      assert.equal(rows.find(({ elementId }) => elementId === 'a')?.scopeId, idOf(world, id, 'small'));
      world.do({ type: 'broadcastSignal', name: 'note' });
      world.advance(HOUR);
      assert.deepEqual(world.trace(id).slice(-5), ['noted', 'endNoted', 'aside', 'late', 'endLate']);
      complete(world, 'a');
      complete(world, 'b');
      assert.deepEqual(world.trace(id).slice(-5), ['a', 'b', 'small', 'big', 'end']);
      assert.deepEqual([world.variables(id)['from'], world.variables(id)['ended']], [2, 'big']);
      assert.deepEqual(world.standing(id), ['c']);
      world.assertReplayEqual();
    });

    it('an event of a new scope interrupts what is older than the scope', async () => {
      const { world, id } = await moved(FLAT, NESTED, LEAVES);
      world.do({ type: 'broadcastSignal', name: 'stop' });
      assert.deepEqual(world.standing(id), ['c']);
      const trace = world.trace(id);
      assert.deepEqual(trace.slice(trace.indexOf('-b')), ['-b', '-a', '-small', '-big', 'stop', 'endStop']);
      complete(world, 'c');
      assert.equal(world.state(id), 'completed');
      world.assertReplayEqual();
    });

    it('the whole of a migrated instance is canceled from the inside out', async () => {
      const { world, id } = await moved(FLAT, NESTED, LEAVES);
      world.do({ type: 'cancelProcessInstance', processInstanceId: id });
      const trace = world.trace(id);
      const order = ['-a', '-b', '-small', '-big'].map((one) => trace.indexOf(one));
      assert.ok(!order.includes(-1));
      assert.ok(Math.max(...order.slice(0, 2)) < (order[2] ?? 0) && (order[2] ?? 0) < (order[3] ?? 0));
      world.assertReplayEqual();
    });

    it('what a listener holds up inside a new scope is not canceled a second time from further inside', async () => {
      const listener = `<bpmn:userTask id="a"><bpmn:extensionElements><camunda:taskListener event="delete"><camunda:script scriptFormat="javascript">1</camunda:script></camunda:taskListener></bpmn:extensionElements></bpmn:userTask>`;
      const interrupted = (xml: string) =>
        xml.replace('<bpmn:userTask id="a" />', listener).replace(' cancelActivity="false"', '');
      const { world, id } = await moved(interrupted(FLAT), interrupted(NESTED), LEAVES);
      world.do({ type: 'broadcastSignal', name: 'stop' });
      world.advance(HOUR);
      assert.deepEqual(world.standing(id), ['a', 'b', 'c']);
      world.work('procos.script', {}, { result: 1 });
      assert.deepEqual(world.standing(id), ['c']);
      assert.ok(!world.trace(id).includes('late'));
      assert.ok(world.trace(id).includes('endStop'));
      world.assertReplayEqual();
    });

    it('scopes that are not mapped end around what is inside, with listeners and mappings, and their variables go', async () => {
      const { world, id, outcome } = await moved(NESTED, FLAT, LEAVES);
      assert.ok(outcome.ok, outcome.ok ? '' : outcome.rejection.message);
      assert.deepEqual(world.trace(id), ['start', 'bigStart', 'smallStart', 'split', '-small', '-big']);
      assert.deepEqual(around(world, id, 'a'), ['a', 'p']);
      assert.deepEqual([world.variables(id)['from'], world.variables(id)['ended']], [2, 'big']);
      assert.ok(!world.store.find('variables').some(({ name, live }) => name === 'inner' && live));
      assert.equal(world.do({ type: 'broadcastSignal', name: 'stop' }).receivers, 0);
      world.advance(HOUR);
      for (const task of ['a', 'b', 'c']) complete(world, task);
      assert.deepEqual(world.trace(id).slice(-7), ['late', 'endLate', 'a', 'b', 'c', 'join', 'end']);
      assert.equal(world.state(id), 'completed');
      world.assertReplayEqual();
    });

    it('one of two scopes goes, the other stays as it is', async () => {
      const { world, id, outcome } = await moved(
        NESTED,
        NESTED.replace(
          /<bpmn:subProcess id="small">.*?<\/bpmn:subProcess>\n(?=<bpmn:sequenceFlow id="b1")/s,
          SMALL_GONE,
        ),
        ['a', 'b', 'c', 'big'],
      );
      assert.ok(outcome.ok, outcome.ok ? '' : outcome.rejection.message);
      assert.deepEqual(around(world, id, 'b'), ['b', 'big', 'p']);
      complete(world, 'a');
      complete(world, 'b');
      assert.deepEqual(world.trace(id).slice(-4), ['a', 'b', 'big', 'end']);
      world.assertReplayEqual();
    });
    const SMALL_GONE = `<bpmn:task id="small" /><bpmn:userTask id="a" /><bpmn:userTask id="b" />`;

    it('instances of a loop that the target does not have stay, each by itself with its boundary events; the loop goes', async () => {
      const loop =
        '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>';
      const looping = FLAT.replace('<bpmn:userTask id="a" />', `<bpmn:userTask id="a">${loop}</bpmn:userTask>`);
      const world = new World();
      await world.draw('p', looping, SIGNALS);
      const id = world.start('p', { outer: 1 });
      complete(world, 'a');
      await world.draw('p', FLAT, SIGNALS);
      const outcome = migrateTo(world, id, LEAVES);
      assert.ok(outcome.ok, outcome.ok ? '' : outcome.rejection.message);
      const elements = [...(world.store.state.instances.get(id)?.elements.values() ?? [])];
      const left = elements.filter(({ elementId }) => elementId === 'a');
      assert.deepEqual(
        left.map(({ scopeId, role, loopIndex, variables }) => [
          scopeId,
          role,
          loopIndex,
          variables.get('loopCounter')?.value,
        ]),
        [
          [id, 'element', null, 1],
          [id, 'element', null, 2],
        ],
      );
      assert.equal(world.store.find('timers').length, 2);
      const rows = world.store
        .find('elementInstances')
        .filter(({ elementId, outcome: how }) => elementId === 'a' && how === 'active');
      assert.deepEqual(
        rows.map(({ scopeId, loopIndex }) => [scopeId, loopIndex]),
        [
          [id, null],
          [id, null],
        ],
      );
      world.advance(HOUR);
      assert.equal(world.trace(id).filter((one) => one === 'endLate').length, 2);
      for (const task of ['b', 'c', 'a', 'a']) complete(world, task);
      assert.equal(world.trace(id).filter((one) => one === 'end').length, 1);
      world.assertReplayEqual();
    });

    it('a loop with what can be undone inside is not left, and a loop is not put around what runs', async () => {
      const loop =
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>';
      const book = (inside: string) =>
        `<bpmn:startEvent id="start" /><bpmn:userTask id="book">${inside}</bpmn:userTask><bpmn:boundaryEvent id="undo" attachedToRef="book"><bpmn:compensateEventDefinition /></bpmn:boundaryEvent><bpmn:task id="unbook" isForCompensation="true" /><bpmn:association id="as" sourceRef="undo" targetRef="unbook" associationDirection="One" /><bpmn:sequenceFlow id="g" sourceRef="start" targetRef="book" />`;
      const world = new World();
      await world.draw('p', book(loop));
      const id = world.start('p');
      complete(world, 'book');
      await world.draw('p', book(''));
      const refused = migrateTo(world, id, ['book']);
      assert.ok(!refused.ok);
      assert.match(
        refused.rejection.message,
        /'book' does not loop in the target, and its loop cannot be left: it has completed what can be undone/,
      );
      const single = world.start('p');
      await world.draw('p', book(loop));
      const into = migrateTo(world, single, ['book']);
      assert.ok(!into.ok);
      assert.match(into.rejection.message, /it does not loop, the target is sequential multi-instance/);
    });

    it('listeners and mappings are left out when that is asked for', async () => {
      const world = new World();
      await world.draw('p', FLAT, SIGNALS);
      const id = world.start('p', { outer: 1 });
      await world.draw('p', NESTED, SIGNALS);
      const target = world.store.state.definitions.latest('p', null);
      world.do({
        type: 'migrateProcessInstance',
        processInstanceId: id,
        targetDefinitionId: target?.id ?? 0,
        instructions: LEAVES.map((one) => ({ source: one, target: one })),
        skipListeners: true,
        skipMappings: true,
      });
      assert.equal(world.variables(id)['began'], undefined);
      assert.ok(!world.store.find('variables').some(({ name }) => name === 'inner'));
      assert.deepEqual(around(world, id, 'a'), ['a', 'small', 'big', 'p']);
    });

    it('a scope whose input mapping fails waits in an incident and does not end before it has begun', async () => {
      const world = new World();
      await world.draw('p', FLAT, SIGNALS);
      const id = world.start('p');
      await world.draw('p', NESTED, SIGNALS);
      assert.ok(migrateTo(world, id, LEAVES).ok);
      const [incident] = world.incidents();
      assert.equal(incident?.elementId, 'big');
      complete(world, 'a');
      complete(world, 'b');
      assert.deepEqual(world.standing(id), ['big', 'c']);
      world.do({
        type: 'setVariables',
        processInstanceId: id,
        scopeId: id,
        variables: typed({ outer: 1 }),
        local: false,
      });
      world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
      assert.deepEqual(world.standing(id), ['c']);
      world.assertReplayEqual();
    });

    it('is refused where something would be lost', async () => {
      const joined = await moved(FLAT, FLAT, []);
      complete(joined.world, 'a');
      await joined.world.draw(
        'p',
        `<bpmn:startEvent id="start" /><bpmn:subProcess id="new">${FLAT.replaceAll('"start"', '"newStart"').replace('id="late"', 'id="late2"').replace('sourceRef="late"', 'sourceRef="late2"')}</bpmn:subProcess><bpmn:sequenceFlow id="f" sourceRef="start" targetRef="new" />`,
      );
      const tokens = migrateTo(joined.world, joined.id, ['a', 'b', 'c', 'join']);
      assert.ok(!tokens.ok);
      assert.match(
        tokens.rejection.message,
        /a token waits on sequence flow 'f4', which is in 'new' of the target, not in 'p'/,
      );
      const LOOPS = NESTED.replace(
        '<bpmn:subProcess id="small">',
        '<bpmn:subProcess id="small"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>',
      );
      const intoLoop = await moved(FLAT, LOOPS, LEAVES);
      assert.ok(!intoLoop.outcome.ok);
      assert.match(
        intoLoop.outcome.rejection.message,
        /'small' around it loops: it cannot begin around what is active already/,
      );
      const outOfLoop = await moved(LOOPS, FLAT, LEAVES);
      assert.ok(!outOfLoop.outcome.ok);
      assert.match(outOfLoop.outcome.rejection.message, /its scope 'small' loops and is not mapped/);
      const elsewhere = await moved(NESTED, NESTED, ['c']);
      assert.ok(!elsewhere.outcome.ok);
      assert.match(elsewhere.outcome.rejection.message, /'a' is active and not mapped/);
      const apart = await moved(
        NESTED,
        FLAT.replace(
          '<bpmn:userTask id="b" />',
          '<bpmn:userTask id="b" /><bpmn:subProcess id="big"><bpmn:startEvent id="x" /></bpmn:subProcess>',
        ),
        [...LEAVES, 'big'],
      );
      assert.ok(!apart.outcome.ok);
      assert.match(apart.outcome.rejection.message, /its scope 'big' becomes 'big', which does not contain 'a'/);
    });

    it('what can be undone keeps its scope from being left, and stays where it was completed', async () => {
      const UNDOABLE = `<bpmn:startEvent id="start" /><bpmn:subProcess id="sub"><bpmn:startEvent id="s" /><bpmn:task id="book" /><bpmn:boundaryEvent id="undo" attachedToRef="book"><bpmn:compensateEventDefinition /></bpmn:boundaryEvent><bpmn:task id="unbook" isForCompensation="true" /><bpmn:association id="as" sourceRef="undo" targetRef="unbook" associationDirection="One" /><bpmn:userTask id="a" /><bpmn:sequenceFlow id="g1" sourceRef="s" targetRef="book" /><bpmn:sequenceFlow id="g2" sourceRef="book" targetRef="a" /></bpmn:subProcess><bpmn:sequenceFlow id="g0" sourceRef="start" targetRef="sub" />`;
      const flat = UNDOABLE.replace(/<bpmn:subProcess id="sub"><bpmn:startEvent id="s" \/>/, '')
        .replace('</bpmn:subProcess>', '')
        .replace('sourceRef="s" targetRef="book"', 'sourceRef="start" targetRef="book"')
        .replace(/<bpmn:sequenceFlow id="g0".*?\/>/, '');
      const out = await moved(UNDOABLE, flat, ['a', 'book']);
      assert.ok(!out.outcome.ok);
      assert.match(
        out.outcome.rejection.message,
        /'sub' is not mapped and cannot be left: it has completed what can be undone/,
      );
      const into = await moved(flat, UNDOABLE, ['a', 'book']);
      assert.ok(!into.outcome.ok);
      assert.match(
        into.outcome.rejection.message,
        /'book' has completed, can be undone, and 'book' is not directly in 'p'/,
      );
    });
  });
});
