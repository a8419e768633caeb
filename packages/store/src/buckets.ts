/** Groups rows in memory by the equal columns of their table's look-ups, so that a look-up reads only its own group. */
import { type Cell, counts, type Lookup } from './spec.ts';

interface Group {
  readonly columns: readonly string[];
  /** Rows that do not count are not in it. */
  readonly only: Lookup['only'];
  idsByKey: Map<string, Set<number>>;
  keyById: Map<number, string>;
}

const NONE: ReadonlySet<number> = new Set();

export class Buckets {
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<Lookup, Group | undefined>();

  constructor(lookups: readonly Lookup[]) {
    for (const lookup of lookups) {
      const only = lookup.kept === true ? lookup.only : undefined;
      const name = nameOf(lookup);
      if (!this.#groups.has(name))
        this.#groups.set(name, { columns: lookup.equal, only, idsByKey: new Map(), keyById: new Map() });
    }
  }

  /** Adds a row, or moves it to where it belongs now. */
  put(id: number, cellOf: (column: string) => Cell): void {
    for (const group of this.#groups.values()) {
      const before = group.keyById.get(id);
      const key = counts(group.only, cellOf) ? keyOf(group.columns.map(cellOf)) : undefined;
      if (before === key) continue;
      if (before !== undefined) leave(group, before, id);
      if (key === undefined) continue;
      group.keyById.set(id, key);
      const ids = group.idsByKey.get(key);
      if (ids === undefined) group.idsByKey.set(key, new Set([id]));
      else ids.add(id);
    }
  }

  delete(id: number): void {
    for (const group of this.#groups.values()) {
      const key = group.keyById.get(id);
      if (key !== undefined) leave(group, key, id);
    }
  }

  clear(): void {
    for (const group of this.#groups.values()) {
      if (group.keyById.size === 0) continue;
      group.idsByKey = new Map();
      group.keyById = new Map();
    }
  }

  /** Ids of the rows whose equal columns have these values; in no particular order. Undefined: not grouped by these. */
  ids(lookup: Lookup, values: readonly Cell[]): ReadonlySet<number> | undefined {
    let group = this.#groupOf.get(lookup);
    if (group === undefined && !this.#groupOf.has(lookup)) {
      group = this.#groups.get(nameOf(lookup));
      this.#groupOf.set(lookup, group);
    }
    if (group === undefined) return undefined;
    // Where nothing has changed no key is made to look for it.
    return group.idsByKey.size === 0 ? NONE : (group.idsByKey.get(keyOf(values)) ?? NONE);
  }
}

/** What is asked for all the time has only what counts in its group: else each of many that take one row looks at all those taken before. */
function nameOf({ equal, only, kept }: Lookup): string {
  return kept === true ? JSON.stringify([equal, only]) : equal.join();
}

function leave(group: Group, key: string, id: number): void {
  group.keyById.delete(id);
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
