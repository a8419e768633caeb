/** Stories of an instance that is ended from outside after undoing what it has completed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, event, flows, named, work } from './drawing.ts';
import { World } from './world.ts';

/** A boundary event that undoes `activity` by the external task `handler`. */
function undoneBy(activity: string, handler: string): string {
  return (
    element('boundaryEvent', `${activity}Done`, event('compensate'), `attachedToRef="${activity}"`) +
    work(handler, '', 'isForCompensation="true"') +
    `<bpmn:association id="${activity}_${handler}" associationDirection="One" sourceRef="${activity}Done" targetRef="${handler}" />`
  );
}

const TRIP =
  element('startEvent', 'start') +
  work('book') +
  undoneBy('book', 'unbook') +
  work('pay') +
  undoneBy('pay', 'refund') +
  work('travel') +
  element('endEvent', 'end') +
  flows('start book pay travel end');

function terminate(world: World, processInstanceId: number, reason: string | null = null): void {
  world.do({ type: 'cancelProcessInstance', processInstanceId, reason, compensate: true });
}

describe('canceled after undoing', () => {
  it('cancels what runs at once, undoes the latest first, and is canceled when the last handler is done', async () => {
    const world = new World();
    await world.draw('trip', TRIP);
    const id = world.start('trip');
    world.work('book');
    world.work('pay');
    terminate(world, id, 'nobody travels');
    assert.deepEqual(world.standing(id), ['refund']);
    assert.equal(world.fetchAll('travel').length, 0);
    world.work('refund');
    assert.equal(world.state(id), 'active');
    world.work('unbook');
    assert.equal(world.state(id), 'canceled');
    assert.deepEqual(world.trace(id), ['start', 'book', 'pay', '-travel', 'refund', 'unbook']);
    const [row] = world.store.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] });
    assert.equal(row?.reason, 'nobody travels');
    world.assertReplayEqual();
  });

  it('is canceled at once when there is nothing to undo', async () => {
    const world = new World();
    await world.draw('trip', TRIP);
    const id = world.start('trip');
    terminate(world, id);
    assert.equal(world.state(id), 'canceled');
    assert.deepEqual(world.trace(id), ['start', '-book']);
  });

  it('asked again it changes nothing; without undoing it ends at once, and no other instance is touched', async () => {
    const world = new World();
    await world.draw('trip', TRIP);
    const [id, other] = [world.start('trip'), world.start('trip')];
    world.work('book');
    world.work('book');
    terminate(world, id);
    const records = world.records.length;
    terminate(world, id);
    assert.equal(world.records.length, records);
    world.do({ type: 'cancelProcessInstance', processInstanceId: id });
    assert.equal(world.state(id), 'canceled');
    assert.deepEqual(world.trace(id), ['start', 'book', '-pay', '-unbook']);
    assert.deepEqual(world.standing(other), ['pay']);
    world.assertReplayEqual();
  });

  it('waits in the incident of a handler that fails, and goes on when it is tried again', async () => {
    const world = new World();
    await world.draw('trip', TRIP);
    const id = world.start('trip');
    world.work('book');
    terminate(world, id);
    const { task } = world.fetch('unbook');
    const failure = { externalTaskId: task.id, workerId: 'w', errorMessage: 'closed', retries: 0, retryAfterMs: 0 };
    world.do({ type: 'failExternalTask', ...failure });
    assert.equal(world.state(id), 'active');
    const [incident] = world.store.find('incidents');
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    world.work('unbook');
    assert.equal(world.state(id), 'canceled');
    world.assertReplayEqual();
  });

  it('a handler that is canceled is not waited for', async () => {
    const world = new World();
    await world.draw('trip', TRIP);
    const id = world.start('trip');
    world.work('book');
    world.work('pay');
    terminate(world, id);
    const cancel = (elementId: string) =>
      world.do({
        type: 'modifyProcessInstance',
        processInstanceId: id,
        instructions: [{ kind: 'cancelAll', elementId }],
      });
    cancel('refund');
    assert.deepEqual(world.standing(id), ['unbook']);
    cancel('unbook');
    assert.equal(world.state(id), 'canceled');
    world.assertReplayEqual();
  });

  it('a handler that ran already runs again: what it had begun is not known to be done', async () => {
    const world = new World();
    const undo = element('intermediateThrowEvent', 'undoAll', event('compensate'));
    const end = element('endEvent', 'end');
    const start = element('startEvent', 'start');
    await world.draw(
      'trip',
      start + work('book') + undoneBy('book', 'unbook') + undo + end + flows('start book undoAll end'),
    );
    const id = world.start('trip');
    world.work('book');
    assert.deepEqual(world.standing(id), ['unbook', 'undoAll']);
    terminate(world, id);
    assert.deepEqual(world.standing(id), ['unbook']);
    world.work('unbook');
    assert.equal(world.state(id), 'canceled');
    assert.deepEqual(world.trace(id), ['start', 'book', '-unbook', '-undoAll', 'unbook']);
    world.assertReplayEqual();
  });

  it('undoes what was completed inside a sub-process that was still active, but not by the handler of the sub-process', async () => {
    const world = new World();
    const inside =
      element('startEvent', 'begin') +
      work('pay') +
      undoneBy('pay', 'refund') +
      work('travel') +
      flows('begin pay travel') +
      element(
        'subProcess',
        'whole',
        element('startEvent', 'asked', event('compensate')) + work('undoWhole') + flows('asked undoWhole'),
        'triggeredByEvent="true"',
      );
    const trip =
      element('startEvent', 'start') +
      work('book') +
      undoneBy('book', 'unbook') +
      element('subProcess', 'trip', inside) +
      flows('start book trip');
    await world.draw('nested', trip);
    const id = world.start('nested');
    world.work('book');
    world.work('pay');
    assert.deepEqual(world.standing(id), ['travel']);
    terminate(world, id);
    assert.deepEqual(world.standing(id), ['refund']);
    world.work('refund');
    world.work('unbook');
    assert.equal(world.state(id), 'canceled');
    const trace = ['start', 'book', 'begin', 'pay', '-travel', '-trip', 'refund', 'trip', 'unbook'];
    assert.deepEqual(world.trace(id), trace);
    world.assertReplayEqual();
  });

  it('undoes what a loop that was still running has completed', async () => {
    const world = new World();
    const loop =
      '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>';
    const model = element('startEvent', 'start') + work('pay', loop) + undoneBy('pay', 'refund') + flows('start pay');
    await world.draw('loop', model);
    const id = world.start('loop');
    world.work('pay');
    world.work('pay');
    terminate(world, id);
    world.work('refund');
    world.work('refund');
    assert.equal(world.state(id), 'canceled');
    assert.equal(world.trace(id).filter((one) => one === 'refund').length, 2);
    world.assertReplayEqual();
  });

  it('undoes in the order of completion, whether inside a loop that was still running or beside it', async () => {
    const world = new World();
    const loop =
      '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>';
    const model =
      element('startEvent', 'start') +
      element('parallelGateway', 'split') +
      work('pay', loop) +
      undoneBy('pay', 'refund') +
      work('book') +
      undoneBy('book', 'unbook') +
      work('travel') +
      flows('start split pay', 'split book travel');
    await world.draw('both', model);
    const id = world.start('both');
    for (const topic of ['pay', 'book', 'pay']) world.work(topic);
    terminate(world, id);
    for (const topic of ['refund', 'unbook', 'refund']) world.work(topic);
    assert.equal(world.state(id), 'canceled');
    world.assertReplayEqual();
    const other = world.start('both');
    for (const topic of ['pay', 'book']) world.work(topic);
    terminate(world, other);
    for (const topic of ['unbook', 'refund']) world.work(topic);
    assert.equal(world.state(other), 'canceled');
  });

  it('waits for the listener of what it cancels; whoever ends it at once does not', async () => {
    const world = new World();
    const listener =
      '<bpmn:extensionElements><camunda:taskListener event="delete"><camunda:script scriptFormat="javascript">1</camunda:script></camunda:taskListener></bpmn:extensionElements>';
    await world.draw('trip', TRIP.replace(work('travel'), element('userTask', 'travel', listener)));
    for (const atOnce of [false, true]) {
      const id = world.start('trip');
      world.work('book');
      world.work('pay');
      terminate(world, id);
      assert.deepEqual(world.standing(id), ['travel']);
      if (atOnce) {
        world.do({ type: 'cancelProcessInstance', processInstanceId: id });
        world.work('procos.script');
        assert.deepEqual(world.trace(id).slice(-1), ['-travel']);
      } else {
        world.work('procos.script');
        assert.deepEqual(world.standing(id), ['refund']);
        world.work('refund');
        world.work('unbook');
      }
      assert.equal(world.state(id), 'canceled');
    }
    world.assertReplayEqual();
  });

  it('nothing begins inside while it undoes: its event sub-processes do not wait any more', async () => {
    const world = new World();
    const late = element(
      'subProcess',
      'late',
      element('startEvent', 'stopped', event('signal', 'stop')) + work('clean') + flows('stopped clean'),
      'triggeredByEvent="true"',
    );
    await world.draw('trip', TRIP + late, named('signal', 'stop'));
    const id = world.start('trip');
    world.work('book');
    terminate(world, id);
    assert.equal(world.do({ type: 'broadcastSignal', name: 'stop' }).receivers, 0);
    world.work('unbook');
    assert.equal(world.state(id), 'canceled');
  });
});

