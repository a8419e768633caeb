/** Stories of operations on running instances: modify, start anywhere, suspend, migrate. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DEFAULT_LIMITS,
  freezeInstance,
  generateMigration,
  type Instruction,
  type MigrationInstruction,
  validateMigrationPlan,
} from '../src/index.ts';
import { element, flows, timer, work } from './drawing.ts';
import { typed, World } from './world.ts';

const HOUR = 3_600_000;

function modify(world: World, processInstanceId: number, ...instructions: Instruction[]) {
  return world.try({ type: 'modifyProcessInstance', processInstanceId, instructions });
}

function idOf(world: World, processInstanceId: number, elementId: string): number {
  const elements = world.store.state.instances.get(processInstanceId)?.elements.values() ?? [];
  return [...elements].find((element) => element.elementId === elementId)?.id ?? 0;
}

/** A sub-process with a script on its way in; inside, a task that waits for nobody, and a join that never gets both. */
const SCRIPT_ON_THE_WAY_IN = `<bpmn:startEvent id="start" /><bpmn:userTask id="wait" /><bpmn:subProcess id="scope">
<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="x"><camunda:script scriptFormat="javascript">1 + 1</camunda:script></camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>
<bpmn:startEvent id="begin" /><bpmn:parallelGateway id="fork" /><bpmn:task id="quick" /><bpmn:task id="other" /><bpmn:parallelGateway id="join" /><bpmn:task id="alone" />
<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="fork" /><bpmn:sequenceFlow id="f2" sourceRef="fork" targetRef="quick" /><bpmn:sequenceFlow id="f3" sourceRef="fork" targetRef="other" />
<bpmn:sequenceFlow id="f4" sourceRef="quick" targetRef="join" /><bpmn:sequenceFlow id="f5" sourceRef="other" targetRef="join" /><bpmn:sequenceFlow id="f6" sourceRef="join" targetRef="alone" />
</bpmn:subProcess><bpmn:sequenceFlow id="f7" sourceRef="start" targetRef="wait" /><bpmn:sequenceFlow id="f8" sourceRef="wait" targetRef="scope" />`;

/** A join whose second way never begins by itself. */
const TWO_WAYS =
  element('startEvent', 'start') +
  element('task', 'first') +
  work('other') +
  element('parallelGateway', 'join') +
  work('after') +
  flows('start first join after', 'other join');

