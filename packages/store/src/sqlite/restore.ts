/** Puts a backup in the place of a store. At every moment either the old store or the whole new one is there, or neither is and it is said. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { recordOf } from '../chain.ts';
import { type Store, StoreRefusal } from '../contract.ts';
import { messageOf } from '../health.ts';
import { missingOf, readAnchor, removeAnchor } from './anchor.ts';
import { createSqliteBackend } from './backend.ts';
import { copySqlite, syncPath } from './backup.ts';
import { openDatabase, pragma } from './database.ts';
import { ANCHOR, incomplete, refusalOf } from './errors.ts';
import { STORE, verifySqliteFile } from './file-check.ts';
import { makeFolder } from './folder.ts';
import { INCOMING } from './half-restored.ts';
import { acquireLock, LOCK, type Lock } from './lock.ts';
import { openSqliteStore } from './open.ts';

export interface RestoreReport {
  /** Where the store that was there before is kept; null when there was none. */
  readonly before: string | null;
  readonly records: number;
  /** Sequence, where earlier ones were removed. */
  readonly firstRecord?: number;
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
  /** What is to be done to the new store before it gets its place. `lastId`: how far the identities of the one that it replaces had come; 0: not known. */
  readonly begin?: (store: Store, lastId: number) => void;
}

/** Throws `StoreRefusal` with what to do; then nothing was changed. */
export function restoreSqlite({ backup, directory, replace, label, begin }: RestoreOptions): RestoreReport {
  const folder = resolve(directory);
  const found = verifySqliteFile(backup);
  if (!found.ok) {
    const where = found.sequence > 0 ? ` (record ${found.sequence})` : '';
    throw new StoreRefusal('DAMAGED', `The backup ${backup} is damaged${where}: ${found.problem}. Use another backup.`);
  }
  const isNew = !existsSync(folder);
  let lock: Lock | undefined;
  try {
    makeFolder(folder);
    lock = acquireLock(folder);
    const before = bringIn({ backup, folder, replace, kept: unusedName(folder, label), begin });
    const { records, firstRecord, bytes } = found;
    return { before, records, ...(firstRecord === undefined ? {} : { firstRecord }), bytes };
  } catch (error) {
    if (isNew) removeEmpty(folder);
    throw refusalOf(error, folder);
  } finally {
    lock?.release();
  }
}

/** Never that of a store which an earlier restore has moved aside: clocks stand still and are set back. */
function unusedName(folder: string, label: string): string {
  for (let n = 1; ; n += 1) {
    const path = join(folder, `procos-before-${label}${n === 1 ? '' : `-${n}`}.db`);
    if (!existsSync(path) && !existsSync(`${path}-wal`)) return path;
  }
}

interface Way {
  readonly backup: string;
  readonly folder: string;
  readonly replace: boolean;
  /** Where a store that is there is moved to. */
  readonly kept: string;
  readonly begin: RestoreOptions['begin'];
}

/** Gives where the store that was there is kept. */
function bringIn({ backup, folder, replace, kept, begin }: Way): string | null {
  const path = join(folder, STORE);
  const incoming = join(folder, INCOMING);
  const present = existsSync(path);
  if (present && !replace) {
    const text = `There is a store in ${folder} already. Restore into an empty folder, or say with --replace that it shall be replaced.`;
    throw new StoreRefusal('UNWRITABLE', text);
  }
  try {
    bring(backup, incoming);
    // Not later: a store that got its place, but not what is to be done to it, would be taken for a whole one.
    if (begin !== undefined) beginIn(incoming, (store) => begin(store, present ? lastIdIn(path) : 0));
    if (present) moveAside(path, kept);
    removeAnchor(folder);
    for (const name of readdirSync(folder)) {
      if (name === `${STORE}-wal` || name === `${STORE}-shm`) rmSync(join(folder, name));
    }
    renameSync(join(incoming, STORE), path);
    if (existsSync(join(incoming, ANCHOR))) renameSync(join(incoming, ANCHOR), join(folder, ANCHOR));
    syncPath(folder);
  } finally {
    // Where there is neither the old one nor the new one it tells so.
    if (!present || existsSync(path)) rmSync(incoming, { recursive: true, force: true });
  }
  return present ? kept : null;
}

/** Of a store that may be damaged. Leaves it as it is. */
function lastIdIn(path: string): number {
  const isOneFile = !existsSync(`${path}-wal`);
  try {
    using database = openDatabase(path, true);
    const { log } = createSqliteBackend(database, path, () => {});
    return log.read(log.lastSequence() - 1, 1).map(recordOf)[0]?.lastId ?? 0;
  } catch {
    return 0;
  } finally {
    // Who only reads makes them and cannot remove them.
    if (isOneFile) for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  }
}

function beginIn(directory: string, begin: (store: Store) => void): void {
  const store = openSqliteStore({ directory });
  try {
    begin(store);
  } finally {
    store.close();
  }
  syncPath(join(directory, STORE));
}

/** A folder that we made in vain. */
function removeEmpty(folder: string): void {
  try {
    rmSync(join(folder, LOCK), { force: true });
    rmdirSync(folder);
  } catch {
    // Somebody has put something there, or it was never made.
  }
}

/** A backup is one file; of a store that was not shut down some stands in its write-ahead log. */
function bring(backup: string, incoming: string): void {
  try {
    rmSync(incoming, { recursive: true, force: true });
    mkdirSync(incoming);
    const copy = join(incoming, STORE);
    if (existsSync(`${backup}-wal`)) {
      copySqlite(backup, copy);
      return;
    }
    copyFileSync(backup, copy);
    syncPath(copy);
  } catch (error) {
    throw new StoreRefusal(
      'UNWRITABLE',
      `The backup ${backup} cannot be brought to ${dirname(incoming)}: ${messageOf(error)}. Give this user write permission and free space there, or choose another data folder.`,
    );
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
    // Not all of it where somebody still reads, which is no error.
    if (pragma(database, 'wal_checkpoint(TRUNCATE)') !== 0) throw new Error('its log could not be written back');
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
