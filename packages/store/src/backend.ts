/** What a medium must offer to be a store: rows, look-ups in order, the record log, single values, one transaction. */
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

/** Committed rows of one table. */
export interface BackendTable {
  read(id: number): Cells | undefined;
  write(cells: Cells): void;
  remove(id: number): void;
  select(
    lookup: Lookup,
    values: readonly Cell[],
    upTo: number | undefined,
    limit: number,
    offset: number,
    sieve?: Sieve,
  ): readonly Position[];
  find(query: CheckedQuery): readonly Cells[];
  count(query: CheckedQuery): number;
}

export interface Backend {
  table<Row extends Identified>(spec: Spec<Row>): BackendTable;
  readonly log: BackendLog;
  value(name: string): number | null;
  setValue(name: string, value: number | null): void;
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
