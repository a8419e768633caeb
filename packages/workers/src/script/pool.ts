/** Sandboxed processes that wait for scripts: a few, each running one script at a time, started when they are needed. */
import type { ChildProcess } from 'node:child_process';
import { WorkerFailure } from '@procos/client';
import { MAX_OUTPUT, type ScriptLine, type ScriptReply } from './messages.ts';
import { killSandboxed, type Sandbox } from './sandbox.ts';

export interface PoolLimits {
  /** Each may take its memory and a processor; further scripts wait their turn. */
  readonly processes: number;
  /** A process that has run so many scripts is replaced, so that what could pile up in it does not. */
  readonly scripts: number;
  /** A process that is so old is replaced, ms. */
  readonly ageMs: number;
  /** A process that nobody has needed for so long ends, ms. */
  readonly idleMs: number;
}

const LIMITS: PoolLimits = { processes: 4, scripts: 10_000, ageMs: 10 * 60_000, idleMs: 60_000 };
const START_MS = 10_000;
/** How long a script waits for a process that is busy before another one is started, ms: most scripts take less than one. */
const PATIENCE_MS = 20;
const BROUGHT_DOWN = 'The script brought its process down (stack or memory exhausted).';
/** JSON in JSON: quotes are escaped, so the reply may be twice as long as the output it carries. */
const MAX_LINE = 2 * MAX_OUTPUT + 1000;

interface Waiting {
  readonly job: string;
  /** ms after which the process is killed. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly since: number;
  /** It was given to a process that ended without a word. */
  readonly again?: true;
  readonly result: PromiseWithResolvers<ScriptReply>;
}

export class Pool {
  readonly #sandbox: Sandbox;
  readonly #limits: PoolLimits;
  readonly #runners = new Set<Runner>();
  /** Ready, without a script; the one that was busy last is at the end and is taken first, so that the others can end. */
  readonly #idle: Runner[] = [];
  readonly #waiting: Waiting[] = [];
  #patience: NodeJS.Timeout | undefined;
  #sweep: NodeJS.Timeout | undefined;

