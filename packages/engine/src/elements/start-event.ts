/** Start event of any kind: what it waited for has happened by the time it is entered, or one part of it has. */
import type { StartEvent } from '@procos/bpmn';
import { placeResults } from '../actions/variables.ts';
import type { ElementBehavior } from './behavior.ts';

export const startEventBehavior: ElementBehavior<StartEvent> = {
  activate(element, at, trigger) {
    placeResults(at, trigger?.variables);
    return at.self.partsSeen.has(element.id) ? 'wait' : 'complete';
  },
};
