/** A process that waits for a signal, and very many instances of it. */
import type { LogRecord } from '@procos/engine';
import type { RunningKernel } from '../kernel-options.ts';

export const ADA = { kind: 'user', id: 'ada' } as const;
export const LISTENERS = 500;
export const BROADCAST = { type: 'broadcastSignal', name: 'now' } as const;

const LISTENER = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="http://procos.dev/tests">
  <bpmn:signal id="signal" name="now" />
  <bpmn:process id="listener" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:intermediateCatchEvent id="heard"><bpmn:signalEventDefinition signalRef="signal" /></bpmn:intermediateCatchEvent>
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="heard" />
    <bpmn:sequenceFlow id="f2" sourceRef="heard" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

export async function startListeners(kernel: RunningKernel, count: number = LISTENERS): Promise<void> {
  const resources = [{ name: 'listener.bpmn', content: LISTENER }];
  const request = { name: 'listener', source: null, tenantId: null, resources, skipUnchanged: false };
  const deployed = await kernel.engine.deploy(request, ADA);
  if (!deployed.ok) throw new Error(JSON.stringify(deployed));
  await Promise.all(Array.from({ length: count }, () => startListener(kernel)));
}

export function startListener({ engine }: RunningKernel): Promise<unknown> {
  return engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'listener' } }, ADA);
}

/** Instances that the signal has reached, one entry for each time. */
export function heardIn(records: readonly LogRecord[]): number[] {
  return records
    .flatMap(({ events }) => events)
    .flatMap((event) =>
      event.type === 'elementCompleted' && event.elementId === 'heard' ? [event.processInstanceId] : [],
    );
}
