/** What Camunda 8 calls the kinds of elements. */
import type { ElementInstanceView, ProcessEngine } from '@procos/kernel';

type Ours = ElementInstanceView['elementType'];

/** Of each of Camunda's words, which of ours; an `expressionTask` is what it is drawn as, which its model says. */
export const ELEMENT_TYPES: Readonly<Record<string, readonly Ours[]>> = {
  PROCESS: ['process'],
  SUB_PROCESS: ['subProcess', 'transaction'],
  EVENT_SUB_PROCESS: ['eventSubProcess'],
  AD_HOC_SUB_PROCESS: ['adHocSubProcess'],
  AD_HOC_SUB_PROCESS_INNER_INSTANCE: [],
  START_EVENT: ['startEvent'],
  INTERMEDIATE_CATCH_EVENT: ['intermediateCatchEvent'],
  INTERMEDIATE_THROW_EVENT: ['intermediateThrowEvent'],
  BOUNDARY_EVENT: ['boundaryEvent'],
  END_EVENT: ['endEvent'],
  SERVICE_TASK: ['serviceTask', 'expressionTask'],
  RECEIVE_TASK: ['receiveTask'],
  USER_TASK: ['userTask'],
  MANUAL_TASK: ['manualTask'],
  TASK: ['task'],
  EXCLUSIVE_GATEWAY: ['exclusiveGateway'],
  INCLUSIVE_GATEWAY: ['inclusiveGateway'],
  PARALLEL_GATEWAY: ['parallelGateway'],
  EVENT_BASED_GATEWAY: ['eventBasedGateway'],
  SEQUENCE_FLOW: [],
  MULTI_INSTANCE_BODY: ['multiInstanceBody'],
  CALL_ACTIVITY: ['callActivity'],
  BUSINESS_RULE_TASK: ['businessRuleTask', 'decisionTask', 'expressionTask'],
  SCRIPT_TASK: ['scriptTask', 'expressionTask'],
  SEND_TASK: ['sendTask', 'expressionTask'],
  // Camunda 8 has no complex gateway.
  UNKNOWN: ['complexGateway'],
  UNSPECIFIED: [],
};

const WORDS = new Map(
  Object.entries(ELEMENT_TYPES).flatMap(([word, ours]) =>
    ours.flatMap((one) => (one === 'expressionTask' ? [] : [[one, word] as const])),
  ),
);

export function elementTypeOf(engine: ProcessEngine, row: ElementInstanceView): string {
  const element =
    row.elementType === 'expressionTask' ? engine.model(row.definitionId)?.elements[row.elementId] : undefined;
  const type = element?.type === 'expressionTask' ? element.drawnAs : row.elementType;
  return WORDS.get(type === 'expressionTask' ? 'serviceTask' : type) ?? 'UNKNOWN';
}
