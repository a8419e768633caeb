/** A consistent copy of a store in one file, taken while a kernel writes to it. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Anchored, StoreRefusal } from '../contract.ts';
import { messageOf } from '../health.ts';
import { openDatabase, pragma } from './database.ts';
import { isFull } from './errors.ts';

/** Name of the row that tells how far a backup goes. */
const END = 'endOfCopy';

/**
 * Copies one snapshot of the store file `source` to `target`: a gap-free prefix of its log with the state that belongs to
 * it, defragmented, synced, and only then given its name. Gives its size in bytes. A store of any size: run it in a
 * thread of its own, so that commands go on meanwhile; the write-ahead log of the source grows until it is done.
 * A copy that was made for the same external task is left as it is: its kernel died before it could say that it was done,
 * or this store was itself restored from that copy.
 * Throws `StoreRefusal` when `target` is there already for another reason or cannot be written; nothing is left of it then.
 */
export function backUpSqlite(
  source: string,
  target: string,
  externalTaskId: number,
  free: (folder: string) => number = freeBytes,
): number {
  // Each in a file of its own: nobody gives another one's half a name.
  const partial = `${target}.${externalTaskId}.partial`;
  if (isMade(target, externalTaskId)) return statSync(target).size;
  try {
    mkdirSync(dirname(target), { recursive: true });
    // What a kernel that died has left of this very one.
    rmSync(partial, { force: true });
    assertRoom(source, target, free(dirname(target)));
    copySqlite(source, partial);
    noteEnd(partial);
    if (isMade(target, externalTaskId)) rmSync(partial);
    else renameSync(partial, target);
    syncPath(dirname(target));
    return statSync(target).size;
  } catch (error) {
    if (existsSync(partial)) rmSync(partial);
    if (error instanceof StoreRefusal) throw error;
    throw notMade(target, isFull(error) ? noRoom(messageOf(error)) : `${messageOf(error)}.`);
  }
}

/** Not found out by filling the disk: it may be that of the store, whose commands would be refused meanwhile. */
function assertRoom(source: string, target: string, free: number): void {
  using database = openDatabase(source, true);
  const number = (name: string): number => Number(pragma(database, name));
  const needed = (number('page_count') - number('freelist_count')) * number('page_size');
  if (free < needed) throw notMade(target, noRoom(`it needs ${megabytes(needed)}, ${megabytes(free)} are free`));
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

const noRoom = (why: string): string =>
  `there is no room for it (${why}). Nothing was changed and nothing is left of it: make room, then try it again.`;

function notMade(target: string, why: string): StoreRefusal {
  return new StoreRefusal('UNWRITABLE', `The backup ${target} cannot be made: ${why}`);
}

/** What a store file holds together with its write-ahead log, as one synced file; one that is there is replaced. */
export function copySqlite(source: string, target: string): void {
  rmSync(target, { force: true });
  {
    using database = openDatabase(source, true);
    database.prepare('VACUUM INTO ?').run(target);
  }
  // SQLite leaves that to whoever asked for the copy.
  syncPath(target);
}

/** In the copy itself, since a log whose last records are missing is a whole chain all the same. It stays one file, without a write-ahead log. */
function noteEnd(path: string): void {
  {
    using database = new DatabaseSync(path);
    database.exec(`PRAGMA journal_mode = MEMORY;
      INSERT OR REPLACE INTO singletons SELECT '${END}', sequence || ' ' || hash FROM records ORDER BY sequence DESC LIMIT 1`);
  }
  syncPath(path);
}

/** How far the log went when the backup was made that this file is, or began as; null when it is none, or of a version that did not say it. */
export function endOfCopy(database: DatabaseSync): Anchored | null {
  const noted = database.prepare('SELECT value FROM singletons WHERE name = ?').get(END)?.['value'];
  const [sequence, hash] = String(noted ?? '').split(' ');
  return hash === undefined ? null : { sequence: Number(sequence), hash };
}

function isMade(target: string, externalTaskId: number): boolean {
  if (!existsSync(target)) return false;
  if (holdsTask(target, externalTaskId)) return true;
  throw new StoreRefusal('UNWRITABLE', `There is a file ${target} already. Choose another name for the backup.`);
}

/** A copy holds the task that made it, as it was at that moment. */
function holdsTask(path: string, externalTaskId: number): boolean {
  try {
    using database = openDatabase(path, true);
    return database.prepare('SELECT 1 FROM externalTasks WHERE id = ?').get(externalTaskId) !== undefined;
  } catch {
    return false;
  }
}

/** Syncs a file, or a folder so that a name in it survives power loss. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
