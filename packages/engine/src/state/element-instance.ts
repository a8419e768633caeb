/** An element instance as it begins: alone, without variables, waiting for nothing. */
import type { ElementInstanceId } from '../records/ids.ts';
import type { ElementInstance } from './entities.ts';

/**
 * Element instances that an applier may have changed since somebody last asked: a store that has written an instance with
 * thousands of them before need not write each of them anew.
 */
const changed = new WeakSet<ElementInstance>();

export function markChanged(element: ElementInstance): void {
  changed.add(element);
}

/** True at most once for each change. */
export function takeChanged(element: ElementInstance): boolean {
  return changed.delete(element);
}

export function newElementInstance(
  id: ElementInstanceId,
  elementId: string,
  scopeId: ElementInstanceId | null,
  role: ElementInstance['role'] = 'element',
): ElementInstance {
  return {
    id,
    elementId,
    scopeId,
    role,
    variables: new Map(),
    children: 0,
    tokens: new Map(),
    loopIndex: null,
    loop: null,
    externalTaskId: null,
    userTaskId: null,
    calledInstanceId: null,
    timers: new Set(),
    subscriptions: new Set(),
    incidents: new Set(),
    compensations: [],
    undo: null,
    undoneFor: null,
    partsSeen: new Map(),
    rounds: new Map(),
    queue: [],
  };
}