describe('modification', () => {
  it('what is started inside a scope does not end it while a script is on the way in; then the scope ends', async () => {
    const world = new World();
    await world.draw('p', SCRIPT_ON_THE_WAY_IN);
    const id = world.start('p');
    assert.ok(modify(world, id, { kind: 'startBefore', elementId: 'alone' }).ok);
    assert.deepEqual(world.trace(id), ['start', 'alone']);
    assert.deepEqual(world.standing(id), ['scope', 'wait']);
    world.work('procos.script', {}, { result: 2 });
    assert.deepEqual(world.trace(id), ['start', 'alone', 'scope']);
    world.assertReplayEqual();
  });

  it('a join that is stuck in a scope is an incident once the script on the way in is done, and stays one', async () => {
    const world = new World();
    await world.draw('p', SCRIPT_ON_THE_WAY_IN);
    const id = world.start('p');
    assert.ok(modify(world, id, { kind: 'startBefore', elementId: 'quick' }).ok);
    assert.deepEqual(world.incidents(), []);
    world.work('procos.script', {}, { result: 2 });
    assert.deepEqual(
      world.incidents().map(({ kind, elementId }) => [kind, elementId]),
      [['deadlock', 'join']],
    );
    world.assertReplayEqual();
  });

  it('a token on its way is not stuck, although the command that goes on with it is still to come', async () => {
    const world = new World();
    world.limits = { ...DEFAULT_LIMITS, stepsPerCommand: 2 };
    await world.draw('p', TWO_WAYS);
    const id = world.start('p');
    assert.ok(modify(world, id, { kind: 'startAfter', elementId: 'other' }).ok);
    assert.deepEqual(world.incidents(), []);
    world.advance(0);
    assert.deepEqual(world.standing(id), ['after']);
    world.assertReplayEqual();
  });

  it('the incident of a join that is stuck goes when something begins that may bring the token', async () => {
    const world = new World();
    await world.draw('p', TWO_WAYS);
    const id = world.start('p');
    assert.deepEqual(
      world.incidents().map(({ kind, elementId }) => [kind, elementId]),
      [['deadlock', 'join']],
    );
    modify(world, id, { kind: 'startBefore', elementId: 'first' });
    assert.equal(world.incidents().length, 1, 'one token more does not help');
    modify(world, id, { kind: 'startBefore', elementId: 'other' });
    assert.deepEqual(world.incidents(), []);
    assert.deepEqual(world.standing(id), ['other']);
    world.work('other');
    assert.deepEqual(world.standing(id), ['after']);
    world.assertReplayEqual();
  });

  it('moves a token: cancel here, start there, with variables', async () => {
    const world = await World.with('sequence', 'sub-work');
    const id = world.start('sub-work');
    modify(
      world,
      id,
      { kind: 'cancelAll', elementId: 'a' },
      { kind: 'startBefore', elementId: 'b', variables: typed({ x: 1 }), localVariables: typed({ y: 2 }) },
    );
    assert.deepEqual(world.standing(id), ['b']);
    const { variables } = world.work('b');
    assert.deepEqual([variables['x']?.value, variables['y']?.value], [1, 2]);
    assert.equal(world.variables(id)['y'], undefined);
    assert.deepEqual(world.standing(id), ['after']);
    world.assertReplayEqual();
  });

  it('in a sub-process that loops, nothing else begins in the instance made for what it starts', async () => {
    const world = await World.with('loop-of-sub-processes');
    const id = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'loop-of-sub-processes' },
      startInstructions: [{ kind: 'startBefore', elementId: 'work' }],
    }).processInstanceId;
    assert.deepEqual(world.standing(id), ['work']);
    world.assertReplayEqual();
  });

  it('a loop whose beginning has failed runs what is started in it meanwhile, and nothing twice', async () => {
    const world = await World.with('loop-of-sub-processes');
    const id = world.start('loop-of-sub-processes', { n: 'many' });
    const [incident] = world.incidents();
    assert.match(incident?.message ?? '', /a whole number is expected, not "many"/);
    modify(world, id, { kind: 'startBefore', elementId: 'work' });
    world.do({ type: 'setVariables', processInstanceId: id, scopeId: id, variables: typed({ n: 2 }), local: false });
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.deepEqual(world.standing(id), ['work']);
    world.work('work');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a loop that waits to begin ends when what is started in it meanwhile has ended', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        work('wait') +
        work('again', '<bpmn:standardLoopCharacteristics loopMaximum="3" />', 'camunda:asyncBefore="true"') +
        work('after') +
        flows('start wait again after'),
    );
    const id = world.start('p');
    modify(world, id, { kind: 'startBefore', elementId: 'again' }, { kind: 'cancelAll', elementId: 'wait' });
    world.work('again');
    assert.deepEqual(world.standing(id), ['again']);
    world.advance(0);
    assert.deepEqual(world.standing(id), ['after']);
    world.assertReplayEqual();
  });

  it('a sub-process that still waits to begin does not end with what is started inside it meanwhile', async () => {
    const world = await World.with('scope-begins-late');
    const id = world.start('scope-begins-late');
    modify(world, id, { kind: 'startBefore', elementId: 'pass' });
    assert.deepEqual(world.standing(id), ['sub']);
    world.work('procos.script', {}, { result: 2 });
    assert.equal(world.state(id), 'completed');
    // Made for what is started inside it: there is nothing to begin afterwards.
    const made = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'scope-begins-late' },
      startInstructions: [{ kind: 'startBefore', elementId: 'pass' }],
    }).processInstanceId;
    world.work('procos.script', {}, { result: 2 });
    assert.deepEqual(world.trace(made), ['pass', 'subEnd', 'sub', 'end']);
    world.assertReplayEqual();
  });

  it('tokens are not stuck in a scope that is still to begin, but in one that has', async () => {
    const world = await World.with('scope-begins-late');
    world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'scope-begins-late' },
      startInstructions: [{ kind: 'startBefore', elementId: 'left' }],
    });
    assert.deepEqual(world.incidents(), []);
    world.work('procos.script', {}, { result: 2 });
    assert.deepEqual(
      world.incidents().map(({ kind, elementId }) => [kind, elementId]),
      [['deadlock', 'join']],
    );
    world.assertReplayEqual();
  });

  it('makes the scopes around what it starts, with their waits, and nothing in them begins by itself', async () => {
    const world = await World.with('sub-work');
    const id = world.start('sub-work');
    world.work('a');
    world.work('b');
    modify(world, id, { kind: 'cancelAll', elementId: 'after' }, { kind: 'startBefore', elementId: 'b' });
    assert.deepEqual(world.standing(id), ['b']);
    world.do({ type: 'broadcastSignal', name: 'stop' });
    assert.equal(world.state(id), 'completed');
    assert.ok(world.trace(id).includes('endStop'));
  });

  it('starts after an element and on a sequence flow', async () => {
    const world = await World.with('sub-work');
    const id = world.start('sub-work');
    modify(world, id, { kind: 'startAfter', elementId: 'a' }, { kind: 'startTransition', flowId: 'inner_after' });
    assert.deepEqual(world.standing(id), ['a', 'after', 'b']);
    world.assertReplayEqual();
  });

  it('canceling the last thing inside ends what is around it', async () => {
    const world = await World.with('sub-work');
    const id = world.start('sub-work');
    modify(world, id, { kind: 'cancel', elementInstanceId: idOf(world, id, 'a') });
    assert.equal(world.state(id), 'canceled');
  });

  it('an instance of a loop is added or taken away, and the loop goes on with the others', async () => {
    const world = await World.with('multi-parallel');
    const id = world.start('multi-parallel', { items: ['p', 'q'], enough: 9 });
    const activity = world.standing(id)[0] ?? '';
    modify(world, id, { kind: 'startBefore', elementId: activity });
    assert.equal(world.standing(id).length, 3);
    const instances = [...(world.store.state.instances.get(id)?.elements.values() ?? [])];
    modify(world, id, {
      kind: 'cancel',
      elementInstanceId: instances.find(({ loopIndex }) => loopIndex === 0)?.id ?? 0,
    });
    assert.equal(world.standing(id).length, 2);
    world.assertReplayEqual();
  });

  it('is refused as a whole, with the reason and nothing changed', async () => {
    const world = await World.with('sub-work');
    const id = world.start('sub-work');
    for (const [instruction, reason] of [
      [
        { kind: 'startBefore', elementId: 'nothing' },
        /instruction 2 \(startBefore\): element 'nothing' does not exist/,
      ],
      [{ kind: 'cancelAll', elementId: 'after' }, /'after' is not active/],
      [{ kind: 'startTransition', flowId: 'no' }, /sequence flow 'no' does not exist/],
    ] as const) {
      const refused = modify(world, id, { kind: 'cancelAll', elementId: 'a' }, instruction);
      assert.ok(!refused.ok);
      assert.match(refused.rejection.message, reason);
    }
    assert.deepEqual(world.standing(id), ['a']);
  });

  it('asks for the ancestor where a scope is active several times', async () => {
    const world = await World.with('sub-work');
    const id = world.start('sub-work');
    modify(world, id, { kind: 'startBefore', elementId: 'inner' });
    const refused = modify(world, id, { kind: 'startBefore', elementId: 'b' });
    assert.ok(!refused.ok);
    assert.match(refused.rejection.message, /'inner' is active 2 times/);
    modify(world, id, { kind: 'startBefore', elementId: 'b', ancestor: idOf(world, id, 'inner') });
    assert.deepEqual(world.standing(id), ['a', 'a', 'b']);
  });

  it('an instance starts at any place', async () => {
    const world = await World.with('sub-work');
    const { processInstanceId } = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'sub-work' },
      startInstructions: [{ kind: 'startBefore', elementId: 'b' }],
    });
    assert.deepEqual(world.standing(processInstanceId), ['b']);
  });
});

