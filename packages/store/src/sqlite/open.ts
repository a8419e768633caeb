/** Opens the store of a folder: looks before it touches anything, refuses with what to do. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { verifyTail } from '../chain.ts';
import { type Anchored, StoreRefusal, type VerifiableStore } from '../contract.ts';
import { CoreStore } from '../core.ts';
import { FORMAT } from '../format.ts';
import { Health } from '../health.ts';
import { missingOf, openAnchor, readAnchor } from './anchor.ts';
import { createSqliteBackend } from './backend.ts';
import { openDatabase, PAGE_BYTES, pragma } from './database.ts';
import { ANCHOR, damaged, incomplete, refusalOf } from './errors.ts';
import { APPLICATION_ID, STORE, tornEnd } from './file-check.ts';
import { makeFolder, realFile } from './folder.ts';
import { assertNotHalfRestored, removeLeftOver } from './half-restored.ts';
import { acquireLock, type Lock } from './lock.ts';
import { migrate } from './migrate.ts';
import { recount } from './recount.ts';

/** A file up to this size is checked page by page at every open; larger ones by `verify`, so that opening stays quick. */
const CHECKED_BYTES = 32 * 1024 * 1024;

export interface SqliteStoreOptions {
  /** Holds `procos.db`; created if missing. */
  readonly directory: string;
  /** Only looks, also while a kernel uses the store: no lock, nothing created, views as far as they are. */
  readonly readOnly?: boolean;
  /** Hears what is done before the store can be used, where that may take long. */
  readonly tell?: (text: string) => void;
}

/** Throws `StoreRefusal` when the store cannot be used as it is. */
export function openSqliteStore({ directory, readOnly = false, tell = () => {} }: SqliteStoreOptions): VerifiableStore {
  const folder = resolve(directory);
  const link = join(folder, STORE);
  let lock: Lock | null = null;
  let database: DatabaseSync | null = null;
  try {
    if (!readOnly) {
      makeFolder(folder);
      lock = acquireLock(folder);
    }
    // What SQLite keeps beside a file lies beside the file itself.
    const path = realFile(link);
    if (!readOnly) takeBackFirstPage(path);
    // Before the log is looked at, which a kernel may still be writing to.
    const anchored = readAnchor(folder);
    const format = inspect(path, folder, readOnly, anchored);
    database = openDatabase(path, readOnly);
    if (!readOnly) {
      migrate(database, format);
      database.exec('BEGIN IMMEDIATE; ROLLBACK');
      removeLeftOver(folder);
    }
    const backend = createSqliteBackend(database, path, () => lock?.release());
    if (!readOnly) recount(database, backend, tell);
    const options = readOnly ? { readOnly } : { anchor: openAnchor(folder) };
    return new CoreStore(backend, new Health(), { kind: 'sqlite', path: link, format: FORMAT }, options);
  } catch (error) {
    database?.close();
    lock?.release();
    throw refusalOf(error, folder);
  }
}

/**
 * A file that was just being made when the process died has a page and, beside it, the journal that takes it back: only
 * who may write can read that. Later there is no such journal any more, but the write-ahead log.
 */
function takeBackFirstPage(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size > PAGE_BYTES || !existsSync(`${path}-journal`)) return;
  openDatabase(path, false).close();
}

/** Looks through a read-only connection. Gives the format of the file, 0 for an empty or missing one. */
function inspect(path: string, folder: string, mustExist: boolean, anchored: Anchored | null): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  assertNotHalfRestored(folder);
  const lost = anchored === null ? null : `${anchored.sequence} records were acknowledged (${ANCHOR}), it holds none`;
  if (size === 0) {
    if (lost !== null) throw incomplete(folder, lost);
    if (!mustExist) return 0;
    throw new StoreRefusal(
      'UNWRITABLE',
      `There is no store in ${folder} to read. Start the kernel once, or name its data folder.`,
    );
  }
  const database = openDatabase(path, true);
  try {
    const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
    if (tables === 0 && lost !== null) throw incomplete(folder, lost);
    if (tables === 0 && !mustExist) return 0;
    if (pragma(database, 'application_id') !== APPLICATION_ID) throw damaged(folder, `${path} is not a ProcOS store`);
    const format = Number(pragma(database, 'user_version'));
    if (format > FORMAT) {
      throw new StoreRefusal(
        'NEWER_FORMAT',
        `The store in ${folder} has format ${format}; this version knows formats up to ${FORMAT}. Start the newer version, or choose another data folder.`,
      );
    }
    if (mustExist && format < FORMAT) {
      throw new StoreRefusal(
        'UNWRITABLE',
        `The store in ${folder} has format ${format}, which only looking does not bring to ${FORMAT}. Start the kernel once, then look again.`,
      );
    }
    const torn = tornEnd(path, Number(pragma(database, 'page_size')));
    if (torn !== null) throw damaged(folder, torn.problem);
    if (size <= CHECKED_BYTES) {
      const answer = pragma(database, 'quick_check(1)');
      if (answer !== 'ok') throw damaged(folder, String(answer).replaceAll('\n', ' '));
    }
    const medium = createSqliteBackend(database, path, () => {});
    const tail = verifyTail(medium);
    if (!tail.ok) throw damaged(folder, tail.problem);
    const missing = missingOf(anchored, medium);
    if (missing !== null) throw incomplete(folder, missing.problem);
    return format;
  } finally {
    database.close();
  }
}
