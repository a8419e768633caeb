/** A waiting event has happened at its host: a boundary event, an event sub-process, a gateway's event or the element's own. */
import type { Element } from '@procos/bpmn';
import { cancelContent, cancelElement } from '../actions/cancel.ts';
import { eventHappened } from '../actions/event-gateways.ts';
import { enter } from '../actions/flow.ts';
import { type Visit, visitScope } from '../actions/turn.ts';
import { placeResults } from '../actions/variables.ts';
import { closeWaits } from '../actions/waits.ts';
import type { StepOf } from '../records/steps.ts';

export function trigger(host: Visit, step: StepOf<'trigger'>): undefined {
  const { turn, instance, model, self } = host;
  const event = model.elements[step.eventElementId];
  // Told: it has happened before, and waited for listeners of what it interrupts.
  if (step.told === undefined && (!stillWaits(host, event, step) || !allHappened(host, event, step))) return;
  switch (event?.type) {
    case 'boundaryEvent': {
      const scope = visitScope(host);
      if (scope === undefined) return;
      if (event.interrupting && !cancelElement(turn, instance, self.id, { step, called: step.reason })) return;
      enter(scope, event.id, { trigger: step.trigger });
      return;
    }
    case 'startEvent': {
      if (self.elementId === event.id) {
        goOn(host, step);
        return;
      }
      const eventSubProcessId = event.scopeId;
      if (eventSubProcessId === undefined) return;
      if (event.interrupting) {
        if (!cancelContent(turn, instance, self, { step, called: step.reason })) return;
        // Boundary events of the scope stay: it goes on, in its event sub-process.
        closeWaits(host, (elementId) => model.elements[elementId]?.type !== 'boundaryEvent');
      }
      enter(host, eventSubProcessId, { trigger: step.trigger });
      return;
    }
    default:
      if (self.elementId === step.eventElementId) goOn(host, step);
      else eventHappened(host, step.eventElementId, step.trigger);
  }
}

/** The element's own event. Completing may fail and wait in an incident: what happened once must not happen again meanwhile. */
function goOn(host: Visit, step: StepOf<'trigger'>): void {
  const { turn, instance, self } = host;
  closeWaits(host, (elementId) => elementId === step.eventElementId);
  placeResults(host, step.trigger.variables);
  turn.enqueue({ kind: 'complete', processInstanceId: instance.id, elementInstanceId: self.id });
}

/** False when another event of the same moment has interrupted the wait for this one. */
function stillWaits({ turn, self }: Visit, event: Element | undefined, { part }: StepOf<'trigger'>): boolean {
  if (event === undefined || !('event' in event)) return true;
  const { kind } = event.event.kind === 'multiple' ? (event.event.events[part ?? 0] ?? event.event) : event.event;
  if (kind !== 'message' && kind !== 'signal' && kind !== 'conditional') return true;
  return [...self.subscriptions].some((id) => turn.state.subscriptions.get(id)?.elementId === event.id);
}

/** A parallel multiple event happens when its last part does; parts that come twice count once. */
function allHappened(host: Visit, event: Element | undefined, { part, trigger: given }: StepOf<'trigger'>): boolean {
  if (event === undefined || !('event' in event) || event.event.kind !== 'multiple' || !event.event.parallel)
    return true;
  const { turn, instance, self } = host;
  const seen = new Set([...(self.partsSeen.get(event.id) ?? []), part ?? 0]);
  const all = seen.size >= event.event.events.length;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  const parts = all ? [] : [...seen].toSorted((one, other) => one - other);
  if (!all || self.partsSeen.has(event.id))
    turn.emit({ type: 'eventPartsSeen', eventElementId: event.id, parts, ...of });
  if (!all) placeResults(host, given.variables);
  return all;
}
