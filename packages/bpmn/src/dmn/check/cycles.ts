/** Finds the ways from an element of a decision model back to itself (DMN 1.5, 6.3: requirements are acyclic). */
import type { DecisionModel } from '../model.ts';

export interface Requiring {
  /** The element's name, and the file's where there are several. */
  readonly label: string;
  /** Keys of what it requires. */
  readonly requires: readonly string[];
  /** A decision service: what it evaluates ends at these, which the caller gives. */
  readonly given?: ReadonlySet<string>;
}

interface Visit {
  readonly key: string;
  readonly visit: string;
}

export type RequirementGraph = ReadonlyMap<string, Requiring>;

/** The elements of one file; `keyOf` makes keys of ids and of references to other files (`namespace#id`). */
export function requirementsOf(model: DecisionModel, keyOf: (reference: string) => string): Map<string, Requiring> {
  const graph = new Map<string, Requiring>();
  const add = (id: string, label: string, requires: readonly string[], given?: ReadonlySet<string>) =>
    graph.set(keyOf(id), { label, requires: requires.map(keyOf), ...(given === undefined ? {} : { given }) });
  for (const { id, name, decisions, knowledge } of model.decisions) add(id, name, [...decisions, ...knowledge]);
  for (const { id, name, knowledge } of model.knowledge) add(id, name, knowledge);
  for (const { id, name, output, inputDecisions } of model.services)
    add(id, name, output, new Set(inputDecisions.map(keyOf)));
  return graph;
}

/** Each circle once, as the keys along it with the first one repeated at the end. */
export function findCycles(graph: RequirementGraph): string[][] {
  const cycles = new Map<string, string[]>();
  const done = new Set<string>();
  // A decision inside a service is another visit than outside of it: what the caller gives may end the way there.
  function follow(key: string, path: readonly Visit[], given: ReadonlySet<string>): void {
    const element = graph.get(key);
    if (element === undefined) return;
    const inside = element.given ?? given;
    const visit = [key, ...inside].join('\n');
    const at = path.findIndex((one) => one.visit === visit);
    if (at >= 0) {
      const cycle = path.slice(at).map((one) => one.key);
      const name = cycle.toSorted().join('\n');
      if (!cycles.has(name)) cycles.set(name, [...cycle, key]);
    } else if (!done.has(visit)) {
      done.add(visit);
      for (const next of element.requires) if (!inside.has(next)) follow(next, [...path, { key, visit }], inside);
    }
  }
  for (const key of graph.keys()) follow(key, [], new Set());
  return [...cycles.values()];
}
