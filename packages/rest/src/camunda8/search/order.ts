/** Rows in an order that never ties, and the part of them behind a row. */
import { type Condition, compareCells, type Scalar } from '@procos/kernel';

/** As it was asked: a field of the search. */
export interface SortItem {
  readonly field: string;
  readonly descending: boolean;
}

/** In the words of the store. */
export interface Ordered<Row> {
  readonly column: keyof Row & string;
  readonly descending: boolean;
}

/** Which rows stand behind these values: one query after the other gives them in their order. The last column is the identity. */
export function behind<Row>(order: readonly Ordered<Row>[], values: readonly Scalar[]): readonly Condition<Row>[][] {
  const groups: Condition<Row>[][] = [];
  for (let depth = order.length - 1; depth >= 0; depth--) {
    const alike = order
      .slice(0, depth)
      .map(({ column }, at): Condition<Row> => ({ column, op: '=', value: values[at] ?? null }));
    const { column, descending } = order[depth] as Ordered<Row>;
    for (const beyond of beyondOf(column, descending, values[depth] ?? null)) groups.push([...alike, beyond]);
  }
  return groups;
}

/** null comes before everything else. */
function beyondOf<Row>(column: keyof Row & string, descending: boolean, value: Scalar): readonly Condition<Row>[] {
  if (value === null) return descending ? [] : [{ column, op: 'notNull' }];
  if (!descending) return [{ column, op: '>', value }];
  return [
    { column, op: '<', value },
    { column, op: 'isNull' },
  ];
}

export function turned<Row>(order: readonly Ordered<Row>[]): readonly Ordered<Row>[] {
  return order.map(({ column, descending }) => ({ column, descending: !descending }));
}

function compareScalars(left: Scalar, right: Scalar): number {
  const cell = (value: Scalar) => (typeof value === 'boolean' ? Number(value) : value);
  return compareCells(cell(left), cell(right));
}

/** Where a row stands: the values that it is sorted by, then its identity. */
export interface Standing {
  readonly values: readonly Scalar[];
  readonly id: number;
}

export function compareStanding(descending: readonly boolean[], left: Standing, right: Standing): number {
  for (const [at, down] of descending.entries()) {
    const difference = compareScalars(left.values[at] ?? null, right.values[at] ?? null);
    if (difference !== 0) return down ? -difference : difference;
  }
  return left.id - right.id;
}
