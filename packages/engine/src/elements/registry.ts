/** Every element type and its behaviour; a type without one does not compile. */
import type { Element, ElementOf, ElementType } from '@procos/bpmn';
import { adHocSubProcessBehavior } from './ad-hoc-sub-process.ts';
import type { ElementBehavior } from './behavior.ts';
import { boundaryEventBehavior } from './boundary-event.ts';
import { callActivityBehavior } from './call-activity.ts';
import { complexGatewayBehavior } from './complex-gateway.ts';
import { decisionTaskBehavior } from './decision-task.ts';
import { endEventBehavior } from './end-event.ts';
import { eventBasedGatewayBehavior } from './event-based-gateway.ts';
import { eventSubProcessBehavior } from './event-sub-process.ts';
import { exclusiveGatewayBehavior } from './exclusive-gateway.ts';
import { expressionTaskBehavior } from './expression-task.ts';
import { externalTaskBehavior } from './external-task.ts';
import { inclusiveGatewayBehavior } from './inclusive-gateway.ts';
import { intermediateCatchEventBehavior } from './intermediate-catch-event.ts';
import { intermediateThrowEventBehavior } from './intermediate-throw-event.ts';
import { parallelGatewayBehavior } from './parallel-gateway.ts';
import { processBehavior } from './process.ts';
import { receiveTaskBehavior } from './receive-task.ts';
import { scriptTaskBehavior } from './script-task.ts';
import { startEventBehavior } from './start-event.ts';
import { subProcessBehavior } from './sub-process.ts';
import { taskBehavior } from './task.ts';
import { userTaskBehavior } from './user-task.ts';

const behaviors: { readonly [T in ElementType]: ElementBehavior<ElementOf<T>> } = {
  process: processBehavior,
  subProcess: subProcessBehavior,
  transaction: subProcessBehavior,
  adHocSubProcess: adHocSubProcessBehavior,
  eventSubProcess: eventSubProcessBehavior,
  callActivity: callActivityBehavior,
  startEvent: startEventBehavior,
  endEvent: endEventBehavior,
  intermediateCatchEvent: intermediateCatchEventBehavior,
  intermediateThrowEvent: intermediateThrowEventBehavior,
  boundaryEvent: boundaryEventBehavior,
  exclusiveGateway: exclusiveGatewayBehavior,
  inclusiveGateway: inclusiveGatewayBehavior,
  parallelGateway: parallelGatewayBehavior,
  eventBasedGateway: eventBasedGatewayBehavior,
  complexGateway: complexGatewayBehavior,
  task: taskBehavior,
  manualTask: taskBehavior,
  serviceTask: externalTaskBehavior,
  sendTask: externalTaskBehavior,
  businessRuleTask: externalTaskBehavior,
  expressionTask: expressionTaskBehavior,
  decisionTask: decisionTaskBehavior,
  scriptTask: scriptTaskBehavior,
  userTask: userTaskBehavior,
  receiveTask: receiveTaskBehavior,
};

export function behaviorOf(element: Element): ElementBehavior {
  return behaviors[element.type] as ElementBehavior;
}
