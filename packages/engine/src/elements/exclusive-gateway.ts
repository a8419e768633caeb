/** Exclusive gateway: the first flow in document order whose condition holds, else the default flow. */
import type { ExclusiveGateway } from '@procos/bpmn';
import { chooseFlows } from '../actions/conditions.ts';
import type { ElementBehavior } from './behavior.ts';

export const exclusiveGatewayBehavior: ElementBehavior<ExclusiveGateway> = {
  activate: () => 'complete',
  leave: (element, at) => (element.outgoing.length === 0 ? [] : chooseFlows(at, element, element.defaultFlow, 1)),
};
