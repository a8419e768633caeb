/** Checks a query against the columns of its table, and what it means: the rule that both stores follow. */
import type { CheckedCondition, CheckedQuery } from './backend.ts';
import { isLike } from './like.ts';
import type { Condition, Query, Scalar } from './query.ts';
import type { Cell, ColumnType, Identified, Spec } from './spec.ts';

const OPERATORS = new Set(['=', '!=', '<', '<=', '>', '>=', 'in', 'notIn', 'like', 'hasAny', 'isNull', 'notNull']);

/** Throws TypeError for a column that cannot be asked for and for a value of another type than its column. */
export function checkQuery<Row extends Identified>(spec: Spec<Row>, query: Query<Row> = {}): CheckedQuery {
  const types = new Map<string, ColumnType>([['id', 'integer']]);
  for (const { name, type } of spec.columns) if (type !== 'json') types.set(name, type);

  function typeOf(column: string): ColumnType {
    const type = types.get(column);
    if (type !== undefined) return type;
    throw new TypeError(`${spec.name} cannot be queried by '${column}'; it can by ${[...types.keys()].join(', ')}.`);
  }

  /** A list of text is asked for what is in it, and for nothing else. */
  function checkedList(condition: Extract<Condition<Row>, { readonly op: 'hasAny' }>): CheckedCondition {
    const { column, value } = condition;
    if (spec.columns.find(({ name }) => name === column)?.type !== 'json')
      throw new TypeError(`${spec.name}.${column} is not a list: 'hasAny' does not apply.`);
    for (const one of value) assertType(spec.name, column, 'text', one);
    return condition;
  }

  function checked(condition: Condition<Row>): CheckedCondition {
    if (condition.op === 'hasAny') return checkedList(condition);
    const type = typeOf(condition.column);
    if (!OPERATORS.has(condition.op)) throw new TypeError(`Queries know no operator '${condition.op}'.`);
    if ('value' in condition) {
      const values: readonly Scalar[] = isList(condition.value) ? condition.value : [condition.value];
      for (const value of values) assertType(spec.name, condition.column, type, value);
      if (condition.op === 'like' && type !== 'text') {
        throw new TypeError(`${spec.name}.${condition.column} is not text: 'like' does not apply.`);
      }
    }
    return condition;
  }

  return {
    where: (query.where ?? []).map(checked),
    orderBy: (query.orderBy ?? []).filter(({ column }) => typeOf(column)),
    offset: assertCount('offset', query.offset ?? 0),
    limit: query.limit === undefined ? -1 : assertCount('limit', query.limit),
  };
}

function isList(value: Scalar | readonly Scalar[]): value is readonly Scalar[] {
  return Array.isArray(value);
}

function assertType(table: string, column: string, type: ColumnType, value: Scalar): void {
  const expected = type === 'integer' ? 'number' : type === 'text' ? 'string' : 'boolean';
  if (value === null || typeof value === expected) return;
  throw new TypeError(`${table}.${column} is compared with a ${expected}, not with ${JSON.stringify(value)}.`);
}

function assertCount(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`The ${name} of a query is a whole number from 0, not ${value}.`);
}

/** `=` and `!=` treat null as a value; the other comparisons never hold for null. */
export function holds(condition: CheckedCondition, cell: Cell): boolean {
  switch (condition.op) {
    case 'isNull':
      return cell === null;
    case 'notNull':
      return cell !== null;
    case 'in':
      return condition.value.some((value) => toCell(value) === cell);
    case 'notIn':
      return !condition.value.some((value) => toCell(value) === cell);
    case '=':
      return toCell(condition.value) === cell;
    case '!=':
      return toCell(condition.value) !== cell;
    case 'hasAny':
      return isListed(condition.value, cell);
    case 'like':
      return cell !== null && condition.value !== null && isLike(String(cell), String(condition.value));
    default:
      return inOrder(condition.op, cell, toCell(condition.value));
  }
}

/** Whether a row is one that the store would find by this condition. */
export function rowHolds<Row>(condition: Condition<Row>, row: Row): boolean {
  const value = row[condition.column] as unknown;
  return holds(condition, Array.isArray(value) ? JSON.stringify(value) : toCell((value ?? null) as Scalar));
}

/** A list is kept as JSON text. */
function isListed(values: readonly string[], cell: Cell): boolean {
  const list: unknown = cell === null ? [] : JSON.parse(String(cell));
  return Array.isArray(list) && values.some((value) => list.includes(value));
}

function inOrder(op: '<' | '<=' | '>' | '>=', cell: Cell, value: Cell): boolean {
  if (cell === null || value === null) return false;
  const difference = compareCells(cell, value);
  if (op === '<') return difference < 0;
  if (op === '<=') return difference <= 0;
  return op === '>' ? difference > 0 : difference >= 0;
}

/** How a scalar of the query language is kept. */
export function toCell(value: Scalar): Cell {
  return typeof value === 'boolean' ? Number(value) : value;
}

/** null first, then numbers by size or text by code point. */
export function compareCells(left: Cell, right: Cell): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
}

/** The order of rows, each seen through its cells: as asked, then by ascending id. */
export function compareRows(
  orderBy: CheckedQuery['orderBy'],
  left: (column: string) => Cell,
  right: (column: string) => Cell,
): number {
  for (const { column, descending } of orderBy) {
    const difference = compareCells(left(column), right(column));
    if (difference !== 0) return descending === true ? -difference : difference;
  }
  return compareCells(left('id'), right('id'));
}
