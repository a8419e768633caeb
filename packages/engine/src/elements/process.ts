/** The process itself: a scope whose start event is entered by whoever created the instance. */
import type { ProcessElement } from '@procos/bpmn';
import type { ElementBehavior } from './behavior.ts';

export const processBehavior: ElementBehavior<ProcessElement> = {
  activate: () => 'wait',
};
