/** Counts of the Camunda 8 face on the real engine, asked by the published client, which checks every answer. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, job, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { errorHash } from './counts.ts';

const model = (id: string, name: string) =>
  zeebe(
    id,
    `<bpmn:startEvent id="Start" />${job('Work', id)}
     <bpmn:intermediateCatchEvent id="Paid"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>
     <bpmn:endEvent id="End" />`,
    ['Start->Work', 'Work->Paid', 'Paid->End'],
  ).replace(`name="Process ${id}"`, `name="${name}"`);
const NOW = { consistency: { waitUpToMs: 0 } };

describe('counts of Camunda 8', () => {
  let system: System;
  let camunda: CamundaClient;
  before(async () => {
    system = await startSystem();
    camunda = camunda8Client(system.url);
    const begin = async (processDefinitionId: string) => {
      await camunda.createProcessInstance({ processDefinitionId, variables: { order: 'o' } } as never);
    };
    await system.deploy({ 'a.bpmn': model('a', 'First') });
    await begin('a');
    await system.deploy({ 'a.bpmn': model('a', 'Second'), 'b.bpmn': model('b', 'Other') });
    for (let at = 0; at < 3; at++) await begin('a');
    await begin('b');
    const { jobs } = await camunda.activateJobs({ type: 'a', worker: 'w', timeout: 60_000, maxJobsToActivate: 4 });
    const [first, second, third, fourth] = jobs;
    assert.ok(first && second && third && fourth);
    for (const { jobKey } of [first, second]) await camunda.failJob({ jobKey, retries: 0, errorMessage: 'hello' });
    await camunda.failJob({ jobKey: third.jobKey, retries: 0, errorMessage: 'other' });
    await camunda.completeJob({ jobKey: fourth.jobKey, variables: {} });
  });
  after(() => system.stop());

  it('what runs of each process, and of each of its versions', async () => {
    const { items } = await camunda.getProcessDefinitionInstanceStatistics(
      { sort: [{ field: 'activeInstancesWithIncidentCount', order: 'DESC' }] },
      NOW,
    );
    assert.deepEqual(
      items.filter(({ processDefinitionId }) => !processDefinitionId.startsWith('procos_')),
      [
        {
          processDefinitionId: 'a',
          tenantId: '<default>',
          latestProcessDefinitionName: 'Second',
          hasMultipleVersions: true,
          activeInstancesWithIncidentCount: 3,
          activeInstancesWithoutIncidentCount: 1,
        },
        {
          processDefinitionId: 'b',
          tenantId: '<default>',
          latestProcessDefinitionName: 'Other',
          hasMultipleVersions: false,
          activeInstancesWithIncidentCount: 0,
          activeInstancesWithoutIncidentCount: 1,
        },
      ],
    );
    const versions = await camunda.getProcessDefinitionInstanceVersionStatistics(
      { filter: { processDefinitionId: 'a' as never }, sort: [{ field: 'processDefinitionVersion', order: 'DESC' }] },
      NOW,
    );
    assert.deepEqual(
      versions.items.map((one) => [
        one.processDefinitionVersion,
        one.processDefinitionName,
        one.activeInstancesWithIncidentCount + one.activeInstancesWithoutIncidentCount,
      ]),
      [
        [2, 'Second', 3],
        [1, 'First', 1],
      ],
    );
  });

  it('what has failed with which message, and where', async () => {
    const { items } = await camunda.getProcessInstanceStatisticsByError(
      { sort: [{ field: 'activeInstancesWithErrorCount', order: 'DESC' }] },
      NOW,
    );
    assert.deepEqual(items, [
      { errorHashCode: 99_162_322, errorMessage: 'hello', activeInstancesWithErrorCount: 2 },
      { errorHashCode: errorHash('other'), errorMessage: 'other', activeInstancesWithErrorCount: 1 },
    ]);
    const where = await camunda.getProcessInstanceStatisticsByDefinition(
      { filter: { errorHashCode: 99_162_322 } },
      NOW,
    );
    assert.equal(
      where.items.reduce((sum, one) => sum + one.activeInstancesWithErrorCount, 0),
      2,
    );
    assert.ok(where.items.every(({ processDefinitionId }) => processDefinitionId === 'a'));
    const found = await camunda.searchProcessInstances({ filter: { incidentErrorHashCode: 99_162_322 } }, NOW);
    assert.equal(found.page.totalItems, 2);
    assert.equal(errorHash('The quick brown fox jumps over the lazy dog'), -609_428_141);
  });

  it('who waits for messages', async () => {
    const { items } = await camunda.getProcessDefinitionMessageSubscriptionStatistics(
      { filter: { messageName: 'paid' } },
      NOW,
    );
    assert.deepEqual(
      items.map((one) => [
        one.processDefinitionId,
        one.activeSubscriptions,
        one.processInstancesWithActiveSubscriptions,
      ]),
      [['a', 1, 1]],
    );
  });
});
