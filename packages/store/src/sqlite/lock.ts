/**
 * Keeps a second kernel off the same folder: a transaction held open on a file of its own for as long as the host lives.
 * The operating system gives it up when the holder dies, however it dies, so that no stale lock is ever left.
 */
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreRefusal } from '../contract.ts';
import { BUSY, errorCode } from './errors.ts';
import { STORE } from './file-check.ts';
import { realFile } from './folder.ts';

/** Its name in the folder. */
export const LOCK = 'procos.lock';

export interface Lock {
  release(): void;
}

/** Of the folder, and where its store is a link to a file elsewhere, of that file: as its own folder has it, if it is a store's. */
export function acquireLock(directory: string): Lock {
  const link = join(directory, STORE);
  const file = realFile(link);
  const own = acquire(join(directory, LOCK), directory);
  if (file === link) return own;
  try {
    const name = basename(file) === STORE ? LOCK : `${basename(file)}.lock`;
    const other = acquire(join(dirname(file), name), `${directory} (${file})`);
    return {
      release() {
        other.release();
        own.release();
      },
    };
  } catch (error) {
    own.release();
    throw error;
  }
}

/** `where`: the store, as a refusal names it. */
function acquire(path: string, where: string): Lock {
  const database = new DatabaseSync(path);
  try {
    do begin(database, where);
    while (!announce(database, where));
  } catch (error) {
    database.close();
    throw error;
  }
  return { release: () => database.close() };
}

/** Writes our pid where others can read it. False when another kernel wrote its own before we held the lock again. */
function announce(database: DatabaseSync, where: string): boolean {
  database.exec('PRAGMA busy_timeout = 2000');
  database.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER); DELETE FROM holder');
  database.prepare('INSERT INTO holder VALUES (?)').run(process.pid);
  database.exec('COMMIT');
  begin(database, where);
  if (holder(database) === process.pid) return true;
  database.exec('ROLLBACK');
  return false;
}

/** Others can still read the pid while this transaction is open. */
function begin(database: DatabaseSync, where: string): void {
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN IMMEDIATE');
  } catch (error) {
    if (errorCode(error) !== BUSY) throw error;
    throw new StoreRefusal(
      'LOCKED',
      `The store in ${where} is in use by process ${holder(database) ?? '(starting)'}. Stop that one first, or choose another data folder.`,
    );
  }
}

function holder(database: DatabaseSync): number | null {
  try {
    database.exec('PRAGMA busy_timeout = 2000');
    return Number(database.prepare('SELECT pid FROM holder').get()?.['pid']);
  } catch {
    return null;
  }
}
