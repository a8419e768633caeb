/** The memory of the host as a medium: keeps rows exactly as a disk would, so that nothing leaks between the two. */

import type { Backend, BackendLog, BackendTable, CheckedQuery, LogEntry, RowChange } from '../backend.ts';
import { Buckets } from '../buckets.ts';
import type { Budget } from '../budget.ts';
import { compareRows, holds } from '../filter.ts';
import {
  type Cell,
  type Cells,
  comparePositions,
  type Lookup,
  matches,
  type Position,
  positionOf,
  type Sieve,
  type Spec,
} from '../spec.ts';
import { MemoryBlobs } from './blobs.ts';

export function createMemoryBackend(): Backend {
  const tables = new Map<string, MemoryTable>();
  const values = new Map<string, number>();
  const texts = new Map<string, string>();
  return {
    table(spec) {
      const table = tables.get(spec.name) ?? new MemoryTable(spec);
      tables.set(spec.name, table);
      return table;
    },
    log: new MemoryLog(),
    blobs: new MemoryBlobs(),
    value: (name) => values.get(name) ?? null,
    setValue(name, value) {
      if (value === null) values.delete(name);
      else values.set(name, value);
    },
    text: (name) => texts.get(name) ?? null,
    setText(name, text) {
      texts.set(name, text);
    },
    transaction: (_kind, work) => work(),
    check: () => null,
    sizeBytes: () => 0,
    checkpoint() {},
    close() {},
  };
}

class MemoryLog implements BackendLog {
  readonly #entries: LogEntry[] = [];
  #removed = 0;

  append(entry: LogEntry): void {
    if (this.#entries.length === 0) this.#removed = entry.sequence - 1;
    this.#entries.push(entry);
  }

  read(after: number, limit: number): readonly LogEntry[] {
    const from = Math.max(0, after - this.#removed);
    return this.#entries.slice(from, from + limit);
  }

  lastSequence(): number {
    return this.#removed + this.#entries.length;
  }

  removeBefore(first: number): void {
    const count = Math.max(0, first - 1 - this.#removed);
    this.#entries.splice(0, count);
    this.#removed += count;
  }
}

class MemoryTable implements BackendTable {
  readonly #rows = new Map<number, Cells>();
  readonly #index: Buckets;
  readonly #columns: ReadonlyMap<string, number>;

  constructor(spec: Pick<Spec<never>, 'columns' | 'lookups'>) {
    this.#index = new Buckets(spec.lookups);
    this.#columns = new Map(['id', ...spec.columns.map(({ name }) => name)].map((name, index) => [name, index]));
  }

  read(id: number): Cells | undefined {
    return this.#rows.get(id);
  }

  readAll(ids: readonly number[]): readonly Cells[] {
    return ids.flatMap((id) => {
      const cells = this.#rows.get(id);
      return cells === undefined ? [] : [cells];
    });
  }

  readFound(lookup: Lookup, fixed: readonly Cell[], values: readonly Cell[]): readonly Cells[] {
    return values.flatMap((value) => {
      const positions = this.select(lookup, [...fixed, value], undefined, Number.POSITIVE_INFINITY, 0);
      return this.readAll(positions.map(([id]) => id!));
    });
  }

  idsFound(lookup: Lookup, fixed: readonly Cell[], values: readonly Cell[]): readonly number[] {
    return this.readFound(lookup, fixed, values).map(([id]) => id as number);
  }

  write(cells: Cells): void {
    const id = cells[0] as number;
    this.#rows.set(id, cells);
    this.#index.put(id, (column) => this.#cell(cells, column));
  }

  writeAll(rows: readonly Cells[]): void {
    for (const cells of rows) this.write(cells);
  }

  changeAll(rows: readonly RowChange[]): void {
    for (const { after } of rows) this.write(after);
  }

  remove(id: number): void {
    this.#rows.delete(id);
    this.#index.delete(id);
  }

  removeAll(ids: readonly number[]): void {
    for (const id of ids) this.remove(id);
  }

  select(
    lookup: Lookup,
    values: readonly Cell[],
    upTo: number | undefined,
    limit: number,
    offset: number,
    sieve: Sieve = [],
  ): readonly Position[] {
    const positions: Position[] = [];
    for (const id of this.#index.ids(lookup, values) ?? this.#rows.keys()) {
      const cells = this.#rows.get(id)!;
      const cellOf = (column: string): Cell => this.#cell(cells, column);
      const fits = sieve.every(({ column, among }) => among.includes(cellOf(column)));
      if (fits && matches(lookup, values, upTo, cellOf)) positions.push(positionOf(lookup, cellOf));
    }
    positions.sort((left, right) => comparePositions(lookup, left, right));
    return positions.slice(offset, offset + limit);
  }

  find(query: CheckedQuery, budget?: Budget): readonly Cells[] {
    const cellOf = (cells: Cells) => (column: string) => this.#cell(cells, column);
    const rows = this.#matching(query).sort((left, right) => compareRows(query.orderBy, cellOf(left), cellOf(right)));
    const found = rows.slice(query.offset, query.limit < 0 ? undefined : query.offset + query.limit);
    if (budget !== undefined) for (const cells of found) budget.takeCells(cells);
    return found;
  }

  count(query: CheckedQuery): number {
    const { length } = this.#matching(query);
    return query.limit < 0 ? length : Math.min(length, query.limit);
  }

  #matching(query: CheckedQuery): Cells[] {
    const rows: Cells[] = [];
    for (const cells of this.#rows.values()) {
      if (query.where.every((condition) => holds(condition, this.#cell(cells, condition.column)))) rows.push(cells);
    }
    return rows;
  }

  #cell(cells: Cells, column: string): Cell {
    return cells[this.#columns.get(column) ?? -1] ?? null;
  }
}
