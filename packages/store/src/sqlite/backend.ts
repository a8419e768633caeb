/** One SQLite file as a medium. Every statement is prepared once. */

import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Backend, BackendLog, BackendTable, CheckedQuery, LogEntry, RowChange } from '../backend.ts';
import type { Budget } from '../budget.ts';
import { StorageFull } from '../contract.ts';
import { lazy } from '../lazy.ts';
import type { Cell, Cells, Lookup, Position, Sieve, Spec } from '../spec.ts';
import { SqliteBlobs } from './blobs.ts';
import { LOG_PAGES, pragma } from './database.ts';
import { fullOr } from './errors.ts';
import {
  countSql,
  findSql,
  foundSql,
  lookupSql,
  type Sql,
  sieveSql,
  UNSEEN_LIMIT,
  updateSql,
  writeSql,
} from './query-sql.ts';

/** Prepared statements of queries kept; those of look-ups and writes are few and always kept. */
const QUERY_STATEMENTS = 256;
/** After so many commits a log that has grown beyond this is written back by ourselves: SQLite does not say that it cannot. */
const COMMITS = 256;
const LARGE_LOG_BYTES = 16 * 1024 * 1024;

type TableSpec = Pick<Spec<never>, 'name' | 'columns'>;

export function createSqliteBackend(database: DatabaseSync, path: string, onClose: () => void): Backend {
  const tables = new Map<string, SqliteTable>();
  // Null where it is in memory.
  const file = database.location();
  let commits = 0;
  const begin = lazy(() => database.prepare('BEGIN IMMEDIATE'));
  const commit = lazy(() => database.prepare('COMMIT'));
  const unsynced = lazy(() => database.prepare('PRAGMA synchronous = NORMAL'));
  const synced = lazy(() => database.prepare('PRAGMA synchronous = FULL'));
  const keptInLog = lazy(() => database.prepare('PRAGMA wal_autocheckpoint = 0'));
  const writtenBack = lazy(() => database.prepare(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`));
  const readValue = lazy(() => database.prepare('SELECT value FROM singletons WHERE name = ?'));
  const writeValue = lazy(() => database.prepare('INSERT OR REPLACE INTO singletons VALUES (?, ?)'));
  const writeBack = (mode: 'PASSIVE' | 'TRUNCATE'): void => {
    try {
      database.exec(`PRAGMA wal_checkpoint(${mode})`);
    } catch (error) {
      throw fullOr(error);
    }
  };
  return {
    table(spec) {
      const table = tables.get(spec.name) ?? new SqliteTable(database, spec);
      tables.set(spec.name, table);
      return table;
    },
    log: new SqliteLog(database),
    blobs: new SqliteBlobs(database),
    value: (name) => (readValue().get(name)?.['value'] ?? null) as number | null,
    setValue(name, value) {
      writeValue().run(name, value);
    },
    text: (name) => (readValue().get(name)?.['value'] ?? null) as string | null,
    setText(name, text) {
      writeValue().run(name, text);
    },
    transaction(kind, work) {
      // A commit without a sync stays in the write-ahead log behind everything before it; the next one syncs both.
      // Nor is the log written back after it: SQLite keeps to itself when the sync that comes before that fails, and then
      // the next commit would be synced on top of what is lost.
      if (kind === 'derived') {
        unsynced().run();
        keptInLog().get();
      }
      try {
        begin().run();
        try {
          work();
          commit().run();
          if (kind === 'durable' && file !== null) assertThere(file);
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK');
          throw fullOr(error);
        }
      } finally {
        if (kind === 'derived') {
          synced().run();
          writtenBack().get();
        }
      }
      if (kind === 'derived') return;
      commits += 1;
      if (commits % COMMITS === 0 && sizeOf(`${path}-wal`) > LARGE_LOG_BYTES) unlessFull(() => writeBack('PASSIVE'));
    },
    check() {
      const answer = String(pragma(database, 'integrity_check(1)'));
      return answer === 'ok' ? null : answer;
    },
    checkpoint: () => writeBack('TRUNCATE'),
    sizeBytes: () => sizeOf(path) + sizeOf(`${path}-wal`),
    close(tidy) {
      if (!database.isOpen) return;
      try {
        if (tidy) unlessFull(() => writeBack('TRUNCATE'));
      } finally {
        database.close();
        onClose();
      }
    },
  };
}

class SqliteLog implements BackendLog {
  readonly #append: () => StatementSync;
  readonly #read: () => StatementSync;
  readonly #last: () => StatementSync;
  readonly #remove: () => StatementSync;

  constructor(database: DatabaseSync) {
    this.#append = lazy(() => database.prepare('INSERT INTO records (sequence, at, hash, body) VALUES (?, ?, ?, ?)'));
    this.#read = lazy(() =>
      database.prepare(`SELECT * FROM records WHERE sequence > ? ORDER BY sequence ${UNSEEN_LIMIT}`),
    );
    this.#last = lazy(() => database.prepare('SELECT max(sequence) AS last FROM records'));
    this.#remove = lazy(() => database.prepare('DELETE FROM records WHERE sequence < ?'));
  }

  append({ sequence, at, hash, body }: LogEntry): void {
    this.#append().run(sequence, at, hash, body);
  }

  read(after: number, limit: number): readonly LogEntry[] {
    return this.#read().all(after, limit) as unknown as readonly LogEntry[];
  }

  lastSequence(): number {
    return Number(this.#last().get()?.['last'] ?? 0);
  }

  removeBefore(first: number): void {
    this.#remove().run(first);
  }
}

/** Rows that one statement reads or removes: what each costs falls little beyond, and what a last, smaller part costs grows. */
const TOGETHER = 32;
/** Fewer are removed one by one. */
const WORTH_IT = 4;
const SOME = `(?${', ?'.repeat(TOGETHER - 1)})`;
/** Rows that one statement writes, as many as there still are. */
const WRITTEN_TOGETHER = [32, 8, 1] as const;
/** With more columns that change a row is written whole: each set of columns has a statement of its own. */
const FEW_COLUMNS = 4;

class SqliteTable implements BackendTable {
  readonly #database: DatabaseSync;
  readonly #name: string;
  readonly #names: readonly string[];
  readonly #columns: string;
  readonly #read: () => StatementSync;
  readonly #writes: readonly { readonly count: number; readonly statement: () => StatementSync }[];
  readonly #remove: () => StatementSync;
  readonly #readSome: () => StatementSync;
  readonly #removeSome: () => StatementSync;
  readonly #lookups = new Map<Lookup, StatementSync>();
  readonly #finds = new Map<Lookup, StatementSync>();
  readonly #idFinds = new Map<Lookup, StatementSync>();
  readonly #updates = new Map<string, StatementSync>();
  readonly #queries = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, { name, columns }: TableSpec) {
    const others = [...columns.map((column) => column.name), 'rest'];
    this.#database = database;
    this.#name = name;
    this.#names = ['id', ...others];
    this.#columns = this.#names.join(', ');
    this.#readSome = lazy(() => this.#prepare(`SELECT ${this.#columns} FROM ${name} WHERE id IN ${SOME}`));
    this.#removeSome = lazy(() => this.#prepare(`DELETE FROM ${name} WHERE id IN ${SOME}`));
    this.#read = lazy(() => this.#prepare(`SELECT ${this.#columns} FROM ${name} WHERE id = ?`));
    this.#remove = lazy(() => this.#prepare(`DELETE FROM ${name} WHERE id = ?`));
    this.#writes = WRITTEN_TOGETHER.map((count) => ({
      count,
      statement: lazy(() => this.#prepare(writeSql(name, this.#names, count))),
    }));
  }

  read(id: number): Cells | undefined {
    return this.#read().get(id) as unknown as Cells | undefined;
  }

  readAll(ids: readonly number[]): readonly Cells[] {
    return this.#together(ids, this.#readSome);
  }

  readFound(lookup: Lookup, fixed: readonly Cell[], values: readonly Cell[]): readonly Cells[] {
    return this.#found(this.#finds, this.#columns, lookup, fixed, values);
  }

  idsFound(lookup: Lookup, fixed: readonly Cell[], values: readonly Cell[]): readonly number[] {
    return this.#found(this.#idFinds, 'id', lookup, fixed, values).map(([id]) => id as number);
  }

  #found(
    statements: Map<Lookup, StatementSync>,
    columns: string,
    lookup: Lookup,
    fixed: readonly Cell[],
    values: readonly Cell[],
  ): readonly Cells[] {
    let statement = statements.get(lookup);
    if (statement === undefined) {
      statement = this.#prepare(foundSql(this.#name, columns, lookup, SOME));
      statements.set(lookup, statement);
    }
    const find = statement;
    return this.#together(values, () => find, fixed);
  }

  #together(values: readonly Cell[], statement: () => StatementSync, fixed: readonly Cell[] = []): readonly Cells[] {
    return inParts(values).flatMap((part) => statement().all(...fixed, ...part) as unknown as readonly Cells[]);
  }

  write(cells: Cells): void {
    this.writeAll([cells]);
  }

  writeAll(rows: readonly Cells[]): void {
    let next = 0;
    for (const { count, statement } of this.#writes)
      for (; rows.length - next >= count; next += count) statement().run(...cellsOf(rows, next, next + count));
  }

  changeAll(rows: readonly RowChange[]): void {
    const whole: Cells[] = [];
    /** By the columns that change. */
    const alike = new Map<string, { readonly columns: readonly number[]; readonly rows: Cells[] }>();
    for (const { before, after } of rows) {
      const columns = columnsThatDiffer(after, before);
      if (columns.length > FEW_COLUMNS) whole.push(after);
      if (columns.length === 0 || columns.length > FEW_COLUMNS) continue;
      const key = columns.join();
      const group = alike.get(key) ?? { columns, rows: [] };
      alike.set(key, group);
      group.rows.push([...columns.map((index) => after[index] ?? null), after[0]!]);
    }
    this.writeAll(whole);
    for (const { columns, rows } of alike.values()) this.#update(columns, rows);
  }

  /** `rows`: of each the columns and its id. Only of these SQLite keeps the indexes up. */
  #update(columns: readonly number[], rows: readonly Cells[]): void {
    let next = 0;
    for (const count of WRITTEN_TOGETHER)
      for (; rows.length - next >= count; next += count) {
        const { changes } = this.#updateOf(columns, count).run(...cellsOf(rows, next, next + count));
        if (changes !== count)
          throw new Error(`${count - Number(changes)} of ${this.#name} are not where they were read`);
      }
  }

  #updateOf(columns: readonly number[], count: number): StatementSync {
    const key = `${count} ${columns.join()}`;
    let statement = this.#updates.get(key);
    if (statement === undefined) {
      if (this.#updates.size >= QUERY_STATEMENTS) this.#updates.clear();
      const names = columns.map((index) => this.#names[index]!);
      statement = this.#prepare(updateSql(this.#name, names, count));
      this.#updates.set(key, statement);
    }
    return statement;
  }

  remove(id: number): void {
    this.#remove().run(id);
  }

  removeAll(ids: readonly number[]): void {
    if (ids.length < WORTH_IT) for (const id of ids) this.remove(id);
    else for (const part of inParts(ids)) this.#removeSome().run(...part);
  }

  select(
    lookup: Lookup,
    values: readonly Cell[],
    upTo: number | undefined,
    limit: number,
    offset: number,
    sieve?: Sieve,
  ): readonly Position[] {
    const bound = lookup.range === undefined ? values : [...values, upTo ?? null];
    if (sieve !== undefined && sieve.length > 0) {
      const sieved = sieveSql(sieve);
      const text = lookupSql(this.#name, lookup, sieved.text);
      const found = this.#query({ text, values: [] }).all(...bound, ...sieved.values, limit, offset);
      return found as unknown as readonly Position[];
    }
    let statement = this.#lookups.get(lookup);
    if (statement === undefined) {
      statement = this.#prepare(lookupSql(this.#name, lookup));
      this.#lookups.set(lookup, statement);
    }
    return statement.all(...bound, limit, offset) as unknown as readonly Position[];
  }

  find(query: CheckedQuery, budget?: Budget): readonly Cells[] {
    const sql = findSql(this.#name, this.#columns, query);
    const statement = this.#query(sql);
    if (budget === undefined) return statement.all(...sql.values) as unknown as readonly Cells[];
    const rows: Cells[] = [];
    for (const row of statement.iterate(...sql.values)) {
      const cells = row as unknown as Cells;
      budget.takeCells(cells);
      rows.push(cells);
    }
    return rows;
  }

  count(query: CheckedQuery): number {
    const sql = countSql(this.#name, query);
    const [count] = this.#query(sql).get(...sql.values) as unknown as [number];
    return count;
  }

  #query({ text }: Sql): StatementSync {
    let statement = this.#queries.get(text);
    if (statement === undefined) {
      if (this.#queries.size >= QUERY_STATEMENTS) this.#queries.clear();
      statement = this.#prepare(text);
      this.#queries.set(text, statement);
    }
    return statement;
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  }
}

/** `flat` takes three times as long. */
function cellsOf(rows: readonly Cells[], from: number, to: number): Cells {
  const width = rows[from]?.length ?? 0;
  const cells = new Array<Cell>((to - from) * width);
  let next = 0;
  for (let index = from; index < to; index += 1) for (const cell of rows[index] ?? []) cells[next++] = cell;
  return cells;
}

function columnsThatDiffer(cells: Cells, before: Cells): readonly number[] {
  const columns: number[] = [];
  for (let index = 0; index < cells.length; index += 1) if (cells[index] !== before[index]) columns.push(index);
  return columns;
}

/** Each of `TOGETHER` values; the last one is filled up with what no row has. */
function inParts(values: readonly Cell[]): readonly (readonly Cell[])[] {
  const parts: Cell[][] = [];
  for (let from = 0; from < values.length; from += TOGETHER) {
    const part: Cell[] = values.slice(from, from + TOGETHER);
    while (part.length < TOGETHER) part.push(null);
    parts.push(part);
  }
  return parts;
}

/** Without room it stays in the write-ahead log. */
function unlessFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
  }
}

/** The system lets one go on writing to a file that was removed, and nobody ever finds what is in it. */
function assertThere(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  throw new Error(`${path} is not there any more, somebody has moved or removed it`);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
