/** Which element instances wait for a condition, so that a variable's change need not look at all that are alive. */
import type { ElementInstanceId, SubscriptionId } from '../records/ids.ts';
import type { ElementInstance, ProcessInstance } from './entities.ts';

/** More may be named than wait, never fewer. An instance that was read anew is not here until somebody asks for it. */
const named = new WeakMap<ProcessInstance, Set<ElementInstanceId>>();

/** An applier has opened the wait for a condition. */
export function noteCondition(instance: ProcessInstance, id: ElementInstanceId): void {
  named.get(instance)?.add(id);
}

/** Those that may wait for a condition, the oldest first. */
export function waitingForConditions(
  instance: ProcessInstance,
  isCondition: (id: SubscriptionId) => boolean,
): readonly ElementInstance[] {
  const ids = named.get(instance) ?? findAll(instance, isCondition);
  named.set(instance, ids);
  const waiting: ElementInstance[] = [];
  for (const id of [...ids].toSorted((one, other) => one - other)) {
    const element = instance.elements.get(id);
    if (element === undefined || element.subscriptions.size === 0) ids.delete(id);
    else waiting.push(element);
  }
  return waiting;
}

function findAll(instance: ProcessInstance, isCondition: (id: SubscriptionId) => boolean): Set<ElementInstanceId> {
  const ids = new Set<ElementInstanceId>();
  for (const { id, subscriptions } of instance.elements.values()) if ([...subscriptions].some(isCondition)) ids.add(id);
  return ids;
}
