/** What is undone, in which order and with what. */
import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { both, type Row, table } from '../row.ts';

/** Done in order: `a`, then the sub-process with `b`, then `tell` undoes all. */
async function nested(lab: Lab, tell: string): Promise<void> {
  const { draft } = lab;
  const inside =
    draft.start('in') + draft.undoable('b', { extensions: own(lab) }) + draft.end('out') + draft.flows('in > b > out');
  await lab.deploy(
    draft.start() +
      draft.undoable('a', { extensions: own(lab) }) +
      draft.sub('sub', inside) +
      draft.throws('tell', tell) +
      draft.end() +
      draft.flows('start > a > sub > tell > end'),
  );
}

/** A local variable `own` with the value that `x` has at the time. */
function own(lab: Lab): string {
  return lab.draft.say(
    '<camunda:inputOutput><camunda:inputParameter name="own">${x}</camunda:inputParameter></camunda:inputOutput>',
    '<zeebe:ioMapping><zeebe:input source="=x" target="own" /></zeebe:ioMapping>',
  );
}

/** A loop over `items`, then `tell` undoes what was done. */
async function undoneLoop(lab: Lab, tell: string): Promise<void> {
  const { draft } = lab;
  const loop = draft.say(
    '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="items" camunda:elementVariable="item" />',
    '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>',
  );
  await lab.deploy(
    draft.start() +
      draft.undoable('a', { inner: loop }) +
      draft.throws('tell', tell) +
      draft.end() +
      draft.flows('start > a > tell > end'),
  );
}

export const compensationRows: readonly Row[] = table('Compensation', 'intermediateThrowEvent', [
  [
    'compensation.nested',
    'in reverse order, into completed sub-processes, with the variables of the time',
    both(async (lab) => {
      await nested(lab, lab.draft.compensation());
      lab.start({ x: 1 });
      lab.work('a');
      lab.set({ x: 2 });
      lab.work('b');
      lab.set({ x: 3 });
      assert.deepEqual(lab.open, ['undo_b']);
      lab.work('undo_b');
      assert.deepEqual(lab.work('undo_a').variables['own']?.value, 1);
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'compensation.activity',
    'only one activity (activityRef)',
    both(async (lab) => {
      await nested(lab, lab.draft.compensation('activityRef="a"'));
      lab.start({ x: 1 });
      lab.work('a');
      lab.work('b');
      assert.deepEqual(lab.open, ['undo_a']);
      lab.work('undo_a');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'compensation.handler-sub-process',
    'a sub-process with a handler of its own is undone by it',
    both(async (lab) => {
      const { draft } = lab;
      const inside = draft.start('in') + draft.undoable('b') + draft.end('out') + draft.flows('in > b > out');
      const handler = draft.work('undo_sub', { attributes: 'isForCompensation="true"' });
      await lab.deploy(
        draft.start() +
          draft.sub('sub', inside) +
          draft.undoneBy('sub', handler) +
          draft.throws('tell', draft.compensation()) +
          draft.end() +
          draft.flows('start > sub > tell > end'),
      );
      lab.start();
      lab.work('b');
      assert.deepEqual(lab.open, ['undo_sub']);
      lab.work('undo_sub');
      assert.equal(lab.state, 'completed');
    }),
    'subProcess',
  ],
  [
    'compensation.not-waiting',
    'waitForCompletion="false": all at once, the process goes on and ends when they have',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.undoable('a') +
          draft.undoable('b') +
          draft.throws('tell', draft.compensation('waitForCompletion="false"')) +
          draft.work('c') +
          draft.end() +
          draft.flows('start > a > b > tell > c > end'),
      );
      lab.start();
      lab.work('a');
      lab.work('b');
      assert.deepEqual(lab.open, ['c', 'undo_a', 'undo_b']);
      lab.work('c');
      assert.equal(lab.state, 'active');
      lab.work('undo_a');
      lab.work('undo_b');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'compensation.loop',
    'handlers of a multi-instance activity run once for every instance, with its item (Camunda 7), or once for all (Camunda 8)',
    both(async (lab) => {
      await undoneLoop(lab, lab.draft.compensation());
      lab.start({ items: ['x', 'y'] });
      lab.work('a');
      lab.work('a');
      if (lab.draft.isCamunda7)
        assert.deepEqual(
          [lab.work('undo_a').variables['item']?.value, lab.work('undo_a').variables['item']?.value],
          ['y', 'x'],
        );
      else assert.equal(lab.work('undo_a').variables['item'], undefined);
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'compensation.from-event-sub-process',
    'thrown in an event sub-process: undoes the scope around it',
    both(async (lab) => {
      const { draft } = lab;
      const undo = draft.throws('handled', draft.compensation());
      await lab.deploy(
        draft.start() +
          draft.undoable('a') +
          draft.work('b') +
          draft.end() +
          draft.flows('start > a > b > end') +
          draft.eventSub('es', draft.signal('stop'), false, '', undo),
      );
      lab.start();
      lab.work('a');
      lab.broadcast('stop');
      assert.deepEqual(lab.open, ['b', 'undo_a']);
    }),
  ],
]);
