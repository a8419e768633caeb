/** The microkernel: starts PID 1, passes signals on to it, tells it of lost worker hosts, and stops when it is told to. */
import { DEFAULT_LIMITS, type LogRecord, type ProcessInstanceId, type Subject } from '@procos/engine';
import { assemble, type Parts } from './assembly.ts';
import { BootFailure, powerOn, ROOT_PROCESS, startRoot, USER_REQUEST, untilBooted, waitsFor } from './boot.ts';
import { BootWatch } from './boot-watch.ts';
import type { HostExit } from './hosts.ts';
import type { Identity } from './identity/identity.ts';
import { logIncidents } from './incident-log.ts';
import { EXIT_STORE_FAILED, type KernelOptions, type RunningKernel, type Stopped } from './kernel-options.ts';
import type { Gate, KernelStatus, RecoveryTables } from './kernel-port.ts';
import { type KernelLog, messageOf, stackOf } from './log.ts';
import { startClock } from './pinned-clock.ts';
import { type ProcessEngine, Unavailable } from './process-engine.ts';
import { bootAnew, updateRoot } from './root-version.ts';
import type { ServiceRegistry } from './services/registry.ts';
import { Shutdown } from './shutdown.ts';
import { reportHostExit } from './supervision.ts';
import type { Power } from './system-calls/power.ts';
import { deploySystem, type SystemVersions } from './system-deployment.ts';
import type { WorkerRegistry } from './workers/registry.ts';

/** Until what there was no room for is tried again. */
const AGAIN_MS = 1_000;

/** Resolves once PID 1 runs; throws `BootFailure` when it cannot be started, with the store closed. */
export async function startKernel(options: KernelOptions): Promise<RunningKernel> {
  const kernel = new Microkernel(options);
  await untilBooted(kernel.boot(), kernel.stopped);
  return kernel;
}

class Microkernel implements RunningKernel {
  readonly ready: Promise<void>;
  readonly stopped: Promise<Stopped>;
  readonly #options: KernelOptions;
  readonly #parts: Parts;
  readonly #shutdown: Shutdown;
  readonly #startedAt: number;
  /** The last identity of the start before. */
  readonly #lastIdBefore: number;
  #watch: BootWatch | undefined;
  #phase: KernelStatus['phase'] = 'booting';
  #interrupted = false;
  #ended = false;
  readonly #resolveReady: () => void;
  readonly #resolveStopped: (result: Stopped) => void;

