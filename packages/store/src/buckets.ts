/** Groups rows in memory by the equal columns of their table's look-ups, so that a look-up reads only its own group. */
import type { Cell, Lookup } from './spec.ts';

interface Group {
  readonly columns: readonly string[];
  idsByKey: Map<string, Set<number>>;
  keyById: Map<number, string>;
}

const NONE: ReadonlySet<number> = new Set();

export class Buckets {
  readonly #groups = new Map<string, Group>();

  constructor(lookups: readonly Lookup[]) {
    for (const { equal } of lookups) {
      this.#groups.set(equal.join(), { columns: equal, idsByKey: new Map(), keyById: new Map() });
    }
  }

  /** Adds a row, or moves it to where it belongs now. */
  put(id: number, cellOf: (column: string) => Cell): void {
    for (const group of this.#groups.values()) {
      const key = keyOf(group.columns.map(cellOf));
      const before = group.keyById.get(id);
      if (before === key) continue;
      if (before !== undefined) leave(group, before, id);
      group.keyById.set(id, key);
      const ids = group.idsByKey.get(key);
      if (ids === undefined) group.idsByKey.set(key, new Set([id]));
      else ids.add(id);
    }
  }

  delete(id: number): void {
    for (const group of this.#groups.values()) {
      const key = group.keyById.get(id);
      if (key === undefined) continue;
      group.keyById.delete(id);
      leave(group, key, id);
    }
  }

  clear(): void {
    for (const group of this.#groups.values()) {
      group.idsByKey = new Map();
      group.keyById = new Map();
    }
  }

  /** Ids of the rows whose equal columns have these values; in no particular order. Undefined: not grouped by these. */
  ids(lookup: Lookup, values: readonly Cell[]): ReadonlySet<number> | undefined {
    const group = this.#groups.get(lookup.equal.join());
    return group && (group.idsByKey.get(keyOf(values)) ?? NONE);
  }
}

function leave(group: Group, key: string, id: number): void {
  const ids = group.idsByKey.get(key);
  ids?.delete(id);
  if (ids?.size === 0) group.idsByKey.delete(key);
}

/** One text for each list of values: of a text its length says where it ends. */
export function keyOf(values: readonly Cell[]): string {
  let key = '';
  for (const value of values) key += typeof value === 'string' ? `${value.length}:${value}` : `${value},`;
  return key;
}
