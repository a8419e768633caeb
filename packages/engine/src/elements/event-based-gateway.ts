/** Event-based gateway: waits for the events behind it; the first one decides (the `trigger` step leaves it). */
import type { EventBasedGateway } from '@procos/bpmn';
import type { ElementBehavior } from './behavior.ts';

export const eventBasedGatewayBehavior: ElementBehavior<EventBasedGateway> = {
  activate: () => 'wait',
};
