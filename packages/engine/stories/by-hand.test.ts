/** Stories of what people do by hand: timers, incidents, definitions that are taken away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, flows } from './drawing.ts';
import { World } from './world.ts';

const HOUR = 3_600_000;
const KIND = `<bpmn:timeDuration xsi:type="bpmn:tFormalExpression" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">PT1H</bpmn:timeDuration>`;
/** A user task with a boundary event that rings after an hour and does not interrupt. */
const WATCHED =
  element('startEvent', 'start') +
  element('userTask', 'work') +
  `<bpmn:boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><bpmn:timerEventDefinition>${KIND}</bpmn:timerEventDefinition></bpmn:boundaryEvent>` +
  element('task', 'remind') +
  flows('start work', 'late remind');

async function watched(): Promise<{ world: World; id: number; timerId: number; taskId: number }> {
  const world = new World();
  await world.draw('p', WATCHED);
  const id = world.start('p');
  const timerId = world.store.find('timers')[0]?.id ?? 0;
  return { world, id, timerId, taskId: world.store.find('userTasks')[0]?.id ?? 0 };
}

describe('a timer', () => {
  it('rings at the time that it was set to, and not while it rests', async () => {
    const { world, id, timerId } = await watched();
    const due = () => world.store.state.timers.due(world.now, 10).length;
    assert.ok(world.try({ type: 'changeTimer', timerId, dueAt: world.now, priority: 5 }).ok);
    assert.equal(due(), 1);
    assert.ok(world.try({ type: 'changeTimer', timerId, suspended: true }).ok);
    assert.equal(due(), 0);
    assert.equal(world.try({ type: 'triggerTimer', timerId }).ok, false);
    assert.ok(world.try({ type: 'changeTimer', timerId, suspended: false }).ok);
    assert.equal(world.store.find('timers')[0]?.priority, 5);
    world.do({ type: 'triggerTimer', timerId });
    assert.ok(world.trace(id).includes('remind'));
    assert.equal(world.try({ type: 'changeTimer', timerId, dueAt: 0 }).ok, false, 'it is gone');
    world.assertReplayEqual();
  });

  it('does not wake by itself in an instance that rests', async () => {
    const { world, id, timerId } = await watched();
    world.do({ type: 'setSuspension', target: { processInstanceId: id }, suspended: true });
    assert.equal(world.try({ type: 'changeTimer', timerId, suspended: false }).ok, false);
    assert.equal(world.try({ type: 'changeTimer', timerId, priority: 1.5 }).ok, false);
  });

  it('is evaluated anew from now, or from when it was set', async () => {
    const { world, timerId } = await watched();
    const set = world.now;
    world.now += 10 * 60_000;
    world.do({ type: 'recalculateTimer', timerId });
    assert.equal(world.store.find('timers')[0]?.dueAt, world.now + HOUR);
    world.do({ type: 'recalculateTimer', timerId, setAt: set });
    assert.equal(world.store.find('timers')[0]?.dueAt, set + HOUR);
    world.assertReplayEqual();
  });

  it('that is taken away never rings, and what it watched goes on', async () => {
    const { world, id, timerId, taskId } = await watched();
    world.do({ type: 'removeTimer', timerId });
    assert.deepEqual(world.store.find('timers'), []);
    world.do({ type: 'completeUserTask', userTaskId: taskId });
    assert.ok(!world.trace(id).includes('remind'));
    world.assertReplayEqual();
  });

  it('of a source that rests is set at rest, with the priority that its owner has given; until he takes that back', async () => {
    const { world, id } = await watched();
    const definitionId = world.store.state.instances.get(id)?.definitionId ?? 0;
    const rule = { type: 'setTimerRule', definitionId, elementId: 'late', from: 'event' } as const;
    world.do({ ...rule, suspended: true });
    world.do({ ...rule, priority: 9 });
    world.start('p');
    world.do({ ...rule, suspended: false, priority: null });
    world.start('p');
    assert.deepEqual(
      world.store.find('timers').map(({ suspended, priority }) => [suspended, priority]),
      [
        [false, 0],
        [true, 9],
        [false, 0],
      ],
    );
    assert.equal(world.try({ ...rule, elementId: 'nothing' }).ok, false);
    world.assertReplayEqual();
  });

  it('of an asynchronous continuation has no time of its model', async () => {
    const world = new World();
    await world.draw(
      'later',
      '<bpmn:startEvent id="start" /><bpmn:task id="t" camunda:asyncBefore="true" /><bpmn:sequenceFlow id="f" sourceRef="start" targetRef="t" />',
    );
    world.start('later');
    const timerId = world.store.find('timers')[0]?.id ?? 0;
    const outcome = world.try({ type: 'recalculateTimer', timerId });
    assert.match(outcome.ok ? '' : outcome.rejection.message, /no timer event/);
  });
});

