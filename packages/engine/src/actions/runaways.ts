/** Steps that a limit stops: each waits in an incident that names the loop, and goes on when that is resolved. */
import { instantText } from '@procos/bpmn';
import type { Step } from '../records/steps.ts';
import { sizeOfInstance } from '../state/size.ts';
import { ANY_SCOPE, continuation } from './chain.ts';
import { LimitReached } from './fault.ts';
import { raiseIncident } from './incidents.ts';
import { boundFor, catchLimit, countStep, isOutOfTime, reached } from './limits.ts';
import { type Turn, type Visit, visit } from './turn.ts';

const REMEDY = 'let the loop wait or end (set a variable, or modify the instance), then resolve this incident to go on';
/** Characters. */
const WORTH_MEASURING = 65_536;
/** More names than this do not help to find a loop. */
const NAMES_SHOWN = 12;

/** Takes the step out when a limit is reached. */
export function halts(at: Visit, step: Step): boolean {
  const over = overOwners(at, step) ?? overLimit(at, step);
  if (over === undefined) return false;
  const { turn, instance } = at;
  const owned = over instanceof LimitReached;
  if (owned && catchLimit(at, over)) return true;
  const halted = turn.halted.get(instance.id);
  const one = {
    step,
    elementId: elementOf(at, step),
    message: owned ? over.message : over,
    kind: owned ? ('limitReached' as const) : ('runaway' as const),
  };
  if (halted === undefined) turn.halted.set(instance.id, [one]);
  else halted.push(one);
  return true;
}

/** Of limits that an owner has set, or the model. */
function overOwners(at: Visit, step: Step): LimitReached | undefined {
  const { turn, instance } = at;
  const bounds = turn.bounds(instance);
  // What takes over when a limit was reached is not stopped by it.
  if (bounds === undefined || step.kind === 'reachTimeLimit' || step.kind === 'trigger') return undefined;
  const elementId = elementOf(at, step);
  const without = boundFor(at, 'stepsWithoutWait', turn.limits.stepsWithoutWait);
  const steps = turn.limits.stepsWithoutWait - turn.chain.stepsLeft + turn.stepsDone;
  if (without !== undefined && steps > without.value)
    return reached(without, `${steps} steps without waiting ${since(turn)}, at last ${way(at, elementId)}`);
  const counted = countStep(at, bounds);
  if (counted !== undefined || step.kind !== 'activate' || isRepeated(step)) return counted;
  const time = bounds.get('time');
  if (time !== undefined && isOutOfTime(at)) return reached(time, `'${elementId}' may not begin any more`);
  const elements = boundFor(at, 'elements', turn.limits.elements);
  if (elements !== undefined && instance.elements.size > elements.value)
    return reached(elements, `${instance.elements.size} element instances are alive`);
  const size = boundFor(at, 'instanceSize', turn.limits.instanceSize);
  if (size !== undefined && (turn.grown.get(instance.id) ?? 0) > 0) {
    const all = sizeOfInstance(instance);
    if (all > size.value) return reached(size, `all variables together have ${all} characters as JSON`);
  }
  const laps = boundFor(at, 'laps', turn.limits.laps);
  const place = laps === undefined ? undefined : lapOf(at);
  // Counted by `overLimit`, for both.
  if (laps === undefined || place === undefined || turn.laps.get(...place) < laps.value) return undefined;
  return reached(
    laps,
    `'${elementId}' has begun ${laps.value + 1} times without waiting ${since(turn)}, on the way ${way(at, elementId)}`,
  );
}

/** In which scope which element begins once more; undefined where that is not counted. */
function lapOf({ instance, model, self }: Visit): readonly [scopeId: number, elementId: string] | undefined {
  if (self.loopIndex !== null) return undefined;
  if (self.scopeId !== null) return [self.scopeId, self.elementId];
  return instance.parentId === null ? [ANY_SCOPE, model.bpmnProcessId] : undefined;
}

function overLimit(at: Visit, step: Step): string | undefined {
  const { turn, instance } = at;
  const { limits } = turn;
  if (turn.chain.stepsLeft < turn.stepsDone)
    return `more than ${limits.stepsWithoutWait} steps without waiting ${since(turn)}, at last ${way(at, elementOf(at, step))}: ${REMEDY}`;
  if (step.kind !== 'activate' || isRepeated(step)) return undefined;
  if (instance.elements.size > limits.elements)
    return `process instance ${instance.id} has more than ${limits.elements} element instances alive: cancel some or raise the limit, then resolve this incident`;
  if (isTooLarge(at))
    return `all variables of process instance ${instance.id} together have more than ${limits.instanceSize} characters as JSON: keep large data outside and refer to it, remove some or raise the limit, then resolve this incident`;
  const place = lapOf(at);
  if (place === undefined) return undefined;
  const [scopeId, elementId] = place;
  const times = turn.laps.add(scopeId, elementId);
  return times > limits.laps
    ? `'${elementId}' has begun ${times} times without waiting ${since(turn)}, on the way ${way(at, elementId)}: ${REMEDY}`
    : undefined;
}

/** Measured anew only when much has been set since. */
function isTooLarge({ turn, instance }: Visit): boolean {
  if ((turn.grown.get(instance.id) ?? 0) < WORTH_MEASURING) return false;
  if (sizeOfInstance(instance) > turn.limits.instanceSize) return true;
  turn.grown.delete(instance.id);
  return false;
}

/** It goes on after something on its way: counted already. */
function isRepeated(step: Step & { readonly kind: 'activate' }): boolean {
  return (
    step.asyncDone === true || step.inputsDone === true || step.failures !== undefined || step.scripts !== undefined
  );
}

function elementOf({ self, model }: Visit, step: Step): string {
  if (step.kind === 'arrive') return model.flows[step.flowId]?.target ?? self.elementId;
  return step.kind === 'enter' ? step.elementId : self.elementId;
}

function since(turn: Turn): string {
  return `since ${instantText(turn.chain.since, turn.zone)}`;
}

/** The way that it went in this command, back to where it was the same element before. */
function way({ turn, instance, self }: Visit, elementId: string): string {
  const begins = self.scopeId === null;
  const names: string[] = [];
  for (let index = turn.events.length - 1; index >= 0; index -= 1) {
    const event = turn.events[index];
    if (event?.type === 'processInstanceCreated' && begins && event.bpmnProcessId === elementId) {
      if (names.length > 0) break;
    } else if (event?.type === 'elementActivated' && (begins || event.processInstanceId === instance.id)) {
      names.unshift(event.elementId);
      if (event.elementId === elementId && names.length > 1) break;
    }
  }
  const shown = names.slice(-NAMES_SHOWN).map((name) => `'${name}'`);
  return `${names.length > NAMES_SHOWN ? '… → ' : ''}${shown.join(' → ')}`;
}

/** One incident for each instance; several steps wait in it together. */
export function raiseRunaways(turn: Turn): void {
  if (turn.halted.size === 0) return;
  for (const [processInstanceId, halted] of turn.halted.entries()) {
    const [first] = halted;
    if (first === undefined) continue;
    const single = halted.length === 1;
    const own = single && 'elementInstanceId' in first.step ? first.step.elementInstanceId : processInstanceId;
    const at = visit(turn, processInstanceId, own);
    if (at === undefined) continue;
    const { elementId, message, kind } = first;
    const step = single
      ? first.step
      : continuation(
          processInstanceId,
          halted.map((one) => one.step),
        );
    raiseIncident(at, { kind, message, step, elementId });
  }
  turn.halted.clear();
}
