/** Reads a store file from its first page to its last record, and says the first thing that is wrong with it. */
import { existsSync, type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Backend } from '../backend.ts';
import { problemOfBlobs } from '../blobs.ts';
import { type Chained, logStart, verifyWhole } from '../chain.ts';
import { StoreRefusal, type Verification } from '../contract.ts';
import { FORMAT } from '../format.ts';
import { messageOf } from '../health.ts';
import { type Defaults, differenceFromLog } from '../replay.ts';
import { missingOf, readAnchor } from './anchor.ts';
import { createSqliteBackend } from './backend.ts';
import { endOfCopy } from './backup.ts';
import { openDatabase, openStill, pragma } from './database.ts';
import { CANNOT_OPEN, errorCode } from './errors.ts';
import { realFile } from './folder.ts';
import { migrate } from './migrate.ts';

/** "PrOS", in the header of every store file. */
export const APPLICATION_ID = 0x50724f53;

/** The name of a store's file in its folder. */
export const STORE = 'procos.db';

/** The first format that has large values. */
const WITH_BLOBS = 9;

/** The first format whose state has the tables and columns of the present one. */
const SAME_TABLES = 13;

/** What a store file turned out to hold. */
export type FileVerification = Verification & {
  readonly format: number /** Of the file and its write-ahead log. */;
  readonly bytes: number;
  /** Sequence, where earlier ones were removed. */
  readonly firstRecord?: number;
  /** Why the state was not compared with the log, where that was asked for. */
  readonly notCompared?: string;
};

/**
 * Pages, sequence, checksums, the chain of hashes and every large value of a store or of a backup, also of one that a kernel is writing to.
 * Deep: also replays the log and compares every row of the state with what it tells. Of a store it is also known how far it
 * had come. Reads everything and changes nothing. Throws `StoreRefusal` when there is no such file, it cannot be read or it is of a newer format.
 */
export function verifySqliteFile(path: string, options: { readonly deep?: boolean } = {}): FileVerification {
  const before = stillness(path);
  if (before !== undefined) {
    const found = verify(path, openStill, options);
    // Somebody has begun to write meanwhile: what was read may be of two states.
    if (stillness(path) === before) return found;
  }
  return verify(path, (file) => openDatabase(file, true), options);
}

/**
 * Who only reads makes files beside a store, and cannot remove them. Undefined: there are some, or nothing to read; else
 * nobody writes to the file, and for as long as it stays like this.
 */
function stillness(path: string): string | undefined {
  if (sizeOf(path) === 0) return undefined;
  const file = realFile(path);
  if (['-wal', '-shm', '-journal'].some((end) => existsSync(`${file}${end}`))) return undefined;
  const { dev, ino, size, mtimeNs } = statSync(file, { bigint: true });
  return `${dev} ${ino} ${size} ${mtimeNs}`;
}

function verify(
  path: string,
  open: (path: string) => DatabaseSync,
  options: { readonly deep?: boolean },
): FileVerification {
  const bytes = sizeOf(path) + sizeOf(`${path}-wal`);
  if (bytes === 0) throw new StoreRefusal('UNWRITABLE', `There is no store in the file ${path}. Name an existing one.`);
  const broken = (problem: string): FileVerification => ({ ok: false, sequence: 0, problem, format: 0, bytes });
  try {
    // Before the log is looked at, which a kernel may be writing to.
    const anchored = basename(path) === STORE ? readAnchor(dirname(path)) : null;
    using database = open(path);
    if (pragma(database, 'application_id') !== APPLICATION_ID) return broken('it is not a ProcOS store');
    const format = Number(pragma(database, 'user_version'));
    if (format > FORMAT) {
      const text = `${path} has format ${format}; this version knows formats up to ${FORMAT}. Use the newer version.`;
      throw new StoreRefusal('NEWER_FORMAT', text);
    }
    const backend = createSqliteBackend(database, path, () => {});
    // One snapshot for records and pages, while a kernel goes on writing.
    database.exec('BEGIN');
    // The records first: of a damaged page that holds some, the first of them can be named.
    const records = verifyRecords(backend);
    const start = logStart(backend);
    const notCompared = options.deep === true ? notComparable(format, start) : undefined;
    const deep = options.deep === true && notCompared === undefined;
    const found = records.ok
      ? (missingOf(anchored, backend) ??
        missingOf(endOfCopy(database), backend, 'backed up') ??
        tornEnd(path, Number(pragma(database, 'page_size'))) ??
        problemOfSchema(database, format) ??
        problemBeside(backend, format, deep ? defaultsOf(database) : null))
      : null;
    const rest = {
      format,
      bytes,
      ...(start === 1 ? {} : { firstRecord: start }),
      ...(notCompared === undefined ? {} : { notCompared }),
    };
    return { ...(found === null ? records : { ok: false, ...found }), ...rest };
  } catch (error) {
    if (error instanceof StoreRefusal) throw error;
    if (errorCode(error) === CANNOT_OPEN) throw unreadable(path, error);
    return broken(messageOf(error));
  }
}

