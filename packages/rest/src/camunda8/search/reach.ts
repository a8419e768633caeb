/** How rows are found within bounds: by which columns there is an index, and how much lies in the history of instances. */
import type { Condition, ProcessEngine, TableName, Tables } from '@procos/kernel';
import { invalid } from '../errors.ts';
import type { Reach } from './search.ts';

type Conditions<T extends TableName> = readonly Condition<Tables[T]>[];

/**
 * Of a table with an index for each of these columns. `still`: of those that are not over there are smaller indexes by
 * these columns.
 */
export function byIndex<T extends TableName>(
  table: T,
  columns: readonly (keyof Tables[T] & string)[],
  still: readonly (keyof Tables[T] & string)[] = [],
): Reach<Tables[T]> {
  return (engine, where, { scanned }) => {
    if (where.some(isIdentity)) return 'byStore';
    const living = where.find(({ column, op }) => column === 'endedAt' && op === 'isNull');
    const ways: Conditions<T>[] = where
      .filter((condition) => columns.includes(condition.column) && isEqual(condition))
      .map((condition) =>
        living !== undefined && still.includes(condition.column) ? [condition, living] : [condition],
      );
    if (ways.length === 0) ways.push([]);
    const counted = ways.map((by) => ({ by, rows: engine.count(table, { where: by, limit: scanned + 1 }) }));
    if (counted.every(({ rows }) => rows <= scanned)) return 'byStore';
    const [least] = counted.toSorted((left, right) => left.rows - right.rows);
    return { by: least?.by ?? [] };
  };
}

function isEqual<Row>({ op }: Condition<Row>): boolean {
  return op === '=' || op === 'in';
}

function isIdentity<Row>(condition: Condition<Row>): boolean {
  return condition.column === 'id' && isEqual(condition);
}

/**
 * Of what lies inside process instances: what is over there is read again from their records (packages/store/src/history).
 * `living`: a condition that holds only for what is not over; `shared`: columns that the process instance has, too.
 */
export function inside<T extends 'elementInstances' | 'variables'>(
  table: T,
  living: (condition: Condition<Tables[T]>) => boolean,
  shared: Readonly<Record<string, 'id' | 'definitionId' | 'bpmnProcessId'>>,
  indexed: readonly (keyof Tables[T] & string)[],
): Reach<Tables[T]> {
  const ofLiving = byIndex(table, indexed);
  return (engine: ProcessEngine, where, bounds) => {
    if (where.some(living)) return ofLiving(engine, where, bounds);
    const ids = where.find(isIdentity);
    if (ids !== undefined) {
      const number = ids.op === 'in' ? ids.value.length : 1;
      if (number <= bounds.instances) return 'byStore';
    }
    const instances = where.flatMap((condition) => {
      const column = shared[condition.column];
      return column === undefined ? [] : [{ ...condition, column } as Condition<Tables['processInstances']>];
    });
    const count = engine.count('processInstances', { where: instances, limit: bounds.instances + 1 });
    if (count <= bounds.instances) return 'byStore';
    throw invalid(
      `The filter leaves the history of more than ${bounds.instances} process instances to read: give processInstanceKey, a process with fewer instances, or only what is active`,
    );
  };
}
