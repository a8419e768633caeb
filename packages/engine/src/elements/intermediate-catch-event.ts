/** Intermediate catch event: waits for its timer, message or signal; already triggered when an event-based gateway leads to it. */
import type { IntermediateCatchEvent } from '@procos/bpmn';
import { placeResults } from '../actions/variables.ts';
import type { ElementBehavior } from './behavior.ts';

export const intermediateCatchEventBehavior: ElementBehavior<IntermediateCatchEvent> = {
  activate(element, at, trigger) {
    if (trigger === undefined && element.event.kind !== 'none') return 'wait';
    placeResults(at, trigger?.variables);
    return 'complete';
  },
};
