/** Gives a stored graph back the shape it had when it was read. */
import type { Element, ProcessModel, SequenceFlow } from '../model.ts';

/** The graph after `JSON.parse`, with null-prototype `elements` and `flows`, so that no id finds an inherited name. */
export function reviveModel(json: ProcessModel): ProcessModel {
  return { ...json, elements: record<Element>(json.elements), flows: record<SequenceFlow>(json.flows) };
}

/** A null-prototype copy. */
export function record<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.assign(Object.create(null), entries);
}
