/** Orders that fail, for tests of recoveries: a worker of the test reports what became of their tasks. */
import assert from 'node:assert/strict';
import type { Variable } from '@procos/bpmn';
import type { LockedTask } from '@procos/engine';
import type { RunningKernel } from '../kernel-options.ts';

export const ADA = { kind: 'user', id: 'ada' } as const;
/** Worker id. */
export const BOB = 'bob';

/** reserve (undone by release), then charge, then a person. */
const ORDER = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="order" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="reserve" camunda:type="external" camunda:topic="reserve" />
    <bpmn:serviceTask id="release" isForCompensation="true" camunda:type="external" camunda:topic="release" />
    <bpmn:boundaryEvent id="undo" attachedToRef="reserve"><bpmn:compensateEventDefinition id="undo_event" /></bpmn:boundaryEvent>
    <bpmn:association id="a" sourceRef="undo" targetRef="release" />
    <bpmn:serviceTask id="charge" camunda:type="external" camunda:topic="charge" />
    <bpmn:userTask id="by_hand" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="reserve" />
    <bpmn:sequenceFlow id="f2" sourceRef="reserve" targetRef="charge" />
    <bpmn:sequenceFlow id="f3" sourceRef="charge" targetRef="by_hand" />
  </bpmn:process>
</bpmn:definitions>`;

export async function deploy(
  { engine }: RunningKernel,
  name: string,
  content: string,
  source: string | null = null,
): Promise<void> {
  const request = { name, source, tenantId: null, resources: [{ name, content }], skipUnchanged: true };
  const outcome = await engine.deploy(request, ADA);
  assert.ok(outcome.ok, JSON.stringify(outcome));
}

export function deployOrder(kernel: RunningKernel): Promise<void> {
  return deploy(kernel, 'order.bpmn', ORDER);
}

/** One whose reservation is done and whose charge fails with this message; gives its id. */
export async function failingOrder(
  kernel: RunningKernel,
  message = 'no route to host',
  variables: Readonly<Record<string, Variable>> = {},
): Promise<number> {
  const definition = { bpmnProcessId: 'order' };
  const outcome = await kernel.engine.submit<'createProcessInstance'>(
    { type: 'createProcessInstance', definition, variables },
    ADA,
  );
  assert.ok(outcome.ok);
  await complete(kernel, 'reserve');
  await fail(kernel, 'charge', message);
  return outcome.value.processInstanceId;
}

export async function fetch({ engine }: RunningKernel, topic: string): Promise<LockedTask> {
  const outcome = await engine.fetchAndLock(
    { type: 'fetchAndLock', workerId: BOB, maxTasks: 1, usePriority: false, topics: [{ topic, lockMs: 60_000 }] },
    ADA,
    { waitMs: 30_000 },
  );
  const task = outcome.ok ? outcome.value.tasks[0] : undefined;
  assert.ok(task, `no task on ${topic}`);
  return task;
}

export async function complete(kernel: RunningKernel, topic: string): Promise<void> {
  const { task } = await fetch(kernel, topic);
  const done = { type: 'completeExternalTask', externalTaskId: task.id, workerId: BOB } as const;
  assert.ok((await kernel.engine.submit(done, ADA)).ok);
}

export async function fail(kernel: RunningKernel, topic: string, errorMessage = 'no route to host'): Promise<void> {
  const { task } = await fetch(kernel, topic);
  const failure = { externalTaskId: task.id, workerId: BOB, errorMessage, retries: 0, retryAfterMs: 0 };
  assert.ok((await kernel.engine.submit({ type: 'failExternalTask', ...failure }, ADA)).ok);
}
