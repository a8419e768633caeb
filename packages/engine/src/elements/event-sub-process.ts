/** Event sub-process: a scope that begins at the start event that was triggered. */
import type { EventSubProcess } from '@procos/bpmn';
import { enter } from '../actions/flow.ts';
import type { ElementBehavior } from './behavior.ts';

export const eventSubProcessBehavior: ElementBehavior<EventSubProcess> = {
  activate(element, at, trigger) {
    enter(at, element.startEventId, trigger === undefined ? {} : { trigger });
    return 'wait';
  },
};
