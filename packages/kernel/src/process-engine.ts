/**
 * The one port through which the faces, the system calls and PID 1's helpers reach an engine. The embedded engine is the
 * first implementation; a Camunda cluster can be another.
 */

import type { CapabilitySet, Json, LimitKind, Problem, ProcessModel } from '@procos/bpmn';
import type {
  Bound,
  CapabilityPart,
  CommandOf,
  CommandType,
  Definition,
  DeployedResource,
  ExternalTask,
  LogRecord,
  Outcome,
  Rejection,
  ReplyOf,
  RequestKey,
  Subject,
} from '@procos/engine';
import type { Blob, Page, Query, TableName, Tables } from '@procos/store';
import type { KeptPolicy } from './policy/owner-policy.ts';

export interface DeployRequest {
  readonly name: string | null;
  readonly source: string | null;
  readonly tenantId: string | null;
  /** At least one; .bpmn/.bpmn20.xml are read and checked, others (.form, …) are kept as they are. */
  readonly resources: readonly DeployedResource[];
  readonly skipUnchanged: boolean;
  /** Nobody can start what it defines until that is resumed. */
  readonly suspended?: boolean;
}

/** All findings per resource; `refused` when one of them is an error: then nothing was deployed. */
export interface DeployFindings {
  readonly refused: boolean;
  readonly findings: readonly { readonly resource: string; readonly problems: readonly Problem[] }[];
}

/** What a check without deploying says. */
export interface CheckFindings extends DeployFindings {
  /** What deploying would define, of the files that could be read. */
  readonly defines: readonly {
    readonly kind: 'process' | 'decision';
    /** bpmnProcessId or decision id. */
    readonly id: string;
    readonly resource: string;
  }[];
}

/** What a request with a key was answered. */
export interface KeptAnswer {
  readonly id: number;
  /** Of the request: the same key may have come with another one. */
  readonly fingerprint: string;
  readonly outcome: Json;
}

export type DeployOutcome =
  | { readonly ok: true; readonly value: ReplyOf<'deploy'>; readonly warnings: DeployFindings['findings'] }
  | { readonly ok: false; readonly findings: DeployFindings['findings'] };

/** The kernel cannot take work now; the faces answer 503 with Retry-After. */
export class Unavailable extends Error {
  readonly code: 'STOPPING' | 'OVERLOADED' | 'STORAGE_FULL' | 'FAILED';
  constructor(code: Unavailable['code'], message: string) {
    super(message);
    this.name = 'Unavailable';
    this.code = code;
  }

  /** The same may be taken in a moment. */
  get passes(): boolean {
    return this.code === 'OVERLOADED' || this.code === 'STORAGE_FULL';
  }
}

/** Values that are too large for a record, as bytes. */
export interface LargeValues {
  /** Of one value. */
  readonly mostBytes: number;
  /**
   * Takes bytes in, however they come; resolves when all are on the disk. Rejects with `ValueTooLarge`, `Unavailable`, or
   * what reading `content` threw: then nothing of them stays.
   */
  take(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Blob>;
  find(name: string): Blob | undefined;
  /** From `from` up to before `to`, chunk by chunk, in buffers that are the reader's own. Throws `BlobDamaged` in the place of bytes that are not what they were. */
  read(name: string, from?: number, to?: number): Iterable<Uint8Array>;
}

/** The least of each limit that applies. */
export interface InstanceLimits {
  readonly bounds: readonly Bound[];
  readonly used: { readonly [kind in LimitKind]?: number };
  /** −20 (first) to 19 (last). */
  readonly nice: number;
}

export interface EffectiveCapabilities {
  readonly effective: CapabilitySet;
  /** All that narrows it, its own model first. */
  readonly parts: readonly CapabilityPart[];
}

export interface ProcessEngine {
  readonly largeValues: LargeValues;
  /**
   * Resolves when the command's effects are on the disk. Rejects with `Unavailable` only; refusals are values. A request
   * whose key was answered before gets that answer and changes nothing; with a key of another one it is refused (`KEY_REUSED`).
   */
  submit<T extends CommandType>(command: CommandOf<T>, by: Subject, request?: RequestKey): Promise<Outcome<ReplyOf<T>>>;
  /** What the request with this key was answered already; undefined: it has no answer. */
  answer(key: string): KeptAnswer | undefined;
  /** What deploying would find; nothing is deployed. */
  check(request: DeployRequest, by: Subject): Promise<CheckFindings>;
  /** Reads and checks the files, then submits `deploy`. */
  deploy(request: DeployRequest, by: Subject, key?: RequestKey): Promise<DeployOutcome>;
  /**
   * `fetchAndLock` that waits up to `waitMs` for a task when there is none; answers [] at the end or when `signal` aborts.
   * A newer poll of the same worker with `uniqueWorker` ends the older one.
   */
  fetchAndLock(
    command: CommandOf<'fetchAndLock'>,
    by: Subject,
    wait: { readonly waitMs: number; readonly signal?: AbortSignal; readonly uniqueWorker?: boolean },
    request?: RequestKey,
  ): Promise<Outcome<ReplyOf<'fetchAndLock'>>>;

  /** Queries see everything that was acknowledged before they were asked. */
  find<T extends TableName>(table: T, query?: Query<Tables[T]>): readonly Tables[T][];
  /** No more than `limit` are counted, where there is one. */
  count<T extends TableName>(table: T, query?: Query<Tables[T]>): number;
  page<T extends TableName>(table: T, query?: Query<Tables[T]>): Page<Tables[T]>;

  /** An external task as it is now: quicker than a query. */
  externalTask(externalTaskId: number): ExternalTask | undefined;
  /** A definition with its graph; the views are not asked. */
  definition(definitionId: number): Definition | undefined;
  /** The highest version of a process; the views are not asked. */
  latestDefinition(bpmnProcessId: string, tenantId: string | null): Definition | undefined;
  /** The executable graph of a definition; undefined when there is no such definition. */
  model(definitionId: number): ProcessModel | undefined;
  /** Why no instance of the definition may begin now by its owner's limits; undefined: it may. */
  startRefusal(definitionId: number): Rejection | undefined;
  /** What holds for a running instance, and what of it is used; undefined when it does not run. */
  limitsOf(processInstanceId: number): InstanceLimits | undefined;
  /** The owner's policy as it holds now. */
  policy(): KeptPolicy;
  /** The whole policy anew, a value from outside; resolves when the tasks that it concerns are taken back. */
  setPolicy(policy: unknown, why: string, by: Subject): Promise<Outcome<{ readonly tasks: number }>>;
  /** What a running instance may use, and what of it comes from where. */
  capabilitiesOf(processInstanceId: number): EffectiveCapabilities | undefined;
  /** Committed records after `sequence`, for feeds that resume. */
  records(after: number, limit: number): readonly LogRecord[];
  /** Sequence of the first record that is still in the log; 1 while none was removed. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Called after every commit with the new records, in order; the listener must not throw and must not wait. Returns how to stop. */
  onCommitted(listener: (records: readonly LogRecord[]) => void): () => void;
  /** Commands that wait for their turn. */
  readonly queued: number;
  /** For who takes in very many things at once: runs a batch of commands now when one has waited too long; true then. */
  keepUp(): boolean;
  /** Now, as the engine sees it, ms since the epoch. */
  now(): number;
}
