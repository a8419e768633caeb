/** How errors and escalations find who catches them, and what happens when nobody does. */
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

export const errorRows: readonly Row[] = table('Errors and escalations', 'boundaryEvent', [
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
