/** Gives a stored graph back the shape it had when it was read. */
import { declaredByUse } from '../capabilities/uses.ts';
import { type Element, MODEL_VERSION, type ProcessModel, type SequenceFlow } from '../model.ts';

/**
 * The graph after `JSON.parse`, with null-prototype `elements` and `flows`, so that no id finds an inherited name; one that
 * an older version wrote gets what it lacks.
 */
export function reviveModel(json: ProcessModel): ProcessModel {
  const elements = record<Element>(json.elements);
  if (json.modelVersion < 2)
    for (const id of Object.keys(elements)) elements[id] = fromVersion1(elements[id] as Element);
  const model = { ...json, modelVersion: MODEL_VERSION, elements, flows: record<SequenceFlow>(json.flows) };
  // A process of the system without a block is from before there were any: today it would be refused.
  const fromBefore = model.capabilities === undefined && model.bpmnProcessId.startsWith(SYSTEM_PROCESSES);
  return fromBefore ? { ...model, capabilities: declaredByUse(model) } : model;
}

/** Their ids begin so. */
const SYSTEM_PROCESSES = 'procos_system_';

/** Version 1 knew one kind of loop, and nothing that begins instances but start events. */
function fromVersion1(old: Element): Element {
  const loops = 'loop' in old && old.loop !== undefined;
  const element = loops ? ({ ...old, loop: { ...old.loop, kind: 'multiInstance' } } as Element) : old;
  if (element.type === 'eventBasedGateway') return { ...element, instantiate: false, parallel: false };
  return element.type === 'receiveTask' ? { ...element, instantiate: false } : element;
}

/** A null-prototype copy. */
export function record<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.assign(Object.create(null), entries);
}
