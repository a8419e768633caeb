/** Stories of operations on running instances: modify, start anywhere, suspend, migrate. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generateMigration, type Instruction, type MigrationInstruction, validateMigrationPlan } from '../src/index.ts';
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
});
