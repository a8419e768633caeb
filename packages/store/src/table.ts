/** Write-back rows of one subject: changes stay in memory until written, and every look-up sees them. */
import type { BackendTable, RowChange } from './backend.ts';
import { Buckets, keyOf } from './buckets.ts';
import { Cache } from './cache.ts';
import { Finds, type Found, MOST_TOGETHER } from './finds.ts';
import type { Health } from './health.ts';
import {
  type Cell,
  type Cells,
  comparePositions,
  type Identified,
  type Lookup,
  matches,
  matchesBeyond,
  type Position,
  positionOf,
  type Sieve,
  type Spec,
} from './spec.ts';

const FIRST_CHUNK = 32;
const LARGEST_CHUNK = 4096;
const MOST_FIRSTS = 10_000;
/** Rows that a look-up reads together at most, once more than one of them was asked for. */
const MOST_AHEAD = 64;

const NO_POSITIONS: readonly Position[] = [];
const NOTHING: Found = { positions: [], complete: true, passed: 0, values: [], upTo: undefined, kept: false };

/** What rows keep outside themselves. */
export interface Parts<Row> {
  write(row: Row): void;
  /** `known`: the row as it was last written or read, where it is still in memory. */
  remove(id: number, known: Row | undefined): void;
  /** The row has just been read. */
  complete(row: Row): void;
  /** About how many characters of text they have. */
  weigh(row: Row): number;
}

export class Table<Row extends Identified> {
  readonly #spec: Spec<Row>;
  readonly #stored: BackendTable;
  readonly #health: Health;
  readonly #parts: Parts<Row> | undefined;
  /** Changed since the last write; null: deleted. */
  #dirty = new Map<number, Row | null>();
  /** Those of `#dirty` that have never been written. */
  #fresh = new Set<number>();
  /** One of `#dirty`: a command asks for the same row, and puts it, again and again. */
  #latest: Row | undefined;
  #latestId = Number.NaN;
  readonly #dirtyIndex: Buckets;
  /** As stored, least recently used first. Evicted only when a batch is settled: until then a live object is the only one. */
  readonly #clean: Cache<Row>;
  readonly #finds = new Finds();
  /** Of steady tables: what `first` has found. */
  readonly #firsts = new Map<Lookup, Map<string, number | null>>();
  readonly #dropped: (() => void)[] = [];
  /** What was found in it is still so as long as this is the same. */
  revision = 0;
  /** No row and no process instance with a greater identity is on the medium. */
  #storedUpTo: number;

  /** `storedUpTo`: the last identity of the store that a row on the medium can have or refer to. */
  constructor(
    spec: Spec<Row>,
    stored: BackendTable,
    health: Health,
    storedUpTo: number = Number.POSITIVE_INFINITY,
    parts?: Parts<Row>,
  ) {
    this.#spec = spec;
    this.#stored = stored;
    this.#health = health;
    this.#storedUpTo = storedUpTo;
    this.#parts = parts;
    this.#dirtyIndex = new Buckets(spec.lookups);
    this.#clean = new Cache(spec.cacheSize);
  }

