/** Topic `procos.script`: a script task, run in a process of its own that ends with it. */
import type { ChildProcess } from 'node:child_process';
import { BpmnError, WorkerFailure, type WorkerLogger } from '@procos/client';
import { type Inputs, invalid, type Outputs, type Services, text } from '../handler.ts';
import { numberSetting, type Settings } from '../settings.ts';
import { foreignFormat, runForeign } from './foreign.ts';
import { MAX_OUTPUT, type ScriptJob, type ScriptReply } from './messages.ts';
import { createSandbox, killSandboxed, type Sandbox } from './sandbox.ts';

const FORMATS = new Set(['javascript', 'js', 'ecmascript', 'text/javascript', 'application/javascript']);
const START_MS = 10_000;
/** The interpreter's own limit comes first; this is for what it cannot interrupt. */
const GRACE_MS = 200;
/** Each may take its memory and a processor; further scripts wait their turn. */
const MAX_PROCESSES = 4;
const SPARE_IDLE_MS = 60_000;
const MAX_INPUT = 16 * 1024 * 1024;

/**
 * Inputs, both from the model alone: script_source*, script_format (javascript). All variables are seen by the script: as globals, as
 * `variables.name` and by `execution.getVariable(name)`. Output: local `result` (the value of the last expression, or what
 * its promise gives); what `execution.setVariable` set goes to `variables`. `throw new BpmnError(code, message)` throws in
 * the model. A script that throws or exceeds its limits fails without retry: it would do so again.
 */
export async function runScript(inputs: Inputs, services: Services): Promise<Outputs> {
  const format = String(inputs['script_format'] ?? 'javascript').toLowerCase();
  const { script_source: _source, script_format: _format, ...variables } = inputs;
  const foreign = foreignFormat(format);
  if (foreign !== undefined) return runForeign(foreign, text(inputs, 'script_source'), variables, services);
  if (!FORMATS.has(format)) throw invalid(`Scripts in '${format}' cannot be run; only JavaScript, Python and shell.`);
  const job: ScriptJob = {
    source: text(inputs, 'script_source'),
    variables: JSON.stringify(variables),
    timeMs: numberSetting(services.settings, 'PROCOS_SCRIPT_SECONDS') * 1000,
    memoryBytes: numberSetting(services.settings, 'PROCOS_SCRIPT_MEMORY_MB') * 1024 * 1024,
  };
  const message = JSON.stringify(job);
  if (message.length > MAX_INPUT)
    throw invalid(`Script and variables have ${message.length} characters; at most ${MAX_INPUT} are allowed.`);
  const reply = await poolOf(services.settings, services.log).run(message, job.timeMs + GRACE_MS, services.signal);
  if (reply.outcome === 'bpmnError') throw new BpmnError(reply.code, reply.message);
  if (reply.outcome === 'thrown') throw invalid(`The script failed: ${reply.message}`);
  if (reply.outcome === 'limit') throw invalid(reply.message);
  const output = JSON.parse(reply.output) as { readonly result: unknown; readonly variables: Record<string, unknown> };
  return { local: { result: output.result }, variables: output.variables };
}

/** Ends the spare process, if there is one. */
export function closeScripts(): void {
  for (const pool of openPools) pool.close();
}

const pools = new WeakMap<Settings, Pool>();
const openPools = new Set<Pool>();
function poolOf(settings: Settings, log: WorkerLogger): Pool {
  let pool = pools.get(settings);
  if (pool === undefined) {
    pool = new Pool(createSandbox(settings, log));
    pools.set(settings, pool);
    openPools.add(pool);
  }
  return pool;
}

/** Every process runs one script. One spare with the interpreter loaded waits for the next one, for a while. */
class Pool {
  readonly #sandbox: Sandbox;
  #spare: Runner | undefined;
  #idle: NodeJS.Timeout | undefined;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  async run(job: string, limitMs: number, signal: AbortSignal): Promise<ScriptReply> {
    while (this.#running >= MAX_PROCESSES) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (signal.aborted) {
      this.#waiting.shift()?.();
      throw signal.reason;
    }
    clearTimeout(this.#idle);
    this.#running++;
    const runner = this.#spare?.alive ? this.#spare : new Runner(this.#sandbox.start());
    this.#spare = undefined;
    try {
      return await runner.run(job, limitMs, signal);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
      this.#keepSpare();
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#spare?.kill();
    this.#spare = undefined;
  }

  #keepSpare(): void {
    clearTimeout(this.#idle);
    this.#spare ??= new Runner(this.#sandbox.start());
    this.#idle = setTimeout(() => this.close(), SPARE_IDLE_MS);
    this.#idle.unref();
  }
}

class Runner {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #output = '';
  #problem: string | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.unref();
    child.on('error', (error) => this.#end(`The script process could not be started: ${error.message}`));
    child.on('close', () => this.#end(undefined));
    child.stdin?.on('error', () => {});
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string) => {
      this.#output += chunk;
      this.#ready.resolve();
      // JSON in JSON: quotes are escaped, so the reply may be twice as long as the output it carries.
      if (this.#output.length > 2 * MAX_OUTPUT + 1000) this.kill();
    });
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#problem === undefined;
  }

  kill(): void {
    killSandboxed(this.#child);
    // Nobody reads on: an end is told even when something inherited the pipes.
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
  }

  async run(job: string, limitMs: number, signal: AbortSignal): Promise<ScriptReply> {
    const abort = (): void => this.kill();
    signal.addEventListener('abort', abort);
    this.#child.ref();
    try {
      const slow = await this.#within(START_MS, this.#ready.promise, 'The script process did not start in time.');
      // No letter came: the script has not begun, so that the fault is not in it.
      if (this.#output === '')
        throw new WorkerFailure(slow ?? this.#problem ?? 'The script process ended before the script began.');
      this.#child.stdin?.end(job);
      const late = await this.#within(limitMs, this.#ended.promise, 'The script ran out of time and was killed.');
      if (late !== undefined) return { outcome: 'limit', message: late };
      if (this.#problem !== undefined) throw new WorkerFailure(this.#problem);
      if (this.#output.length > 2 * MAX_OUTPUT)
        return { outcome: 'limit', message: 'The script’s result is too large.' };
      return JSON.parse(this.#output.slice(1)) as ScriptReply;
    } catch (error) {
      if (error instanceof WorkerFailure) throw error;
      // The interpreter itself was brought down (deep native recursion does that); the script would do it again.
      return { outcome: 'limit', message: 'The script brought its process down (stack or memory exhausted).' };
    } finally {
      signal.removeEventListener('abort', abort);
      this.kill();
    }
  }

  async #within(ms: number, awaited: Promise<void>, message: string): Promise<string | undefined> {
    let late: string | undefined;
    const timer = setTimeout(() => {
      late = message;
      this.kill();
    }, ms);
    await awaited;
    clearTimeout(timer);
    return late;
  }

  #end(problem: string | undefined): void {
    this.#problem ??= problem;
    this.#ready.resolve();
    this.#ended.resolve();
  }
}
