/** Undefined and manual task: nothing to do for an engine, passed through. */
import type { PassThroughTask } from '@procos/bpmn';
import type { ElementBehavior } from './behavior.ts';

export const taskBehavior: ElementBehavior<PassThroughTask> = {
  activate: () => 'complete',
};