describe('an end that was given with the start', () => {
  it('comes as soon as the element has completed, before anything after it begins; it is frozen with the rest', async () => {
    const world = new World();
    await world.draw('w', TWO_WAYS);
    const start = (to: World, ...endsAfter: string[]) =>
      to.try({ type: 'createProcessInstance', definition: { bpmnProcessId: 'w' }, tags: ['t'], endsAfter });
    const refused = start(world, 'nothing');
    assert.equal(
      refused.ok ? '' : refused.rejection.message,
      "it is to end after 'nothing', which is no element of the process",
    );
    const at = start(world, 'first');
    assert.ok(at.ok && at.value.ended);
    const elements = world.store.find('elementInstances', {
      where: [{ column: 'processInstanceId', op: '=', value: at.value.processInstanceId }],
    });
    assert.deepEqual(
      elements.map(({ elementId }) => elementId),
      ['start', 'first'],
    );

    const waits = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'w' },
      startInstructions: [{ kind: 'startBefore', elementId: 'other' }],
      tags: ['t'],
      endsAfter: ['other'],
    }).processInstanceId;
    const frozen = freezeInstance(world.store.state, waits);
    assert.deepEqual([frozen?.tags, frozen?.endsAfter], [['t'], ['other']]);
    world.work('other');
    const [row] = world.store.find('processInstances', { where: [{ column: 'id', op: '=', value: waits }] });
    assert.deepEqual([row?.state, row?.reason, row?.tags], ['canceled', "it was to end after 'other'", ['t']]);
  });
});

