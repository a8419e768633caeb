/** End event: throws what it carries, then its token is gone. */
import type { EndEvent } from '@procos/bpmn';
import type { ElementBehavior } from './behavior.ts';
import { throwEvent, throwRest } from './throwing.ts';

export const endEventBehavior: ElementBehavior<EndEvent> = {
  activate: (element, at) => throwEvent(element.event, at),
  resume: (element, at) => throwRest(element.event, at),
};
