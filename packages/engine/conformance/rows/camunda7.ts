/** What Camunda 7 adds to BPMN, one extension after the other. */
import assert from 'node:assert/strict';
import { HOUR, type Lab } from '../lab.ts';
import { camunda7, camunda7Cell, noEffect, type Row, refused, type Story, table } from '../row.ts';

/** `start`, the element `t` as written, `end`. */
async function single(lab: Lab, written: string): Promise<void> {
  const { draft } = lab;
  await lab.deploy(draft.start() + written + draft.end() + draft.flows('start > t > end'));
}

function service(lab: Lab, attributes: string, extensions = ''): string {
  return lab.draft.element('serviceTask', 't', { attributes, extensions });
}

/** The task `t` of a worker with these attributes and extension elements. */
function withWork(attributes: string, extensions: string, story: (lab: Lab) => void): Story {
  return async (lab) => {
    await single(lab, lab.draft.work('t', { attributes, extensions }));
    story(lab);
  };
}

function isRefused(note: string, message: RegExp, written: (lab: Lab) => string): Row['cells'] {
  return camunda7Cell(
    refused(note, (lab) =>
      lab.refuses(
        'not-executable-here',
        message,
        lab.draft.start() + written(lab) + lab.draft.end() + lab.draft.flows('start > t > end'),
      ),
    ),
  );
}

function _isIgnored(note: string, message: RegExp, written: (lab: Lab) => string): Row['cells'] {
  return camunda7Cell(
    noEffect(note, async (lab) => {
      await single(lab, written(lab));
      lab.assertNoEffect(message);
    }),
  );
}

