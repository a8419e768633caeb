/** Camunda 7: listeners. */
import assert from 'node:assert/strict';
import { HOUR } from '../lab.ts';
import { camunda7, type Row, table } from '../row.ts';
import { isRefused, single, withWork } from './camunda7-single.ts';

/** Sets the variable `at` to what the listener saw. */
const SETS = (name: string, value: string): string => `expression="\${execution.setVariable('${name}', ${value})}"`;

export const camunda7Listeners: readonly Row[] = table('Camunda 7: listeners', 'serviceTask', [
  [
    'c7.listener.expression',
    'execution listeners as expressions: start, end, take',
    camunda7(async (lab) => {
      const { draft } = lab;
      const both = `<camunda:executionListener event="start" ${SETS('begun', 'execution.currentActivityId')} /><camunda:executionListener event="end" ${SETS('done', 'begun')} />`;
      const flow = `<bpmn:sequenceFlow id="f" sourceRef="t" targetRef="end"><bpmn:extensionElements><camunda:executionListener event="take" ${SETS('taken', 'true')} /></bpmn:extensionElements></bpmn:sequenceFlow>`;
      await lab.deploy(
        draft.start() + draft.work('t', { extensions: both }) + draft.end() + draft.flows('start > t') + flow,
      );
      lab.start();
      assert.deepEqual(lab.variables, { begun: 't' });
      lab.work('t');
      assert.deepEqual(lab.variables, { begun: 't', done: 't', taken: true });
    }),
  ],
  [
    'c7.listener.script',
    'execution listeners as scripts, in the sandbox',
    camunda7(
      withWork(
        '',
        '<camunda:executionListener event="start"><camunda:script scriptFormat="javascript">1 + 1</camunda:script></camunda:executionListener>',
        (lab) => {
          lab.start();
          assert.deepEqual(lab.open, ['procos.script']);
          assert.equal(lab.work('procos.script').headers['script_source'], '1 + 1');
          assert.deepEqual(lab.open, ['t']);
        },
      ),
    ),
  ],
  [
    'c7.listener.java',
    'listeners in Java that the settings map to a topic',
    camunda7(async (lab) => {
      const { draft } = lab;
      const task = draft.work('t', {
        extensions: '<camunda:executionListener event="start" class="com.example.Note" />',
      });
      await lab.deployFile(draft.file(draft.start() + task + draft.end() + draft.flows('start > t > end')), {
        delegates: { 'com.example.Note': 'note' },
      });
      lab.start();
      assert.deepEqual(lab.open, ['note']);
      lab.work('note');
      assert.deepEqual(lab.open, ['t']);
    }),
  ],
  [
    'c7.listener.class',
    'listeners in Java',
    isRefused('there is no Java here; map it to a topic', /in Java/, (lab) =>
      lab.draft.work('t', { extensions: '<camunda:executionListener event="start" class="com.example.Note" />' }),
    ),
  ],
  [
    'c7.listener.process',
    'execution listeners of the process, of events and of gateways',
    camunda7(async (lab) => {
      const { draft } = lab;
      const at = (event: string, name: string) =>
        `<camunda:executionListener event="${event}" ${SETS(name, 'true')} />`;
      await lab.deploy(
        draft.element('startEvent', 'start', { extensions: at('start', 'event') }) +
          draft.element('exclusiveGateway', 'g', { extensions: at('end', 'gateway') }) +
          draft.end() +
          draft.flows('start > g > end'),
        'p',
        '',
        at('start', 'process'),
      );
      lab.start();
      assert.deepEqual(lab.variables, { process: true, event: true, gateway: true });
    }),
    'process',
  ],
  [
    'c7.task-listener',
    'task listeners: create, assignment, update, complete',
    camunda7(async (lab) => {
      const told = ['create', 'assignment', 'update', 'complete']
        .map((event) => `<camunda:taskListener event="${event}" ${SETS(event, 'task.assignee')} />`)
        .join('');
      await single(lab, lab.draft.element('userTask', 't', { attributes: 'camunda:assignee="ada"', extensions: told }));
      lab.start();
      const userTaskId = lab.userTask.id;
      lab.world.do({ type: 'assignUserTask', userTaskId, assignee: 'bob', claim: false });
      lab.world.do({ type: 'updateUserTask', userTaskId, changes: { priority: 1 } });
      lab.completeUserTask();
      assert.deepEqual(lab.variables, { create: 'ada', assignment: 'bob', update: 'bob', complete: 'bob' });
    }),
    'userTask',
  ],
  [
    'c7.task-listener.delete',
    'task listener: delete, when the task is canceled',
    camunda7(async (lab) => {
      const { draft } = lab;
      const told = `<camunda:taskListener event="delete" ${SETS('gone', 'true')} />`;
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
      assert.deepEqual([lab.open, lab.variables], [['after'], { gone: true }]);
    }),
    'userTask',
  ],
  [
    'c7.task-listener.timeout',
    'task listener: timeout; the task goes on',
    camunda7(async (lab) => {
      const { draft } = lab;
      const due = draft.timer('timeDuration', 'PT1H');
      const told = `<camunda:taskListener event="timeout" id="l" ${SETS('late', 'true')}>${due}</camunda:taskListener>`;
      await single(lab, draft.element('userTask', 't', { extensions: told }));
      lab.start();
      lab.advance(HOUR - 1);
      assert.deepEqual(lab.variables, {});
      lab.advance(1);
      assert.deepEqual([lab.variables, lab.standing], [{ late: true }, ['t']]);
    }),
    'userTask',
  ],
]);
