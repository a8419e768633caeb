/** What a worker is given, what its handlers see, and what it can be told. */
import type { AiReservation, AiReservationReply, SandboxLevel } from '@procos/protocol';
import type { LockedExternalTask } from '../camunda7.ts';
import type { LargeValues } from '../large-values.ts';
import type { BackOff } from '../pause.ts';
import type { TraceContext } from '../trace.ts';
import type { HandlerResult } from './outcome.ts';

export interface WorkerLogger {
  debug(event: string, text: string, fields?: Record<string, unknown>): void;
  info(event: string, text: string, fields?: Record<string, unknown>): void;
  warn(event: string, text: string, fields?: Record<string, unknown>): void;
  error(event: string, text: string, fields?: Record<string, unknown>): void;
}

export interface WorkerOptions {
  /** Root of the server, without `/engine-rest`. */
  readonly baseUrl: string;
  /** Name under which tasks are locked. Default: host name, process id and a random part. */
  readonly workerId?: string;
  /** What it is called in the list of workers; `version` and `kind` beside it. Default: the worker id. */
  readonly name?: string;
  readonly version?: string;
  /** Default `sdk`. */
  readonly kind?: string;
  /** How often it says to a ProcOS that it is there, ms; 0: never. Default 10,000. Other servers are asked once. */
  readonly announceMs?: number;
  /** Tasks that run at the same time. Default 10. */
  readonly concurrency?: number;
  /** Length of a lock, ms; extended at half time while the handler runs. Default 300,000. */
  readonly lockMs?: number;
  /** How long the server may hold an empty poll, ms. Default 20,000. */
  readonly longPollMs?: number;
  /** Attempts in all when the model gives no number of retries. Default 3. */
  readonly attempts?: number;
  /** Pause before the attempts after a failure. Default 1 s, doubling up to 5 min. */
  readonly retryBackOff?: BackOff;
  /** Pause after a lost connection. Default 1 s, doubling up to 5 s. */
  readonly reconnectBackOff?: BackOff;
  /**
   * No other worker uses this `workerId`: tasks that are locked under it but not running here (after a crash, or when the
   * answer of a poll was lost) are given back at once instead of waiting for the end of their lock. Default false.
   */
  readonly exclusiveId?: boolean;
  /** Sent with every request, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly logger?: WorkerLogger;
}

export interface TaskContext {
  readonly task: LockedExternalTask;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Static properties of the element: Camunda 7 extension properties, Camunda 8 task headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts when the lock is lost or the worker is stopped for good: end soon, the outcome is no longer wanted. */
  readonly signal: AbortSignal;
  /** The trace that started its process, where one did: for the span of the work, and for `client.withTrace`. */
  readonly trace?: TraceContext;
  /** Content of variables that hold a handle, and handles for what is too large to be a result. */
  readonly values: LargeValues;
  /** ProcOS: holds what an AI task will use at most, before it asks; what it was given before is given back. Absent: nothing is limited here. */
  readonly reserveAi?: ReserveAi;
}
export type ReserveAi = (atMost: Pick<AiReservation, 'tokens' | 'cost'>) => Promise<AiReservationReply>;
export type Handler = (context: TaskContext) => Promise<HandlerResult | undefined> | HandlerResult | undefined;

export interface Subscription {
  /** Names of the variables to send along. Default: all that the task sees. */
  readonly variables?: readonly string[];
  readonly lockMs?: number;
  /** Walls around the code that the handler runs. A task that demands others is failed for good, never done with fewer. Default `none`. */
  readonly sandboxLevel?: SandboxLevel;
}

export interface Worker {
  readonly workerId: string;
  readonly running: number;
  subscribe(topic: string, handler: Handler, subscription?: Subscription): void;
  /** The task is no longer ours: aborts its handler, and its outcome is not told. With `lockCount`: only under an older lock. */
  abandon(taskId: string, reason: string, lockCount?: number | null): void;
  /** Begins to poll; resolves when the server has answered the first poll (or the worker was stopped before). */
  start(): Promise<void>;
  /** Stops fetching, waits up to `drainMs` (default 30,000) for running handlers, then aborts them and gives their tasks back. */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
}