const continuations = table('Camunda 7: transactions and jobs', 'serviceTask', [
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
    'camunda:jobPriority',
    camunda7(
      withWork('camunda:asyncBefore="true" camunda:jobPriority="${p}"', '', (lab) => {
        lab.start({ p: 7 });
        assert.equal(lab.world.store.find('timers')[0]?.priority, 7);
      }),
    ),
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

const implementations = table('Camunda 7: implementations', 'serviceTask', [
  [
    'c7.external',
    'camunda:type="external" with a topic, also as an expression',
    camunda7(async (lab) => {
      await single(lab, service(lab, 'camunda:type="external" camunda:topic="${where}"'));
      lab.start({ where: 'here' });
      lab.work('here');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'c7.expression',
    'camunda:expression with camunda:resultVariable',
    camunda7(async (lab) => {
      await single(lab, service(lab, 'camunda:expression="${a + b}" camunda:resultVariable="sum"'));
      lab.start({ a: 1, b: 2 });
      assert.equal(lab.variables['sum'], 3);
    }),
    'expressionTask',
  ],
  [
    'c7.java',
    'camunda:class, camunda:delegateExpression',
    isRefused('there is no Java here; map it to a topic, or use an external task', /camunda:class/, (lab) =>
      service(lab, 'camunda:class="com.example.Pay"'),
    ),
  ],
  [
    'c7.delegate-topic',
    'camunda:class or camunda:delegateExpression that the settings map to a topic, with its fields',
    camunda7(async (lab) => {
      const { draft } = lab;
      const task = service(
        lab,
        'camunda:delegateExpression="${payer}"',
        '<camunda:field name="currency" stringValue="EUR" />',
      );
      await lab.deployFile(draft.file(draft.start() + task + draft.end() + draft.flows('start > t > end')), {
        delegates: { '${payer}': 'pay' },
      });
      lab.start();
      assert.deepEqual(lab.work('pay').headers, { currency: 'EUR' });
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'c7.connector',
    'camunda:connector',
    isRefused('use an external task', /connector/, (lab) =>
      service(
        lab,
        '',
        '<camunda:connector><camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>',
      ),
    ),
  ],
  [
    'c7.type-other',
    'camunda:type="mail", "shell"',
    isRefused('use an external task', /camunda:type="mail"/, (lab) => service(lab, 'camunda:type="mail"')),
  ],
  [
    'c7.error-event-definition',
    'camunda:errorEventDefinition: a failure or result of a worker becomes an error',
    camunda7(async (lab) => {
      const { draft } = lab;
      draft.error('bad');
      const mapping =
        '<camunda:errorEventDefinition id="m" errorRef="Error_bad" expression="${externalTask.errorMessage == \'sold out\'}" />';
      await lab.deploy(
        draft.start() +
          draft.work('t', { extensions: mapping }) +
          draft.end() +
          draft.boundary('on', 't', draft.error('bad')) +
          draft.end('late') +
          draft.flows('start > t > end; on > late'),
      );
      lab.start();
      const { task } = lab.world.fetch('t');
      lab.world.do({
        type: 'failExternalTask',
        externalTaskId: task.id,
        workerId: 'w',
        errorMessage: 'sold out',
        retries: 3,
        retryAfterMs: 0,
      });
      assert.equal(lab.trace.at(-1), 'late');
    }),
  ],
  [
    'c7.properties',
    'extension properties, sent along to the worker',
    camunda7(
      withWork('', '<camunda:properties><camunda:property name="k" value="v" /></camunda:properties>', (lab) => {
        lab.start();
        assert.deepEqual(lab.work('t').headers, { k: 'v' });
      }),
    ),
  ],
  [
    'c7.signal-in',
    'camunda:in of a thrown signal',
    camunda7(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() + draft.catches('wait', draft.signal('stop')) + draft.end() + draft.flows('start > wait > end'),
        'q',
      );
      const waiting = lab.start({}, 'q');
      await lab.deploy(
        draft.start() +
          draft.throws('tell', draft.signal('stop', '<camunda:in source="x" target="given" />')) +
          draft.end() +
          draft.flows('start > tell > end'),
      );
      lab.start({ x: 1, y: 2 });
      assert.deepEqual(lab.world.variables(waiting), { given: 1 });
    }),
    'intermediateThrowEvent',
  ],
  [
    'c7.signal-async',
    'camunda:async of a thrown signal',
    camunda7Cell(
      noEffect('a signal is broadcast at once', async (lab) => {
        const { draft } = lab;
        const tell = draft.throws('t', draft.signal('stop').replace('signalRef', 'camunda:async="true" signalRef'));
        await lab.deploy(draft.start() + tell + draft.end() + draft.flows('start > t > end'));
        lab.assertNoEffect(/async of a signal/);
      }),
    ),
    'intermediateThrowEvent',
  ],
  [
    'c7.tenants',
    'camunda:calledElementTenantId, decisionRefTenantId',
    camunda7Cell(
      noEffect('there are no tenants', async (lab) => {
        await single(
          lab,
          lab.draft.element('callActivity', 't', { attributes: 'calledElement="c" camunda:calledElementTenantId="x"' }),
        );
        lab.assertNoEffect(/TenantId/);
      }),
    ),
    'callActivity',
  ],
  [
    'c7.variable-events',
    'camunda:variableName and camunda:variableEvents of a conditional event',
    camunda7(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.catches(
            'wait',
            draft.conditional('y > 0', 'y > 0', 'camunda:variableName="x" camunda:variableEvents="update"'),
          ) +
          draft.end() +
          draft.flows('start > wait > end'),
      );
      lab.start({ y: 0 });
      lab.set({ y: 1 });
      lab.set({ x: 1 });
      assert.equal(lab.state, 'active');
      lab.set({ x: 2 });
      assert.equal(lab.state, 'completed');
    }),
    'intermediateCatchEvent',
  ],
  [
    'c7.decision-result',
    'camunda:mapDecisionResult: singleEntry, singleResult, collectEntries, resultList',
    camunda7(async (lab) => {
      await lab.world.deployDecisions('dish');
      const results: unknown[] = [];
      for (const [decision, map] of [
        ['season', 'singleEntry'],
        ['dish', 'singleResult'],
        ['discounts', 'collectEntries'],
        ['discounts', 'resultList'],
      ] as const) {
        await single(
          lab,
          lab.draft.element('businessRuleTask', 't', {
            attributes: `camunda:decisionRef="${decision}" camunda:mapDecisionResult="${map}" camunda:resultVariable="r"`,
          }),
        );
        lab.start({ temperature: 5, season: 'winter', guests: 3 });
        results.push(lab.variables['r']);
      }
      assert.deepEqual(results, ['winter', { dish: 'Spareribs', drink: 'Beer' }, [5], [{ percent: 5 }]]);
    }),
    'decisionTask',
  ],
  [
    'c7.decision-binding',
    'camunda:decisionRefBinding: deployment, version, versionTag',
    camunda7(async (lab) => {
      await lab.world.deployDecisions('dish');
      const decide = (binding: string) =>
        single(
          lab,
          lab.draft.element('businessRuleTask', 't', {
            attributes: `camunda:decisionRef="dish" camunda:mapDecisionResult="singleResult" camunda:resultVariable="r" camunda:decisionRefBinding=${binding}`,
          }),
        );
      await decide('"version" camunda:decisionRefVersion="1"');
      lab.start({ temperature: 20, guests: 3 });
      assert.deepEqual(lab.variables['r'], { dish: 'Salad', drink: 'Juice' });
      await decide('"deployment"');
      lab.start({ guests: 3 });
      assert.deepEqual(lab.incidents, ['decision at t']);
    }),
    'decisionTask',
  ],
]);

/** Sets the variable `at` to what the listener saw. */
const SETS = (name: string, value: string): string => `expression="\${execution.setVariable('${name}', ${value})}"`;

const listeners = table('Camunda 7: listeners', 'serviceTask', [
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
    'task listener: timeout',
    isRefused('use a timer boundary event', /for a timeout/, (lab) =>
      lab.draft.element('userTask', 't', {
        extensions: `<camunda:taskListener event="timeout" id="l" expression="\${true}">${lab.draft.timer('timeDuration', 'PT1H')}</camunda:taskListener>`,
      }),
    ),
    'userTask',
  ],
]);

export const camunda7Rows: readonly Row[] = [...continuations, ...implementations, ...listeners];
