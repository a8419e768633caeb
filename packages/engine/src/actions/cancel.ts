/** Cancels element instances with everything inside: tasks and called instances end with them. */
import type { ElementInstanceId } from '../records/ids.ts';
import type { CancelingStep, StepOf } from '../records/steps.ts';
import type { Compensation, ElementInstance, ProcessInstance } from '../state/entities.ts';
import { canceling, tellCanceled } from './canceled.ts';
import { endInstance } from './end-instance.ts';
import { cancelTask } from './ended-task.ts';
import { servingEnded } from './finished-work.ts';
import { servedTask } from './serving.ts';
import { type Turn, type Visit, visit } from './turn.ts';
import { waitsForCalled, within } from './within.ts';

export interface CancelOptions {
  /** What goes on when listeners that need a worker have been called. */
  readonly step?: CancelingStep;
  readonly skipListeners?: boolean;
  /** Why called instances end; absent: because their caller goes on without them. */
  readonly called?: string | undefined;
}

/** The element instance and all inside it, innermost first. False: `step` does it later. */
export function cancelElement(
  turn: Turn,
  instance: ProcessInstance,
  id: ElementInstanceId,
  options: CancelOptions = {},
): boolean {
  const elements = within(instance, id, true);
  if (!tell(turn, instance, elements, options)) return false;
  for (const element of elements) cancelOne(turn, instance, element, [], options.called);
  return true;
}

/** All inside the scope except `keep` (with what is inside that); tokens under way are gone too. False: `step` does it later. */
export function cancelContent(
  turn: Turn,
  instance: ProcessInstance,
  scope: ElementInstance,
  options: CancelOptions & { readonly keep?: ElementInstanceId } = {},
): boolean {
  const { keep } = options;
  const kept = new Set(keep === undefined ? [] : within(instance, keep, true).map((element) => element.id));
  const elements = within(instance, scope.id, false).filter((element) => !kept.has(element.id));
  if (!tell(turn, instance, elements, options)) return false;
  for (const element of elements) cancelOne(turn, instance, element, [], options.called);
  if (scope.tokens.size > 0) turn.emit({ type: 'tokensDiscarded', processInstanceId: instance.id, scopeId: scope.id });
  return true;
}

function tell(
  turn: Turn,
  instance: ProcessInstance,
  elements: readonly ElementInstance[],
  { step, skipListeners }: CancelOptions,
): boolean {
  return skipListeners === true || tellCanceled(turn, instance, elements, step);
}

/** The whole instance ends, its listeners have been told; `how` says by whom. */
function cancelInstance(
  turn: Turn,
  instance: ProcessInstance,
  how: 'canceled' | 'terminated',
  reason: string | null,
  called?: string,
): void {
  const root = instance.elements.get(instance.id);
  if (root !== undefined) cancelContent(turn, instance, root, { skipListeners: true, called });
  endInstance(turn, instance, { type: 'processInstanceEnded', processInstanceId: instance.id, how, reason });
}

/** Thrown at the call activity whose called instance was canceled. */
const CANCELED_ERROR_CODE = 'PROCESS_INSTANCE_CANCELED';

/** The instance is ended from outside; who called it learns so as an error it may catch. */
export function cancelFromOutside(
  turn: Turn,
  instance: ProcessInstance,
  step: StepOf<'cancelInstance'>,
  skipListeners = false,
): void {
  if (!tell(turn, instance, within(instance, instance.id, true), { step, skipListeners })) return;
  const { parentId, parentElementInstanceId } = instance;
  const parent =
    parentId === null || parentElementInstanceId === null ? undefined : visit(turn, parentId, parentElementInstanceId);
  if (parent !== undefined && waitsForCalled(parent.instance)) {
    cancelInstance(turn, instance, 'terminated', step.reason);
    goOnUndoing(parent);
    return;
  }
  cancelInstance(turn, instance, 'canceled', step.reason);
  if (parent === undefined) return;
  const task = servedTask(parent);
  if (parent.model.elements[parent.self.elementId]?.type !== 'callActivity') {
    const why = step.reason === null ? '' : `: ${step.reason}`;
    if (task !== undefined)
      servingEnded(parent, task, `process instance ${instance.id}, which did the task, was canceled${why}`);
    return;
  }
  turn.enqueue({
    kind: 'throwError',
    processInstanceId: parent.instance.id,
    elementInstanceId: parent.self.id,
    error: { code: CANCELED_ERROR_CODE, message: `called process instance ${instance.id} was canceled` },
  });
}

/** What it has called is over: who is ended from outside looks whether that was the last of them. */
export function goOnUndoing({ turn, instance: { id } }: Visit): void {
  turn.enqueue({ kind: 'continueUndo', processInstanceId: id, elementInstanceId: id });
}

/** Whose listeners have been told, and which has nothing inside any more. `kept` is left to its scope to undo. */
export function cancelOne(
  turn: Turn,
  instance: ProcessInstance,
  element: ElementInstance,
  kept: readonly Compensation[] = [],
  reason?: string,
): void {
  const of = { processInstanceId: instance.id, elementInstanceId: element.id };
  if (element.calledInstanceId !== null) {
    const called = turn.state.instances.get(element.calledInstanceId);
    const why = reason ?? `canceled by process instance ${instance.id}`;
    if (called !== undefined) cancelInstance(turn, called, 'terminated', why, reason);
  }
  // What waited for a listener here goes on without it, unless it was about this alone.
  const waiting = canceling(turn, element);
  if (waiting !== undefined) turn.enqueue(waiting.step);
  // Who waits for it to undo something goes on with the next, where that is still there.
  const by = element.undoneFor;
  if (by !== null) turn.enqueue({ kind: 'continueUndo', processInstanceId: instance.id, elementInstanceId: by });
  if (element.externalTaskId !== null) cancelTask(turn, element.externalTaskId, of);
  if (element.userTaskId !== null) turn.emit({ type: 'userTaskCanceled', userTaskId: element.userTaskId, ...of });
  const hadVariables = element.variables.size === 0 ? {} : { hadVariables: true as const };
  const left = kept.length === 0 ? {} : { kept };
  turn.emit({ type: 'elementCanceled', elementId: element.elementId, ...of, ...hadVariables, ...left });
}
