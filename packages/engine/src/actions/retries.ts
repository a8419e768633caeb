/** Steps that go on later, in a command of their own: asynchronous continuations, and new attempts at what failed. */
import { type AsyncContinuation, schedule } from '@procos/bpmn';
import type { Step } from '../records/steps.ts';
import { priorityOf } from '../state/controls.ts';
import { chainOfTimer } from './chain.ts';
import { Fault } from './fault.ts';
import { ruled } from './timer-rules.ts';
import { timerOf } from './timers.ts';
import type { Traits } from './traits.ts';
import { NO_INSTANCE, type Visit } from './turn.ts';
import { evaluateInteger, evaluateText } from './variables.ts';

/** The continuation that holds for the element instance: a loop instance has that of its loop. */
export function continuationOf({ self }: Visit, { element, async }: Traits): AsyncContinuation | undefined {
  if (self.loopIndex === null) return async;
  const loop = 'loop' in element ? element.loop : undefined;
  return loop?.kind === 'multiInstance' ? loop.async : undefined;
}

/** The instance commits here; the step follows as soon as a timer that is due at once fires. */
export function continueLater(at: Visit, step: Step): void {
  goOnAt(at, step, at.turn.now);
}

/** Camunda 7 `failedJobRetryTimeCycle`: true when the failed step will be tried again by itself. */
export function retryLater(at: Visit, step: Step): boolean {
  if (step.kind !== 'activate' && step.kind !== 'complete') return false;
  const failures = (step.failures ?? 0) + 1;
  const dueAt = nextAttempt(at, failures);
  if (dueAt === undefined) return false;
  goOnAt(at, { ...step, failures }, dueAt);
  return true;
}

/** `R3/PT10M`: three attempts, ten minutes apart. `PT1M,PT5M`: two more attempts, after these times. */
function nextAttempt(at: Visit, failures: number): number | undefined {
  const { turn, model, self } = at;
  const cycle = evaluateText(at, model.elements[self.elementId]?.retryCycle, 'retry time cycle');
  if (cycle instanceof Fault || cycle.text === null) return undefined;
  const repeated = /^R(\d+)\/(P.+)$/.exec(cycle.text.trim());
  const duration =
    repeated === null
      ? cycle.text.split(',')[failures - 1]?.trim()
      : failures < Number(repeated[1])
        ? repeated[2]
        : undefined;
  const due = duration === undefined ? undefined : schedule('duration', duration, turn.now, turn.zone, model.dialect);
  return due?.ok === true ? due.value.dueAt : undefined;
}

/** Camunda 7 `jobPriority` of the element whose timer is set, 0 where that gives no number; without it as nice as its instance is. */
export function jobPriority(at: Visit, elementId: string): number {
  const { turn, instance, model } = at;
  const expression = model.elements[elementId]?.jobPriority;
  if (expression === undefined && instance.id !== NO_INSTANCE)
    return priorityOf(turn.state, turn.definition(instance), instance);
  const priority = expression === undefined ? undefined : evaluateInteger(at, expression, 'priority');
  return priority === undefined || priority instanceof Fault ? 0 : priority.number;
}

function goOnAt(at: Visit, step: Step, dueAt: number): void {
  const { turn, instance, self } = at;
  const chain = chainOfTimer(at, self.elementId, dueAt);
  const timer = timerOf(turn, instance, {
    elementInstanceId: self.id,
    elementId: self.elementId,
    dueAt,
    step,
    priority: jobPriority(at, self.elementId),
    ...(chain === undefined ? {} : { chain }),
  });
  turn.emit({ type: 'timerScheduled', timer: ruled(turn.definition(instance), timer) });
}