describe('suspension', () => {
  const suspend = (world: World, processInstanceId: number, suspended = true) =>
    world.do({ type: 'setSuspension', target: { processInstanceId }, suspended });

  it('a suspended instance hands out no tasks, fires no timers and receives nothing, until it is resumed', async () => {
    const world = await World.with('moving-1');
    const id = world.start('moving');
    suspend(world, id);
    assert.equal(world.fetchAll('work').length, 0);
    world.advance(2 * HOUR);
    assert.deepEqual(world.standing(id), ['approve', 'paid', 'work']);
    assert.ok(!world.try({ type: 'correlateMessage', name: 'paid', all: false }).ok);
    const userTaskId = world.store.find('userTasks')[0]?.id ?? 0;
    const refused = world.try({ type: 'completeUserTask', userTaskId });
    assert.ok(!refused.ok);
    assert.match(refused.rejection.message, /suspended: resume/);
    suspend(world, id, false);
    world.advance(0);
    assert.ok(world.trace(id).includes('endLate'));
    world.work('work');
    world.assertReplayEqual();
  });

  it('a task fetched before cannot be completed meanwhile', async () => {
    const world = await World.with('moving-1');
    const id = world.start('moving');
    const { task } = world.fetch('work');
    suspend(world, id);
    const refused = world.try({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
    assert.ok(!refused.ok);
    suspend(world, id, false);
    world.do({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
  });

  it('a suspended definition cannot be started, also not by its message', async () => {
    const world = await World.with('multiple-start');
    const definitionId = world.store.find('definitions')[0]?.id ?? 0;
    world.do({ type: 'setSuspension', target: { definitionId }, suspended: true });
    assert.ok(!world.try({ type: 'correlateMessage', name: 'order', all: false }).ok);
    assert.ok(!world.try({ type: 'createProcessInstance', definition: { definitionId } }).ok);
    assert.equal(world.store.find('definitions')[0]?.suspended, true);
    world.do({ type: 'setSuspension', target: { definitionId }, suspended: false });
    assert.ok(world.try({ type: 'correlateMessage', name: 'order', all: false }).ok);
  });

  it('one external task alone', async () => {
    const world = await World.with('moving-1');
    world.start('moving');
    const externalTaskId = world.store.find('externalTasks')[0]?.id ?? 0;
    world.do({ type: 'setSuspension', target: { externalTaskId }, suspended: true });
    assert.equal(world.fetchAll('work').length, 0);
  });
});

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
