/** Batch operations over the Camunda 8 face, asked by the published client, which checks every answer. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, job, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const WORK = zeebe(
  'work',
  `<bpmn:startEvent id="Start" />${job('One', 'one')}${job('Two', 'two')}<bpmn:endEvent id="End" />`,
  ['Start->One', 'One->Two', 'Two->End'],
);
const NOW = { consistency: { waitUpToMs: 0 } };

describe('batch operations of Camunda 8', () => {
  let system: System;
  let camunda: CamundaClient;
  before(async () => {
    system = await startSystem();
    camunda = camunda8Client(system.url);
    await system.deploy({ 'work.bpmn': WORK, 'other.bpmn': WORK.replaceAll('"work"', '"other"') });
  });
  after(() => system.stop());

  const begin = async (businessId: string, processDefinitionId = 'work') => {
    const answer = await camunda.createProcessInstance({ processDefinitionId, businessId, variables: {} } as never);
    return answer.processInstanceKey;
  };
  const done = async (batchOperationKey: string) => {
    for (let tries = 0; ; tries++) {
      const batch = await camunda.getBatchOperation({ batchOperationKey: batchOperationKey as never }, NOW);
      if (batch.endDate !== null) return batch;
      assert.ok(tries < 500, `it is ${JSON.stringify(batch)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const refused = async (path: string, payload: object) => {
    const answer = await system.app.inject({ method: 'POST', url: `/v2${path}`, payload });
    return [answer.statusCode, answer.json().detail];
  };

  it('cancels all that a filter finds, and is found itself', async () => {
    for (let at = 0; at < 4; at++) await begin('gone');
    const kept = await begin('kept');
    const { batchOperationKey, batchOperationType } = await camunda.cancelProcessInstancesBatchOperation({
      filter: { businessId: 'gone' as never },
    });
    assert.equal(batchOperationType, 'CANCEL_PROCESS_INSTANCE');
    const batch = await done(batchOperationKey);
    assert.deepEqual(
      [batch.state, batch.operationsTotalCount, batch.operationsCompletedCount, batch.operationsFailedCount],
      ['COMPLETED', 4, 4, 0],
    );
    const left = await camunda.searchProcessInstances(
      { filter: { processDefinitionId: 'work', state: 'ACTIVE' } },
      NOW,
    );
    assert.deepEqual(
      left.items.map(({ processInstanceKey }) => processInstanceKey),
      [kept],
    );
    const { items } = await camunda.searchBatchOperations(
      { filter: { operationType: 'CANCEL_PROCESS_INSTANCE', state: 'COMPLETED', actorType: 'ANONYMOUS' } },
      NOW,
    );
    assert.deepEqual(items, [batch]);
  });

  it('moves all to another element, and takes up what has failed', async () => {
    const processInstanceKey = await begin('moved');
    const moved = await camunda.modifyProcessInstancesBatchOperation({
      filter: { businessId: 'moved' as never },
      moveInstructions: [{ sourceElementId: 'One' as never, targetElementId: 'Two' as never }],
    });
    assert.equal((await done(moved.batchOperationKey)).operationsCompletedCount, 1);
    const { jobs } = await camunda.activateJobs({ type: 'two', worker: 'w', timeout: 60_000, maxJobsToActivate: 1 });
    const [failing] = jobs;
    assert.ok(failing);
    await camunda.failJob({ jobKey: failing.jobKey, retries: 0, errorMessage: 'no' });
    assert.equal(
      (await camunda.searchProcessInstances({ filter: { processInstanceKey, hasIncident: true } }, NOW)).items.length,
      1,
    );
    const resolved = await camunda.resolveIncidentsBatchOperation({ filter: { processDefinitionId: 'work' } });
    assert.equal((await done(resolved.batchOperationKey)).operationsTotalCount, 1);
    assert.equal((await camunda.searchIncidents({ filter: { state: 'ACTIVE' } }, NOW)).page.totalItems, 0);
    const one = await camunda.resolveProcessInstanceIncidents({ processInstanceKey: processInstanceKey as never });
    assert.equal((await done(one.batchOperationKey)).operationsTotalCount, 0);
  });

  it('migrates the instances of one definition', async () => {
    const processInstanceKey = await begin('migrated');
    const { items } = await camunda.searchProcessDefinitions({ filter: { processDefinitionId: 'other' } }, NOW);
    const targetProcessDefinitionKey = items[0]?.processDefinitionKey as never;
    const { batchOperationKey } = await camunda.migrateProcessInstancesBatchOperation({
      filter: { businessId: 'migrated' as never },
      migrationPlan: {
        targetProcessDefinitionKey,
        mappingInstructions: [{ sourceElementId: 'One' as never, targetElementId: 'One' as never }],
      },
    });
    assert.equal((await done(batchOperationKey)).state, 'COMPLETED');
    const found = await camunda.getProcessInstance({ processInstanceKey: processInstanceKey as never }, NOW);
    assert.equal(found.processDefinitionId, 'other');
  });

  it('tells of every item what became of it, page after page, and why it could not be done', async () => {
    const keys: string[] = [];
    for (let at = 0; at < 5; at++) keys.push(await begin('listed'));
    const { batchOperationKey } = await camunda.cancelProcessInstancesBatchOperation({
      filter: { businessId: 'listed' as never },
    });
    await done(batchOperationKey);
    const of = { batchOperationKey: { $eq: batchOperationKey } };
    const { items, page } = await camunda.searchBatchOperationItems({ filter: of as never }, NOW);
    assert.deepEqual(
      items.map(({ itemKey, processInstanceKey, rootProcessInstanceKey, state, operationType, errorMessage }) => [
        ...[itemKey, processInstanceKey, rootProcessInstanceKey, state, operationType, errorMessage],
      ]),
      keys.map((key) => [key, key, key, 'COMPLETED', 'CANCEL_PROCESS_INSTANCE', null]),
    );
    assert.equal(page.totalItems, 5);
    const asked = async (body: object) => {
      const answer = await system.app.inject({
        method: 'POST',
        url: '/v2/batch-operation-items/search',
        payload: body,
      });
      assert.equal(answer.statusCode, 200, answer.body);
      return answer.json() as { items: { itemKey: string }[]; page: { endCursor: string | null } };
    };
    const sort = [{ field: 'itemKey', order: 'DESC' }];
    const paged: string[] = [];
    for (let after: string | null = null; ; ) {
      const more = await asked({ filter: of, sort, page: { limit: 2, ...(after === null ? {} : { after }) } });
      if (more.items.length === 0) break;
      paged.push(...more.items.map(({ itemKey }) => itemKey));
      after = more.page.endCursor;
    }
    assert.deepEqual(paged, keys.toReversed());
    // An instance that is an item of two batches is found with both.
    const twice = await begin('twice');
    const one = await camunda.resolveProcessInstanceIncidents({ processInstanceKey: twice as never });
    await done(one.batchOperationKey);
    const { items: definitions } = await camunda.searchProcessDefinitions(
      { filter: { processDefinitionId: 'other' } },
      NOW,
    );
    const failing = await camunda.migrateProcessInstancesBatchOperation({
      filter: { businessId: 'twice' as never },
      migrationPlan: {
        targetProcessDefinitionKey: definitions[0]?.processDefinitionKey as never,
        mappingInstructions: [{ sourceElementId: 'One' as never, targetElementId: 'Nowhere' as never }],
      },
    });
    for (let tries = 0; ; tries++) {
      const { items: failed } = await camunda.searchBatchOperationItems(
        { filter: { processInstanceKey: twice as never, state: 'FAILED' } },
        NOW,
      );
      if (failed.length === 1) {
        assert.equal(failed[0]?.batchOperationKey, failing.batchOperationKey);
        assert.match(failed[0]?.errorMessage ?? '', /Nowhere/);
        break;
      }
      assert.ok(tries < 500);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await camunda.cancelBatchOperation({ batchOperationKey: failing.batchOperationKey });
    const gone = await camunda.cancelProcessInstancesBatchOperation({ filter: { businessId: 'twice' as never } });
    await done(gone.batchOperationKey);
    const { items: both } = await camunda.searchBatchOperationItems(
      { filter: { itemKey: { $eq: twice } } as never },
      NOW,
    );
    assert.deepEqual(
      both.map((item) => [item.batchOperationKey, item.state]),
      [
        [failing.batchOperationKey, 'FAILED'],
        [gone.batchOperationKey, 'COMPLETED'],
      ],
    );
  });

  it('refuses what nobody can mean', async () => {
    await begin('two', 'work');
    await begin('two', 'other');
    for (const [path, body, status, detail] of [
      ['/process-instances/cancellation', {}, 400, /'filter' must say which process instances are meant/],
      ['/process-instances/cancellation', { filter: { colour: 1 } }, 400, /'filter.colour' is not known here/],
      [
        '/process-instances/modification',
        { filter: { businessId: 'two' }, moveInstructions: [{ sourceElementId: 'One', targetElementId: 'Two' }] },
        400,
        /process instances of one process definition, but finds those of 2/,
      ],
      ['/process-instances/modification', { filter: { businessId: 'two' } }, 400, /'moveInstructions' must have/],
      ['/process-instances/migration', { filter: { businessId: 'two' } }, 400, /'migrationPlan' must be an object/],
      ['/process-instances/999999/incident-resolution', {}, 404, /not found/],
      ['/batch-operations/999999/cancellation', {}, 404, /Batch operation with key '999999' not found/],
      ['/batch-operation-items/search', { filter: { state: 'LATE' } }, 400, /'filter.state' must be one of ACTIVE/],
    ] as const) {
      const [code, text] = await refused(path, body);
      assert.deepEqual([code, path], [status, path], text);
      assert.match(text, detail);
    }
  });
});
