/** What an owner has set for timers of one source, as they are scheduled. */
import type { Step } from '../records/steps.ts';
import type { Definition, TimerRule, TimerSource } from '../state/entities.ts';

export function timerRule({ timerRules }: Definition, { elementId, from }: TimerSource): TimerRule | undefined {
  return timerRules?.find((rule) => rule.elementId === elementId && rule.from === from);
}

/** Where a timer with this step comes from. */
export function sourceOf(step: Step | null): TimerSource['from'] {
  if (step === null) return 'event';
  return step.kind === 'complete' ? 'after' : 'before';
}

interface Scheduled {
  readonly elementId: string;
  readonly step: Step | null;
  readonly priority: number;
  readonly suspended: boolean;
}

/** A timer as it is to be scheduled. */
export function ruled<T extends Scheduled>(definition: Definition, timer: T): T {
  if (definition.timerRules === undefined) return timer;
  const rule = timerRule(definition, { elementId: timer.elementId, from: sourceOf(timer.step) });
  if (rule === undefined) return timer;
  return { ...timer, priority: rule.priority ?? timer.priority, suspended: timer.suspended || rule.suspended === true };
}
