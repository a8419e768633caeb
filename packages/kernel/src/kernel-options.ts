/** What the composition root gives to a kernel, and what it gets back. */
import type { ReadDecisions, ReadResult } from '@procos/bpmn';
import type { Limits, Undeclared } from '@procos/engine';
import type { Store } from '@procos/store';
import type { BundleSettings } from './bundle/settings.ts';
import type { Clock } from './clock.ts';
import type { Authentication } from './identity/access.ts';
import type { HostSpec, Kernel } from './kernel-port.ts';
import type { LargeValueSettings } from './large-values.ts';
import type { KernelLog, LogLevel } from './log.ts';
import type { Machine } from './machine.ts';
import type { Retention } from './system-calls/retention.ts';
import type { SystemModel } from './system-deployment.ts';

/** What reading the text of a shipped file without delegates has given before; undefined: it is read. */
export interface ReadBefore {
  processes(xml: string): ReadResult | undefined;
  decisions(xml: string): ReadDecisions | undefined;
}

export interface KernelOptions {
  /** Open; the kernel owns it from now on and closes it when it stops. */
  readonly store: Store;
  /** The files of `system/`. */
  readonly systemModels: readonly SystemModel[];
  /** Absent: they are read. */
  readonly readBefore?: ReadBefore;
  readonly hosts: readonly HostSpec[];
  readonly version: string;
  /** A level, or a log that the composition root has made itself. */
  readonly log: KernelLog | LogLevel | 'silent';
  /** IANA time zone for calendar timers; default: that of the machine. */
  readonly zone?: string;
  /** Topics for Java classes and delegate expressions of Camunda 7 models, by their name as written there. */
  readonly delegates?: Readonly<Record<string, string>>;
  /** Absolute path of the folder of all backups; default: `backups` beside the store. */
  readonly backups?: string;
  /** Absolute path of the folder of all snapshots; default: `snapshots` beside the store. */
  readonly snapshots?: string;
  /** Absent: keys in the folder `trusted-keys` beside the store, everything else is refused. */
  readonly bundles?: BundleSettings;
  /** What a model may ask for before it gets an incident; absent: the engine's defaults. */
  readonly limits?: Limits;
  /** How long history and log are kept where no definition says so; absent: for good. */
  readonly retention?: Retention;
  /** How large values may be that are kept out of line; absent: `LARGE_VALUES`. */
  readonly largeValues?: LargeValueSettings;
  /** What a process without a `procos:security` block may use; default: `open`. */
  readonly undeclared?: Undeclared;
  /** Whether everybody must prove who he is; default: `none`. */
  readonly authentication?: Authentication;
  readonly clock?: Clock;
  /** Whether operators may have time stand still, for tests; a pin that the store has of an earlier start ends without. Default: false. */
  readonly pinnableClock?: boolean;
  readonly machine?: Machine;
  readonly timings?: Timings;
  /** Everything of the system goes by the versions that were shipped; an operator's stay deployed. Default: false. */
  readonly safe?: boolean;
}

/** All in ms. */
export interface Timings {
  /** From the request to shut down to the end without PID 1's consent; default 30,000. */
  readonly shutdownMs?: number;
  /** Until a started worker host must be ready; default 15,000. */
  readonly hostReadyMs?: number;
  /** Until a worker host that says now and then that it is alive counts as silent; default 30,000. */
  readonly hostSilentMs?: number;
  /** For a worker host to finish the work at hand at shutdown; default 10,000. */
  readonly hostDrainMs?: number;
  /** For a boot that goes by an operator's version; default 60,000. */
  readonly bootMs?: number;
}

export interface Stopped {
  readonly exitCode: number;
  /** Absolute path of a backup: put it in the place of the store, then start again. */
  readonly restore?: string;
  /** Why the system did not come up, and what to do, where that is known. */
  readonly reason?: string;
}

export interface RunningKernel extends Kernel {
  /** PID 1 waits for work, for the first time since this start. */
  readonly ready: Promise<void>;
  /**
   * The kernel has ended: the store is closed (after a failure of the store: left alone) and the process must exit with
   * this code at once.
   */
  readonly stopped: Promise<Stopped>;
  /** SIGTERM and the first SIGINT shut down in order; a second SIGINT ends at once with exit code 130. */
  handleSignal(name: 'SIGTERM' | 'SIGINT'): void;
}

/** Exit code after the store failed. */
export const EXIT_STORE_FAILED = 74;
