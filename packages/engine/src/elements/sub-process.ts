/** Embedded sub-process: a scope that begins at its none start event and completes when nothing is left inside. */
import type { SubProcess } from '@procos/bpmn';
import { Fault } from '../actions/fault.ts';
import { enter } from '../actions/flow.ts';
import type { ElementBehavior } from './behavior.ts';

export const subProcessBehavior: ElementBehavior<SubProcess> = {
  activate(element, at) {
    if (element.startEventId === undefined)
      return new Fault('expression', `sub-process '${element.id}' has no none start event`);
    enter(at, element.startEventId);
    return 'wait';
  },
};
