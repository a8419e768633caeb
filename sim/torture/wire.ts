/** What driver and kernel process say to each other: one JSON text a line, requests in, answers out. */
import type { Command, Outcome } from '@procos/engine';
import type { TableName } from '@procos/store';

export type Request = { readonly n: number } & (
  | {
      readonly kind: 'command';
      /** Becomes the subject of the record, so that the log tells which commands it holds. */
      readonly by: string;
      readonly command: Command;
      /** Of a fetch: how long it may wait for a task. */
      readonly waitMs?: number;
    }
  | { readonly kind: 'deploy'; readonly by: string; readonly content: string }
  | { readonly kind: 'find'; readonly table: TableName; readonly where: readonly Condition[]; readonly limit: number }
  | { readonly kind: 'shutdown' }
);

export interface Condition {
  readonly column: string;
  readonly op: '=' | '!=';
  readonly value: string | number | boolean;
}

export type Answer =
  | { readonly n: number; readonly outcome: Outcome<unknown> }
  | { readonly n: number; readonly rows: readonly Row[] }
  | { readonly n: number; readonly deployed: true }
  /** The kernel said that it cannot take the command. */
  | { readonly n: number; readonly unavailable: string };

/** As the tables give it; the driver reads few columns of it. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: number };

/** The first line of a kernel: PID 1 waits for work, the models are deployed. */
export interface Ready {
  readonly ready: true;
  readonly rootInstanceId: number;
}
