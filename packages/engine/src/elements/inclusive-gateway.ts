/** Inclusive gateway: joins the tokens that can still arrive (see `actions/inclusive-join.ts`), leaves by every flow whose condition holds. */
import type { InclusiveGateway } from '@procos/bpmn';
import { chooseFlows } from '../actions/conditions.ts';
import type { ElementBehavior } from './behavior.ts';

export const inclusiveGatewayBehavior: ElementBehavior<InclusiveGateway> = {
  arrive: (element, _scope, flowId) => (element.incoming.length > 1 ? undefined : [flowId]),
  activate: () => 'complete',
  leave: (element, at) =>
    element.outgoing.length === 0 ? [] : chooseFlows(at, element, element.defaultFlow, element.outgoing.length),
};
