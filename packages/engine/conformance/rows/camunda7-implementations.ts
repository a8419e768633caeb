/** Camunda 7: what does the work of a task, and how decisions, signals and conditions are written. */
import assert from 'node:assert/strict';
import { readProcesses } from '@procos/bpmn';
import { Draft } from '../draft.ts';
import { camunda7, type Row, table } from '../row.ts';
import { isRefused, service, single, withWork } from './camunda7-single.ts';

export const camunda7Implementations: readonly Row[] = table('Camunda 7: implementations', 'serviceTask', [
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
    camunda7(async (lab) => {
      const { draft } = lab;
      const tell = draft.throws(
        't',
        draft
          .signal('stop', '<camunda:in source="x" target="given" />')
          .replace('signalRef', 'camunda:async="true" signalRef'),
      );
      const receives = draft.process(
        draft.start('begins', draft.signal('stop')) + draft.work('w') + draft.flows('begins > w'),
        'receiver',
      );
      await lab.deployFile(
        draft.definitions(
          draft.process(draft.start() + tell + draft.end() + draft.flows('start > t > end'), 'p') + receives,
        ),
      );
      lab.start({ x: 1 });
      assert.deepEqual([lab.state, lab.open], ['completed', []]);
      lab.advance(0);
      assert.equal(lab.seen('w')['given'], 1);
    }),
    'intermediateThrowEvent',
  ],
  [
    'c7.tenants',
    'camunda:calledElementTenantId',
    camunda7(async (lab) => {
      const { draft, world } = lab;
      const attributes = 'calledElement="child" camunda:calledElementTenantId="${tenant}"';
      await single(lab, draft.element('callActivity', 't', { attributes }));
      const content = new Draft('camunda7').file(draft.start() + draft.end() + draft.flows('start > end'), 'child');
      const { processes } = await readProcesses(content);
      world.do({
        type: 'deploy',
        name: 'child',
        source: null,
        tenantId: 'x',
        resources: [{ name: 'child.bpmn', content }],
        definitions: processes.map((model) => ({ resourceName: 'child.bpmn', checksum: 'child', model })),
        skipUnchanged: false,
      });
      lab.start({ tenant: 'x' });
      assert.equal(lab.state, 'completed');
      lab.start({ tenant: 'y' });
      assert.deepEqual(lab.incidents, ['calledElement at t']);
    }),
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
