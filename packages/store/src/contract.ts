/** What a store is: the record log, the state the engine works on, and views to query. SQLite and memory implement it. */
import type { Command, IdSource, LogRecord, State } from '@procos/engine';
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
  /** These are about to be run: reads together what each of them would ask for by itself. Changes nothing but how long that takes. */
  foresee(commands: readonly Command[]): void;
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
  /** No more than `limit` are counted, where there is one. */
  count<T extends TableName>(table: T, query?: Query<Tables[T]>): number;
  page<T extends TableName>(table: T, query?: Query<Tables[T]>): Page<Tables[T]>;
  /** Writes back the log into the main file and closes. The store cannot be used afterwards. */
  close(): void;
  readonly blobs: Blobs;
  readonly description: StoreDescription;
}

/** Bytes beside the records: values of variables that are too large to be in one. */
export interface Blob {
  /** `sha256:` and the hash of the bytes in hexadecimal. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last taken in, ms since the epoch. */
  readonly at: number;
}

/** Bytes on their way in: nobody finds them before `finish`. */
export interface BlobUpload {
  /** The next bytes, `CHUNK_BYTES` of them; only the last ones may be fewer. They survive power loss when this returns. */
  add(bytes: Uint8Array): void;
  /** All bytes are in; the same bytes are kept once, however often they come. */
  finish(at: number): Blob;
  /** Not all came, or nobody wants it. */
  abandon(): void;
  /** After the end: one small step of removing what is not needed; true when nothing of that is left. Or the sweep does it. */
  clear(): boolean;
}

/** Instants are ms since the epoch. All throw `StorageFull` and `StoreFailure` as `commit` does. */
export interface Blobs {
  begin(at: number): BlobUpload;
  find(name: string): Blob | undefined;
  /** Was asked to be kept just now: the sweep leaves it alone as if it had just been taken in. */
  touch(name: string, at: number): void;
  /** The bytes from `from` up to before `to`, in buffers that are the reader's own. Throws `BlobDamaged` before it gives bytes that are not what they were. */
  read(name: string, from?: number, to?: number): Iterable<Uint8Array>;
  /**
   * One small step through all blobs: removes what was not taken in to its end, and what no record that is kept names and
   * was taken in before `before`. `more`: the round is not over.
   */
  sweep(before: number): { readonly removed: number; readonly more: boolean };
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

/** What a query finds has more text than can be held at once; nothing has happened. */
export class TooMuchAsked extends Error {
  constructor(mostCharacters: number) {
    super(
      `What is asked for has more than ${mostCharacters} characters of values: ask for fewer at once, page by page, or of one process instance`,
    );
    this.name = 'TooMuchAsked';
  }
}

/** The disk refused: nothing since the last commit may be acknowledged. */
export class StoreFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreFailure';
  }
}
