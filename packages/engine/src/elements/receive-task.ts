/** Receive task: waits for its message like a catch event. */
import type { ReceiveTask } from '@procos/bpmn';
import { placeResults } from '../actions/variables.ts';
import type { ElementBehavior } from './behavior.ts';

export const receiveTaskBehavior: ElementBehavior<ReceiveTask> = {
  activate(_element, at, trigger) {
    if (trigger === undefined) return 'wait';
    placeResults(at, trigger.variables);
    return 'complete';
  },
};