  constructor(sandbox: Sandbox, limits: Partial<PoolLimits> = {}) {
    this.#sandbox = sandbox;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** There is a box of the operating system around each process. */
  get boxed(): boolean {
    return this.#sandbox.kind === 'bwrap';
  }

  /** Processes that are there now, and the system's number of each. */
  get processIds(): readonly number[] {
    return [...this.#runners].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /**
   * Runs one job (a line for the process). What a script does is a reply; a process that cannot be started is a failure that is
   * worth another try. `limitMs`: the process is killed then, from outside.
   */
  run(job: string, limitMs: number, signal: AbortSignal): Promise<ScriptReply> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const result = Promise.withResolvers<ScriptReply>();
    const waiting = { job, limitMs, signal, since: Date.now(), result };
    this.#waiting.push(waiting);
    const abort = (): void => {
      const at = this.#waiting.indexOf(waiting);
      if (at >= 0) this.#waiting.splice(at, 1);
      result.reject(signal.reason);
    };
    signal.addEventListener('abort', abort);
    this.#next();
    return result.promise.finally(() => signal.removeEventListener('abort', abort));
  }

  /** Ends all processes; a later script starts new ones. */
  close(): void {
    clearTimeout(this.#patience);
    clearInterval(this.#sweep);
    this.#patience = undefined;
    this.#sweep = undefined;
    for (const runner of this.#runners) this.#drop(runner);
    this.#refuse('The script worker was closed.');
  }

  /** Gives waiting scripts to idle processes, and starts one more where they wait too long. */
  #next(): void {
    for (;;) {
      const runner = this.#waiting.length > 0 ? this.#idle.pop() : undefined;
      if (runner === undefined) break;
      const waiting = runner.usable ? this.#waiting.shift() : undefined;
      if (waiting !== undefined) void this.#runIn(runner, waiting);
      else this.#drop(runner);
    }
    const [first] = this.#waiting;
    if (first === undefined || [...this.#runners].some(({ starting }) => starting)) return;
    const patientMs = first.since + PATIENCE_MS - Date.now();
    if (this.#runners.size === 0 || (patientMs <= 0 && this.#runners.size < this.#limits.processes)) this.#start();
    else if (patientMs > 0 && this.#patience === undefined) {
      this.#patience = setTimeout(() => {
        this.#patience = undefined;
        this.#next();
      }, patientMs);
    }
  }

  #start(): void {
    const runner = new Runner(this.#sandbox.start());
    this.#runners.add(runner);
    this.#sweep ??= setInterval(() => this.#endIdle(), Math.min(this.#limits.idleMs, 10_000)).unref();
    void runner.ready(START_MS).then((problem) => {
      if (!this.#runners.has(runner)) return;
      if (problem === undefined) {
        this.#retire();
        this.#free(runner);
        return;
      }
      this.#drop(runner);
      // Others may still serve them; without any, the fault is not in the scripts.
      if (this.#runners.size === 0) this.#refuse(problem);
    });
  }

  #refuse(problem: string): void {
    for (const { result } of this.#waiting.splice(0)) result.reject(new WorkerFailure(problem));
  }

  async #runIn(runner: Runner, waiting: Waiting): Promise<void> {
    const { job, limitMs, signal, result } = waiting;
    const isFirst = runner.served === 0;
    const abort = (): void => runner.kill();
    signal.addEventListener('abort', abort);
    const reply = await runner.run(job, limitMs);
    signal.removeEventListener('abort', abort);
    if (reply !== undefined) result.resolve(reply);
    // It may have died of something else. Scripts change nothing outside, so that this one can run again.
    else if (!(isFirst || waiting.again || signal.aborted)) this.#waiting.unshift({ ...waiting, again: true });
    // The interpreter itself was brought down (deep native recursion does that); the script would do it again.
    else result.resolve({ outcome: 'limit', message: BROUGHT_DOWN });
    if (this.#runners.has(runner)) this.#free(runner);
    // The next script shall not wait for a start because of this one.
    if (this.#runners.size === 0 && !signal.aborted) this.#start();
    this.#next();
  }

  #free(runner: Runner): void {
    const fresh = [...this.#runners].some((other) => other !== runner && !other.starting && !this.#isWorn(other));
    if (!runner.usable || (fresh && this.#isWorn(runner))) {
      this.#drop(runner);
      return;
    }
    this.#idle.push(runner);
    if (this.#isWorn(runner) && ![...this.#runners].some(({ starting }) => starting)) this.#start();
    this.#next();
  }

  /** When a successor is there, those that have served long enough end. */
  #retire(): void {
    for (const runner of this.#idle.filter((each) => this.#isWorn(each))) this.#drop(runner);
  }

  #isWorn({ served, startedAt }: Runner): boolean {
    return served >= this.#limits.scripts || Date.now() - startedAt >= this.#limits.ageMs;
  }

  #endIdle(): void {
    const before = Date.now() - this.#limits.idleMs;
    for (const runner of this.#idle.filter(({ usedAt }) => usedAt <= before)) this.#drop(runner);
    if (this.#runners.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #drop(runner: Runner): void {
    runner.kill();
    this.#runners.delete(runner);
    const at = this.#idle.indexOf(runner);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

/** One sandboxed process. */
class Runner {
  readonly startedAt: number = Date.now();
  readonly #child: ChildProcess;
  /** Resolves with the next line; with undefined when the process has ended before. */
  #line = Promise.withResolvers<ScriptLine | undefined>();
  #begun = '';
  #problem: string | undefined;
  #ended = false;
  starting = true;
  served = 0;
  /** Instant at which it ran its last script, or was ready. */
  usedAt: number = Date.now();

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('error', (error) => this.#hasEnded(`The script process could not be started: ${error.message}`));
    child.on('close', () => this.#hasEnded('The script process ended before the script began.'));
    child.stdin?.on('error', () => {});
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get usable(): boolean {
    return !this.#ended;
  }

  kill(): void {
    this.#ended = true;
    killSandboxed(this.#child);
    // Nobody reads on: an end is told even when something inherited the pipes.
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
  }

  /** Resolves when it waits for a script, or with what went wrong. */
  async ready(limitMs: number): Promise<string | undefined> {
    const { line, late } = await this.#within(limitMs);
    this.starting = false;
    this.usedAt = Date.now();
    if (line !== undefined) return undefined;
    return late ? 'The script process did not start in time.' : this.#problem;
  }

  /** Undefined: the process ended without an answer. */
  async run(job: string, limitMs: number): Promise<ScriptReply | undefined> {
    this.#line = Promise.withResolvers();
    this.#child.stdin?.write(`${job}\n`);
    const { line, late } = await this.#within(limitMs);
    this.served++;
    this.usedAt = Date.now();
    if (line?.last === true) this.kill();
    return late ? { outcome: 'limit', message: 'The script ran out of time and was killed.' } : line?.reply;
  }

  async #within(limitMs: number): Promise<{ readonly line: ScriptLine | undefined; readonly late: boolean }> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.kill();
    }, limitMs);
    const line = await this.#line.promise;
    clearTimeout(timer);
    return { line, late };
  }

  #read(chunk: string): void {
    this.#begun += chunk;
    if (this.#begun.length > MAX_LINE) this.kill();
    if (!chunk.endsWith('\n')) return;
    const line = this.#begun;
    this.#begun = '';
    this.#line.resolve(JSON.parse(line) as ScriptLine);
  }

  #hasEnded(problem: string): void {
    this.#ended = true;
    this.#problem ??= problem;
    this.#line.resolve(undefined);
  }
}
