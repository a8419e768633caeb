/** Which BPMN types are which, by their normalised names. */

const TASKS: readonly string[] = [
  'bpmn:Task',
  'bpmn:ManualTask',
  'bpmn:ServiceTask',
  'bpmn:SendTask',
  'bpmn:ReceiveTask',
  'bpmn:UserTask',
  'bpmn:ScriptTask',
  'bpmn:BusinessRuleTask',
];

export const ACTIVITIES: ReadonlySet<string> = new Set([
  ...TASKS,
  'bpmn:CallActivity',
  'bpmn:SubProcess',
  'bpmn:Transaction',
  'bpmn:AdHocSubProcess',
]);

export const EVENTS: ReadonlySet<string> = new Set([
  'bpmn:StartEvent',
  'bpmn:EndEvent',
  'bpmn:IntermediateCatchEvent',
  'bpmn:IntermediateThrowEvent',
  'bpmn:BoundaryEvent',
]);

export const GATEWAYS: ReadonlySet<string> = new Set([
  'bpmn:ExclusiveGateway',
  'bpmn:InclusiveGateway',
  'bpmn:ParallelGateway',
  'bpmn:EventBasedGateway',
  'bpmn:ComplexGateway',
]);

/** Tasks that stand for work done elsewhere. */
export const WORK_TASKS: ReadonlySet<string> = new Set(['bpmn:ServiceTask', 'bpmn:SendTask', 'bpmn:BusinessRuleTask']);

/** Drawn beside the flow; tokens never meet them. */
export const DATA: ReadonlySet<string> = new Set([
  'bpmn:DataObject',
  'bpmn:DataObjectReference',
  'bpmn:DataStoreReference',
]);

export function isFlowNode(type: string): boolean {
  return ACTIVITIES.has(type) || EVENTS.has(type) || GATEWAYS.has(type);
}

/** Also types that cannot be executed are ends of flows; only flows and data are not. */
export function canHaveFlows(type: string): boolean {
  return type !== 'bpmn:SequenceFlow' && !DATA.has(type);
}
