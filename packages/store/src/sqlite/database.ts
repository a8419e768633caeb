/** The connection: how the file is opened, and what must hold before anything is written to it. */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StoreRefusal } from '../contract.ts';
import { isLike } from '../like.ts';

const FULL = 2;
/** Of files that are made anew: two records of a small instance fit on one. A file keeps what it was made with. */
export const PAGE_BYTES = 8_192;
/** So many in the write-ahead log and the next synced commit writes them back: the bytes that SQLite itself lets gather. */
export const LOG_PAGES = 500;

export function openDatabase(path: string, readOnly: boolean): DatabaseSync {
  return prepared(new DatabaseSync(path, { readOnly, timeout: 5_000 }), path, readOnly);
}

/** Only reads, makes no file beside it and locks nothing: for a file that nobody writes to. */
export function openStill(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return prepared(new DatabaseSync(url, { readOnly: true }), path, true);
}

function prepared(database: DatabaseSync, path: string, readOnly: boolean): DatabaseSync {
  try {
    database.function('like', { deterministic: true }, (pattern, text) =>
      text === null || pattern === null ? null : Number(isLike(String(text), String(pattern))),
    );
    // Temporary results in memory: they need no room elsewhere.
    database.exec('PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY');
    if (!readOnly) {
      database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
      database.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
      // On macOS an ordinary sync leaves the data in the cache of the drive.
      database.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
      assertDurable(database, path);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What is acknowledged must survive power loss: write-ahead log, synced at every commit. */
export function assertDurable(database: DatabaseSync, path: string): void {
  const mode = pragma(database, 'journal_mode');
  const synchronous = pragma(database, 'synchronous');
  if (mode === 'wal' && synchronous === FULL) return;
  throw new StoreRefusal(
    'UNWRITABLE',
    `The store ${path} cannot be written durably here (journal_mode=${mode}, synchronous=${synchronous}). Move it to a local disk.`,
  );
}

export function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}
