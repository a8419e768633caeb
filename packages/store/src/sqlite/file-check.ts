/** Reads a store file from its first page to its last record, and says the first thing that is wrong with it. */
import { statSync } from 'node:fs';
import { verifyWhole } from '../chain.ts';
import { StoreRefusal, type Verification } from '../contract.ts';
import { FORMAT } from '../format.ts';
import { messageOf } from '../health.ts';
import { createSqliteBackend } from './backend.ts';
import { openDatabase, pragma } from './database.ts';

/** "PrOS", in the header of every store file. */
export const APPLICATION_ID = 0x50724f53;

/** What a store file turned out to hold. */
export type FileVerification = Verification & {
  readonly format: number /** Of the file and its write-ahead log. */;
  readonly bytes: number;
};

/**
 * Pages, sequence, checksums and the chain of hashes of a store or of a backup, also of one that a kernel is writing to.
 * Reads everything and changes nothing. Throws `StoreRefusal` when there is no such file or it is of a newer format.
 */
export function verifySqliteFile(path: string): FileVerification {
  const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const bytes = size(path) + size(`${path}-wal`);
  if (bytes === 0) throw new StoreRefusal('UNWRITABLE', `There is no store in the file ${path}. Name an existing one.`);
  const broken = (problem: string): FileVerification => ({ ok: false, sequence: 0, problem, format: 0, bytes });
  try {
    using database = openDatabase(path, true);
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
    const records = verifyWhole(backend);
    const problem = records.ok ? backend.check() : null;
    return { ...(problem === null ? records : { ok: false, sequence: 0, problem }), format, bytes };
  } catch (error) {
    if (error instanceof StoreRefusal) throw error;
    return broken(messageOf(error));
  }
}
