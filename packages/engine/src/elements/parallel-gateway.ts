/** Parallel gateway: starts when every incoming flow has a token, leaves by every outgoing flow. */
import type { ParallelGateway } from '@procos/bpmn';
import type { ElementBehavior } from './behavior.ts';

export const parallelGatewayBehavior: ElementBehavior<ParallelGateway> = {
  arrive: (element, scope) =>
    element.incoming.every((flowId) => scope.self.tokens.has(flowId)) ? element.incoming : undefined,
  activate: () => 'complete',
  leave: (element) => element.outgoing,
};
