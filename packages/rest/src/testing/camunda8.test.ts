/** The published client of Camunda 8, checking every answer against its schemas, and small models for it. */
import { type CamundaClient, createCamundaClient } from '@camunda8/orchestration-cluster-api';

/** `fanatical`: a member that the schema does not have is refused, too. */
export function camunda8Client(url: string, more: Readonly<Record<string, string>> = {}): CamundaClient {
  return createCamundaClient({
    config: {
      CAMUNDA_REST_ADDRESS: url,
      CAMUNDA_AUTH_STRATEGY: 'NONE',
      CAMUNDA_SDK_VALIDATION: 'req:strict,res:fanatical',
      CAMUNDA_SDK_LOG_LEVEL: 'silent',
      ...more,
    },
  });
}

/** One process of Camunda 8 style around `content`, with its flows as `from->to`. */
export function zeebe(id: string, content: string, flows: readonly string[]): string {
  const sequence = flows.map((flow, at) => {
    const [from, to] = flow.split('->');
    return `<bpmn:sequenceFlow id="f${at}" sourceRef="${from}" targetRef="${to}" />`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d_${id}" targetNamespace="http://example.org">
  <bpmn:message id="M_paid" name="paid">
    <bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements>
  </bpmn:message>
  <bpmn:signal id="S_stop" name="stop" />
  <bpmn:error id="E_card" errorCode="CARD" />
  <bpmn:process id="${id}" name="Process ${id}" isExecutable="true">
    ${content}
    ${sequence.join('\n    ')}
  </bpmn:process>
</bpmn:definitions>`;
}

/** A service task with its job type. */
export function job(id: string, type: string, more = ''): string {
  return `<bpmn:serviceTask id="${id}"><bpmn:extensionElements><zeebe:taskDefinition type="${type}" />${more}</bpmn:extensionElements></bpmn:serviceTask>`;
}

/** One job of type `pay` with a header, which may end by the error `CARD`. */
export function payment(id: string): string {
  return zeebe(
    id,
    `<bpmn:startEvent id="s" />
   ${job('t', 'pay', '<zeebe:taskHeaders><zeebe:header key="method" value="card" /></zeebe:taskHeaders>')}
   <bpmn:boundaryEvent id="declined" attachedToRef="t"><bpmn:errorEventDefinition errorRef="E_card" /></bpmn:boundaryEvent>
   <bpmn:endEvent id="e" /><bpmn:endEvent id="eDeclined" />`,
    ['s->t', 't->e', 'declined->eDeclined'],
  );
}
