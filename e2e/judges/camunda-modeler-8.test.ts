/** What Camunda Modeler asks of Camunda 8, through the SDK that it carries and set up as it sets it up, by REST and by gRPC. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Camunda8 } from '@camunda8/sdk';
import { job, zeebe } from '../../packages/rest/src/testing/camunda8.test.ts';
import { type System, startSystem } from '../../packages/rest/src/testing/real-kernel.test.ts';

const ORDER = zeebe(
  'order',
  `<bpmn:startEvent id="Start" />${job('Charge', 'charge')}<bpmn:userTask id="Approve"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>
   <bpmn:intermediateCatchEvent id="Paid"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>`,
  ['Start->Charge', 'Charge->Approve', 'Approve->Paid'],
);
const PRICE = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="prices" name="Prices" namespace="http://example.org">
  <decision id="price" name="Price"><variable name="price" /><literalExpression><text>amount * 2</text></literalExpression></decision>
</definitions>`;
const FORM = '{"id":"check","type":"default","components":[]}';
const FILES = [
  { name: 'order.bpmn', content: ORDER },
  { name: 'price.dmn', content: PRICE },
  { name: 'check.form', content: FORM },
];

describe('Camunda Modeler, for Camunda 8', () => {
  let system: System;
  before(async () => {
    system = await startSystem({ grpc: true });
    await system.kernel.ready;
  });
  after(() => system.stop());

  it('by REST: checks the connection, deploys, starts, and looks on', async () => {
    const camunda = new Camunda8({
      ZEEBE_REST_ADDRESS: system.url,
      CAMUNDA_OAUTH_DISABLED: true,
    }).getCamundaRestClient();
    assert.match((await camunda.getTopology()).gatewayVersion, /^8\.\d/);
    const { deploymentKey, deployments, processes } = await camunda.deployResources(FILES as never);
    assert.match(deploymentKey, /^\d+$/);
    const kinds = deployments.flatMap((one) =>
      Object.entries(one).flatMap(([kind, of]) => (of === null ? [] : [kind])),
    );
    assert.deepEqual(kinds.sort(), ['decisionDefinition', 'decisionRequirements', 'form', 'processDefinition']);
    assert.equal(processes[0]?.processDefinitionId, 'order');

    const { processInstanceKey } = await camunda.createProcessInstance({
      processDefinitionId: 'order',
      variables: { amount: 5 },
      startInstructions: undefined,
      runtimeInstructions: undefined,
      tenantId: undefined,
    } as never);
    const filter = { filter: { processInstanceKey } };
    const [instance] = (await camunda.searchProcessInstances(filter)).items;
    assert.deepEqual([instance?.state, instance?.hasIncident], ['ACTIVE', false]);
    const variables = (await camunda.searchVariables(filter as never)).items;
    assert.deepEqual(
      variables.map(({ name, value }) => [name, value]),
      [['amount', '5']],
    );
    const elements = (await camunda.searchElementInstances(filter as never)).items;
    assert.deepEqual(elements.map(({ elementId, state }) => [elementId, state]).sort(), [
      ['Charge', 'ACTIVE'],
      ['Start', 'COMPLETED'],
    ]);
    assert.deepEqual((await camunda.searchIncidents(filter as never)).items, []);
    assert.deepEqual((await camunda.searchUserTasks(filter as never)).items, []);
  });

  it('by REST: tries one task, and no more of the process than it', async () => {
    const camunda = new Camunda8({
      ZEEBE_REST_ADDRESS: system.url,
      CAMUNDA_OAUTH_DISABLED: true,
    }).getCamundaRestClient();
    const { processes } = await camunda.deployResources(FILES.slice(0, 1) as never);
    const { processInstanceKey } = await camunda.createProcessInstance({
      processDefinitionKey: processes[0]?.processDefinitionKey,
      variables: { amount: 5 },
      startInstructions: [{ elementId: 'Charge' }],
      runtimeInstructions: [{ type: 'TERMINATE_PROCESS_INSTANCE', afterElementId: 'Charge' }],
    } as never);
    const [task] = await system.get<{ id: string }[]>(
      `/engine-rest/external-task?processInstanceId=${processInstanceKey}`,
    );
    await system.post(`/engine-rest/external-task/${task?.id}/lock`, { workerId: 'w', lockDuration: 10_000 });
    await system.post(`/engine-rest/external-task/${task?.id}/complete`, { workerId: 'w' });
    const { items } = await camunda.searchProcessInstances({ filter: { processInstanceKey } });
    assert.equal(items[0]?.state, 'TERMINATED');
  });

  it('by gRPC: the same', async () => {
    const zeebe = new Camunda8({
      ZEEBE_GRPC_ADDRESS: `grpc://${system.grpc}`,
      CAMUNDA_OAUTH_DISABLED: true,
      zeebeGrpcSettings: { ZEEBE_GRPC_CLIENT_RETRY: false, ZEEBE_CLIENT_LOG_LEVEL: 'NONE' },
    }).getZeebeGrpcApiClient();
    try {
      assert.match((await zeebe.topology()).gatewayVersion, /^8\.\d/);
      const one = await zeebe.deployResource({ name: 'order.bpmn', process: Buffer.from(ORDER) });
      assert.equal(one.deployments[0]?.process.bpmnProcessId, 'order');
      const many = await zeebe.deployResources([
        { name: 'order.bpmn', process: Buffer.from(ORDER) },
        { name: 'price.dmn', decision: Buffer.from(PRICE) },
        { name: 'check.form', form: Buffer.from(FORM) },
      ]);
      assert.match(String(many.key), /^\d+$/);
      const started = await zeebe.createProcessInstance({
        bpmnProcessId: 'order',
        variables: { amount: 5 },
        startInstructions: undefined,
      } as never);
      const { state } = await system.get<{ state: string }>(
        `/engine-rest/history/process-instance/${(started as { processInstanceKey: string }).processInstanceKey}`,
      );
      assert.equal(state, 'ACTIVE');
    } finally {
      await zeebe.close();
    }
  });

  it('is told what is wrong, in what its SDK throws', async () => {
    const camunda = new Camunda8({
      ZEEBE_REST_ADDRESS: system.url,
      CAMUNDA_OAUTH_DISABLED: true,
    }).getCamundaRestClient();
    const broken = [{ name: 'order.bpmn', content: ORDER.replace('targetRef="Paid"', 'targetRef="Nowhere"') }];
    await assert.rejects(camunda.deployResources(broken as never), /order\.bpmn.*line \d+.*targetRef/);
    await assert.rejects(
      camunda.createProcessInstance({ processDefinitionId: 'nobody', variables: {} } as never),
      /404/,
    );
  });
});
