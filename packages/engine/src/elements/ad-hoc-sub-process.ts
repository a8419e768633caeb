/**
 * Ad-hoc sub-process: its activities start from its list or from outside, in any order and number; it is done when its
 * completion condition holds, or without one when nothing is active inside (BPMN 2.0.2, section 13.3.5).
 */
import { type AdHocSubProcess, inferVariable, type Json } from '@procos/bpmn';
import { cancelContent } from '../actions/cancel.ts';
import { Fault } from '../actions/fault.ts';
import { enter } from '../actions/flow.ts';
import type { Visit } from '../actions/turn.ts';
import { assign, evaluateOr, isTrue, lookup, setLocal } from '../actions/variables.ts';
import type { Variables } from '../records/events.ts';
import type { StepOf } from '../records/steps.ts';
import type { ElementBehavior } from './behavior.ts';

export const adHocSubProcessBehavior: ElementBehavior<AdHocSubProcess> = {
  activate(element, at) {
    const begins = elementsToBegin(element, at);
    if (begins instanceof Fault) return begins;
    if (element.outputCollection !== undefined) setLocal(at, { [element.outputCollection]: inferVariable([]) });
    startElements(
      at,
      element,
      begins.ids.map((elementId) => ({ elementId })),
    );
    return 'wait';
  },
};

/** Starts activities inside: all at once, or one after the other. */
export function startElements(
  at: Visit,
  element: AdHocSubProcess,
  starts: readonly { readonly elementId: string; readonly variables?: Variables }[],
): void {
  const { turn, instance, self } = at;
  const [first, ...rest] = starts;
  if (first === undefined) return;
  if (!element.sequential) {
    for (const start of starts) startOne(at, start.elementId, start.variables);
    return;
  }
  const free = self.children === 0 && self.tokens.size === 0 && self.queue.length === 0;
  if (free) startOne(at, first.elementId, first.variables);
  const queue = [...self.queue, ...(free ? rest : starts).map(({ elementId }) => elementId)];
  if (queue.length > 0)
    turn.emit({ type: 'adHocQueued', processInstanceId: instance.id, elementInstanceId: self.id, queue });
}

/** An activity inside has ended. */
export function continueAdHoc(at: Visit, step: StepOf<'continueAdHoc'>): Fault | undefined {
  const { turn, instance, self, model } = at;
  const element = model.elements[self.elementId];
  if (element?.type !== 'adHocSubProcess') return undefined;
  const idle = self.children === 0 && self.tokens.size === 0;
  const holds =
    step.told !== undefined ||
    (element.completionCondition === undefined
      ? false
      : isTrue(at, element.completionCondition, 'completion condition'));
  if (holds instanceof Fault) return holds;
  const complete = { kind: 'complete', processInstanceId: instance.id, elementInstanceId: self.id } as const;
  const [next, ...queue] = self.queue;
  if (holds && (element.cancelRemaining || idle)) {
    if (!cancelContent(turn, instance, self, { step })) return undefined;
    turn.enqueue(complete);
  } else if (!holds && idle && next !== undefined) {
    turn.emit({ type: 'adHocQueued', processInstanceId: instance.id, elementInstanceId: self.id, queue });
    startOne(at, next);
  } else if (idle && element.completionCondition === undefined) turn.enqueue(complete);
  return undefined;
}

/** What an activity inside adds to the output collection as it completes. */
export function collectOutput(at: Visit, adHoc: Visit, element: AdHocSubProcess): Fault | undefined {
  if (element.outputCollection === undefined || element.outputElement === undefined) return undefined;
  const result = evaluateOr(at, element.outputElement, 'output element');
  if (result instanceof Fault) return result;
  const collected = adHoc.self.variables.get(element.outputCollection)?.value;
  const values: Json = [...(Array.isArray(collected) ? (collected as readonly Json[]) : []), result.value];
  setLocal(adHoc, { [element.outputCollection]: inferVariable(values) });
  return undefined;
}

/** The collection goes to the scope above when the sub-process is done. */
export function handOverOutput(at: Visit, element: AdHocSubProcess): void {
  if (element.outputCollection === undefined || at.self.scopeId === null) return;
  const collected = lookup(at.instance, at.self, element.outputCollection);
  const above = at.instance.elements.get(at.self.scopeId);
  if (collected !== undefined && above !== undefined)
    assign({ ...at, self: above }, { [element.outputCollection]: collected });
}

/** What `activatableElements` of the model names: the activities directly inside without an incoming flow. */
export function canBeStarted(at: Visit, elementId: string): boolean {
  const inner = at.model.elements[elementId];
  return (
    inner !== undefined &&
    inner.scopeId === at.self.elementId &&
    'boundaryEvents' in inner &&
    inner.incoming.length === 0
  );
}

function startOne(at: Visit, elementId: string, variables: Variables = {}): void {
  const id = enter(at, elementId);
  const self = at.instance.elements.get(id);
  if (self !== undefined) setLocal({ ...at, self }, variables);
}

function elementsToBegin(element: AdHocSubProcess, at: Visit): { readonly ids: readonly string[] } | Fault {
  if (element.activeElements === undefined) return { ids: [] };
  const result = evaluateOr(at, element.activeElements, 'active elements');
  if (result instanceof Fault) return result;
  const ids = Array.isArray(result.value) ? result.value : [result.value];
  const wrong = ids.find((id) => typeof id !== 'string' || !canBeStarted(at, id));
  return wrong === undefined
    ? { ids: ids.map(String) }
    : new Fault(
        'expression',
        `active elements of '${element.id}': ${JSON.stringify(wrong)} is no activity directly inside that could be started`,
      );
}
