/** Process definition ids as Camunda writes them, `key:version:id`, and the definitions behind them. */
import type { DefinitionView, ProcessEngine } from '@procos/kernel';
import { parseId } from '../ids.ts';

export function camundaDefinitionId(definition: Pick<DefinitionView, 'id' | 'bpmnProcessId' | 'version'>): string {
  return `${definition.bpmnProcessId}:${definition.version}:${definition.id}`;
}

/** The identity in `key:version:id` (or a bare id); `NO_ID` when there is none. */
export function definitionIdOf(text: string): number {
  return parseId(text.slice(text.lastIndexOf(':') + 1));
}

/** What both the views and the engine know of a definition. */
export type ShownDefinition = Omit<DefinitionView, 'latest'>;

/** The definition that a Camunda id names; all three parts must agree. */
export function findDefinition(engine: ProcessEngine, text: string): ShownDefinition | undefined {
  const found = engine.definition(definitionIdOf(text));
  if (found === undefined || found.removed === true) return undefined;
  return camundaDefinitionId(found) === text || String(found.id) === text ? found : undefined;
}

/** The definitions of many rows with one query; also those that were removed. */
export function definitionsOf(
  engine: ProcessEngine,
  rows: readonly { readonly definitionId: number }[],
): ReadonlyMap<number, ShownDefinition> {
  const ids = [...new Set(rows.map((row) => row.definitionId))];
  if (ids.length === 0) return new Map();
  const found = new Map<number, ShownDefinition>();
  for (const row of engine.find('definitions', { where: [{ column: 'id', op: 'in', value: ids }] }))
    found.set(row.id, row);
  for (const id of ids) {
    const removed = found.has(id) ? undefined : engine.definition(id);
    if (removed !== undefined) found.set(id, removed);
  }
  return found;
}

/** Camunda id of the definition of a row that has no version itself. */
export function definitionIdText(
  known: ReadonlyMap<number, ShownDefinition>,
  row: { readonly definitionId: number; readonly bpmnProcessId?: string },
): string {
  const definition = known.get(row.definitionId);
  return definition ? camundaDefinitionId(definition) : String(row.definitionId);
}
