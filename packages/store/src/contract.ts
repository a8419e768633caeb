/** What a store is: the record log, the state the engine works on, and views to query. SQLite and memory implement it. */
import type { IdSource, LogRecord, State } from '@procos/engine';
import type { Page, Query, TableName, Tables } from './query.ts';

export interface Store {
  /** Live state; changes stay in memory until `commit`. */
  readonly state: State;
  /**
   * Ascending identities; how far it got is written with each record and restored at open. No row may have one that was
   * not given out: look-ups rely on it. `skipTo`: all up to `last` count as given out.
   */
  readonly ids: IdSource & { readonly last: number; skipTo(last: number): void };
  /** Sequence of the first record that is still in the log; 1 while nothing was removed. */
  readonly firstSequence: number;
  /** Sequence of the last committed record; 0 in an empty store. */
  readonly lastSequence: number;
  /** `at` of the last committed record; the kernel's clock never goes below it. */
  readonly lastAt: number;
  /**
   * Writes the records and every changed row in one transaction and syncs it. When it returns, all of it survives power
   * loss. Throws `StorageFull` when there is no room, `StoreFailure` when it could not for another reason: the kernel must
   * then stop without answering (fail-stop).
   */
  commit(records: readonly LogRecord[]): void;
  /** Forgets every change since the last commit (also identities given out); the caller re-applies what it keeps. */
  rollback(): void;
  /** Committed records with `sequence` > `after`, in order, at most `limit`. */
  records(after: number, limit: number): readonly LogRecord[];
  /** Brings the views up to the last committed record. Cheap when they are there already. Done by `find` and `count`. */
  followUp(): void;
  /**
   * Removes records older than `before` (ms since the epoch) from the beginning of the log, at most `atMost`; how many
   * that were. State and views keep what came of them. The chain of hashes is checked from the first one that is left.
   */
  trimLog(before: number, atMost: number): number;
  /** Brings the views up to date and writes the write-ahead log back into the main file. */
  checkpoint(): void;
  find<T extends TableName>(table: T, query?: Query<Tables[T]>): readonly Tables[T][];
  count<T extends TableName>(table: T, query?: Query<Tables[T]>): number;
  page<T extends TableName>(table: T, query?: Query<Tables[T]>): Page<Tables[T]>;
  /** Writes back the log into the main file and closes. The store cannot be used afterwards. */
  close(): void;
  readonly description: StoreDescription;
}

/** A store that can prove its log whole: checksums and the chain of hashes. Reads everything. */
export interface VerifiableStore extends Store {
  verify(): Verification;
}

/** `sequence`: the first bad record; 0 when the medium itself is damaged. */
export type Verification =
  | { readonly ok: true; readonly records: number }
  | { readonly ok: false; readonly sequence: number; readonly problem: string };

export interface StoreDescription {
  readonly kind: 'sqlite' | 'memory';
  /** Absolute path of the store file; null in memory. */
  readonly path: string | null;
  readonly format: number;
  /** Bytes on disk now (file and write-ahead log); 0 in memory. */
  sizeBytes(): number;
}

/** A record that was acknowledged. */
export interface Anchored {
  readonly sequence: number;
  readonly hash: string;
}

/** Keeps outside of the medium how far the log has come. */
export interface Anchor {
  /** Everything up to this record is on the disk for good. */
  note(anchored: Anchored): void;
  sync(): void;
  close(): void;
}

/** Why a store could not be opened. `message` is one line that says what to do. */
export class StoreRefusal extends Error {
  readonly code: 'LOCKED' | 'UNWRITABLE' | 'DAMAGED' | 'NEWER_FORMAT';
  constructor(code: StoreRefusal['code'], message: string) {
    super(message);
    this.name = 'StoreRefusal';
    this.code = code;
  }
}

/** There is no room for it: nothing of it was written, and the store can be used on. After a commit: `rollback` first. */
export class StorageFull extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageFull';
  }
}

/** The disk refused: nothing since the last commit may be acknowledged. */
export class StoreFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreFailure';
  }
}
