/** Batches: that their time grows with the number of items and no faster, and how long others wait meanwhile. */
import { type BatchOperation, type RunningKernel, startBatch } from '@procos/kernel';
import { percentile, type Row, type Scenario, withKernel } from './harness.ts';

const BY = { kind: 'user', id: 'bench' } as const;
const WAITING = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  id="waiting_definitions" targetNamespace="http://example.org">
  <bpmn:process id="waiting" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start" />
    <bpmn:userTask id="decide" />
    <bpmn:sequenceFlow id="flow" sourceRef="start" targetRef="decide" />
  </bpmn:process>
</bpmn:definitions>`;

const SET: BatchOperation = { type: 'setVariables', variables: { amount: { type: 'Integer', value: 1 } } };
const CANCEL: BatchOperation = { type: 'cancelProcessInstance', reason: null };
/** No instance has such an id: every item fails. */
const NOBODY = 1_000_000_000;

export const batch: Scenario = {
  name: 'batch',
  title: 'Batches on a SQLite store, another command submitted every 5 ms meanwhile',
  run: async () => {
    const rows: Row[] = [];
    for (const count of [2_500, 10_000, 40_000]) rows.push(await measure(`cancel ${count} instances`, count, CANCEL));
    rows.push(await measure('set a variable in 10000 instances', 10_000, SET));
    rows.push(await measure('cancel 10000 that do not exist, one round', 10_000, CANCEL, NOBODY));
    return rows;
  },
};

function measure(what: string, count: number, operation: BatchOperation, offset = 0): Promise<Row> {
  return withKernel(async (kernel) => {
    const items = (await startInstances(kernel, count)).map((id) => id + offset);
    kernel.engine.count('processInstances');
    const begun = performance.now();
    const outcome = await kernel.engine.submit(startBatch(operation, items), BY);
    if (!outcome.ok) throw new Error(outcome.rejection.message);
    const waits = await waitsUntil(kernel, () => isThrough(kernel, outcome.value.processInstanceId));
    const ms = performance.now() - begun;
    const of = (percent: number) => percentile(waits, percent).toFixed(1);
    return {
      what,
      value: `${Math.round(ms)} ms, ${(ms / count).toFixed(2)} ms each`,
      beside: `others waited ${of(50)} ms (median), ${of(99)} (99th), ${Math.max(...waits).toFixed(1)} (longest)`,
    };
  });
}

/** How long each of the commands submitted meanwhile waited, ms. */
async function waitsUntil(kernel: RunningKernel, over: () => boolean): Promise<readonly number[]> {
  const waits: number[] = [];
  while (!over()) {
    const at = performance.now();
    await kernel.engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'waiting' } }, BY);
    waits.push(performance.now() - at);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return waits;
}

/** It has ended, or begins the second round over what has failed. */
function isThrough({ engine }: RunningKernel, batchId: number): boolean {
  const mine = [{ column: 'processInstanceId', op: '=', value: batchId }] as const;
  const isRetrying = engine.count('elementInstances', {
    where: [...mine, { column: 'elementId', op: '=', value: 'retry' }],
  });
  const ended = [
    { column: 'id', op: '=', value: batchId },
    { column: 'endedAt', op: 'notNull' },
  ] as const;
  return isRetrying > 0 || engine.count('processInstances', { where: ended }) > 0;
}

async function startInstances(kernel: RunningKernel, count: number): Promise<readonly number[]> {
  const resources = [{ name: 'waiting.bpmn', content: WAITING }];
  const request = { name: 'waiting', source: 'bench', tenantId: null, resources, skipUnchanged: false };
  await kernel.engine.deploy(request, BY);
  const ids: number[] = [];
  while (ids.length < count) {
    const started = await Promise.all(
      Array.from({ length: Math.min(250, count - ids.length) }, () =>
        kernel.engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'waiting' } }, BY),
      ),
    );
    for (const outcome of started) if (outcome.ok) ids.push(outcome.value.processInstanceId);
  }
  return ids;
}