describe('called instances of what is canceled after undoing', () => {
  const CALL = element('callActivity', 'call', '', 'calledElement="inner"');
  const INNER =
    element('startEvent', 'begin') +
    work('pay') +
    undoneBy('pay', 'refund') +
    work('travel') +
    flows('begin pay travel');
  const OUTER =
    element('startEvent', 'start') + work('book') + undoneBy('book', 'unbook') + CALL + flows('start book call');
  const calledBy = (world: World, id: number): number =>
    [...(world.store.state.instances.get(id)?.elements.values() ?? [])].flatMap(
      (one) => one.calledInstanceId ?? [],
    )[0] ?? 0;

  async function outer(
    model = OUTER,
    inner = INNER,
    beside = '',
  ): Promise<{ world: World; id: number; called: number }> {
    const world = new World();
    await world.draw('inner', inner, beside);
    await world.draw('outer', model, beside);
    const id = world.start('outer');
    world.work('book');
    return { world, id, called: calledBy(world, id) };
  }

  it('undo first what they have completed, and end; then their caller undoes its own', async () => {
    const { world, id, called } = await outer();
    world.work('pay');
    terminate(world, id, 'nobody travels');
    assert.equal(world.fetchAll('travel').length, 0, 'what runs is canceled at once');
    assert.deepEqual([world.standing(called), world.standing(id)], [['refund'], ['call']]);
    const records = world.records.length;
    terminate(world, id);
    assert.equal(world.records.length, records, 'asked again it changes nothing');
    world.work('refund');
    assert.equal(world.state(called), 'terminated');
    assert.deepEqual(world.standing(id), ['unbook']);
    world.work('unbook');
    assert.equal(world.state(id), 'canceled');
    assert.deepEqual(world.trace(id), ['start', 'book', '-call', 'unbook']);
    assert.deepEqual(world.trace(called), ['begin', 'pay', '-travel', 'refund']);
    const [row] = world.store.find('processInstances', { where: [{ column: 'id', op: '=', value: called }] });
    assert.equal(row?.reason, `canceled by process instance ${id}`);
    world.assertReplayEqual();
  });

  it('end at once when they have nothing to undo', async () => {
    const { world, id, called } = await outer();
    terminate(world, id);
    assert.equal(world.state(called), 'terminated');
    assert.deepEqual(world.standing(id), ['unbook']);
  });

  it('over several calls: the innermost first, also inside a sub-process and beside what else runs', async () => {
    const middle =
      element('startEvent', 'm') + work('hold') + undoneBy('hold', 'release') + CALL + flows('m hold call');
    const inside =
      element('startEvent', 's') +
      work('rent') +
      undoneBy('rent', 'return') +
      element('callActivity', 'deep', '', 'calledElement="middle"') +
      flows('s rent deep');
    const model =
      element('startEvent', 'start') +
      work('book') +
      undoneBy('book', 'unbook') +
      element('parallelGateway', 'split') +
      element('subProcess', 'whole', inside) +
      work('beside') +
      flows('start book split whole', 'split beside');
    const world = new World();
    await world.draw('inner', INNER);
    await world.draw('middle', middle);
    await world.draw('outer', model);
    const id = world.start('outer');
    for (const topic of ['book', 'rent', 'hold', 'pay']) world.work(topic);
    const called = calledBy(world, id);
    const innermost = calledBy(world, called);
    terminate(world, id);
    assert.equal(world.fetchAll('beside').length, 0);
    assert.deepEqual([world.standing(innermost), world.standing(called)], [['refund'], ['call']]);
    const undone = ['refund', 'release', 'return', 'unbook'];
    for (const [at, topic] of undone.entries()) {
      for (const later of undone.slice(at + 1))
        assert.equal(world.fetchAll(later).length, 0, `${later} before ${topic}`);
      world.work(topic);
    }
    assert.deepEqual(
      [world.state(innermost), world.state(called), world.state(id)],
      ['terminated', 'terminated', 'canceled'],
    );
    world.assertReplayEqual();
  });

  it('an error of a handler stays theirs: it neither leads their caller on nor is it lost', async () => {
    const caught =
      OUTER +
      element('boundaryEvent', 'caught', event('error', 'full'), 'attachedToRef="call"') +
      work('other') +
      flows('caught other');
    const { world, id, called } = await outer(caught, INNER, named('error', 'full'));
    world.work('pay');
    terminate(world, id);
    const { task } = world.fetch('refund');
    world.do({ type: 'throwBpmnError', externalTaskId: task.id, workerId: 'w', errorCode: 'full' });
    assert.equal(world.fetchAll('other').length, 0);
    const [incident] = world.store.find('incidents');
    assert.deepEqual([incident?.kind, incident?.processInstanceId], ['unhandledError', called]);
    assert.deepEqual([world.state(called), world.standing(id)], ['active', ['call']]);
    world.do({ type: 'cancelProcessInstance', processInstanceId: called });
    assert.deepEqual(world.standing(id), ['unbook'], 'who ends the called one at once lets its caller go on undoing');
    world.work('unbook');
    assert.equal(world.state(id), 'canceled');
    world.assertReplayEqual();
  });

  it('who ends the caller at once ends all of it', async () => {
    const { world, id, called } = await outer();
    world.work('pay');
    terminate(world, id);
    world.do({ type: 'cancelProcessInstance', processInstanceId: id });
    assert.deepEqual([world.state(called), world.state(id)], ['terminated', 'canceled']);
    assert.equal(world.fetchAll('refund').length, 0);
    world.assertReplayEqual();
  });

  it('of a loop of calls each undoes its own, and those that have completed are undone by the handler of the call', async () => {
    const loop =
      '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>';
    const calls = element('callActivity', 'call', loop, 'calledElement="inner"') + undoneBy('call', 'uncall');
    const model =
      element('startEvent', 'start') + work('book') + undoneBy('book', 'unbook') + calls + flows('start book call');
    const { world, id } = await outer(model);
    for (const topic of ['pay', 'pay', 'travel']) world.work(topic);
    terminate(world, id);
    assert.equal(world.fetchAll('pay').length, 0, 'that of the third has not been paid and is canceled');
    assert.equal(world.fetchAll('uncall').length, 0);
    world.work('refund');
    world.work('uncall');
    world.work('unbook');
    assert.equal(world.state(id), 'canceled');
    world.assertReplayEqual();
  });

  it('one that undoes already is waited for', async () => {
    const { world, id, called } = await outer();
    world.work('pay');
    terminate(world, called, 'only this one');
    assert.deepEqual(world.standing(called), ['refund']);
    terminate(world, id);
    world.work('refund');
    assert.deepEqual([world.state(called), world.standing(id)], ['terminated', ['unbook']]);
  });
});

