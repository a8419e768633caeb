/** The published client of Camunda 8, unmodified and checking every answer, through a whole life against the real kernel. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, job, zeebe } from '../testing/camunda8.test.ts';
import { type System, startSystem } from '../testing/real-kernel.test.ts';

const CATCH =
  '<bpmn:intermediateCatchEvent id="paid"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>';
const ORDER = zeebe(
  'order',
  `<bpmn:startEvent id="s" />${job('t', 'charge')}${CATCH}
    <bpmn:boundaryEvent id="declined" attachedToRef="t"><bpmn:errorEventDefinition errorRef="E_card" /></bpmn:boundaryEvent>
    <bpmn:endEvent id="e" /><bpmn:endEvent id="eDeclined" />`,
  ['s->t', 't->paid', 'paid->e', 'declined->eDeclined'],
);
const WORK = zeebe('work', `<bpmn:startEvent id="s" />${job('t', 'work')}<bpmn:endEvent id="e" />`, ['s->t', 't->e']);
const ENDS = `<bpmn:endEvent id="e"><bpmn:terminateEventDefinition /></bpmn:endEvent>`;
const QUICK = zeebe('quick', `<bpmn:startEvent id="s" />${job('t', 'quick')}${ENDS}`, ['s->t', 't->e']);
const STARTED = zeebe(
  'started',
  `<bpmn:startEvent id="m"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:startEvent>
    <bpmn:startEvent id="g"><bpmn:signalEventDefinition signalRef="S_stop" /></bpmn:startEvent>${job('t', 'never')}`,
  ['m->t', 'g->t'],
);

describe('the published client of Camunda 8', () => {
  let system: System;
  let client: CamundaClient;
  before(async () => {
    system = await startSystem();
    client = camunda8Client(system.url);
    const files = { 'order.bpmn': ORDER, 'work.bpmn': WORK, 'quick.bpmn': QUICK };
    const resources = Object.entries(files).map(([name, content]) => new File([content], name));
    await client.createDeployment({ resources } as never);
  });
  after(async () => {
    client.stopAllWorkers();
    await system.stop();
  });

  const create = (processDefinitionId: string, more: object = {}) =>
    client.createProcessInstance({ processDefinitionId: processDefinitionId as never, ...more });
  const instance = (processInstanceKey: string) =>
    client.getProcessInstance({ processInstanceKey: processInstanceKey as never }, { consistency: { waitUpToMs: 0 } });
  const activate = async (type: string, requestTimeout = 0) => {
    const asked = { type, worker: 'w', timeout: 60_000, maxJobsToActivate: 1, requestTimeout };
    const [found] = (await client.activateJobs(asked)).jobs;
    assert.ok(found !== undefined, `a job of type ${type}`);
    return found;
  };
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => assert.fail('it was accepted'),
      ({ status, title }) => [status, title],
    );

  it('creates, activates, fails, completes, and correlates a message to the end', async () => {
    const { processInstanceKey: key } = await create('order', {
      variables: { order: 'A-1', total: 3 },
      businessId: 'B-1',
    });
    const running = await instance(key);
    assert.deepEqual(
      [running.state, running.businessId, running.endDate, running.parentProcessInstanceKey],
      ['ACTIVE', 'B-1', null, null],
    );
    const first = await activate('charge');
    await first.fail({ retries: 1, errorMessage: 'try again' });
    const second = await activate('charge');
    assert.deepEqual([second.jobKey, second.retries], [first.jobKey, 1]);
    await second.fail({ retries: 0, errorMessage: 'the card is gone' });
    assert.equal((await instance(key)).hasIncident, true);
    const [incident] = await system.get<{ id: string }[]>(`/engine-rest/incident?processInstanceId=${key}`);
    const incidentKey = incident?.id as never;
    await client.updateJob({ jobKey: first.jobKey, changeset: { retries: 2 } });
    await client.resolveIncident({ incidentKey });
    await (await activate('charge')).complete({ charged: true });
    const nobody = client.correlateMessage({ name: 'paid', correlationKey: 'A-2' });
    assert.deepEqual(await refusal(nobody), [404, 'NOT_FOUND']);
    const correlated = await client.correlateMessage({
      name: 'paid',
      correlationKey: 'A-1',
      variables: { by: 'card' },
    });
    assert.deepEqual([correlated.processInstanceKey, correlated.tenantId], [key, '<default>']);
    const over = await instance(key);
    assert.deepEqual([over.state, over.hasIncident, over.endDate === null], ['COMPLETED', false, false]);
  });

  it('resolves an incident whose job gets one more attempt', async () => {
    const { processInstanceKey: key } = await create('work');
    await (await activate('work')).fail({ retries: 0, errorMessage: 'no' });
    const [incident] = await system.get<{ id: string }[]>(`/engine-rest/incident?processInstanceId=${key}`);
    await client.resolveIncident({ incidentKey: incident?.id as never });
    await (await activate('work')).complete();
    assert.equal((await instance(key)).state, 'COMPLETED');
    assert.deepEqual(await refusal(client.resolveIncident({ incidentKey: '1' as never })), [404, 'NOT_FOUND']);
  });

  it('throws a business error that the model catches', async () => {
    const { processInstanceKey: key } = await create('order', { variables: { order: 'E-1' } });
    await (await activate('charge')).error({ errorCode: 'CARD', errorMessage: 'declined' });
    assert.equal((await instance(key)).state, 'COMPLETED');
  });

  it('publishes a message that is kept for who comes later, once for each id', async () => {
    const message = {
      name: 'paid',
      correlationKey: 'A-3',
      timeToLive: 60_000,
      messageId: 'm-1',
      variables: { by: 'cash' },
    };
    const { messageKey, tenantId } = await client.publishMessage(message);
    assert.match(`${messageKey} ${tenantId}`, /^\d+ <default>$/);
    assert.deepEqual(await refusal(client.publishMessage(message)), [409, 'ALREADY_EXISTS']);
    const { processInstanceKey: key } = await create('order', { variables: { order: 'A-3' } });
    await (await activate('charge')).complete();
    assert.equal((await instance(key)).state, 'COMPLETED');
  });

  it('starts instances by message and signal', async () => {
    await client.createDeployment({ resources: [new File([STARTED], 'started.bpmn')] } as never);
    const { processInstanceKey } = await client.correlateMessage({ name: 'paid', correlationKey: 'new' });
    assert.equal((await instance(processInstanceKey)).processDefinitionId, 'started');
    const { signalKey, tenantId } = await client.broadcastSignal({ signalName: 'stop', variables: { a: 1 } });
    assert.match(`${signalKey} ${tenantId}`, /^\d+ <default>$/);
    const running = await system.get<unknown[]>('/engine-rest/process-instance?processDefinitionKey=started');
    assert.equal(running.length, 2);
  });

  it('waits for the end of an instance, and is told its variables; or that it took too long', async () => {
    const worker = client.createJobWorker({
      jobType: 'quick',
      jobTimeoutMs: 60_000,
      maxParallelJobs: 4,
      workerName: 'quick',
      jobHandler: (found) => found.complete({ doubled: Number(found.variables['n']) * 2, big: 'x'.repeat(2_000_000) }),
    });
    const awaited = { variables: { n: 21 }, awaitCompletion: true };
    const { variables } = await create('quick', { ...awaited, fetchVariables: ['doubled', 'n'] });
    assert.deepEqual(variables, { doubled: 42, n: 21 });
    const all = await create('quick', { ...awaited, requestTimeout: 60_000 });
    assert.deepEqual(Object.keys(all.variables).sort(), ['big', 'doubled', 'n']);
    assert.equal(String(all.variables['big']).length, 2_000_000, 'also what is kept out of line');
    await worker.stop();
    const late = await refusal(create('work', { awaitCompletion: true, requestTimeout: 20 }));
    assert.deepEqual(late, [504, 'DEADLINE_EXCEEDED']);
    await client.cancelProcessInstance({ processInstanceKey: (await activate('work')).processInstanceKey });
  });

  it('has its own worker do every job once, with failures, errors and a cancellation on the way', async () => {
    const seen: number[] = [];
    const worker = client.createJobWorker({
      jobType: 'work',
      jobTimeoutMs: 60_000,
      maxParallelJobs: 8,
      workerName: 'many',
      jobHandler: async (found) => {
        const n = Number(found.variables['n']);
        if (n === 3 && found.retries === 3) return found.fail({ errorMessage: 'once', retries: 2, retryBackOff: 10 });
        if (n === 5) return found.cancelWorkflow();
        seen.push(n);
        return found.complete({ n2: n * n });
      },
    });
    // One after the other: a busy machine refuses what comes all at once.
    const keys: string[] = [];
    for (let n = 0; n < 20; n += 1) keys.push((await create('work', { variables: { n } })).processInstanceKey);
    const running = '/engine-rest/process-instance/count?processDefinitionKey=work';
    while ((await system.get<{ count: number }>(running)).count > 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    await worker.stop();
    for (const [n, key] of keys.entries())
      assert.equal((await instance(key)).state, n === 5 ? 'TERMINATED' : 'COMPLETED', `instance ${n}`);
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      keys.map((_, n) => n).filter((n) => n !== 5),
    );
  });

  it('keeps values of every kind as they are, on both faces', async () => {
    const variables = {
      t: 'ä\u0000"',
      i: -7,
      d: 0.1,
      big: 9_007_199_254_740_991,
      no: false,
      nothing: null,
      list: [1, [2, null]],
      o: { a: { b: [] } },
      e: '',
    };
    const { processInstanceKey: key } = await create('work', { variables });
    const found = await activate('work');
    assert.deepEqual({ ...found.variables }, variables);
    await system.post(`/engine-rest/process-instance/${key}/variables`, {
      modifications: {
        date: { type: 'Date', value: '2026-01-15T10:30:00.000+0000' },
        json: { type: 'Json', value: '{"a":[1]}' },
        object: {
          type: 'Object',
          value: '{"b":2}',
          valueInfo: { objectTypeName: 'java.util.Map', serializationDataFormat: 'application/json' },
        },
        bytes: { type: 'Bytes', value: 'aGk=' },
        long: { type: 'Long', value: 5_000_000_000 },
      },
      deletions: Object.keys(variables),
    });
    await found.fail({ retries: 1 });
    const again = await activate('work');
    assert.deepEqual(
      { ...again.variables },
      { date: '2026-01-15T10:30:00.000Z', json: { a: [1] }, object: { b: 2 }, bytes: 'aGk=', long: 5_000_000_000 },
    );
    await again.complete();
  });
});
