/** Worker hosts as operating-system processes: start, ready, drain, exit, silence. Who starts one again is a process's business. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Clock } from './clock.ts';
import type { HostSpec, HostStatus, HostToKernel, KernelToHost } from './kernel-port.ts';
import type { KernelLog } from './log.ts';

export interface HostExit {
  readonly host: string;
  /** Exits in a row that came soon after a start; 0 after a long run. */
  readonly quickFailures: number;
  /** How long to wait before the next start, ISO-8601. */
  readonly backOff: string;
  readonly reason: string;
}

export type HostStart =
  | { readonly started: true; readonly topics: readonly string[] }
  | ({ readonly started: false } & HostExit);

export interface HostsOptions {
  readonly specs: readonly HostSpec[];
  readonly log: KernelLog;
  readonly clock: Clock;
  /** A host that had been ready has exited unasked, or does not answer any more. */
  readonly onExited: (exit: HostExit) => void;
  /** How long a host may take until it says `ready`. */
  readonly readyMs?: number;
  /** Default: 30,000. */
  readonly silentMs?: number;
}

/** Of a host that has said once that it is alive. */
const SILENT_MS = 30_000;
/** A host that ran longer than this starts with a clean record. */
const STABLE_MS = 60_000;
const MAX_BACK_OFF_SECONDS = 30;
/** Between the request to end and the end by force. */
const TERMINATE_MS = 2_000;

interface Host {
  readonly spec: HostSpec;
  state: HostStatus['state'];
  child: ChildProcess | null;
  topics: readonly string[];
  starts: number;
  startedAt: number | null;
  quickFailures: number;
  /** Somebody was told of its exit and takes care of it. */
  reported: boolean;
  starting: Promise<HostStart> | null;
  /** The kernel asked it to end. */
  ending: boolean;
  /** When it was last heard of, monotonic; null: it does not say that it is alive. */
  heard: number | null;
  silent: boolean;
  onReady: ((topics: readonly string[]) => void) | null;
  onDrained: (() => void) | null;
  onGone: Set<() => void>;
}

export class Hosts {
  readonly #options: HostsOptions;
  readonly #hosts: Map<string, Host>;
  #watching: (() => void) | null = null;

  constructor(options: HostsOptions) {
    this.#options = options;
    this.#hosts = new Map(options.specs.map((spec) => [spec.name, idleHost(spec)]));
  }

