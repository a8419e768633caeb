/** Ends an instance after undoing what it has completed, also inside the sub-processes that were still active. */
import type { StepOf } from '../records/steps.ts';
import type { Compensation, ElementInstance, ProcessInstance } from '../state/entities.ts';
import { cancelFromOutside, cancelOne } from './cancel.ts';
import { tellCanceled } from './canceled.ts';
import type { Turn, Visit } from './turn.ts';
import { visit } from './turn.ts';
import { startUndo } from './undo.ts';
import { closeWaits } from './waits.ts';
import { waitsForCalled, within } from './within.ts';

/**
 * What is active is canceled as soon as its listeners have been told; `continueUndo` steps of the root do the rest. Called
 * instances that run undo first, each in the same way; until they have, the calls and the scopes around them stay.
 */
export function undoAndCancel(
  turn: Turn,
  instance: ProcessInstance,
  step: StepOf<'cancelInstance'>,
  skipListeners = false,
): void {
  const root = visit(turn, instance.id, instance.id);
  if (root === undefined || (root.self.undo !== null && !waitsForCalled(instance))) return;
  const called = calledToUndo(turn, instance);
  const kept = around(instance, called);
  const elements = within(instance, instance.id, false).filter(({ id }) => !kept.has(id));
  if (!skipListeners && !tellCanceled(turn, instance, elements, step)) return;
  closeWaits(root, () => true);
  for (const element of elements) cancelOne(turn, instance, element, whatIsLeft(root, element));
  discardTokens(turn, instance, root.self);
  for (const self of kept.values()) {
    closeWaits({ ...root, self }, () => true);
    discardTokens(turn, instance, self);
  }
  const { compensate: _, told: __, ...end } = step;
  const { reason } = step;
  if (called.length > 0) {
    if (root.self.undo === null)
      turn.emit({
        type: 'undoStarted',
        undo: { scopeId: instance.id, activityId: null, upTo: 0, ending: { reason, called: true } },
        processInstanceId: instance.id,
        elementInstanceId: instance.id,
      });
    for (const { id } of called.toReversed()) {
      const of = { processInstanceId: id, elementInstanceId: id };
      const why = `canceled by process instance ${instance.id}`;
      turn.enqueue({ kind: 'cancelInstance', reason: why, compensate: true, ...of });
    }
  } else if (root.self.compensations.length > 0) startUndo(root, root, null, { reason });
  else cancelFromOutside(turn, instance, end, skipListeners);
}

/** What it has called, and what those have called, as far as there is anything to undo in it. Ascending. */
function calledToUndo(turn: Turn, { elements }: ProcessInstance): ProcessInstance[] {
  return [...elements.values()].flatMap(({ calledInstanceId }) => {
    const called = calledInstanceId === null ? undefined : turn.state.instances.get(calledInstanceId);
    if (called === undefined) return [];
    const own = [...called.elements.values()].some(
      ({ compensations, undo, undoneFor }) => compensations.length > 0 || undo !== null || undoneFor !== null,
    );
    return own || calledToUndo(turn, called).length > 0 ? [called] : [];
  });
}

/** The elements that have called these, and all scopes around them but the root. */
function around({ id, elements }: ProcessInstance, called: readonly ProcessInstance[]): Map<number, ElementInstance> {
  const found = new Map<number, ElementInstance>();
  for (const { parentElementInstanceId } of called) {
    let at = parentElementInstanceId === null ? undefined : elements.get(parentElementInstanceId);
    for (; at !== undefined && at.id !== id; at = at.scopeId === null ? undefined : elements.get(at.scopeId))
      found.set(at.id, at);
  }
  return found;
}

function discardTokens(turn: Turn, instance: ProcessInstance, scope: ElementInstance): void {
  if (scope.tokens.size > 0) turn.emit({ type: 'tokensDiscarded', processInstanceId: instance.id, scopeId: scope.id });
}

/** What the instance is still to undo of an element instance that is canceled. A handler that had begun runs again. */
function whatIsLeft({ turn, model }: Visit, self: ElementInstance): readonly Compensation[] {
  const { elementId, compensations: inner } = self;
  if (self.role === 'body') return inner;
  const variables = Object.fromEntries(self.variables);
  if (self.undoneFor !== null && self.role !== 'undo') {
    const undone = Object.values(model.elements).find(
      (element) => 'compensationHandler' in element && element.compensationHandler === elementId,
    );
    if (undone !== undefined) return [{ id: turn.ids.next(), elementId: undone.id, variables, inner: [] }];
  }
  return inner.length === 0 ? [] : [{ id: turn.ids.next(), elementId, variables, inner, interrupted: true }];
}
