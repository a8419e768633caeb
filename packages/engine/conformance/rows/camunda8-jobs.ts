/** Camunda 8: jobs, and the jobs of listeners. */
import assert from 'node:assert/strict';
import { camunda8, type Row, table } from '../row.ts';
import { isRefused, job, single } from './camunda8-single.ts';

const jobs = table('Camunda 8: jobs', 'serviceTask', [
  [
    'c8.task-definition',
    'zeebe:taskDefinition: type and retries, also as expressions',
    camunda8(
      job('<zeebe:taskDefinition type="=kind + &quot;-job&quot;" retries="=n + 1" />', (lab) => {
        lab.start({ kind: 'pay', n: 4 });
        assert.equal(lab.work('pay-job').task.retries, 5);
        assert.equal(lab.state, 'completed');
      }),
    ),
  ],
  [
    'c8.retries-default',
    'three retries where the model names none',
    camunda8(
      job('<zeebe:taskDefinition type="pay" />', (lab) => {
        lab.start();
        assert.equal(lab.work('pay').task.retries, 3);
      }),
    ),
  ],
  [
    'c8.headers',
    'zeebe:taskHeaders',
    camunda8(
      job(
        '<zeebe:taskDefinition type="pay" /><zeebe:taskHeaders><zeebe:header key="k" value="v" /></zeebe:taskHeaders>',
        (lab) => {
          lab.start();
          assert.deepEqual(lab.work('pay').headers, { k: 'v' });
        },
      ),
    ),
  ],
  [
    'c8.job-priority',
    'zeebe:jobPriorityDefinition, of the task or of the process',
    camunda8(
      job('<zeebe:taskDefinition type="pay" /><zeebe:jobPriorityDefinition priority="=p" />', (lab) => {
        lab.start({ p: 7 });
        assert.equal(lab.work('pay').task.priority, 7);
      }),
    ),
  ],
  [
    'c8.results',
    'results: upward without output mappings, local with them',
    camunda8(async (lab) => {
      await single(lab, 'serviceTask', '<zeebe:taskDefinition type="t" />');
      lab.start({ x: 1 });
      lab.work('t', { x: 2, y: 3 });
      assert.deepEqual(lab.variables, { x: 2, y: 3 });
      await single(
        lab,
        'serviceTask',
        '<zeebe:taskDefinition type="t" /><zeebe:ioMapping><zeebe:output source="=y" target="z" /></zeebe:ioMapping>',
      );
      lab.start({ x: 1 });
      lab.work('t', { x: 2, y: 3 });
      assert.deepEqual(lab.variables, { x: 1, z: 3 });
    }),
  ],
  [
    'c8.properties',
    'zeebe:properties',
    camunda8(async (lab) => {
      await single(
        lab,
        'serviceTask',
        '<zeebe:taskDefinition type="t" /><zeebe:properties><zeebe:property name="k" value="v" /></zeebe:properties>',
      );
      assert.deepEqual(
        { ...lab.world.store.state.definitions.latest('p', null)?.model.elements['t']?.properties },
        { k: 'v' },
      );
    }),
  ],
  [
    'c8.linked-resources',
    'zeebe:linkedResources',
    isRefused(
      'the worker finds its resources',
      /linkedResources/,
      'serviceTask',
      '<zeebe:taskDefinition type="t" /><zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="RPA" linkName="l" /></zeebe:linkedResources>',
    ),
  ],
  [
    'c8.adhoc-job',
    'zeebe:taskDefinition on an ad-hoc sub-process',
    isRefused(
      'activeElementsCollection says what runs',
      /on an ad-hoc sub-process/,
      'adHocSubProcess',
      '<zeebe:taskDefinition type="t" />',
      '<bpmn:task id="inner" />',
    ),
    'adHocSubProcess',
  ],
]);

const listeners = table('Camunda 8: listeners', 'serviceTask', [
  [
    'c8.execution-listeners',
    'zeebe:executionListeners: start and end, with retries and headers (those of the element too)',
    camunda8(
      job(
        '<zeebe:taskDefinition type="t" /><zeebe:taskHeaders><zeebe:header key="k" value="element" /><zeebe:header key="e" value="w" /></zeebe:taskHeaders><zeebe:executionListeners><zeebe:executionListener eventType="start" type="before" retries="2"><zeebe:taskHeaders><zeebe:header key="k" value="v" /></zeebe:taskHeaders></zeebe:executionListener><zeebe:executionListener eventType="end" type="=&quot;after&quot;" /></zeebe:executionListeners>',
        (lab) => {
          lab.start();
          assert.deepEqual(lab.open, ['before']);
          const { task, headers } = lab.work('before');
          assert.deepEqual([task.retries, { ...headers }], [2, { k: 'v', e: 'w' }]);
          lab.work('t');
          lab.work('after');
          assert.equal(lab.state, 'completed');
        },
      ),
    ),
  ],
  [
    'c8.task-listeners',
    'zeebe:taskListeners: creating, assigning, updating, completing',
    camunda8(async (lab) => {
      const told = ['creating', 'assigning', 'updating', 'completing'];
      await single(
        lab,
        'userTask',
        `<zeebe:userTask /><zeebe:taskListeners>${told.map((event) => `<zeebe:taskListener eventType="${event}" type="${event}" />`).join('')}</zeebe:taskListeners>`,
      );
      lab.start();
      const userTaskId = lab.userTask.id;
      lab.work('creating');
      lab.world.do({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: false });
      assert.equal(lab.userTask.assignee, null);
      lab.work('assigning');
      assert.equal(lab.userTask.assignee, 'ada');
      lab.world.do({ type: 'updateUserTask', userTaskId, changes: { priority: 1 } });
      lab.work('updating');
      lab.completeUserTask();
      assert.equal(lab.state, 'active');
      lab.work('completing');
      assert.equal(lab.state, 'completed');
    }),
    'userTask',
  ],
  [
    'c8.task-listeners.canceling',
    'zeebe:taskListener: canceling; the event waits for it',
    camunda8(async (lab) => {
      const { draft } = lab;
      const told =
        '<zeebe:userTask /><zeebe:taskListeners><zeebe:taskListener eventType="canceling" type="gone" /></zeebe:taskListeners>';
      await lab.deploy(
        draft.start() +
          draft.element('userTask', 't', { extensions: told }) +
          draft.end() +
          draft.boundary('on', 't', draft.signal('stop')) +
          draft.work('after') +
          draft.flows('start > t > end; on > after > end'),
      );
      lab.start();
      lab.broadcast('stop');
      assert.deepEqual(lab.open, ['gone']);
      lab.work('gone');
      assert.deepEqual(lab.open, ['after']);
    }),
    'userTask',
  ],
]);

export const camunda8Jobs: readonly Row[] = [...jobs, ...listeners];
