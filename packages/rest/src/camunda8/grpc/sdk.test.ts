/** A program on the published SDK of Camunda 8.8 that speaks gRPC: what it asks for, and its two kinds of workers. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Camunda8 } from '@camunda8/sdk';
import { zeebe as model, payment } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const ORDER = payment('order');
const CATCH = model(
  'catch',
  `<bpmn:startEvent id="s" />
   <bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>
   <bpmn:endEvent id="e" />`,
  ['s->m', 'm->e'],
);

describe("the SDK's client for Zeebe", () => {
  let system: System;
  let zeebe: ReturnType<Camunda8['getZeebeGrpcApiClient']>;

  before(async () => {
    system = await startSystem({ grpc: true });
    await system.kernel.ready;
    const sdk = new Camunda8({
      ZEEBE_GRPC_ADDRESS: `grpc://${system.grpc}`,
      CAMUNDA_AUTH_STRATEGY: 'NONE',
      CAMUNDA_OAUTH_DISABLED: true,
      CAMUNDA_LOG_LEVEL: 'none',
      zeebeGrpcSettings: { ZEEBE_CLIENT_LOG_LEVEL: 'NONE' },
    });
    zeebe = sdk.getZeebeGrpcApiClient();
    await zeebe.deployResource({ name: 'order.bpmn', process: Buffer.from(ORDER) });
    await zeebe.deployResource({ name: 'catch.bpmn', process: Buffer.from(CATCH) });
  });
  after(async () => {
    await zeebe.close();
    await system.stop();
  });

  /** Until as many instances as these have come to their end. */
  const ended = async (keys: readonly string[]): Promise<Record<string, number>> => {
    for (let turn = 0; turn < 1_000; turn += 1) {
      const path = `/engine-rest/history/activity-instance?activityType=noneEndEvent`;
      const ends = await system.get<{ activityId: string; processInstanceId: string }[]>(path);
      const own = ends.filter(({ processInstanceId }) => keys.includes(processInstanceId));
      if (own.length === keys.length) {
        const ids = own.map(({ activityId }) => activityId);
        return Object.fromEntries(ids.map((id) => [id, ids.filter((one) => one === id).length]));
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('they did not end');
  };
  const start = async (n: number): Promise<string> =>
    (await zeebe.createProcessInstance({ bpmnProcessId: 'order', variables: { n } })).processInstanceKey;

  it('asks for the topology, starts, awaits, publishes, sets, cancels', async () => {
    const { gatewayVersion, brokers } = await zeebe.topology();
    assert.deepEqual([gatewayVersion, brokers[0]?.partitions[0]?.health], ['8.9.0', 'HEALTHY']);
    const { processInstanceKey } = await zeebe.createProcessInstance({
      bpmnProcessId: 'catch',
      variables: { order: 'o-1' },
    });
    await zeebe.setVariables({ elementInstanceKey: processInstanceKey, variables: { sum: 1 }, local: false });
    await zeebe.publishMessage({
      name: 'paid',
      correlationKey: 'o-1',
      timeToLive: 1_000,
      messageId: 'm',
      variables: {},
    });
    assert.deepEqual(await ended([processInstanceKey]), { e: 1 });
    const other = await start(0);
    await zeebe.cancelProcessInstance(other);
    await assert.rejects(zeebe.cancelProcessInstance(other), /NOT_FOUND/);
  });

  it('a worker that polls completes, fails and throws', async () => {
    const keys = [await start(1), await start(2), await start(3)];
    const seen: string[] = [];
    const worker = zeebe.createWorker({
      taskType: 'pay',
      taskHandler: (task) => {
        const { n } = task.variables as unknown as { n: number };
        const { method } = task.customHeaders as unknown as { method: string };
        seen.push(`${n} ${method} ${task.retries}`);
        if (n === 2) return task.error('CARD', 'declined');
        if (n === 3 && task.retries > 1) return task.fail({ errorMessage: 'no', retries: 1, retryBackOff: 0 });
        return task.complete({ paid: true });
      },
    });
    assert.deepEqual(await ended(keys), { e: 2, eDeclined: 1 });
    await worker.close();
    assert.deepEqual(seen.sort(), ['1 card 3', '2 card 3', '3 card 1', '3 card 3']);
  });

  it('a worker with a stream gets what is there and what comes', async () => {
    const early = [await start(1), await start(2)];
    const seen: string[] = [];
    const worker = await zeebe.streamJobs({
      type: 'pay',
      worker: 'streaming',
      timeout: 60_000,
      tenantIds: ['<default>'],
      taskHandler: (task) => {
        seen.push(String((task.variables as unknown as { n: number }).n));
        return task.complete({ paid: true });
      },
    });
    assert.deepEqual(await ended(early), { e: 2 });
    const late = [await start(3), await start(4)];
    assert.deepEqual(await ended(late), { e: 2 });
    assert.deepEqual(seen.sort(), ['1', '2', '3', '4']);
    // It tells its console that its own stream was cancelled.
    const { error } = console;
    console.error = () => {};
    worker.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.error = error;
  });
});
