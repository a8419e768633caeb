/** How large values are: about the characters of their JSON text, and how deep they are nested. */
import type { Json, Variable } from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { ElementInstance, ProcessInstance } from './entities.ts';

interface Measure {
  readonly size: number;
  readonly depth: number;
}

/** Lists and maps never change once they are values of a variable: each is measured once. */
const known = new WeakMap<object, Measure>();

export function measure(value: Json): Measure {
  if (typeof value === 'string') return { size: value.length + 2, depth: 0 };
  if (typeof value !== 'object' || value === null) return { size: 5, depth: 0 };
  const before = known.get(value);
  if (before !== undefined) return before;
  let size = 2;
  let depth = 0;
  for (const [name, inner] of Object.entries(value as object) as [string, Json][]) {
    const one = measure(inner);
    size += one.size + (Array.isArray(value) ? 1 : name.length + 4);
    depth = Math.max(depth, one.depth);
  }
  const result = { size, depth: depth + 1 };
  known.set(value, result);
  return result;
}

export function sizeOfVariables(variables: Iterable<readonly [string, Variable]>): number {
  let size = 0;
  for (const [name, { value }] of variables) size += name.length + measure(value).size;
  return size;
}

export function sizeOfNamed(variables: Variables): number {
  let size = 0;
  for (const name in variables) size += name.length + measure(variables[name]!.value).size;
  return size;
}

/** All variables of an instance. */
export function sizeOfInstance({ elements }: ProcessInstance): number {
  let size = 0;
  for (const element of elements.values() as Iterable<ElementInstance>) size += sizeOfVariables(element.variables);
  return size;
}
