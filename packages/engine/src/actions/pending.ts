/** Steps of an element instance that wait: for the work of a listener or a script, for their time, or in an incident. */
import type { Step } from '../records/steps.ts';
import type { Visit } from './turn.ts';

export function pendingSteps({ turn, self }: Pick<Visit, 'turn' | 'self'>): readonly Step[] {
  const { externalTasks, timers, incidents } = turn.state;
  return [
    self.externalTaskId === null ? undefined : externalTasks.get(self.externalTaskId)?.errand?.step,
    ...[...self.timers].map((id) => timers.get(id)?.step),
    ...[...self.incidents].map((id) => incidents.get(id)?.step),
  ].filter((step) => step !== null && step !== undefined);
}

/** It has not begun: something was started inside it from outside while its own beginning waits. */
export function isStillToBegin(at: Pick<Visit, 'turn' | 'self'>): boolean {
  return pendingSteps(at).some((step) => step.kind === 'activate' && step.elementInstanceId === at.self.id);
}