describe('a signal inside one instance', () => {
  const WAITS =
    element('startEvent', 'start') +
    element('intermediateCatchEvent', 'wait', event('signal', 'go')) +
    element('endEvent', 'end') +
    flows('start wait end');

  it('reaches that one and no other', async () => {
    const world = new World();
    await world.draw('waits', WAITS, named('signal', 'go'));
    const [id, other] = [world.start('waits'), world.start('waits')];
    const reply = world.do({ type: 'broadcastSignal', name: 'go', processInstanceId: id });
    assert.equal(reply.receivers, 1);
    assert.deepEqual([world.state(id), world.state(other)], ['completed', 'active']);
    world.assertReplayEqual();
  });

  it('is refused when nothing there waits for it, when the instance is suspended, and when it does not run', async () => {
    const world = new World();
    await world.draw('waits', WAITS, named('signal', 'go'));
    const id = world.start('waits');
    const refusal = (name: string, processInstanceId: number): string => {
      const outcome = world.try({ type: 'broadcastSignal', name, processInstanceId });
      return outcome.ok ? '' : outcome.rejection.code;
    };
    assert.equal(refusal('stop', id), 'NO_MATCHING_SUBSCRIPTION');
    assert.equal(refusal('go', 999), 'NOT_FOUND');
    world.do({ type: 'setSuspension', target: { processInstanceId: id }, suspended: true });
    assert.equal(refusal('go', id), 'INVALID_STATE');
    assert.equal(world.state(id), 'active');
  });
});
