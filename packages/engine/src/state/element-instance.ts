/** An element instance as it begins: alone, without variables, waiting for nothing. */
import type { ElementInstanceId } from '../records/ids.ts';
import type { Compensation, ElementInstance } from './entities.ts';

/**
 * Element instances that an applier may have changed since somebody last asked: a store that has written an instance with
 * thousands of them before need not write each of them anew. Nothing is noted about those that nobody has asked for.
 */
const watched = new WeakSet<ElementInstance>();
const changed = new WeakSet<ElementInstance>();

export function markChanged(element: ElementInstance): void {
  if (watched.has(element)) changed.add(element);
}

/** True at most once for each change since it was first called. */
export function takeChanged(element: ElementInstance): boolean {
  watched.add(element);
  return changed.delete(element);
}

const NO_IDS: ReadonlySet<never> = new Set<never>();
const NOTHING: ReadonlyMap<never, never> = new Map<never, never>();
const NO_COMPENSATIONS: readonly Compensation[] = [];
const NO_QUEUE: readonly string[] = [];

/** Most element instances have nothing in most of their maps and sets: then they share one. */
export function mapOf<Key, Value>(entries?: readonly (readonly [Key, Value])[] | 0): ReadonlyMap<Key, Value> {
  return entries && entries.length > 0 ? new Map(entries) : NOTHING;
}

export function setOf<Id>(ids?: readonly Id[] | 0): ReadonlySet<Id> {
  return ids && ids.length > 0 ? new Set(ids) : NO_IDS;
}

/** To be changed, and then put back where it was taken from: the shared one stays empty. */
export function ownMap<Key, Value>(map: ReadonlyMap<Key, Value>): Map<Key, Value> {
  return (map as unknown) === NOTHING ? new Map() : (map as Map<Key, Value>);
}

export function ownSet<Id>(set: ReadonlySet<Id>): Set<Id> {
  return (set as unknown) === NO_IDS ? new Set() : (set as Set<Id>);
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
    variables: NOTHING,
    children: 0,
    tokens: NOTHING,
    loopIndex: null,
    loop: null,
    externalTaskId: null,
    userTaskId: null,
    calledInstanceId: null,
    timers: NO_IDS,
    subscriptions: NO_IDS,
    incidents: NO_IDS,
    compensations: NO_COMPENSATIONS,
    undo: null,
    undoneFor: null,
    partsSeen: NOTHING,
    rounds: NOTHING,
    queue: NO_QUEUE,
  };
}
