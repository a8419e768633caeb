/** What a medium must offer to be a store: rows, look-ups in order, the record log, single values, one transaction. */
import type { Budget } from './budget.ts';
import type { Scalar } from './query.ts';
import type { Cell, Cells, Identified, Lookup, Position, Sieve, Spec } from './spec.ts';

/** A record as it is kept: `hash` covers the hash before it, `sequence`, `at` and `body`. */
export interface LogEntry {
  readonly sequence: number;
  readonly at: number;
  readonly hash: string;
  readonly body: string;
}

export interface BackendLog {
  append(entry: LogEntry): void;
  /** Entries with `sequence` > `after`, ascending, at most `limit`. */
  read(after: number, limit: number): readonly LogEntry[];
  /** 0 in an empty log. */
  lastSequence(): number;
  /** Entries with `sequence` < `first`. */
  removeBefore(first: number): void;
}

/** A query whose columns and values were checked against the spec. */
export interface CheckedQuery {
  readonly where: readonly CheckedCondition[];
  readonly orderBy: readonly { readonly column: string; readonly descending?: boolean }[];
  readonly offset: number;
  /** -1: all. */
  readonly limit: number;
}
export type CheckedCondition =
  | { readonly column: string; readonly op: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'like'; readonly value: Scalar }
  | { readonly column: string; readonly op: 'in' | 'notIn'; readonly value: readonly Scalar[] }
  | { readonly column: string; readonly op: 'hasAny'; readonly value: readonly string[] }
  | { readonly column: string; readonly op: 'isNull' | 'notNull' };

/** A row as it is kept, and as it is to be. */
export interface RowChange {
  readonly before: Cells;
  readonly after: Cells;
}

/** Committed rows of one table. */
export interface BackendTable {
  read(id: number): Cells | undefined;
  /** Those of them that are there, in any order. */
  readAll(ids: readonly number[]): readonly Cells[];
  /** Rows that the look-up, without a range, finds for any of the values of its last equal column, in any order; the others are `fixed`. */
  readFound(lookup: Lookup, fixed: readonly Cell[], values: readonly Cell[]): readonly Cells[];
  /** The identities of the same rows. */
  idsFound(lookup: Lookup, fixed: readonly Cell[], values: readonly Cell[]): readonly number[];
  write(cells: Cells): void;
  writeAll(rows: readonly Cells[]): void;
  /** What is the same before and after need not be written again. */
  changeAll(rows: readonly RowChange[]): void;
  remove(id: number): void;
  removeAll(ids: readonly number[]): void;
  select(
    lookup: Lookup,
    values: readonly Cell[],
    upTo: number | undefined,
    limit: number,
    offset: number,
    sieve?: Sieve,
  ): readonly Position[];
  /** Takes what it finds out of the budget. */
  find(query: CheckedQuery, budget?: Budget): readonly Cells[];
  count(query: CheckedQuery): number;
}

/** Bytes that are kept in chunks of `CHUNK_BYTES`. */
export interface BlobRow {
  /** Never given out twice. */
  readonly id: number;
  /** SHA-256 of all bytes, hexadecimal; null while it is being taken in or removed: nobody finds it then. */
  readonly sha256: string | null;
  readonly size: number;
  readonly chunks: number;
  /** When it was last taken in, ms since the epoch. */
  readonly at: number;
}

/** What names a blob: a process instance (`instance`) or a buffered message (`message`). */
export interface BlobHolder {
  readonly kind: 'instance' | 'message';
  readonly id: number;
}

export interface BackendBlobs {
  create(at: number): BlobRow;
  update(row: BlobRow): void;
  remove(id: number): void;
  byHash(sha256: string): BlobRow | undefined;
  /** Ascending by id, above `after`, at most `limit`. */
  list(after: number, limit: number): readonly BlobRow[];
  writeChunk(blobId: number, index: number, sum: string, bytes: Uint8Array): void;
  readChunk(blobId: number, index: number): { readonly sum: string; readonly bytes: Uint8Array } | undefined;
  /** The last ones, at most `atMost`; how many were there. */
  removeChunks(blobId: number, atMost: number): number;
  /** Notes it once, if there is a blob of this hash. */
  hold(sha256: string, holder: BlobHolder): void;
  holders(blobId: number, limit: number): readonly BlobHolder[];
  release(blobId: number, holder: BlobHolder): void;
  /** Of holders that name no blob, the first. */
  lostHolder(): BlobHolder | undefined;
}

export interface Backend {
  table<Row extends Identified>(spec: Spec<Row>): BackendTable;
  readonly log: BackendLog;
  readonly blobs: BackendBlobs;
  value(name: string): number | null;
  setValue(name: string, value: number | null): void;
  text(name: string): string | null;
  setText(name: string, text: string): void;
  /**
   * All or nothing. Durable: it survives power loss when this returns. Derived: it may be gone after power loss, with all
   * that was derived later, and can be made again from what is durable; it never survives what it was derived from.
   */
  transaction(kind: 'durable' | 'derived', work: () => void): void;
  /** What is wrong with the medium itself; null when nothing is. Reads everything. */
  check(): string | null;
  sizeBytes(): number;
  /** Writes the write-ahead log back into the main file, where there is one. */
  checkpoint(): void;
  /** `tidy`: also write the log back into the main file; not after a failure. */
  close(tidy: boolean): void;
}
