/** What SQLite's error numbers mean for who wants to open a store. */
import { StorageFull, StoreFailure, StoreRefusal } from '../contract.ts';
import { messageOf } from '../health.ts';

/** Beside the store: how far its log has come. */
export const ANCHOR = 'procos.anchor';

/** A statement does not fit the tables that are there. */
const DOES_NOT_FIT = 1;
export const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
export const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** Primary result code (https://sqlite.org/rescode.html); undefined for errors of another origin. */
export function errorCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** Whether SQLite, or the file system, has no room. */
export function isFull(error: unknown): boolean {
  return errorCode(error) === FULL || (error instanceof Error && 'code' in error && error.code === 'ENOSPC');
}

/** An error that says that there is no room as the one that says it to everybody. */
export function fullOr(error: unknown): unknown {
  if (errorCode(error) !== FULL) return error;
  return new StorageFull(`There is no room for it: ${messageOf(error)}.`, { cause: error });
}

export function damaged(directory: string, problem: string): StoreRefusal {
  return new StoreRefusal(
    'DAMAGED',
    `The store in ${directory} is damaged: ${problem}. Nothing was changed: keep a copy of the folder, then restore a backup or choose another data folder.`,
  );
}

/** Records that were acknowledged are gone, however whole the rest is. */
export function incomplete(directory: string, problem: string): StoreRefusal {
  return new StoreRefusal(
    'DAMAGED',
    `The store in ${directory} is damaged: ${problem}. Nothing was changed: keep a copy of the folder, then restore a backup or choose another data folder. To go on without what is lost, remove ${ANCHOR} there.`,
  );
}

/** Turns what went wrong while opening into a refusal; errors of our own stay what they are. */
export function refusalOf(error: unknown, directory: string): unknown {
  if (error instanceof StoreRefusal) return error;
  const code = errorCode(error);
  if (code === DOES_NOT_FIT || code === CORRUPT || code === NOT_A_DATABASE) return damaged(directory, messageOf(error));
  const fromFileSystem = error instanceof Error && 'syscall' in error;
  const fromStore = error instanceof StorageFull || error instanceof StoreFailure;
  if (code === undefined && !fromFileSystem && !fromStore) return error;
  return new StoreRefusal(
    'UNWRITABLE',
    `The store in ${directory} cannot be written: ${messageOf(error).replace(/\.$/, '')}. Give this user write permission and free space, or choose another data folder.`,
  );
}
