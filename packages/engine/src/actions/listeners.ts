/** Listeners run beside an element: evaluated in place, or work that the step waits for. */
import type { ListenerAction } from '@procos/bpmn';
import type { PausableStep } from '../records/steps.ts';
import { Detour, Fault, retryFrom } from './fault.ts';
import type { Visit } from './turn.ts';
import { evaluateAndSet } from './variables.ts';

/** Runs the listeners that have not run for this step; undefined when all have. */
export function runListeners(
  at: Visit,
  actions: readonly ListenerAction[],
  step: PausableStep,
  purpose: 'executionListener' | 'taskListener' = 'executionListener',
): Fault | undefined {
  for (let index = step.listenersDone ?? 0; index < actions.length; index += 1) {
    const action = actions[index];
    if (action === undefined) continue;
    if (action.kind === 'work')
      return new Detour(purpose, action.work, { retry: { ...step, listenersDone: index + 1 } });
    const result = evaluateAndSet(at, action.expression, `listener ${index + 1}`);
    if (result instanceof Fault) return retryFrom(result, { ...step, listenersDone: index });
  }
  return undefined;
}