  constructor(options: KernelOptions) {
    const ready = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<Stopped>();
    this.ready = ready.promise;
    this.stopped = stopped.promise;
    this.#resolveReady = ready.resolve;
    this.#resolveStopped = stopped.resolve;
    this.#options = options;
    this.#parts = assemble(options, {
      onFatal: (error) => this.#fail(error),
      onHostExited: (exit) => void this.#reportExit(exit),
      power: this.#power(),
    });
    const { clock, loop } = this.#parts;
    this.#startedAt = clock.wallNow();
    this.#lastIdBefore = options.store.ids.last;
    this.#shutdown = new Shutdown({
      clock,
      submit: (command, by) => loop.submit(command, by),
      patienceMs: options.timings?.shutdownMs ?? 30_000,
      onTooLate: () => {
        this.log.error('kernel_shutdown_timeout', 'PID 1 did not shut down in time; stopping without it.');
        this.#stop(1);
      },
    });
  }

  get engine(): ProcessEngine {
    return this.#parts.engine;
  }
  get gate(): Gate {
    return this.#parts.gate;
  }
  get workers(): WorkerRegistry {
    return this.#parts.workers;
  }
  get identity(): Identity {
    return this.#parts.identity;
  }
  get services(): ServiceRegistry {
    return this.#parts.services;
  }
  get log(): KernelLog {
    return this.#parts.log;
  }
  get recovery(): RecoveryTables {
    return this.#parts.recoveries;
  }

  async boot(): Promise<void> {
    const { version, systemModels, store } = this.#options;
    const { engine, loop, log, machine, systemCalls, alarm } = this.#parts;
    const about = { version, store: store.description.path ?? 'memory', os_pid: machine.osPid };
    log.info('kernel_starting', `ProcOS ${version} is starting.`, about);
    try {
      loop.onCommitted((records) => this.#onCommitted(records));
      log.info('kernel_bootstrap_start', 'Starting the system processes.');
      await startClock(this.#parts, this.#options);
      const resumed = store.state.singletons.rootInstanceId !== null;
      const versions = await deploySystem(engine, systemModels, log);
      const rootId = await this.#startRoot(versions);
      const took = this.#age();
      log.info('kernel_bootstrap_complete', `PID 1 runs after ${took} ms.`, { took_ms: took });
      if (resumed) await this.#resume(rootId);
      const stuck = this.#watch?.begin();
      if (stuck !== undefined) throw new BootFailure(stuck);
      systemCalls.start();
      alarm.arm();
    } catch (error) {
      log.error('kernel_bootstrap_failed', messageOf(error));
      this.#stop(1);
      throw error;
    }
  }

  /** PID 1 by the version that is to be active: in a safe run the shipped one. */
  async #startRoot({ shipped, changed }: SystemVersions): Promise<number> {
    const { engine, loop, log, clock } = this.#parts;
    const { safe = false, timings = {} } = this.#options;
    if (safe) {
      loop.pin(shipped);
      log.warn('kernel_safe', 'A safe run: the system goes by the versions that were shipped.', {
        changed: [...changed],
      });
    } else {
      const patienceMs = timings.bootMs ?? 60_000;
      this.#watch = new BootWatch({ clock, engine, changed, patienceMs, onStuck: (reason) => this.#giveUp(reason) });
    }
    const rootId = await startRoot(engine, log);
    if (!safe) await updateRoot(engine, rootId, log);
    else if (!(await bootAnew(engine, rootId, shipped.definitions.get(ROOT_PROCESS) ?? 0, log)))
      return startRoot(engine, log);
    return rootId;
  }

  /** The boot does not come to its end, and waiting does not help. */
  #giveUp(reason: string): void {
    this.log.error('kernel_bootstrap_failed', reason);
    this.#stop(1, { reason });
  }

  status(): KernelStatus {
    const { version, store } = this.#options;
    const { kind, path, format } = store.description;
    const sizeBytes = (): number => store.description.sizeBytes();
    return {
      version,
      startedAt: this.#startedAt,
      phase: this.#phase,
      safe: this.#options.safe === true,
      rootInstanceId: store.state.singletons.rootInstanceId,
      store: { kind, path, format, sizeBytes, lastSequence: store.lastSequence },
      hosts: this.#parts.hosts.status(),
      residentBytes: this.#parts.machine.residentBytes(),
      limits: this.#options.limits ?? DEFAULT_LIMITS,
      zone: this.#options.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      clockPinnedAt: store.state.singletons.clockPinnedAt,
    };
  }

  async requestShutdown(by: Subject, reason: string): Promise<void> {
    if (this.#ended || this.#shutdown.requested) return;
    this.log.info('kernel_stopping', `Shutting down: ${reason}.`, { by: `${by.kind}:${by.id}`, reason });
    this.#phase = 'stopping';
    await this.#shutdown.order(by);
  }

  handleSignal(name: 'SIGTERM' | 'SIGINT'): void {
    this.log.info('kernel_signal', `Received ${name}.`, { signal: name });
    if (name === 'SIGINT' && this.#interrupted) {
      this.#stop(130);
      return;
    }
    this.#interrupted ||= name === 'SIGINT';
    this.requestShutdown({ kind: 'kernel', id: `signal:${name}` }, name).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) this.#fail(error);
    });
  }

  /** PID 1 comes from an earlier start: boots it when it stands parked, and gets its worker hosts back when it was at work. */
  async #resume(rootId: ProcessInstanceId): Promise<void> {
    const { engine, hosts } = this.#parts;
    if (await powerOn(engine, rootId)) return;
    if (!waitsFor(engine, rootId, USER_REQUEST)) return;
    for (const host of hosts.names) {
      await this.#reportExit({ host, quickFailures: 0, backOff: 'PT0S', reason: 'the kernel was started again' });
    }
    this.#becomeReady();
  }

  async #reportExit(exit: HostExit): Promise<void> {
    try {
      const problem = await reportHostExit(this.#parts, exit);
      if (problem !== null) this.log.error('worker_host_unattended', problem, { host: exit.host });
    } catch (error) {
      if (!(error instanceof Unavailable)) this.#fail(error);
      else if (error.passes) this.#parts.clock.after(AGAIN_MS, () => void this.#reportExit(exit));
    }
  }

  #power(): Power {
    const { store } = this.#options;
    return {
      ready: () => this.#becomeReady(),
      shutdownWanted: (processInstanceId) => this.#shutdown.requested || processInstanceId > this.#lastIdBefore,
      stopWork: () => {
        this.#phase = 'stopping';
        this.#shutdown.heard();
        this.#parts.alarm.stop();
        this.#parts.recoveries.stop();
        this.#parts.engine.stopWork();
      },
      checkpoint: () => store.checkpoint(),
      off: () => this.#stop(0),
      restart: (restore) => this.#stop(0, { restore }),
      on: () => {
        const rootId = store.state.singletons.rootInstanceId;
        if (rootId !== null) powerOn(this.engine, rootId).catch(() => {});
      },
    };
  }

  #becomeReady(): void {
    if (this.#phase !== 'booting') return;
    this.#phase = 'ready';
    this.#watch?.end();
    const took = this.#age();
    const fields = { took_ms: took, correlation_id: this.#options.store.state.singletons.rootInstanceId };
    this.log.info('kernel_ready', `PID 1 waits for work after ${took} ms.`, fields);
    this.#parts.recoveries.start();
    this.#resolveReady();
  }

  #onCommitted(records: readonly LogRecord[]): void {
    this.#watch?.onCommitted(records);
    this.#parts.recoveries.onCommitted(records);
    this.#parts.alarm.arm();
    logIncidents(records, this.log);
    if (this.#phase === 'ready' && this.#options.store.state.singletons.rootInstanceId === null)
      void this.#restartRoot();
  }

  /** PID 1 came to an end of its own, as only a changed model of it can: the system needs another one. */
  async #restartRoot(): Promise<void> {
    this.log.error('root_process_ended', 'PID 1 has ended; starting it again.');
    this.#phase = 'booting';
    try {
      await startRoot(this.engine, this.log);
    } catch (error) {
      if (!(error instanceof Unavailable)) this.log.error('kernel_bootstrap_failed', messageOf(error));
      else if (error.passes) this.#parts.clock.after(AGAIN_MS, () => void this.#restartRoot());
    }
  }

  #age(): number {
    return this.#parts.clock.wallNow() - this.#startedAt;
  }

  /** The store failed: nothing more is answered or written; the next start recovers. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    this.log.error('kernel_failed', `The kernel stops at once: ${messageOf(error)}`, { stack: stackOf(error) });
    this.#end(EXIT_STORE_FAILED);
  }

  #stop(exitCode: number, more: Omit<Stopped, 'exitCode'> = {}): void {
    if (this.#ended) return;
    try {
      this.#parts.loop.close();
      if (!this.#ended) this.#options.store.close();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#ended) return;
    this.log.info('kernel_stopped', `The kernel has stopped, exit code ${exitCode}.`, { exit_code: exitCode });
    this.#end(exitCode, more);
  }

  #end(exitCode: number, more: Omit<Stopped, 'exitCode'> = {}): void {
    this.#ended = true;
    this.#watch?.end();
    this.#phase = 'stopping';
    this.#shutdown.cancel();
    this.#parts.alarm.stop();
    this.#parts.systemCalls.stop();
    this.#parts.recoveries.stop();
    this.#parts.waiters.dismissAll();
    this.#parts.hosts.killAll();
    this.#resolveStopped({ exitCode, ...more });
  }
}
