/** Cancels element instances with everything inside: tasks and called instances end with them. */
import type { ElementInstanceId } from '../records/ids.ts';
import type { ElementInstance, ProcessInstance } from '../state/entities.ts';
import { endInstance } from './end-instance.ts';
import type { Turn } from './turn.ts';

/** The element instance and all inside it, innermost first. */
export function cancelElement(turn: Turn, instance: ProcessInstance, id: ElementInstanceId): void {
  for (const element of within(instance, id, true)) cancelOne(turn, instance, element);
}

/** All inside the scope except `keep` (with what is inside that); tokens under way are gone too. */
export function cancelContent(
  turn: Turn,
  instance: ProcessInstance,
  scope: ElementInstance,
  keep?: ElementInstanceId,
): void {
  const kept = new Set(keep === undefined ? [] : within(instance, keep, true).map((element) => element.id));
  for (const element of within(instance, scope.id, false))
    if (!kept.has(element.id)) cancelOne(turn, instance, element);
  if (scope.tokens.size > 0) turn.emit({ type: 'tokensDiscarded', processInstanceId: instance.id, scopeId: scope.id });
}

/** The whole instance ends; `how` says by whom. */
export function cancelInstance(
  turn: Turn,
  instance: ProcessInstance,
  how: 'canceled' | 'terminated',
  reason: string | null,
): void {
  const root = instance.elements.get(instance.id);
  if (root !== undefined) cancelContent(turn, instance, root);
  endInstance(turn, instance, { type: 'processInstanceEnded', processInstanceId: instance.id, how, reason });
}

/** Thrown at the call activity whose called instance was canceled. */
const CANCELED_ERROR_CODE = 'PROCESS_INSTANCE_CANCELED';

/** The instance is ended from outside; who called it learns so as an error it may catch. */
export function cancelFromOutside(turn: Turn, instance: ProcessInstance, reason: string | null): void {
  const { parentId, parentElementInstanceId } = instance;
  cancelInstance(turn, instance, 'canceled', reason);
  if (parentId === null || parentElementInstanceId === null) return;
  turn.enqueue({
    kind: 'throwError',
    processInstanceId: parentId,
    elementInstanceId: parentElementInstanceId,
    error: { code: CANCELED_ERROR_CODE, message: `called process instance ${instance.id} was canceled` },
  });
}

function cancelOne(turn: Turn, instance: ProcessInstance, element: ElementInstance): void {
  const of = { processInstanceId: instance.id, elementInstanceId: element.id };
  if (element.calledInstanceId !== null) {
    const called = turn.state.instances.get(element.calledInstanceId);
    if (called !== undefined) cancelInstance(turn, called, 'terminated', `canceled by process instance ${instance.id}`);
  }
  if (element.externalTaskId !== null)
    turn.emit({ type: 'externalTaskCanceled', externalTaskId: element.externalTaskId, ...of });
  if (element.userTaskId !== null) turn.emit({ type: 'userTaskCanceled', userTaskId: element.userTaskId, ...of });
  const hadVariables = element.variables.size === 0 ? {} : { hadVariables: true as const };
  turn.emit({ type: 'elementCanceled', elementId: element.elementId, ...of, ...hadVariables });
}

/** Inner element instances have higher ids than their scope, and the map is in ascending order: one pass finds them all. */
function within(instance: ProcessInstance, id: ElementInstanceId, inclusive: boolean): ElementInstance[] {
  const top = instance.elements.get(id);
  if (top === undefined || top.children === 0) return top !== undefined && inclusive ? [top] : [];
  const inside = new Set<ElementInstanceId>([id]);
  const found: ElementInstance[] = [];
  for (const element of instance.elements.values()) {
    if (element.id === id) {
      if (inclusive) found.push(element);
    } else if (element.scopeId !== null && inside.has(element.scopeId)) {
      inside.add(element.id);
      found.push(element);
    }
  }
  return found.reverse();
}
