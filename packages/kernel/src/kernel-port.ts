/** What the faces see of the kernel besides the engine: who may do what, how it is, its log, and the way down. */
import type { Json } from '@procos/bpmn';
import type { Limits, Subject } from '@procos/engine';
import type { StoreDescription } from '@procos/store';
import type { Identity } from './identity/identity.ts';
import type { ProcessEngine } from './process-engine.ts';
import type { ServiceRegistry } from './services/registry.ts';
import type { Announcement, WorkerStatus } from './workers/registry.ts';

/** One question for the gate: every route and every system call asks one. */
export interface Question {
  readonly subject: Subject;
  /** `<subject>.<verb>`, e.g. `processInstance.create`, `externalTask.fetch`, `system.shutdown`. */
  readonly action: string;
  /** What it is about, as far as known: definition key, topic, tenant. */
  readonly resource?: Readonly<Record<string, string>>;
}
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

export interface Gate {
  decide(question: Question): Decision;
}

export interface HostStatus {
  readonly name: string;
  readonly state: 'starting' | 'running' | 'stopped' | 'failed';
  readonly osPid: number | null;
  readonly topics: readonly string[];
  readonly restarts: number;
  readonly startedAt: number | null;
  /** It runs, says now and then that it does, and has not for 30 s. */
  readonly silent: boolean;
}

export interface KernelLogLine {
  readonly at: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly source: string;
  /** Name of the kernel event, e.g. `kernel_bootstrap_complete`. */
  readonly event: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LogSource {
  /** The newest lines kept in memory, oldest first. */
  recent(limit: number): readonly KernelLogLine[];
  /** Returns how to stop. The listener must not throw and must not wait. */
  follow(listener: (line: KernelLogLine) => void): () => void;
}

export interface KernelStatus {
  readonly version: string;
  readonly startedAt: number;
  readonly phase: 'booting' | 'ready' | 'stopping';
  /** A safe run: by the shipped versions of the system's processes, whatever an operator has deployed. */
  readonly safe: boolean;
  readonly rootInstanceId: number | null;
  readonly store: StoreDescription & { readonly lastSequence: number };
  readonly hosts: readonly HostStatus[];
  readonly residentBytes: number;
  /** What no process may exceed. */
  readonly limits: Limits;
  /** IANA time zone of what is read without one. */
  readonly zone: string;
  /** Where the engine's time stands still, ms since the epoch; null: it goes on. */
  readonly clockPinnedAt: number | null;
}

/** Who works, as far as it was heard of since the kernel was started. */
export interface Workers {
  announce(announcement: Announcement): void;
  /** It has ended in order. */
  leaves(workerId: string): void;
  list(): readonly WorkerStatus[];
}

/** What the tables of the system say about something that went wrong, and whether that is done. */
export interface RecoveryPlan {
  /** The inputs of the tables. */
  readonly facts: Readonly<Record<string, Json>>;
  readonly severity: Json;
  /** The first rule that holds, null: none, and nothing is done. `index` from 1, `version` that of the table. */
  readonly rule: { readonly version: number; readonly id: string; readonly index: number } | null;
  /** By name of their columns. */
  readonly outputs: Readonly<Record<string, Json>>;
  /** Why nothing is done, whatever the rule says. */
  readonly without: string | null;
  /** Why the tables could not be asked. */
  readonly problem: string | null;
}

/** A dry run of the tables that choose a recovery; nothing is written. */
export interface RecoveryTables {
  /** Undefined: there is no such open incident. */
  planFor(incidentId: number): RecoveryPlan | undefined;
  /** For facts that somebody makes up. */
  planForFacts(facts: Readonly<Record<string, Json>>): RecoveryPlan;
}

/** Services that have registered, and which of them is to be called next. */
export type Services = Pick<ServiceRegistry, keyof ServiceRegistry>;

export interface Kernel {
  readonly engine: ProcessEngine;
  readonly gate: Gate;
  /** Who asks, and who there is. */
  readonly identity: Identity;
  readonly log: LogSource;
  readonly workers: Workers;
  readonly recovery: RecoveryTables;
  readonly services: Services;
  status(): KernelStatus;
  /** Tells PID 1 to shut down; resolves once the signal is on the disk. */
  requestShutdown(by: Subject, reason: string): Promise<void>;
}

/** A host process that the kernel supervises; the composition root says how to start it. */
export interface HostSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** With authentication the kernel adds `PROCOS_TOKEN`. */
  readonly env: Readonly<Record<string, string>>;
}

/** What kernel and host say to each other over the IPC channel of the child process. */
export type HostToKernel =
  | { readonly type: 'ready'; readonly topics: readonly string[] }
  | { readonly type: 'drained' }
  /** Said every 5 s by a host that wants to be started again when it does not answer any more. */
  | { readonly type: 'alive' }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly event: string;
      readonly text: string;
      readonly fields?: Record<string, unknown>;
    };
export type KernelToHost =
  | { readonly type: 'drain' }
  /** The task was taken back from who holds it; `lockCount`: what has an older lock (null: any). */
  | { readonly type: 'revoked'; readonly taskId: string; readonly lockCount: number | null; readonly reason: string };
