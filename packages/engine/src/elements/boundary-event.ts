/** Boundary event: entered when it was triggered; the wait itself belongs to the activity it is attached to. */
import type { BoundaryEvent } from '@procos/bpmn';
import { placeResults } from '../actions/variables.ts';
import type { ElementBehavior } from './behavior.ts';

export const boundaryEventBehavior: ElementBehavior<BoundaryEvent> = {
  activate(_element, at, trigger) {
    placeResults(at, trigger?.variables);
    return 'complete';
  },
};