/** 0: there is none. */
function sizeOf(path: string): number {
  let found: Stats | undefined;
  try {
    found = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(path, error);
  }
  if (found?.isDirectory())
    throw new StoreRefusal('UNWRITABLE', `${path} is a folder. Name the file of a store or of a backup.`);
  return found?.size ?? 0;
}

/** Nothing is known of what it holds. A store whose kernel runs, or has died, also needs a file beside it. */
function unreadable(path: string, error: unknown): StoreRefusal {
  const text = `${path} cannot be read: ${messageOf(error)}. Give this user permission to read it, or copy it elsewhere.`;
  return new StoreRefusal('UNWRITABLE', text);
}

/** The whole chain, or the first record that its page does not give. */
function verifyRecords(medium: Chained): Verification {
  try {
    return verifyWhole(medium);
  } catch (error) {
    const sequence = firstUnreadable(medium);
    if (sequence === undefined) throw error;
    return { ok: false, sequence, problem: `record ${sequence} cannot be read: ${messageOf(error)}` };
  }
}

function firstUnreadable(medium: Chained): number | undefined {
  let last = logStart(medium) - 1;
  try {
    for (;;) {
      const [entry] = medium.log.read(last, 1);
      if (entry === undefined) return undefined;
      last = entry.sequence;
    }
  } catch {
    return last + 1;
  }
}

/** SQLite reads what is missing of a last page as zeros and finds nothing wrong. What a log beside the file still holds is in it, whatever the end of the file is. */
export function tornEnd(path: string, pageSize: number): { sequence: number; problem: string } | null {
  const torn = (): boolean =>
    sizeOf(`${path}-wal`) === 0 && sizeOf(`${path}-journal`) === 0 && sizeOf(path) % pageSize !== 0;
  // Twice: a kernel may just be writing its log back.
  if (!torn() || !torn()) return null;
  return { sequence: 0, problem: `the file ends in the middle of a page of ${pageSize} bytes: it was cut` };
}

/** Why its state cannot be compared with its log; undefined: it can. */
function notComparable(format: number, start: number): string | undefined {
  if (start !== 1) return `the records before ${start} have been removed`;
  if (format >= SAME_TABLES) return undefined;
  return `it is of format ${format}, whose tables are others; a restore into a folder of its own brings it to format ${FORMAT}`;
}

/** Of a store whose chain is whole. */
function problemBeside(
  backend: Backend,
  format: number,
  /** Not null: the state is compared with the log. */
  defaults: Defaults | null,
): { sequence: number; problem: string } | null {
  const problem =
    backend.check() ??
    (format < WITH_BLOBS ? null : problemOfBlobs(backend.blobs)) ??
    (defaults === null ? null : differenceFromLog(backend, defaults));
  return problem === null ? null : { sequence: 0, problem };
}

/** What the steps to the format make is there; more does no harm. Of earlier formats the step to the next one finds out. */
function problemOfSchema(database: DatabaseSync, format: number): { sequence: number; problem: string } | null {
  if (format !== FORMAT) return null;
  using made = new DatabaseSync(':memory:');
  migrate(made, 0);
  const query = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL";
  const found = new Map(
    database
      .prepare(query)
      .all()
      .map(({ name, sql }) => [name, sql]),
  );
  for (const { type, name, sql } of made.prepare(query).all()) {
    if (found.get(name) === sql) continue;
    const what = found.has(name) ? `is not that of format ${format}` : `of format ${format} is missing`;
    return { sequence: 0, problem: `the ${type} ${name} ${what}` };
  }
  return null;
}

/** As the file's own schema has them: numbers and texts in quotes. */
function defaultsOf(database: DatabaseSync): Defaults {
  const rows = database.prepare(
    `SELECT t.name AS name, c.name AS field, c.dflt_value AS text FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
     WHERE t.type = 'table' AND c.dflt_value IS NOT NULL`,
  );
  const found = new Map(
    rows.all().map(({ name, field, text }) => {
      const quoted = /^'(.*)'$/s.exec(String(text))?.[1];
      return [`${name} ${field}`, quoted ?? Number(text)] as const;
    }),
  );
  return (table, column) => found.get(`${table} ${column}`) ?? null;
}