  get(id: number): Row | undefined {
    this.#health.assertUsable();
    if (id === this.#latestId) return this.#latest;
    const changed = this.#dirty.get(id);
    if (changed !== undefined) return changed === null ? undefined : this.#remember(id, changed);
    const known = this.#clean.use(id);
    if (known !== undefined) return known;
    return id > this.#storedUpTo && !this.#spec.ownIds ? undefined : this.#read(id);
  }

  #read(id: number): Row | undefined {
    return this.#health.guard(`reading ${this.#spec.name} ${id}`, () => {
      const cells = this.#stored.read(id);
      return cells === undefined ? undefined : this.#keep(cells);
    });
  }

  #keep(cells: Cells): Row {
    const row = this.#spec.decode(cells);
    this.#parts?.complete(row);
    this.#clean.put(row.id, row);
    this.#weigh(row, cells);
    return row;
  }

  /** Reads those that are not in memory together, for who is about to get each of them. */
  bring(ids: Iterable<number>): void {
    this.#health.assertUsable();
    const missing = new Set<number>();
    for (const id of ids) if (!this.#isKnown(id)) missing.add(id);
    if (missing.size < 2) return;
    this.#health.guard(`reading ${this.#spec.name}`, () => {
      for (const cells of this.#stored.readAll([...missing])) this.#keep(cells);
    });
  }

  /** The same; gives those that are in memory then. */
  brought(ids: readonly number[]): readonly Row[] {
    this.bring(ids);
    const rows: Row[] = [];
    for (const id of ids) {
      const row = this.#inMemory(id);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /**
   * The same for who is about to look up each of the values; gives what was read. `lookup`: without a range; its equal columns
   * but the last have the `fixed` values.
   */
  bringFound(lookup: Lookup, fixed: readonly Cell[], values: Iterable<Cell>): readonly Row[] {
    this.#health.assertUsable();
    const finds = new Map<Cell, Found>();
    for (const value of values) {
      if (this.#isNewer(lookup, [...fixed, value])) continue;
      // More would push out the first of them.
      if (finds.size >= MOST_TOGETHER / 2) break;
      const found = this.#finds.of(lookup, [...fixed, value], undefined, [], MOST_TOGETHER);
      if (found.positions.length === 0 && !found.complete) finds.set(value, found);
    }
    if (finds.size < 2) return [];
    const rows: Row[] = [];
    this.#health.guard(`looking up ${this.#spec.name}`, () => {
      for (const cells of this.#stored.readFound(lookup, fixed, [...finds.keys()])) {
        const id = cells[0] as number;
        // A live object is the only one.
        const row = this.#isKnown(id) ? this.#spec.decode(cells) : this.#keep(cells);
        const cellOf = (column: string): Cell => this.#spec.cell(row, column);
        finds.get(cellOf(lookup.equal.at(-1)!))?.positions.push(positionOf(lookup, cellOf));
        rows.push(row);
      }
    });
    for (const found of finds.values()) {
      found.positions.sort((left, right) => comparePositions(lookup, left, right));
      found.complete = true;
    }
    return rows;
  }

  /** Deletes what the look-up finds for any of the values; of what is on the medium only the identities are read. */
  deleteFound(lookup: Lookup, fixed: readonly Cell[], values: Iterable<Cell>): void {
    this.#health.assertUsable();
    const asked: Cell[] = [];
    for (const value of values) {
      for (const [id] of this.#changed(lookup, [...fixed, value], undefined)) this.delete(id!);
      if (!this.#isNewer(lookup, [...fixed, value])) asked.push(value);
    }
    if (asked.length === 0) return;
    const ids = this.#health.guard(`looking up ${this.#spec.name}`, () => this.#stored.idsFound(lookup, fixed, asked));
    // A change may have made another row of it.
    for (const id of ids) if (!this.#dirty.has(id)) this.delete(id);
  }

  #inMemory(id: number): Row | undefined {
    const changed = this.#dirty.get(id);
    return changed === undefined ? this.#clean.get(id) : (changed ?? undefined);
  }

  /** Need not be asked for on the medium. */
  #isKnown(id: number): boolean {
    return this.#dirty.has(id) || this.#clean.has(id) || (id > this.#storedUpTo && !this.#spec.ownIds);
  }

  put(row: Row): void {
    this.#health.assertUsable();
    this.#spec.assertReadable(row);
    this.revision += 1;
    const { id } = row;
    if (this.#firsts.size > 0) this.#firsts.clear();
    if (row !== this.#latest) {
      const changed = this.#dirty.get(id);
      if (changed === undefined && !this.#clean.has(id)) this.#fresh.add(id);
      if (changed !== row) this.#dirty.set(id, row);
      this.#remember(id, row);
    }
    if (this.#spec.lookups.length > 0) this.#group(row);
  }

  #remember(id: number, row: Row): Row {
    this.#latestId = id;
    this.#latest = row;
    return row;
  }

  /** A new row that nobody looks up before it is written: only its id finds it until then. */
  add(row: Row): void {
    this.#health.assertUsable();
    this.#spec.assertReadable(row);
    this.revision += 1;
    this.#fresh.add(row.id);
    this.#dirty.set(row.id, row);
    this.#remember(row.id, row);
  }

  #group(row: Row): void {
    this.#dirtyIndex.put(row.id, (column) => this.#spec.cell(row, column));
  }

  delete(id: number): void {
    this.#health.assertUsable();
    this.revision += 1;
    if (this.#firsts.size > 0) this.#firsts.clear();
    if (id === this.#latestId) this.#forgetLatest();
    if (!this.#fresh.has(id)) this.#dirty.set(id, null);
    else if (this.#dirty.size > 1) {
      this.#fresh.delete(id);
      this.#dirty.delete(id);
    } else this.#forgetRows();
    this.#dirtyIndex.delete(id);
  }

  /**
   * Rows that the look-up finds, in its order, read in chunks as they are asked for. Do not write or drop meanwhile.
   * `sieve`: rows that do not fit need not be given; some of them are. `wanted`: so many will be asked for, if there are.
   */
  *select(
    lookup: Lookup,
    values: readonly Cell[],
    upTo?: number,
    sieve?: Sieve,
    wanted = 1,
  ): Generator<Row, undefined> {
    this.#health.assertUsable();
    const changed = this.#changed(lookup, values, upTo);
    const found = this.#isNewer(lookup, values) ? NOTHING : this.#finds.of(lookup, values, upTo, sieve);
    let next = 0;
    let ahead = Math.min(wanted, MOST_AHEAD);
    for (let at = found.passed; at < found.positions.length || this.#findMore(found, lookup, sieve); at += 1) {
      const position = found.positions[at]!;
      const id = position[0]!;
      // It is gone, or one of the changed.
      if (this.#dirty.has(id)) {
        if (at === found.passed) found.passed += 1;
        continue;
      }
      for (; next < changed.length && comparePositions(lookup, changed[next]!, position) < 0; next++) {
        const row = this.#stillMatching(changed[next]!, lookup, values, upTo);
        if (row !== undefined) yield row;
      }
      if (!this.#isKnown(id)) {
        if (ahead > 1) this.bring(found.positions.slice(at, at + ahead).map(([following]) => following!));
        ahead = Math.min(ahead * 2, MOST_AHEAD);
      }
      const row = this.#dirty.has(id) ? undefined : this.get(id);
      if (row !== undefined) yield row;
    }
    for (; next < changed.length; next++) {
      const row = this.#stillMatching(changed[next]!, lookup, values, upTo);
      if (row !== undefined) yield row;
    }
  }

  first(lookup: Lookup, values: readonly Cell[]): Row | undefined {
    if (!this.#spec.steady) return this.#search(lookup, values);
    let firsts = this.#firsts.get(lookup);
    if (firsts === undefined) {
      firsts = new Map();
      this.#firsts.set(lookup, firsts);
    }
    const key = keyOf(values);
    const known = firsts.get(key);
    if (known !== undefined) return known === null ? undefined : this.get(known);
    const row = this.#search(lookup, values);
    if (firsts.size >= MOST_FIRSTS) firsts.clear();
    firsts.set(key, row?.id ?? null);
    return row;
  }

  #search(lookup: Lookup, values: readonly Cell[]): Row | undefined {
    for (const row of this.select(lookup, values)) return row;
    return undefined;
  }

  /** At most `limit` rows. */
  take(limit: number, lookup: Lookup, values: readonly Cell[], upTo?: number): readonly Row[] {
    const rows: Row[] = [];
    if (limit <= 0) return rows;
    for (const row of this.select(lookup, values, upTo, undefined, limit)) if (rows.push(row) >= limit) break;
    return rows;
  }

  /** Deletes the first that the look-up finds, at most `limit`; how many that were. */
  sweep(limit: number, lookup: Lookup, values: readonly Cell[], upTo?: number): number {
    const rows = this.take(limit, lookup, values, upTo);
    for (const { id } of rows) this.delete(id);
    return rows.length;
  }

  get changes(): number {
    return this.#dirty.size;
  }

  /** Hands every change to the medium; inside a transaction. */
  write(): void {
    if (this.#dirty.size === 0) return;
    const removed: number[] = [];
    const whole: Cells[] = [];
    const changes: RowChange[] = [];
    for (const [id, row] of this.#dirty) {
      if (row === null) {
        removed.push(id);
        this.#parts?.remove(id, this.#clean.get(id));
      } else {
        const cells = this.#spec.encode(row);
        const before = this.#spec.replaced ? this.#clean.get(id) : undefined;
        if (before === undefined) whole.push(cells);
        else changes.push({ before: this.#spec.encode(before), after: cells });
        this.#parts?.write(row);
        this.#weigh(row, cells);
      }
    }
    this.#stored.writeAll(whole);
    this.#stored.changeAll(changes);
    this.#stored.removeAll(removed);
  }

  /** The transaction is done: what was changed is now clean. `storedUpTo`: the last identity given out until then. */
  settle(storedUpTo: number): void {
    this.#storedUpTo = storedUpTo;
    for (const [id, row] of this.#dirty) {
      if (row === null || this.#spec.isOver(row)) this.#clean.delete(id);
      else this.#clean.put(id, row);
    }
    this.#finds.follow(this.#dirty, (lookup, values, upTo) => this.#changed(lookup, values, upTo));
    this.#forgetChanges();
    this.#clean.evict();
  }

  /** Forgets every change, and every live object with it: one may have been changed without being put. */
  drop(): void {
    this.revision += 1;
    for (const tell of this.#dropped) tell();
    this.#forgetChanges();
    this.#finds.clear();
    this.#firsts.clear();
    this.#clean.clear();
  }

  /** Told before the changes are forgotten. */
  onDrop(tell: () => void): void {
    this.#dropped.push(tell);
  }

  #weigh(row: Row, cells: Cells): void {
    let characters = this.#parts?.weigh(row) ?? 0;
    for (const cell of cells) if (typeof cell === 'string') characters += cell.length;
    this.#clean.weigh(row.id, characters);
  }

  #forgetChanges(): void {
    this.#forgetLatest();
    if (this.#dirty.size > 0) this.#forgetRows();
    this.#dirtyIndex.clear();
  }

  /** New ones: a cleared one keeps all that it has held until the next collection of old objects, and what comes after it, too. */
  #forgetRows(): void {
    this.#dirty = new Map();
    this.#fresh = new Set();
  }

  #forgetLatest(): void {
    this.#latestId = Number.NaN;
    this.#latest = undefined;
  }

  /** False: there are no more. */
  #findMore(found: Found, lookup: Lookup, sieve?: Sieve): boolean {
    if (found.complete) return false;
    const offset = found.positions.length;
    const chunk = Math.min(Math.max(FIRST_CHUNK, offset * 3), LARGEST_CHUNK);
    const more = this.#health.guard(`looking up ${this.#spec.name}`, () =>
      this.#stored.select(lookup, found.values, found.upTo, chunk, offset, sieve),
    );
    found.positions.push(...more);
    found.complete = more.length < chunk;
    return more.length > 0;
  }

  /** Rows of a process instance, or of a scope in one, that is newer than everything on the medium are not there. */
  #isNewer({ equal }: Lookup, values: readonly Cell[]): boolean {
    for (let index = 0; index < equal.length; index += 1) {
      if (equal[index] !== 'processInstanceId' && equal[index] !== 'scopeId') continue;
      const owner = values[index];
      if (typeof owner === 'number' && owner > this.#storedUpTo) return true;
    }
    return false;
  }

  #changed(lookup: Lookup, values: readonly Cell[], upTo: number | undefined): readonly Position[] {
    const grouped = this.#dirtyIndex.ids(lookup, values);
    const { size } = grouped ?? this.#dirty;
    if (size === 0) return NO_POSITIONS;
    const positions: Position[] = [];
    let row: Row | null | undefined;
    const cellOf = (column: string): Cell => this.#spec.cell(row!, column);
    for (const id of grouped ?? this.#dirty.keys()) {
      row = this.#dirty.get(id);
      if (row === null || row === undefined) continue;
      const isFound = grouped ? matchesBeyond(lookup, upTo, cellOf) : matches(lookup, values, upTo, cellOf);
      if (isFound) positions.push(positionOf(lookup, cellOf));
    }
    return positions.length < 2 ? positions : positions.sort((left, right) => comparePositions(lookup, left, right));
  }

  /** The caller may have changed a row between two that it took. */
  #stillMatching(position: Position, lookup: Lookup, values: readonly Cell[], upTo?: number): Row | undefined {
    const row = this.#dirty.get(position[0]!);
    if (row === null || row === undefined) return undefined;
    return matches(lookup, values, upTo, (column) => this.#spec.cell(row, column)) ? row : undefined;
  }
}
