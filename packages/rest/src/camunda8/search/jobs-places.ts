/** Where in the log the jobs lie that a filter asks for. */
import type { Condition, LogRecord, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import type { Bounds } from './bounds.ts';
import type { JobRow } from './jobs.ts';
import { giverOf, placeOf } from './log-places.ts';
import { distinct } from './related.ts';

export interface Places {
  readonly first: number;
  readonly last: number;
  /** Only in these records, ascending: they are all that changed something inside the process instances that are named. */
  readonly only?: readonly number[];
}

type Conditions = readonly Condition<JobRow>[];

export function jobPlaces(engine: ProcessEngine, conditions: Conditions, bounds: Bounds): Places {
  const everything = { first: Math.max(1, ...starts(engine, conditions)), last: Number.MAX_SAFE_INTEGER };
  const ids = instanceIds(engine, conditions);
  if (ids === undefined || ids.length > bounds.instances) return everything;
  const where = [{ column: 'id', op: 'in', value: ids }] as const;
  return placesOf(engine, engine.find('processInstances', { where }), everything);
}

function placesOf(engine: ProcessEngine, instances: readonly ProcessInstanceView[], everything: Places): Places {
  if (instances.every(({ keptIn }) => keptIn !== undefined)) {
    const only = distinct(instances.flatMap(({ keptIn = [] }) => keptIn)).toSorted((a, b) => a - b);
    return { ...everything, only: only.filter((sequence) => sequence >= everything.first) };
  }
  const until = Math.max(...instances.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
  return {
    first: Math.max(everything.first, Math.min(...instances.map(({ startedIn }) => startedIn ?? 1))),
    last: until === Number.POSITIVE_INFINITY ? everything.last : placeOf(engine, until, 'last up to'),
  };
}

/** The process instances that the conditions name; undefined: they name none. */
function instanceIds(engine: ProcessEngine, conditions: Conditions): readonly number[] | undefined {
  for (const condition of conditions) {
    const named = valuesOf(condition);
    if (named === undefined) continue;
    if (condition.column === 'processInstanceId') return distinct(named);
    if (condition.column === 'id' && named.length <= 100)
      return distinct(named.map((id) => instanceWith(engine.records(giverOf(engine, id) - 1, 1), id)));
    if (condition.column === 'elementInstanceId') {
      const found = engine.find('elementInstances', { where: [{ column: 'id', op: 'in', value: named }] });
      return distinct(found.map(({ processInstanceId }) => processInstanceId));
    }
  }
  return undefined;
}

function instanceWith(records: readonly LogRecord[], id: number): number | null {
  for (const { events } of records)
    for (const event of events)
      if (event.type === 'externalTaskCreated' && event.task.id === id) return event.task.processInstanceId;
  return null;
}

/** Nothing that is asked for was created before these records. */
function starts(engine: ProcessEngine, conditions: Conditions): readonly number[] {
  return conditions.flatMap((condition) => {
    if (condition.column === 'createdAt' && ['>', '>=', '='].includes(condition.op))
      return [placeOf(engine, Number((condition as { readonly value: unknown }).value), 'first from')];
    // A definition has its identity before anything is started under it.
    const definitions = definitionIds(engine, condition);
    return definitions.length === 0 ? [] : [giverOf(engine, Math.min(...definitions))];
  });
}

function definitionIds(engine: ProcessEngine, condition: Condition<JobRow>): readonly number[] {
  if (condition.column === 'definitionId') return valuesOf(condition) ?? [];
  if (condition.column !== 'bpmnProcessId' || (condition.op !== '=' && condition.op !== 'in')) return [];
  return engine.find('definitions', { where: [condition as never] }).map(({ id }) => id);
}

function valuesOf(condition: Condition<JobRow>): readonly number[] | undefined {
  if (condition.op === '=') return [condition.value as number];
  return condition.op === 'in' ? (condition.value as readonly number[]) : undefined;
}
