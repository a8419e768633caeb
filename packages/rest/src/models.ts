/** The executable graph of a definition, read from the record that defined it: queries show definitions without it. */
import type { Definition, ProcessEngine } from '@procos/kernel';

export type ProcessModel = Definition['model'];
export type ModelElement = ProcessModel['elements'][string];

/** Graphs remembered per engine; a definition never changes. */
const REMEMBERED = 500;
const CHUNK = 50;
const known = new WeakMap<ProcessEngine, Map<number, ProcessModel>>();

/** undefined when there is no such definition, or its record is not in the log (any more). */
export function modelOf(engine: ProcessEngine, definitionId: number): ProcessModel | undefined {
  const models = known.get(engine) ?? new Map<number, ProcessModel>();
  known.set(engine, models);
  const remembered = models.get(definitionId);
  if (remembered !== undefined) return remembered;
  const model = readModel(engine, definitionId);
  if (model === undefined) return undefined;
  if (models.size >= REMEMBERED) models.clear();
  models.set(definitionId, model);
  return model;
}

function readModel(engine: ProcessEngine, definitionId: number): ProcessModel | undefined {
  const [definition] = engine.find('definitions', { where: [{ column: 'id', op: '=', value: definitionId }] });
  if (definition === undefined) return undefined;
  for (let after = lastBefore(engine, definition.deployedAt); ; ) {
    const records = engine.records(after, CHUNK);
    for (const record of records) {
      if (record.at > definition.deployedAt) return undefined;
      for (const event of record.events) {
        if (event.type === 'processDefined' && event.definition.id === definitionId) return event.definition.model;
      }
    }
    const last = records.at(-1);
    if (last === undefined) return undefined;
    after = last.sequence;
  }
}

/** Sequence of the last record before the instant; 0 when there is none. Instants never go back in the log. */
function lastBefore(engine: ProcessEngine, at: number): number {
  let low = 0;
  let high = engine.lastSequence;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [record] = engine.records(middle - 1, 1);
    if (record !== undefined && record.at < at) low = middle;
    else high = middle - 1;
  }
  return low;
}
