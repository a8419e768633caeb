/** Timers of an instance, as they are scheduled. */
import type { ProcessInstance, Timer } from '../state/entities.ts';
import type { Turn } from './turn.ts';

/** What one timer has of its own; the rest is that of its instance. */
type OwnPart = Pick<Timer, 'elementInstanceId' | 'elementId' | 'dueAt' | 'step'> &
  Partial<Pick<Timer, 'repeat' | 'part' | 'priority' | 'chain'>>;

/** It is scheduled when it is emitted. */
export function timerOf({ ids }: Turn, { id, definitionId, suspended }: ProcessInstance, own: OwnPart): Timer {
  const common = { id: ids.next(), definitionId, processInstanceId: id, suspended };
  return { ...common, repeat: null, part: null, priority: 0, ...own };
}
