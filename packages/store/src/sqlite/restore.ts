/** Puts a backup in the place of a store. At every moment either the old store or the whole new one is there, or neither is and it is said. */
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StoreRefusal } from '../contract.ts';
import { messageOf } from '../health.ts';
import { missingOf, readAnchor, removeAnchor } from './anchor.ts';
import { createSqliteBackend } from './backend.ts';
import { copySqlite, syncPath } from './backup.ts';
import { openDatabase } from './database.ts';
import { incomplete, refusalOf } from './errors.ts';
import { STORE, verifySqliteFile } from './file-check.ts';
import { makeFolder } from './folder.ts';
import { acquireLock } from './lock.ts';

/** The backup on its way in. */
const INCOMING = 'procos.db.restoring';

export interface RestoreReport {
  /** Where the store that was there before is kept; null when there was none. */
  readonly before: string | null;
  readonly records: number;
  readonly bytes: number;
}

export interface RestoreOptions {
  readonly backup: string;
  /** Folder of the store. */
  readonly directory: string;
  /** Move a store that is there aside; otherwise it is refused. */
  readonly replace: boolean;
  /** Part of the name of the store that is moved aside, e.g. an instant. */
  readonly label: string;
}

/** Throws `StoreRefusal` with what to do; then nothing was changed. */
export function restoreSqlite({ backup, directory, replace, label }: RestoreOptions): RestoreReport {
  const folder = resolve(directory);
  const found = verifySqliteFile(backup);
  if (!found.ok) {
    const where = found.sequence > 0 ? ` (record ${found.sequence})` : '';
    throw new StoreRefusal('DAMAGED', `The backup ${backup} is damaged${where}: ${found.problem}. Use another backup.`);
  }
  try {
    makeFolder(folder);
  } catch (error) {
    throw refusalOf(error, folder);
  }
  const lock = acquireLock(folder);
  try {
    const path = join(folder, STORE);
    const incoming = join(folder, INCOMING);
    const kept = join(folder, `procos-before-${label}.db`);
    const present = existsSync(path);
    if (present && !replace) {
      const text = `There is a store in ${folder} already. Restore into an empty folder, or say that it shall be replaced.`;
      throw new StoreRefusal('UNWRITABLE', text);
    }
    bring(backup, incoming);
    if (present) moveAside(path, kept);
    removeAnchor(folder);
    for (const name of readdirSync(folder)) {
      if (name === `${STORE}-wal` || name === `${STORE}-shm`) rmSync(join(folder, name));
    }
    renameSync(incoming, path);
    syncPath(folder);
    return { before: present ? kept : null, records: found.records, bytes: found.bytes };
  } finally {
    lock.release();
  }
}

/** A backup is one file; of a store that was not shut down some stands in its write-ahead log. */
function bring(backup: string, incoming: string): void {
  try {
    if (existsSync(`${backup}-wal`)) {
      copySqlite(backup, incoming);
      return;
    }
    rmSync(incoming, { force: true });
    copyFileSync(backup, incoming);
    syncPath(incoming);
  } catch (error) {
    throw new StoreRefusal('UNWRITABLE', `The backup ${backup} cannot be brought here: ${messageOf(error)}.`);
  }
}

/**
 * With all that still stands in its write-ahead log; a store too damaged for that, or whose log would be cut short by
 * writing it back, goes with its log beside it.
 */
function moveAside(path: string, kept: string): void {
  try {
    assertComplete(path);
    using database = openDatabase(path, false);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    for (const end of ['-wal', '-shm']) if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${kept}${end}`);
  }
  renameSync(path, kept);
}

function assertComplete(path: string): void {
  using database = openDatabase(path, true);
  const missing = missingOf(
    readAnchor(dirname(path)),
    createSqliteBackend(database, path, () => {}),
  );
  if (missing !== null) throw incomplete(dirname(path), missing.problem);
}

/** A restore that was interrupted between the two renames: starting now would begin an empty store. */
export function assertNotHalfRestored(folder: string): void {
  if (existsSync(join(folder, STORE)) || !existsSync(join(folder, INCOMING))) return;
  const text = `A restore into ${folder} was interrupted. Run procos restore with the same backup again.`;
  throw new StoreRefusal('UNWRITABLE', text);
}
