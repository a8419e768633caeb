/** How rows are found within bounds: by which columns there is an index, and how much lies in the history of instances. */
import type { Condition, ProcessEngine, TableName, Tables } from '@procos/kernel';
import { TooMuch } from './bounds.ts';
import type { Reach } from './search.ts';

type Conditions<T extends TableName> = readonly Condition<Tables[T]>[];

/** A way to rows: by an index, which says what these of the conditions ask for. */
interface Way<T extends TableName> {
  readonly says: Conditions<T>;
  /** One of them, each by itself in the order of the identities; undefined: in another order, or too many to be merged. */
  readonly by: readonly Conditions<T>[] | undefined;
  readonly counted: Conditions<T>;
}

/** Values of one condition whose rows are merged, at most. */
const MOST_MERGED = 8;

/** Indexes of what is not over (`endedAt` is null). */
interface Still<T extends TableName> {
  /** With each of these columns there is one. */
  readonly with: readonly (keyof Tables[T] & string)[];
  /** Says the same by itself, and has an index. */
  readonly alone?: Condition<Tables[T]>;
}

interface Indexes<T extends TableName> {
  readonly still?: Still<T>;
  /** Of these columns: the index is one of further columns, too, and gives the rows in their order. */
  readonly unordered?: readonly (keyof Tables[T] & string)[];
}

/** Of a table with an index for each of these columns. */
export function byIndex<T extends TableName>(
  table: T,
  columns: readonly (keyof Tables[T] & string)[],
  { still, unordered = [] }: Indexes<T> = {},
): Reach<Tables[T]> {
  return (engine, where, { scanned }) => {
    if (where.some(isIdentity)) return 'byStore';
    const living =
      still === undefined ? undefined : where.find(({ column, op }) => column === 'endedAt' && op === 'isNull');
    const alone = living === undefined ? [] : [still?.alone ?? living];
    const whole: Way<T> = { says: living === undefined ? [] : [living], by: [alone], counted: alone };
    const ways = where
      .filter((condition) => columns.includes(condition.column) && isEqual(condition))
      .map((condition): Way<T> => {
        const beside = living !== undefined && still?.with.includes(condition.column) ? [living] : [];
        const by = unordered.includes(condition.column) ? undefined : eachOf(condition)?.map((one) => [one, ...beside]);
        return { says: [condition, ...beside], by, counted: [condition, ...beside] };
      });
    const counted = (ways.length === 0 ? [whole] : ways)
      .map((way) => ({ way, rows: engine.count(table, { where: way.counted, limit: scanned + 1 }) }))
      .toSorted((left, right) => left.rows - right.rows);
    if (counted.every(({ rows }) => rows <= scanned)) return 'byStore';
    const [{ way, rows }] = counted as [(typeof counted)[number]];
    const isAll = where.every((condition) => way.says.includes(condition));
    const restOf = ({ says }: Way<T>) => ({
      rest: where.filter((condition) => !says.includes(condition)),
      ...(isAll ? { counted: rows } : {}),
    });
    // So many can be sorted, too.
    if (rows <= scanned) return { by: [way.counted], ...restOf(way) };
    return way.by === undefined ? { by: [alone], ...restOf(whole) } : { by: way.by, ...restOf(way) };
  };
}

function eachOf<Row>(condition: Condition<Row>): readonly Condition<Row>[] | undefined {
  if (condition.op !== 'in') return [condition];
  const { column, value } = condition;
  return value.length > MOST_MERGED ? undefined : value.map((one) => ({ column, op: '=', value: one }));
}

function isEqual<Row>({ op }: Condition<Row>): boolean {
  return op === '=' || op === 'in';
}

function isIdentity<Row>(condition: Condition<Row>): boolean {
  return condition.column === 'id' && isEqual(condition);
}

/** Of element instances and variables there are rows of what lives, and of what is over the records of their instance. */
interface Inside<T extends TableName> {
  /** A condition that holds only for what lives. */
  readonly isOfLiving: (condition: Condition<Tables[T]>) => boolean;
  /** Columns that the process instance has, too. */
  readonly shared: Readonly<Record<string, 'id' | 'definitionId' | 'bpmnProcessId'>>;
  /** What else the conditions say of the process instance. */
  readonly implied?: (engine: ProcessEngine, where: Conditions<T>) => Conditions<'processInstances'>;
  readonly living: Reach<Tables[T]>;
}

/** What is over there is read again from the records of each process instance (packages/store/src/history). */
export function inside<T extends 'elementInstances' | 'variables'>({
  isOfLiving,
  shared,
  implied = () => [],
  living,
}: Inside<T>): Reach<Tables[T]> {
  return (engine: ProcessEngine, where, bounds) => {
    if (where.some(isOfLiving)) return living(engine, where, bounds);
    const ids = where.find(isIdentity);
    if (ids !== undefined && (ids.op !== 'in' || ids.value.length <= bounds.instances)) return 'byStore';
    const instances = where.flatMap((condition) => {
      const column = shared[condition.column];
      return column === undefined ? [] : [{ ...condition, column } as Condition<Tables['processInstances']>];
    });
    const count = engine.count('processInstances', {
      where: [...instances, ...implied(engine, where)],
      limit: bounds.instances + 1,
    });
    if (count <= bounds.instances) return 'byStore';
    throw new TooMuch(
      `The filter leaves the history of more than ${bounds.instances} process instances to read: give processInstanceKey, a process with fewer instances, or only what is active`,
    );
  };
}
