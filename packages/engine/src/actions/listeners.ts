/** Listeners run beside an element: evaluated in place, or work that the step waits for. */
import type { ListenerAction } from '@procos/bpmn';
import type { PausableStep } from '../records/steps.ts';
import { evaluateAndSet } from './effects.ts';
import { Detour, Fault, retryFrom } from './fault.ts';
import type { Visit } from './turn.ts';

/** A listener and what it is called for. */
export interface Called {
  readonly event: string;
  readonly action: ListenerAction;
}

/** Runs the listeners that have not run for this step; undefined when all have. */
export function runListeners(
  at: Visit,
  listeners: readonly Called[],
  step: PausableStep,
  purpose: 'executionListener' | 'taskListener' = 'executionListener',
): Fault | undefined {
  for (let index = step.listenersDone ?? 0; index < listeners.length; index += 1) {
    const called = listeners[index];
    if (called === undefined) continue;
    const { event, action } = called;
    if (action.kind === 'work')
      return new Detour(purpose, action.work, { retry: { ...step, listenersDone: index + 1 } });
    const result = evaluateAndSet(at, action.expression, `listener ${index + 1}`, event);
    if (result instanceof Fault) return retryFrom(result, { ...step, listenersDone: index });
  }
  return undefined;
}
