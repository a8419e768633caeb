/** Intermediate catch event: waits for its event; already triggered when an event-based gateway or a link leads to it. */
import type { IntermediateCatchEvent } from '@procos/bpmn';
import { placeResults } from '../actions/variables.ts';
import type { ElementBehavior } from './behavior.ts';

export const intermediateCatchEventBehavior: ElementBehavior<IntermediateCatchEvent> = {
  activate(element, at, trigger) {
    const { kind } = element.event;
    if (trigger === undefined && kind !== 'none' && kind !== 'link') return 'wait';
    placeResults(at, trigger?.variables);
    return 'complete';
  },
};
