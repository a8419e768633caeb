/** Events that a multi-instance activity throws when its instances complete (BPMN 2.0.2, table 10.31). */
import type { EventDefinition, LoopBehavior } from '@procos/bpmn';
import { Fault } from '../actions/fault.ts';
import { loopCounts, multiInstanceOf } from '../actions/loops.ts';
import { type Visit, visitScope } from '../actions/turn.ts';
import { isTrue } from '../actions/variables.ts';
import { throwEvent } from './throwing.ts';

/** Behavior `None`, `One` and `Complex`: called as one instance completes. */
export function throwLoopEvents(at: Visit): Fault | undefined {
  const body = visitScope(at);
  const behavior = multiInstanceOf(at)?.behavior;
  if (body === undefined || behavior === undefined) return undefined;
  const completed = (body.self.loop?.completed ?? 0) + 1;
  const events = eventsOf(body, behavior, completed);
  if (events instanceof Fault) return events;
  for (const event of events) {
    const progress = throwEvent(event, body);
    if (progress instanceof Fault) return progress;
  }
  return undefined;
}

function eventsOf(body: Visit, behavior: LoopBehavior, completed: number): readonly EventDefinition[] | Fault {
  if (behavior.kind === 'none') return [behavior.event];
  if (behavior.kind === 'one') return completed === 1 ? [behavior.event] : [];
  const events: EventDefinition[] = [];
  for (const { condition, event } of behavior.when) {
    const holds = isTrue(body, condition, 'event condition', loopCounts(body, completed));
    if (holds instanceof Fault) return holds;
    if (holds) events.push(event);
  }
  return events;
}
