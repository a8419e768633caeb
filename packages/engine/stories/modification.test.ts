/** Stories of instances that are modified, or started anywhere: what is canceled, begins, and is waited for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_LIMITS, freezeInstance, type Instruction } from '../src/index.ts';
import { element, flows, work } from './drawing.ts';
import { idOf, typed, World } from './world.ts';

function modify(world: World, processInstanceId: number, ...instructions: Instruction[]) {
  return world.try({ type: 'modifyProcessInstance', processInstanceId, instructions });
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
