/** What waits for nothing goes on with the chain of its cause: so a loop over many commands is still seen as one. */
import type { ElementInstanceId, ProcessInstanceId } from '../records/ids.ts';
import type { Chain, Step, StepOf } from '../records/steps.ts';
import { startJoins } from './joins.ts';
import type { Turn, Visit } from './turn.ts';

/** A wait shorter than this is none, ms. */
const NO_WAIT_MS = 10;
/** Counts below this part of their limit are not carried into the next command: a loop reaches it within one. */
const WORTH_CARRYING = 0.01;
/** Process instances begin in no scope. */
export const ANY_SCOPE = 0;
/** Of no process instance. */
export const NOBODY = 0;

/** For a timer of `eventElementId` at this element instance; undefined when time passes before it is due. */
export function chainOfTimer(at: Visit, eventElementId: string, dueAt: number): Chain | undefined {
  const { turn } = at;
  if (dueAt - turn.now >= NO_WAIT_MS) return undefined;
  const { scopeId, elementId } = beginsAt(at, eventElementId);
  const own = [scopeId, elementId, turn.laps.get(scopeId, elementId)] as const;
  return { since: turn.chain.since, stepsLeft: turn.stepsLeft, laps: [...lapsToCarry(turn), own] };
}

function lapsToCarry({ laps, limits }: Turn): Chain['laps'] {
  return laps.atLeast(limits.laps * WORTH_CARRYING);
}

/** In which scope which element begins when the event happens; for an element's own event, where it stands. */
function beginsAt({ self, model }: Visit, eventElementId: string): { scopeId: ElementInstanceId; elementId: string } {
  const event = model.elements[eventElementId];
  const inside = event?.type === 'startEvent' && eventElementId !== self.elementId ? event.scopeId : undefined;
  return inside === undefined
    ? { scopeId: self.scopeId ?? self.id, elementId: eventElementId }
    : { scopeId: self.id, elementId: inside };
}

/**
 * The command has taken all its steps, or only what it has postponed is left: that goes on, in the same order, in a command
 * of its own, by a timer that is due at once and belongs to no instance. So what one cause leads to is one line of commands,
 * and its steps are counted.
 */
export function yieldTurn(turn: Turn): void {
  const { chain } = turn;
  const steps = [...turn.takeRest()];
  const busy = new Set(steps.map((step) => step.processInstanceId));
  startJoins(turn, busy);
  steps.push(...turn.takeRest());
  for (const step of steps) busy.add(step.processInstanceId);
  const touched = takeUnsettled(turn, busy);
  // All that it has led to so far is done: those who are told next do not go on with that.
  const anew = steps.length === 0 && turn.postponed[0]?.outside === true;
  steps.push(...turn.postponed.splice(0));
  if (steps.length === 0) return;
  const scopes = new Set<ElementInstanceId>([ANY_SCOPE, ...touched.map(([, scopeId]) => scopeId)]);
  const laps = lapsToCarry(turn).filter(([scopeId]) => scopes.has(scopeId));
  const step = { kind: 'continueTurn', processInstanceId: NOBODY, elementInstanceId: NOBODY, steps, touched } as const;
  followUp(turn, step, anew ? undefined : { since: chain.since, stepsLeft: turn.stepsLeft, laps });
}

/** The step is taken by a command of its own, as soon as others had their turn or at an instant, whatever becomes of any instance. */
export function followUp(turn: Turn, step: Step, chain: Chain | undefined, dueAt: number = turn.now): void {
  turn.emit({
    type: 'timerScheduled',
    timer: {
      id: turn.ids.next(),
      dueAt,
      repeat: null,
      definitionId: NOBODY,
      processInstanceId: null,
      elementInstanceId: null,
      elementId: '',
      part: null,
      step,
      priority: 0,
      suspended: false,
      ...(chain === undefined ? {} : { chain }),
    },
  });
}

/** The scopes of these instances whose joins have not been looked at, or that may only seem stuck. */
function takeUnsettled(turn: Turn, busy: ReadonlySet<ProcessInstanceId>): [ProcessInstanceId, ElementInstanceId][] {
  const pairs = new Map<ElementInstanceId, ProcessInstanceId>();
  for (const scopes of [turn.touched, turn.settled])
    for (const [scopeId, processInstanceId] of scopes.entries()) {
      if (!busy.has(processInstanceId)) continue;
      pairs.set(scopeId, processInstanceId);
      scopes.delete(scopeId);
    }
  return [...pairs].map(([scopeId, processInstanceId]) => [processInstanceId, scopeId]);
}

/** One step that goes on with several of an instance. */
export function continuation(
  processInstanceId: ProcessInstanceId,
  steps: readonly Step[],
  touched: StepOf<'continueTurn'>['touched'] = [],
): StepOf<'continueTurn'> {
  return { kind: 'continueTurn', processInstanceId, elementInstanceId: processInstanceId, steps, touched };
}
