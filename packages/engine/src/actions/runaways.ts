/** Steps that a limit stops: each waits in an incident that names the loop, and goes on when that is resolved. */
import { instantText } from '@procos/bpmn';
import type { Step } from '../records/steps.ts';
import { sizeOfInstance } from '../state/size.ts';
import { ANY_SCOPE, continuation } from './chain.ts';
import { raiseIncident } from './incidents.ts';
import { type Turn, type Visit, visit } from './turn.ts';

const REMEDY = 'let the loop wait or end (set a variable, or modify the instance), then resolve this incident to go on';
/** Characters. */
const WORTH_MEASURING = 65_536;
/** More names than this do not help to find a loop. */
const NAMES_SHOWN = 12;

/** Takes the step out when a limit is reached. */
export function halts(at: Visit, step: Step): boolean {
  const message = overLimit(at, step);
  if (message === undefined) return false;
  const { turn, instance } = at;
  const halted = turn.halted.get(instance.id);
  const one = { step, elementId: elementOf(at, step), message };
  if (halted === undefined) turn.halted.set(instance.id, [one]);
  else halted.push(one);
  return true;
}

function overLimit(at: Visit, step: Step): string | undefined {
  const { turn, instance, self } = at;
  const { limits } = turn;
  const elementId = elementOf(at, step);
  if (turn.chain.stepsLeft < turn.stepsDone)
    return `more than ${limits.stepsWithoutWait} steps without waiting ${since(turn)}, at last ${way(at, elementId)}: ${REMEDY}`;
  if (step.kind !== 'activate' || isRepeated(step)) return undefined;
  if (instance.elements.size > limits.elements)
    return `process instance ${instance.id} has more than ${limits.elements} element instances alive: cancel some or raise the limit, then resolve this incident`;
  if (isTooLarge(at))
    return `all variables of process instance ${instance.id} together have more than ${limits.instanceSize} characters as JSON: keep large data outside and refer to it, remove some or raise the limit, then resolve this incident`;
  if (self.loopIndex !== null) return undefined;
  const [scopeId, counted] =
    self.scopeId === null ? [ANY_SCOPE, at.model.bpmnProcessId] : [self.scopeId, self.elementId];
  if (scopeId === ANY_SCOPE && instance.parentId !== null) return undefined;
  const times = turn.laps.add(scopeId, counted);
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
  for (const [processInstanceId, halted] of turn.halted) {
    const [first] = halted;
    if (first === undefined) continue;
    const single = halted.length === 1;
    const own = single && 'elementInstanceId' in first.step ? first.step.elementInstanceId : processInstanceId;
    const at = visit(turn, processInstanceId, own);
    if (at === undefined) continue;
    const { elementId, message } = first;
    const step = single
      ? first.step
      : continuation(
          processInstanceId,
          halted.map((one) => one.step),
        );
    raiseIncident(at, { kind: 'runaway', message, step, elementId });
  }
  turn.halted.clear();
}
