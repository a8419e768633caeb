/** Camunda 8: user tasks and forms. */
import assert from 'node:assert/strict';
import { typed } from '../../stories/world.ts';
import { camunda8, type Row, table } from '../row.ts';
import { single } from './camunda8-single.ts';

/** Topic of the jobs of user tasks. */
const JOB = 'io.camunda.zeebe:userTask';

export const camunda8People: readonly Row[] = table('Camunda 8: user tasks and forms', 'userTask', [
  [
    'c8.user-task',
    'zeebe:userTask, zeebe:assignmentDefinition',
    camunda8(async (lab) => {
      await single(
        lab,
        'userTask',
        '<zeebe:userTask /><zeebe:assignmentDefinition assignee="=boss" candidateUsers="bob, eve" candidateGroups="=groups" />',
      );
      lab.start({ boss: 'ada', groups: ['a', 'b'] });
      const { assignee, candidateUsers, candidateGroups } = lab.userTask;
      assert.deepEqual([assignee, candidateUsers, candidateGroups], ['ada', ['bob', 'eve'], ['a', 'b']]);
    }),
  ],
  [
    'c8.job-user-task',
    'user task by a job worker (without zeebe:userTask), or by a person',
    camunda8(async (lab) => {
      await single(
        lab,
        'userTask',
        '<zeebe:assignmentDefinition assignee="=boss" candidateGroups="a, b" /><zeebe:taskSchedule dueDate="2026-01-02T00:00:00Z" /><zeebe:formDefinition formKey="ask" /><zeebe:taskHeaders><zeebe:header key="k" value="v" /></zeebe:taskHeaders>',
      );
      lab.start({ boss: 'ada' });
      const { task, headers } = lab.world.fetch(JOB);
      assert.equal(task.retries, 1);
      assert.deepEqual(headers, {
        'io.camunda.zeebe:assignee': 'ada',
        'io.camunda.zeebe:candidateGroups': '["a","b"]',
        'io.camunda.zeebe:dueDate': '2026-01-02T00:00:00.000+00:00',
        'io.camunda.zeebe:formKey': 'ask',
        k: 'v',
      });
      lab.world.do({
        type: 'completeExternalTask',
        externalTaskId: task.id,
        workerId: 'w',
        variables: typed({ said: 'yes' }),
      });
      assert.deepEqual([lab.state, lab.variables['said']], ['completed', 'yes']);
      assert.deepEqual(lab.world.store.find('userTasks'), []);
      lab.start({ boss: 'ada' });
      assert.equal(lab.userTask.assignee, 'ada');
      lab.completeUserTask();
      assert.deepEqual([lab.state, lab.open], ['completed', []]);
    }),
  ],
  [
    'c8.schedule',
    'zeebe:taskSchedule, zeebe:priorityDefinition',
    camunda8(async (lab) => {
      await single(
        lab,
        'userTask',
        '<zeebe:userTask /><zeebe:taskSchedule dueDate="=now() + duration(&quot;P2D&quot;)" followUpDate="2026-01-02T00:00:00Z" /><zeebe:priorityDefinition priority="=p" />',
      );
      lab.start({ p: 70 });
      const { dueAt, followUpAt, priority } = lab.userTask;
      assert.deepEqual([dueAt, followUpAt, priority], [Date.UTC(2026, 0, 3), Date.UTC(2026, 0, 2), 70]);
    }),
  ],
  [
    'c8.form',
    'zeebe:formDefinition: formId, externalReference, embedded form',
    camunda8(async (lab) => {
      const forms: unknown[] = [];
      for (const form of [
        'formId="ask"',
        'externalReference="=&quot;ask-&quot; + n"',
        'formKey="camunda-forms:bpmn:own"',
      ]) {
        const { draft } = lab;
        const task = draft.element('userTask', 't', {
          extensions: `<zeebe:userTask /><zeebe:formDefinition ${form} />`,
        });
        await lab.deploy(
          draft.start() + task + draft.end() + draft.flows('start > t > end'),
          'p',
          '',
          '<zeebe:userTaskForm id="own">{"components":[]}</zeebe:userTaskForm>',
        );
        lab.start({ n: '1' });
        const element = lab.world.store.state.definitions.latest('p', null)?.model.elements['t'];
        forms.push(
          lab.userTask.formId ??
            lab.userTask.formKey ??
            (element?.type === 'userTask' ? element.user.embeddedForm : undefined),
        );
        lab.completeUserTask();
      }
      assert.deepEqual(forms, ['ask', 'ask-1', '{"components":[]}']);
    }),
  ],
  [
    'c8.form-binding',
    'bindingType of zeebe:formDefinition',
    camunda8(async (lab) => {
      for (const [written, expected] of [
        ['bindingType="deployment"', { kind: 'deployment', version: null }],
        ['bindingType="versionTag" versionTag="v1"', { kind: 'versionTag', version: 'v1' }],
      ] as const) {
        await single(lab, 'userTask', `<zeebe:userTask /><zeebe:formDefinition formId="ask" ${written} />`);
        lab.start();
        const { formId, formBinding } = lab.userTask;
        assert.deepEqual([formId, formBinding], ['ask', expected]);
        lab.completeUserTask();
      }
    }),
  ],
  [
    'c8.user-task-headers',
    'zeebe:taskHeaders on a user task',
    camunda8(async (lab) => {
      await single(
        lab,
        'userTask',
        '<zeebe:userTask /><zeebe:taskHeaders><zeebe:header key="k" value="v" /></zeebe:taskHeaders>',
      );
      const element = lab.world.store.state.definitions.latest('p', null)?.model.elements['t'];
      assert.equal(element?.type === 'userTask' ? element.user.headers?.['k'] : undefined, 'v');
    }),
  ],
]);
