/** How errors, escalations and compensation find who catches them, and what happens when nobody does. */
import assert from 'node:assert/strict';
import { typed } from '../../stories/world.ts';
import type { Lab } from '../lab.ts';
import { both, camunda7, type Row, table } from '../row.ts';

/** Work `a` with these boundary events, each of which leads to an end of its own, `on…End`. */
async function guarded(lab: Lab, boundaries: Readonly<Record<string, string>>, extensions = ''): Promise<void> {
  const { draft } = lab;
  const events = Object.entries(boundaries).map(
    ([id, inner]) => draft.boundary(id, 'a', inner) + draft.end(`${id}End`) + draft.flow(id, `${id}End`),
  );
  await lab.deploy(
    draft.start() + draft.work('a', { extensions }) + draft.end() + draft.flows('start > a > end') + events.join(''),
  );
}

const errors = table('Errors and escalations', 'boundaryEvent', [
  [
    'error.catch-all',
    'error without a code: catches every error, after an exact code',
    both(async (lab) => {
      const { draft } = lab;
      await guarded(lab, { any: draft.error(), exact: draft.error('bad') });
      lab.start();
      lab.fail('a', 'bad');
      assert.equal(lab.trace.at(-1), 'exactEnd');
      lab.start();
      lab.fail('a', 'other');
      assert.equal(lab.trace.at(-1), 'anyEnd');
    }),
  ],
  [
    'error.variables',
    'error code and message variables',
    camunda7(async (lab) => {
      await guarded(lab, {
        on: lab.draft.error(undefined, 'camunda:errorCodeVariable="code" camunda:errorMessageVariable="text"'),
      });
      lab.start();
      lab.fail('a', 'bad', 'all sold out');
      assert.deepEqual(lab.variables, { code: 'bad', text: 'all sold out' });
    }, 'Camunda 8 passes the variables of the worker that threw it'),
  ],
  [
    'error.with-variables',
    'variables that a worker throws along with an error',
    both(async (lab) => {
      await guarded(lab, { on: lab.draft.error('bad') });
      lab.start();
      lab.fail('a', 'bad', null, { why: 'sold out' });
      assert.deepEqual(lab.variables, { why: 'sold out' });
    }),
  ],
  [
    'error.message',
    'error message of a thrown error (camunda:errorMessage)',
    camunda7(async (lab) => {
      const { draft } = lab;
      draft.root('E', '<bpmn:error id="E" errorCode="bad" camunda:errorMessage="${why}" />');
      const inside =
        draft.start('in') + draft.end('tell', '<bpmn:errorEventDefinition errorRef="E" />') + draft.flows('in > tell');
      await lab.deploy(
        draft.start() +
          draft.sub('sub', inside) +
          draft.end() +
          draft.boundary(
            'on',
            'sub',
            draft.error('bad', 'camunda:errorMessageVariable="text"').replace('Error_bad', 'E'),
          ) +
          draft.flows('start > sub > end; on > end'),
      );
      lab.start({ why: 'sold out' });
      assert.equal(lab.variables['text'], 'sold out');
    }),
  ],
  [
    'error.nearest',
    'an error goes outward: event sub-process of the scope, then its boundary, then the scope around',
    both(async (lab) => {
      const { draft } = lab;
      const inside =
        draft.start('in') +
        draft.work('a') +
        draft.end('out') +
        draft.flows('in > a > out') +
        draft.eventSub('es', draft.error('bad'));
      await lab.deploy(
        draft.start() +
          draft.sub('sub', inside) +
          draft.end() +
          draft.boundary('on', 'sub', draft.error()) +
          draft.end('late') +
          draft.flows('start > sub > end; on > late'),
      );
      lab.start();
      lab.fail('a', 'bad');
      assert.deepEqual(lab.open, ['handled']);
      lab.start();
      lab.fail('a', 'other');
      assert.equal(lab.trace.at(-1), 'late');
    }),
  ],
  [
    'error.uncaught',
    'an error that nobody catches is an incident; the work can be tried again',
    both(async (lab) => {
      await guarded(lab, { on: lab.draft.error('other') });
      lab.start();
      lab.fail('a', 'bad');
      assert.deepEqual(lab.incidents, ['unhandledError at a']);
      lab.world.do({ type: 'resolveIncident', incidentId: lab.world.incidents()[0]?.id ?? 0 });
      lab.work('a');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'escalation.catch-all',
    'escalation without a code: catches every escalation',
    both(async (lab) => {
      const { draft } = lab;
      const inside = draft.start('in') + draft.end('tell', draft.escalation('late')) + draft.flows('in > tell');
      await lab.deploy(
        draft.start() +
          draft.sub('sub', inside) +
          draft.end() +
          draft.boundary('on', 'sub', draft.escalation(), false) +
          draft.end('told') +
          draft.flows('start > sub > end; on > told'),
      );
      lab.start();
      assert.ok(lab.trace.includes('told'));
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'escalation.variable',
    'escalation code variable',
    camunda7(async (lab) => {
      const { draft } = lab;
      const inside = draft.start('in') + draft.end('tell', draft.escalation('late')) + draft.flows('in > tell');
      const catching = draft.boundary(
        'on',
        'sub',
        draft.escalation(undefined, 'camunda:escalationCodeVariable="code"'),
        false,
      );
      await lab.deploy(
        draft.start() +
          draft.sub('sub', inside) +
          draft.end() +
          catching +
          draft.end('told') +
          draft.flows('start > sub > end; on > told'),
      );
      lab.start();
      assert.equal(lab.variables['code'], 'late');
    }),
  ],
  [
    'escalation.uncaught',
    'an escalation that nobody catches: the process goes on, a warning says so',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.throws('tell', draft.escalation('late')) +
          draft.end() +
          draft.flows('start > tell > end'),
      );
      lab.start();
      assert.equal(lab.state, 'completed');
      assert.match(lab.warned.join(), /escalation 'late' is caught by no/);
    }),
    'intermediateThrowEvent',
  ],
  [
    'user-task.throws',
    'a person reports a business error or an escalation instead of completing',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.element('userTask', 'u', { extensions: draft.say('', '<zeebe:userTask />') }) +
          draft.end() +
          draft.boundary('on', 'u', draft.error('bad')) +
          draft.end('late') +
          draft.boundary('told', 'u', draft.escalation('ask'), false) +
          draft.end('asked') +
          draft.flows('start > u > end; on > late; told > asked'),
      );
      lab.start();
      const userTaskId = lab.userTask.id;
      lab.world.do({ type: 'throwFromUserTask', userTaskId, what: 'escalation', code: 'ask' });
      assert.ok(lab.trace.includes('asked'));
      lab.world.do({
        type: 'throwFromUserTask',
        userTaskId,
        what: 'error',
        code: 'bad',
        variables: typed({ why: 'no' }),
      });
      assert.equal(lab.trace.at(-1), 'late');
      assert.equal(lab.variables['why'], 'no');
    }),
    'userTask',
  ],
  [
    'event.root-definition',
    'eventDefinitionRef: events by a definition at the root',
    both(async (lab) => {
      const { draft } = lab;
      draft.signal('stop');
      draft.root('Def', '<bpmn:signalEventDefinition id="Def" signalRef="Signal_stop" />');
      await lab.deploy(
        draft.start() +
          draft.catches('wait', '<bpmn:eventDefinitionRef>Def</bpmn:eventDefinitionRef>') +
          draft.end() +
          draft.flows('start > wait > end'),
      );
      lab.start();
      lab.broadcast('stop');
      assert.equal(lab.state, 'completed');
    }),
    'intermediateCatchEvent',
  ],
]);

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

const compensation = table('Compensation', 'intermediateThrowEvent', [
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
    'handlers of a multi-instance activity run once for every instance, with its item',
    both(async (lab) => {
      const { draft } = lab;
      const loop = draft.say(
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="items" camunda:elementVariable="item" />',
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>',
      );
      await lab.deploy(
        draft.start() +
          draft.undoable('a', { inner: loop }) +
          draft.throws('tell', draft.compensation()) +
          draft.end() +
          draft.flows('start > a > tell > end'),
      );
      lab.start({ items: ['x', 'y'] });
      lab.work('a');
      lab.work('a');
      assert.deepEqual(
        [lab.work('undo_a').variables['item']?.value, lab.work('undo_a').variables['item']?.value],
        ['y', 'x'],
      );
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

export const faultRows: readonly Row[] = [...errors, ...compensation];
