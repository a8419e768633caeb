/** Incidents of the Camunda 8 face on the real engine, asked by the published client, which checks every answer. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, job, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const INNER = zeebe('inner', `<bpmn:startEvent id="Start" />${job('Ship', 'ship')}<bpmn:endEvent id="End" />`, [
  'Start->Ship',
  'Ship->End',
]);
const OUTER = zeebe(
  'outer',
  `<bpmn:startEvent id="Start" />
   <bpmn:subProcess id="Sub"><bpmn:startEvent id="Begin" />
     <bpmn:callActivity id="Call"><bpmn:extensionElements><zeebe:calledElement processId="inner" /></bpmn:extensionElements></bpmn:callActivity>
     <bpmn:sequenceFlow id="s" sourceRef="Begin" targetRef="Call" /></bpmn:subProcess>
   <bpmn:exclusiveGateway id="Which" /><bpmn:endEvent id="End" />`,
  ['Start->Sub', 'Start->Which', 'Which->End'],
).replace(
  'sourceRef="Which" targetRef="End" />',
  'sourceRef="Which" targetRef="End"><bpmn:conditionExpression>=missing.thing &gt; 1</bpmn:conditionExpression></bpmn:sequenceFlow>',
);
const NOW = { consistency: { waitUpToMs: 0 } };

describe('incidents of Camunda 8', () => {
  let system: System;
  let camunda: CamundaClient;
  let outer: never;
  before(async () => {
    system = await startSystem();
    camunda = camunda8Client(system.url);
    await system.deploy({ 'inner.bpmn': INNER, 'outer.bpmn': OUTER });
    const started = await camunda.createProcessInstance({ processDefinitionId: 'outer' as never, variables: {} });
    outer = started.processInstanceKey as never;
    const { jobs } = await camunda.activateJobs({ type: 'ship', worker: 'w', timeout: 60_000, maxJobsToActivate: 1 });
    const [shipping] = jobs;
    assert.ok(shipping);
    await camunda.failJob({ jobKey: shipping.jobKey, retries: 0, errorMessage: 'no truck' });
  });
  after(() => system.stop());

  it('are found by what they are about, open ones and all', async () => {
    for (const [filter, expected] of [
      [{}, ['Ship', 'Which']],
      [{ state: 'ACTIVE' }, ['Ship', 'Which']],
      [{ state: { $in: ['ACTIVE', 'RESOLVED'] } }, ['Ship', 'Which']],
      [{ state: 'RESOLVED' }, []],
      [{ errorType: 'JOB_NO_RETRIES' }, ['Ship']],
      [{ errorType: { $neq: 'JOB_NO_RETRIES' }, state: 'ACTIVE' }, ['Which']],
      [{ errorMessage: { $like: '*truck*' } }, ['Ship']],
      [{ processDefinitionId: 'outer', tenantId: '<default>' }, ['Which']],
      [{ jobKey: { $exists: true } }, ['Ship']],
      [{ processInstanceKey: outer, elementId: 'Which' }, ['Which']],
      [{ creationTime: { $lt: '2000-01-01T00:00:00.000Z' } }, []],
    ] as const) {
      const { items } = await camunda.searchIncidents({ filter, sort: [{ field: 'elementId' }] } as never, NOW);
      assert.deepEqual(
        items.map(({ elementId }) => elementId),
        expected,
        JSON.stringify(filter),
      );
    }
  });

  it('of a process instance are those of what it has called, too; of an element those inside', async () => {
    const all = await camunda.searchProcessInstanceIncidents(
      { processInstanceKey: outer, sort: [{ field: 'elementId' }] },
      NOW,
    );
    assert.deepEqual(
      all.items.map(({ elementId, processDefinitionId, rootProcessInstanceKey }) => [
        elementId,
        processDefinitionId,
        rootProcessInstanceKey === outer,
      ]),
      [
        ['Ship', 'inner', true],
        ['Which', 'outer', true],
      ],
    );
    const elements = await camunda.searchElementInstances(
      { filter: { processInstanceKey: outer, state: 'ACTIVE' } },
      NOW,
    );
    const keyOf = (id: string) => elements.items.find(({ elementId }) => elementId === id)?.elementInstanceKey as never;
    for (const [element, expected] of [
      ['Sub', ['Ship']],
      ['Call', ['Ship']],
      ['Which', ['Which']],
    ] as const) {
      const { items } = await camunda.searchElementInstanceIncidents({ elementInstanceKey: keyOf(element) }, NOW);
      assert.deepEqual(
        items.map(({ elementId }) => elementId),
        expected,
        element,
      );
    }
    const none = await system.app.inject({
      method: 'POST',
      url: '/v2/process-instances/99999/incidents/search',
      payload: {},
    });
    assert.equal(none.statusCode, 404);
  });

  it('one that was resolved stays, with its job', async () => {
    const { items } = await camunda.searchIncidents({ filter: { errorType: 'JOB_NO_RETRIES' } }, NOW);
    const [incident] = items;
    assert.ok(incident);
    const { incidentKey, jobKey } = incident;
    assert.deepEqual(await camunda.getIncident({ incidentKey }, NOW), incident);
    await camunda.updateJob({ jobKey: jobKey as never, changeset: { retries: 1 } });
    await camunda.resolveIncident({ incidentKey });
    const over = await camunda.searchIncidents({ filter: { state: 'RESOLVED' } }, NOW);
    assert.deepEqual(over.items, [{ ...incident, state: 'RESOLVED' }]);
    const open = await camunda.searchProcessInstances({ filter: { hasIncident: true } }, NOW);
    assert.deepEqual(
      open.items.map(({ processInstanceKey }) => processInstanceKey),
      [outer],
    );
    await camunda.cancelProcessInstance({ processInstanceKey: outer });
    const left = await camunda.searchIncidents({ filter: { state: 'ACTIVE' } }, NOW);
    assert.equal(left.page.totalItems, 0);
    assert.equal((await camunda.searchIncidents({ filter: { state: 'RESOLVED' } }, NOW)).page.totalItems, 2);
  });
});
