/**
 * Keeps a second kernel off the same folder: a transaction held open on a file of its own for as long as the host lives.
 * The operating system gives it up when the holder dies, however it dies, so that no stale lock is ever left.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreRefusal } from '../contract.ts';
import { BUSY, errorCode } from './errors.ts';

/** Its name in the folder. */
export const LOCK = 'procos.lock';

export interface Lock {
  release(): void;
}

export function acquireLock(directory: string): Lock {
  const database = new DatabaseSync(join(directory, LOCK));
  try {
    do begin(database, directory);
    while (!announce(database, directory));
  } catch (error) {
    database.close();
    throw error;
  }
  return { release: () => database.close() };
}

/** Writes our pid where others can read it. False when another kernel wrote its own before we held the lock again. */
function announce(database: DatabaseSync, directory: string): boolean {
  database.exec('PRAGMA busy_timeout = 2000');
  database.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER); DELETE FROM holder');
  database.prepare('INSERT INTO holder VALUES (?)').run(process.pid);
  database.exec('COMMIT');
  begin(database, directory);
  if (holder(database) === process.pid) return true;
  database.exec('ROLLBACK');
  return false;
}

/** Others can still read the pid while this transaction is open. */
function begin(database: DatabaseSync, directory: string): void {
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN IMMEDIATE');
  } catch (error) {
    if (errorCode(error) !== BUSY) throw error;
    throw new StoreRefusal(
      'LOCKED',
      `The store in ${directory} is in use by process ${holder(database) ?? '(starting)'}. Stop that one first, or choose another data folder.`,
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
