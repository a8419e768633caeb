/** Ends an instance after undoing what it has completed, also inside the sub-processes that were still active. */
import type { StepOf } from '../records/steps.ts';
import type { Compensation, ElementInstance, ProcessInstance } from '../state/entities.ts';
import { cancelFromOutside, cancelOne } from './cancel.ts';
import { tellCanceled } from './canceled.ts';
import type { Turn, Visit } from './turn.ts';
import { visit } from './turn.ts';
import { startUndo } from './undo.ts';
import { closeWaits } from './waits.ts';
import { within } from './within.ts';

/** What is active is canceled as soon as its listeners have been told; `continueUndo` steps of the root do the rest. */
export function undoAndCancel(
  turn: Turn,
  instance: ProcessInstance,
  step: StepOf<'cancelInstance'>,
  skipListeners = false,
): void {
  const root = visit(turn, instance.id, instance.id);
  if (root === undefined || root.self.undo !== null) return;
  const elements = within(instance, instance.id, false);
  if (!skipListeners && !tellCanceled(turn, instance, elements, step)) return;
  closeWaits(root, () => true);
  for (const element of elements) cancelOne(turn, instance, element, whatIsLeft(root, element));
  if (root.self.tokens.size > 0)
    turn.emit({ type: 'tokensDiscarded', processInstanceId: instance.id, scopeId: instance.id });
  const { compensate: _, told: __, ...end } = step;
  if (root.self.compensations.length > 0) startUndo(root, root, null, { reason: step.reason });
  else cancelFromOutside(turn, instance, end, skipListeners);
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
