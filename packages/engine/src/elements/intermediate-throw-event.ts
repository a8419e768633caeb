/** Intermediate throw event: throws what it carries and goes on; a link goes on at the catching link of its name. */
import type { EventDefinition, IntermediateThrowEvent } from '@procos/bpmn';
import { enter } from '../actions/flow.ts';
import { visitScope } from '../actions/turn.ts';
import type { ElementBehavior } from './behavior.ts';
import { throwEvent, throwRest } from './throwing.ts';

export const intermediateThrowEventBehavior: ElementBehavior<IntermediateThrowEvent> = {
  activate: (element, at) => throwEvent(element.event, at),
  resume: (element, at) => throwRest(element.event, at),
  left(element, at) {
    const scope = visitScope(at);
    if (scope === undefined) return;
    for (const name of linkNames(element.event)) {
      const target = Object.values(at.model.elements).find(
        (other) =>
          other.type === 'intermediateCatchEvent' &&
          other.scopeId === element.scopeId &&
          linkNames(other.event).includes(name),
      );
      if (target !== undefined) enter(scope, target.id, { trigger: {} });
    }
  },
};

function linkNames(event: EventDefinition): readonly string[] {
  const events = event.kind === 'multiple' ? event.events : [event];
  return events.flatMap((one) => (one.kind === 'link' ? [one.name] : []));
}
