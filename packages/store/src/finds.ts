/** What look-ups have found on the medium, so that it need not be asked again before what they found changes. */
import { keyOf } from './buckets.ts';
import { type Cell, comparePositions, EVER, type Lookup, type Position, type Sieve } from './spec.ts';

/** Values of one look-up whose finds are remembered until the next write. */
const MOST_FOUND = 2_048;
/** Of those that are looked up together, because each of them is about to be asked for. */
export const MOST_TOGETHER = 16_384;
/** Of kept look-ups so many values, and of each the first so many positions, are remembered beyond it. */
const MOST_KEPT = 64;
const MOST_POSITIONS = 256;

/** The first of what is on the medium. */
export interface Found {
  positions: Position[];
  /** There are no more. */
  complete: boolean;
  /** So many of the first positions are of rows that have changed since. */
  passed: number;
  readonly values: readonly Cell[];
  readonly upTo: number | undefined;
  /** What was written is added and taken out. */
  readonly kept: boolean;
}

/** In order, those of the rows that are being written which a look-up finds. */
export type Written = (lookup: Lookup, values: readonly Cell[], upTo: number | undefined) => readonly Position[];

export class Finds {
  readonly #byLookup = new Map<Lookup, Map<string, Found>>();

  of(
    lookup: Lookup,
    values: readonly Cell[],
    upTo: number | undefined,
    sieve: Sieve = [],
    most: number = MOST_FOUND,
  ): Found {
    let ofLookup = this.#byLookup.get(lookup);
    if (ofLookup === undefined) {
      ofLookup = new Map();
      this.#byLookup.set(lookup, ofLookup);
    }
    const bound = upTo === undefined ? values : [...values, upTo];
    const key = keyOf(sieve.length === 0 ? bound : [...bound, JSON.stringify(sieve)]);
    let found = ofLookup.get(key);
    if (found === undefined) {
      if (ofLookup.size >= most) ofLookup.clear();
      // With another bound each time nobody would come back to it.
      const kept = lookup.kept === true && sieve.length === 0 && (upTo === undefined || upTo === EVER);
      found = { positions: [], complete: false, passed: 0, values, upTo, kept };
      ofLookup.set(key, found);
    }
    return found;
  }

  /** These rows (`null`: which are gone) are on the medium now. */
  follow(rows: ReadonlyMap<number, unknown>, written: Written): void {
    for (const [lookup, ofLookup] of this.#byLookup) {
      if (lookup.kept !== true) {
        this.#byLookup.delete(lookup);
        continue;
      }
      for (const [key, found] of ofLookup) if (!found.kept) ofLookup.delete(key);
      if (ofLookup.size > MOST_KEPT) ofLookup.clear();
      if (rows.size > 0) for (const found of ofLookup.values()) follow(lookup, found, rows, written);
    }
  }

  clear(): void {
    this.#byLookup.clear();
  }
}

/** What lies behind the last position that was known stays unknown. */
function follow(lookup: Lookup, found: Found, rows: ReadonlyMap<number, unknown>, written: Written): void {
  const last = found.positions.at(-1);
  const isKnown = (position: Position): boolean =>
    found.complete || (last !== undefined && comparePositions(lookup, position, last) <= 0);
  const stay = found.positions.filter(([id]) => !rows.has(id!));
  const come = written(lookup, found.values, found.upTo).filter(isKnown);
  const [first] = come;
  const before = stay.at(-1);
  found.positions = come.length === 0 ? stay : [...stay, ...come];
  found.passed = 0;
  if (first !== undefined && before !== undefined && comparePositions(lookup, before, first) > 0)
    found.positions.sort((left, right) => comparePositions(lookup, left, right));
  if (found.positions.length <= MOST_POSITIONS) return;
  found.positions.length = MOST_POSITIONS;
  found.complete = false;
}
