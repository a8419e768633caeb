/** How it is remembered. The one public face of this floor. */

export { BlobDamaged, CHUNK_BYTES } from './blobs.ts';
export { Budget } from './budget.ts';
export {
  type Blob,
  type Blobs,
  type BlobUpload,
  StorageFull,
  type Store,
  type StoreDescription,
  StoreFailure,
  StoreRefusal,
  TooMuchAsked,
  type VerifiableStore,
  type Verification,
} from './contract.ts';

export { compareCells, rowHolds } from './filter.ts';
export { variableId } from './history/inside.ts';
export { isLike } from './like.ts';

export { createMemoryStore } from './memory/open.ts';
export type { Condition, Page, Query, Scalar, TableName, Tables } from './query.ts';
export type {
  DecisionInstanceView,
  DefinitionView,
  ElementInstanceView,
  IncidentView,
  ProcessInstanceView,
  VariableView,
  WarningView,
} from './rows.ts';
export { backUpSqlite } from './sqlite/backup.ts';
export { type FileVerification, verifySqliteFile } from './sqlite/file-check.ts';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite/open.ts';
export { type RestoreOptions, type RestoreReport, restoreSqlite } from './sqlite/restore.ts';
export { COLUMNS } from './tables/queryable.ts';