  get names(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  has(name: string): boolean {
    return this.#hosts.has(name);
  }

  status(): readonly HostStatus[] {
    return [...this.#hosts.values()].map(({ spec, state, child, topics, starts, startedAt, silent }) => ({
      name: spec.name,
      state,
      osPid: child?.pid ?? null,
      topics,
      restarts: Math.max(0, starts - 1),
      startedAt,
      silent,
    }));
  }

  /** Hosts that do not run, or do not answer, and that nobody takes care of. */
  unattended(): readonly string[] {
    const left = [...this.#hosts.values()].filter((host) => !host.reported && (isDown(host.state) || host.silent));
    return left.map(({ spec }) => spec.name);
  }

  /** Who was told of its exit does not take care of it: it is for who looks for such. */
  leave(name: string): void {
    this.#host(name).reported = false;
  }

  /** Starts a host and waits until it is ready. One that runs or starts already is left alone, unless it is silent: then it is replaced. */
  start(name: string): Promise<HostStart> {
    const host = this.#host(name);
    if (host.state === 'running' && !host.silent) return Promise.resolve({ started: true, topics: host.topics });
    host.starting ??= this.#replace(host).finally(() => {
      host.starting = null;
    });
    return host.starting;
  }

  /** An operator wants another round of attempts. */
  forgetFailures(name: string): void {
    this.#host(name).quickFailures = 0;
  }

  /** Lets a host finish the work at hand, then ends it; by force after `timeoutMs`. False: it had to be forced. */
  async drain(name: string, timeoutMs: number): Promise<boolean> {
    const host = this.#host(name);
    if (!host.child) return true;
    host.ending = true;
    const drained = await new Promise<boolean>((resolve) => {
      const cancel = this.#options.clock.after(timeoutMs, () => resolve(false));
      const done = (): void => {
        cancel();
        resolve(true);
      };
      host.onDrained = done;
      host.onGone.add(done);
      send(host, { type: 'drain' });
    });
    host.onDrained = null;
    await this.#end(host, drained ? 'SIGTERM' : 'SIGKILL');
    return drained;
  }

  /** Tells every host that runs. */
  tell(message: KernelToHost): void {
    for (const host of this.#hosts.values()) send(host, message);
  }

  /** Ends every host by force. */
  killAll(): void {
    for (const host of this.#hosts.values()) {
      host.ending = true;
      host.child?.kill('SIGKILL');
    }
    this.#watching?.();
    this.#watching = null;
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`There is no worker host ${name}. Known are: ${this.names.join(', ') || 'none'}.`);
    return host;
  }

  async #replace(host: Host): Promise<HostStart> {
    host.ending = true;
    await this.#end(host, 'SIGKILL');
    return this.#spawn(host);
  }

  #spawn(host: Host): Promise<HostStart> {
    const { clock, log } = this.#options;
    const { spec } = host;
    host.state = 'starting';
    host.ending = false;
    host.reported = false;
    host.starts += 1;
    host.startedAt = clock.wallNow();
    host.topics = [];
    host.heard = null;
    host.silent = false;
    // A process group of its own: a Ctrl-C meant for the kernel must not reach the work that is still to be drained.
    const detached = process.platform !== 'win32';
    const child = spawn(spec.command, [...spec.args], {
      env: { ...spec.env },
      detached,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    host.child = child;
    this.#listen(host, child);
    return new Promise((resolve) => {
      const tooLong = clock.after(this.#options.readyMs ?? 15_000, () => {
        log.warn('worker_host_not_ready', `Worker host ${spec.name} did not become ready in time.`, {
          host: spec.name,
        });
        child.kill('SIGKILL');
      });
      host.onReady = (topics) => {
        tooLong();
        host.onReady = null;
        host.state = 'running';
        host.topics = topics;
        const fields = { host: spec.name, os_pid: child.pid, topics };
        log.info('worker_host_started', `Worker host ${spec.name} is ready.`, fields);
        resolve({ started: true, topics });
      };
      let gone = false;
      const onGone = (reason: string): void => {
        if (gone) return;
        gone = true;
        tooLong();
        resolve({ started: false, ...this.#gone(host, reason) });
      };
      child.once('error', (error) => onGone(error.message));
      child.once('exit', (code, signal) => onGone(signal ? `signal ${signal}` : `exit code ${code}`));
    });
  }

  #listen(host: Host, child: ChildProcess): void {
    const { log } = this.#options;
    const { name } = host.spec;
    child.on('message', (message) => {
      // What one says that was replaced meanwhile is not its successor's.
      if (host.child !== child) return;
      const said = message as HostToKernel;
      if (host.heard !== null) host.heard = this.#options.clock.monotonicNow();
      if (said.type === 'alive') this.#isAlive(host);
      else if (said.type === 'ready') host.onReady?.(said.topics);
      else if (said.type === 'drained') host.onDrained?.();
      else if (said.type === 'log') log.write(said.level, name, said.event, said.text, said.fields ?? {});
    });
    const tell = (stream: Readable | null, level: 'info' | 'warn'): void => {
      if (!stream) return;
      createInterface({ input: stream }).on('line', (line) => log.write(level, name, 'worker_host_output', line, {}));
    };
    tell(child.stdout, 'info');
    tell(child.stderr, 'warn');
  }

  #isAlive(host: Host): void {
    host.heard = this.#options.clock.monotonicNow();
    if (host.silent) this.#options.log.info('worker_host_heard', `Worker host ${host.spec.name} answers again.`);
    host.silent = false;
    this.#watch();
  }

  /** Looks now and then whether the hosts that say so are still alive. */
  #watch(): void {
    const { clock } = this.#options;
    const everyMs = this.#silentMs / 6;
    const due = clock.monotonicNow() + everyMs;
    this.#watching ??= clock.after(everyMs, () => {
      this.#watching = null;
      const watched = [...this.#hosts.values()].filter(({ heard, state }) => heard !== null && state === 'running');
      const now = clock.monotonicNow();
      // Who slept itself cannot tell who was silent meanwhile.
      if (now - due > everyMs) for (const host of watched) host.heard = now;
      for (const host of watched)
        if (!host.silent && now - (host.heard ?? now) > this.#silentMs) this.#tellSilent(host);
      if (watched.length > 0) this.#watch();
    });
  }

  get #silentMs(): number {
    return this.#options.silentMs ?? SILENT_MS;
  }

  #tellSilent(host: Host): void {
    const { clock, log, onExited } = this.#options;
    host.silent = true;
    const age = clock.wallNow() - (host.startedAt ?? 0);
    host.quickFailures = age >= STABLE_MS ? 0 : host.quickFailures + 1;
    const { name } = host.spec;
    const reason = `silent for ${Math.round(this.#silentMs / 1_000)} s`;
    log.warn('worker_host_silent', `Worker host ${name} does not answer any more (${reason}).`, {
      host: name,
      os_pid: host.child?.pid,
      quick_failures: host.quickFailures,
    });
    host.reported = true;
    onExited({ host: name, quickFailures: host.quickFailures, backOff: backOff(host.quickFailures), reason });
  }

  /** It is no longer there, for whatever reason. */
  #gone(host: Host, reason: string): HostExit {
    const { clock, log } = this.#options;
    const wasReady = host.state === 'running';
    const age = clock.wallNow() - (host.startedAt ?? 0);
    host.child = null;
    host.onReady = null;
    host.state = host.ending ? 'stopped' : 'failed';
    // One that was silent has been counted.
    if (!host.silent) host.quickFailures = host.ending || age >= STABLE_MS ? 0 : host.quickFailures + 1;
    const toldBefore = host.silent;
    host.heard = null;
    host.silent = false;
    const exit: HostExit = {
      host: host.spec.name,
      quickFailures: host.quickFailures,
      backOff: backOff(host.quickFailures),
      reason,
    };
    const fields = { host: exit.host, reason, quick_failures: exit.quickFailures };
    if (host.ending) log.info('worker_host_exited', `Worker host ${exit.host} has ended (${reason}).`, fields);
    else log.warn('worker_host_exited', `Worker host ${exit.host} has exited unasked (${reason}).`, fields);
    for (const listener of host.onGone) listener();
    host.onGone.clear();
    // Either who asked for the start is told, or who listens.
    host.reported = !host.ending && (!toldBefore || host.reported);
    if (wasReady && !host.ending && !toldBefore) this.#options.onExited(exit);
    return exit;
  }

  async #end(host: Host, signal: NodeJS.Signals): Promise<void> {
    const { child } = host;
    if (!child) return;
    await new Promise<void>((resolve) => {
      const force = this.#options.clock.after(TERMINATE_MS, () => child.kill('SIGKILL'));
      host.onGone.add(() => {
        force();
        resolve();
      });
      child.kill(signal);
    });
  }
}

function idleHost(spec: HostSpec): Host {
  return {
    spec,
    state: 'stopped',
    child: null,
    topics: [],
    starts: 0,
    startedAt: null,
    quickFailures: 0,
    reported: false,
    starting: null,
    ending: false,
    heard: null,
    silent: false,
    onReady: null,
    onDrained: null,
    onGone: new Set(),
  };
}

function isDown(state: HostStatus['state']): boolean {
  return state === 'stopped' || state === 'failed';
}

/** 0, then 1, 2, 4, … seconds. */
function backOff(quickFailures: number): string {
  if (quickFailures === 0) return 'PT0S';
  return `PT${Math.min(2 ** (quickFailures - 1), MAX_BACK_OFF_SECONDS)}S`;
}

function send(host: Host, message: KernelToHost): void {
  if (host.child?.connected) host.child.send(message, () => {});
}
