/** What lies inside what: a scope's content, and the way from an element instance outward, across called instances. */
import type { ElementInstanceId, ProcessInstanceId } from '../records/ids.ts';
import type { ElementInstance, ProcessInstance } from '../state/entities.ts';
import { type Turn, type Visit, visit, visitScope } from './turn.ts';

/**
 * All inside the element instance, innermost first. The map is in ascending order of ids and one pass over it finds them,
 * unless a migration has put a scope around what is older than the scope.
 */
export function within(instance: ProcessInstance, id: ElementInstanceId, inclusive: boolean): ElementInstance[] {
  const top = instance.elements.get(id);
  if (top === undefined) return [];
  const inside = new Set<ElementInstanceId>([id]);
  const found: ElementInstance[] = [];
  let expected = top.children;
  for (let before = -1; found.length < expected && found.length > before; ) {
    before = found.length;
    for (const element of instance.elements.values()) {
      if (element.scopeId === null || !inside.has(element.scopeId) || inside.has(element.id)) continue;
      inside.add(element.id);
      found.push(element);
      expected += element.children;
    }
  }
  found.reverse();
  if (inclusive) found.push(top);
  return found;
}

/** The scope around it, or the call activity that has called its instance. */
export function outward(at: Visit): Visit | undefined {
  if (at.self.scopeId !== null) return visitScope(at);
  const { parentId, parentElementInstanceId } = at.instance;
  return parentId === null || parentElementInstanceId === null
    ? undefined
    : visit(at.turn, parentId, parentElementInstanceId);
}

/** The instance is ended from outside, and waits until what it has called has undone what that had completed. */
export function waitsForCalled({ elements, id }: ProcessInstance): boolean {
  return elements.get(id)?.undo?.ending?.called === true;
}

interface Place {
  readonly processInstanceId: ProcessInstanceId;
  readonly elementInstanceId: ElementInstanceId;
}

/** Whether `outer` is `inner` itself or around it. */
export function encloses(turn: Turn, outer: Place, inner: Place): boolean {
  const { processInstanceId, elementInstanceId } = inner;
  for (let at = visit(turn, processInstanceId, elementInstanceId); at !== undefined; at = outward(at))
    if (at.self.id === outer.elementInstanceId) return true;
  return false;
}
