/** Camunda 7: where a command ends and how it goes on. */
import assert from 'node:assert/strict';
import { HOUR } from '../lab.ts';
import { camunda7, type Row, table } from '../row.ts';
import { service, single, withWork } from './camunda7-single.ts';

export const camunda7Jobs: readonly Row[] = table('Camunda 7: transactions and jobs', 'serviceTask', [
  [
    'c7.async-before',
    'camunda:asyncBefore',
    camunda7(
      withWork('camunda:asyncBefore="true"', '', (lab) => {
        lab.start();
        assert.deepEqual([lab.open, lab.standing], [[], ['t']]);
        lab.advance(0);
        assert.deepEqual(lab.open, ['t']);
      }),
    ),
  ],
  [
    'c7.async-after',
    'camunda:asyncAfter',
    camunda7(
      withWork('camunda:asyncAfter="true"', '', (lab) => {
        lab.start();
        lab.work('t');
        assert.equal(lab.state, 'active');
        lab.advance(0);
        assert.equal(lab.state, 'completed');
      }),
    ),
  ],
  [
    'c7.exclusive',
    'camunda:exclusive: steps of one instance never run at the same time (also when it is false)',
    camunda7(async (lab) => {
      const { draft } = lab;
      const apart = 'camunda:asyncBefore="true" camunda:exclusive="false"';
      await lab.deploy(
        draft.start() +
          service(lab, `${apart} camunda:expression="\${execution.setVariable('n', n + 1)}"`) +
          service(lab, `${apart} camunda:expression="\${execution.setVariable('n', n + 1)}"`).replace(
            'id="t"',
            'id="u"',
          ) +
          draft.end() +
          draft.flows('start > t > end; start > u > end'),
      );
      lab.start({ n: 0 });
      lab.advance(0);
      assert.equal(lab.variables['n'], 2);
    }),
    'expressionTask',
  ],
  [
    'c7.retry-cycle',
    'camunda:failedJobRetryTimeCycle',
    camunda7(async (lab) => {
      await single(
        lab,
        service(
          lab,
          'camunda:expression="${missing.size()}"',
          '<camunda:failedJobRetryTimeCycle>R2/PT10M</camunda:failedJobRetryTimeCycle>',
        ),
      );
      lab.start();
      assert.deepEqual(lab.incidents, []);
      lab.advance(HOUR / 6);
      assert.deepEqual(lab.incidents, ['expression at t']);
    }),
    'expressionTask',
  ],
  [
    'c7.job-priority',
    'camunda:jobPriority, of continuations and of timers',
    camunda7(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start('start', draft.timer('timeDuration', 'PT1H')) +
          draft.work('t', { attributes: 'camunda:asyncBefore="true" camunda:jobPriority="${p}"' }) +
          draft.boundary('late', 't', draft.timer('timeDuration', 'PT1H'), false) +
          draft.boundary('later', 't', draft.timer('timeDuration', 'PT2H'), false, 'camunda:jobPriority="${p + 1}"') +
          draft.start('plain') +
          draft.end() +
          draft.flows('start > t > end; plain > t; late > end; later > end'),
        'p',
        'camunda:jobPriority="3"',
      );
      const priorities = () => lab.world.store.find('timers').map(({ elementId, priority }) => [elementId, priority]);
      assert.deepEqual(priorities(), [['start', 3]]);
      lab.start({ p: 7 });
      assert.deepEqual(priorities().slice(1), [['t', 7]]);
      lab.advance(0);
      assert.deepEqual(priorities().slice(1), [
        ['late', 3],
        ['later', 8],
      ]);
    }),
  ],
  [
    'c7.task-priority',
    'camunda:taskPriority, of the task or of the process',
    camunda7(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.work('t', { attributes: 'camunda:taskPriority="${p}"' }) +
          draft.work('u') +
          draft.end() +
          draft.flows('start > t > u > end'),
        'p',
        'camunda:taskPriority="3"',
      );
      lab.start({ p: 7 });
      assert.equal(lab.work('t').task.priority, 7);
      assert.equal(lab.work('u').task.priority, 3);
    }),
  ],
  [
    'c7.async-loop',
    'camunda:asyncBefore of each loop instance',
    camunda7(async (lab) => {
      const loop = '<bpmn:multiInstanceLoopCharacteristics camunda:asyncBefore="true" camunda:collection="items" />';
      await single(lab, lab.draft.work('t', { inner: loop }));
      lab.start({ items: [1, 2] });
      assert.deepEqual(lab.open, []);
      assert.equal(lab.world.store.find('timers').length, 2);
      lab.advance(0);
      assert.deepEqual(lab.open, ['t', 't']);
    }),
  ],
]);