describe('an incident that somebody raises', () => {
  it('stands until it is resolved, tries nothing again, and keeps what is noted about it', async () => {
    const { world, id, taskId } = await watched();
    const elementInstanceId = world.store.find('userTasks')[0]?.elementInstanceId ?? 0;
    const { incidentId } = world.do({
      type: 'raiseIncident',
      processInstanceId: id,
      elementInstanceId,
      label: 'too slow',
      message: 'nobody cares',
      configuration: '17',
    });
    world.do({ type: 'annotateIncident', incidentId, annotation: 'asked Ada' });
    const [open] = world.store.find('incidents');
    assert.deepEqual(
      [open?.kind, open?.label, open?.message, open?.configuration, open?.annotation, open?.step],
      ['custom', 'too slow', 'nobody cares', '17', 'asked Ada', null],
    );
    world.do({ type: 'annotateIncident', incidentId, annotation: null });
    assert.equal(world.store.find('incidentHistory')[0]?.annotation, undefined);
    world.do({ type: 'resolveIncident', incidentId });
    assert.deepEqual(world.incidents(), []);
    world.do({ type: 'completeUserTask', userTaskId: taskId });
    for (const refused of [
      world.try({ type: 'annotateIncident', incidentId, annotation: 'late' }),
      world.try({ type: 'raiseIncident', processInstanceId: id, elementInstanceId, label: 'x', message: '' }),
    ])
      assert.equal(refused.ok, false);
    world.assertReplayEqual();
  });
});

describe('a decision that is taken away', () => {
  it('is not evaluated any more, and the version before is the latest again', () => {
    const world = new World();
    const decide = () => {
      const outcome = world.try({ type: 'evaluateDecision', decision: { decisionId: 'd' }, variables: {} });
      return outcome.ok ? outcome.value.value : outcome.rejection.code;
    };
    for (const value of [1, 2])
      world.deployDecisionsOf(
        'f.dmn',
        `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="n"><decision id="d" name="d"><variable name="d" /><literalExpression><text>${value}</text></literalExpression></decision></definitions>`,
      );
    const [one = 0, two = 0] = world.store.find('decisions').map(({ id }) => id);
    assert.equal(decide(), 2);
    const both = world.try({ type: 'removeDecisions', decisionDefinitionIds: [two, 1] });
    assert.deepEqual([both.ok, decide()], [false, 2], 'all or none');
    world.do({ type: 'removeDecisions', decisionDefinitionIds: [two, two] });
    assert.equal(decide(), 1);
    world.do({ type: 'removeDecisions', decisionDefinitionIds: [one] });
    assert.equal(decide(), 'NOT_FOUND');
    world.assertReplayEqual();
  });
});

describe('a definition that is taken away', () => {
  it('starts nothing any more, its instances go on, and the version before begins again', async () => {
    const world = new World();
    const waiting = (task: string) =>
      `<bpmn:startEvent id="start"><bpmn:timerEventDefinition>${KIND}</bpmn:timerEventDefinition></bpmn:startEvent>${element('userTask', task)}${flows(`start ${task}`)}`;
    await world.draw('p', waiting('first'));
    await world.draw('p', waiting('second'));
    const [one, two] = world.store.find('definitions').map(({ id }) => id);
    world.do({ type: 'triggerTimer', timerId: world.store.find('timers')[0]?.id ?? 0 });
    world.do({ type: 'removeDefinitions', definitionIds: [two ?? 0] });
    assert.deepEqual(
      world.store.find('definitions').map(({ id, latest }) => [id, latest]),
      [[one, true]],
    );
    assert.deepEqual(
      world.store.find('timers').map(({ definitionId }) => definitionId),
      [one],
    );
    for (const definition of [{ definitionId: two ?? 0 }, { bpmnProcessId: 'p', version: 2 }])
      assert.equal(world.try({ type: 'createProcessInstance', definition }).ok, false);
    world.do({ type: 'completeUserTask', userTaskId: world.store.find('userTasks')[0]?.id ?? 0 });
    assert.equal(
      world.try({ type: 'removeDefinitions', definitionIds: [one ?? 0, two ?? 0] }).ok,
      false,
      'all or none',
    );
    assert.equal(world.store.find('definitions').length, 1);
    world.assertReplayEqual();
  });
});
