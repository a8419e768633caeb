/** Steps of an element instance that wait: for the work of a listener or a script, for their time, or in an incident. */
import type { Step } from '../records/steps.ts';
import type { Errand } from '../state/entities.ts';
import { NOBODY } from './chain.ts';
import type { Turn, Visit } from './turn.ts';

type At = Pick<Visit, 'turn' | 'self'>;

export function pendingSteps({ turn, self }: At): readonly Step[] {
  const { timers, incidents } = turn.state;
  return [
    errandOf({ turn, self })?.step,
    ...[...self.timers].map((id) => timers.get(id)?.step),
    ...[...self.incidents].map((id) => incidents.get(id)?.step),
  ].filter((step) => step !== null && step !== undefined);
}

/** What a worker does on the way to the element or from it. */
export function errandOf({ turn, self }: At): Errand | null {
  const task = self.externalTaskId === null ? undefined : turn.state.externalTasks.get(self.externalTaskId);
  return task?.errand ?? null;
}

/** It has not begun: something was started inside it from outside while its own beginning waits. */
export function isStillToBegin(at: At): boolean {
  const { externalTaskId, timers, incidents } = at.self;
  if (externalTaskId === null && timers.size === 0 && incidents.size === 0) return false;
  return pendingSteps(at).some((step) => step.kind === 'activate' && step.elementInstanceId === at.self.id);
}

/** What long commands have left over for the next ones. */
export function leftOverSteps(turn: Turn): readonly Step[] {
  return turn.state.timers.startTimers(NOBODY).flatMap(({ step }) => (step === null ? [] : single(step)));
}

/** One after the other, where several wait as one. */
export function single(step: Step): readonly Step[] {
  return step.kind === 'continueTurn' ? step.steps : [step];
}
