/** Intermediate throw event: throws what it carries and goes on. */
import type { IntermediateThrowEvent } from '@procos/bpmn';
import type { ElementBehavior } from './behavior.ts';
import { throwEvent } from './throwing.ts';

export const intermediateThrowEventBehavior: ElementBehavior<IntermediateThrowEvent> = {
  activate: (element, at) => throwEvent(element.event, at),
};
