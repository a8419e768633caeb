/** The driver's side of a kernel process: starts it, asks it, kills it, and knows how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Command, CommandOf, CommandType, Outcome, ReplyOf } from '@procos/engine';
import type { TableName } from '@procos/store';
import type { Plant } from './plants.ts';
import type { Answer, Condition, Ready, Request, Row } from './wire.ts';

const SCRIPT = fileURLToPath(new URL('kernel.ts', import.meta.url));
/** Compiled code of earlier starts and, in the tests, of other files, so that thousands of starts stay affordable: who is killed writes none. */
const COMPILED = process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'procos-torture-compiled');

export interface StartOptions {
  readonly directory: string;
  readonly plant?: Plant;
  /** A command in front of it, e.g. of a tracer; it must become the kernel, not its parent. */
  readonly through?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
  /** From the last answer that it gave to its end, ms. */
  readonly silentMs: number;
}

/** The kernel ended, or said that it cannot, before it answered. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  /** Why it cannot, where it said so. */
  readonly code: string | null;

  constructor(message: string, code: string | null = null) {
    super(message);
    this.code = code;
  }
}

type Content<T> = T extends unknown ? Omit<T, 'n'> : never;

export class KernelProcess {
  readonly ended: Promise<Ended>;
  /** False when it ended before it was ready. */
  readonly ready: Promise<boolean>;
  rootInstanceId: number | null = null;
  alive = true;
  readonly #child: ChildProcess;
  readonly #open = new Map<number, PromiseWithResolvers<Answer>>();
  #asked = 0;
  #lastAnswerAt = performance.now();

  constructor({ directory, plant = 'none', through = [] }: StartOptions) {
    mkdirSync(COMPILED, { recursive: true });
    const clean = Object.entries(process.env).filter(([name]) => !/^(PROCOS_|NODE_TEST_CONTEXT$|TZ$)/.test(name));
    const env = { ...Object.fromEntries(clean), NODE_COMPILE_CACHE: COMPILED };
    const [command = '', ...args] = [...through, process.execPath, SCRIPT, directory, plant];
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    const ready = Promise.withResolvers<boolean>();
    this.ready = ready.promise;
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    // A request to a process that has just ended.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line, ready));
    this.ended = Promise.all([once(child, 'close'), once(child, 'exit').then(() => performance.now())]).then(
      ([[code, signal], at]) => {
        this.alive = false;
        ready.resolve(false);
        for (const { reject } of this.#open.values()) reject(new Unanswered('the kernel has ended'));
        this.#open.clear();
        return { code, signal, err, silentMs: Math.round(at - this.#lastAnswerAt) };
      },
    );
  }

  /** A kernel that is ready; throws with what it said when it ends before. */
  static async start(options: StartOptions): Promise<KernelProcess> {
    const kernel = new KernelProcess(options);
    if (await kernel.ready) return kernel;
    const { code, signal, err } = await kernel.ended;
    throw new Error(`the kernel ended before it was ready (${code ?? signal}): ${err}`);
  }

  async ask<T extends CommandType>(by: string, command: CommandOf<T>, waitMs = 0): Promise<Outcome<ReplyOf<T>>> {
    const answer = await this.#request({ kind: 'command', by, command: command as Command, waitMs });
    if (!('outcome' in answer)) throw unanswered(answer);
    return answer.outcome as Outcome<ReplyOf<T>>;
  }

  /** A new version of each process of the file. */
  async deploy(by: string, content: string): Promise<void> {
    const answer = await this.#request({ kind: 'deploy', by, content });
    if (!('deployed' in answer)) throw unanswered(answer);
  }

  async find(table: TableName, where: readonly Condition[] = [], limit = 100): Promise<readonly Row[]> {
    const answer = await this.#request({ kind: 'find', table, where, limit });
    if (!('rows' in answer)) throw unanswered(answer);
    return answer.rows;
  }

  /** Down in order. */
  shutDown(): Promise<Ended> {
    this.#request({ kind: 'shutdown' }).catch(() => {});
    return this.ended;
  }

  /** Stops it where it is, and hears the last of what it has said until then. */
  async freeze(): Promise<void> {
    this.#child.kill('SIGSTOP');
    const state = (): string =>
      readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .charAt(0);
    while (this.alive && state() !== 'T') await sleep(1);
    let heard: number;
    do {
      heard = this.#lastAnswerAt;
      await sleep(10);
    } while (heard !== this.#lastAnswerAt);
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
    this.#child.kill(signal);
    return this.ended;
  }

  /** It and whoever asks it come to an end, whatever went wrong. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #request(content: Content<Request>): Promise<Answer> {
    if (!this.alive) return Promise.reject(new Unanswered('the kernel has ended'));
    this.#asked += 1;
    const request = { n: this.#asked, ...content };
    const answer = Promise.withResolvers<Answer>();
    this.#open.set(request.n, answer);
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return answer.promise;
  }

  #take(line: string, ready: PromiseWithResolvers<boolean>): void {
    const said = parsed(line);
    // Cut off in the middle of a line: not an answer.
    if (said === null) return;
    this.#lastAnswerAt = performance.now();
    if ('ready' in said) {
      this.rootInstanceId = said.rootInstanceId;
      ready.resolve(true);
      return;
    }
    this.#open.get(said.n)?.resolve(said);
    this.#open.delete(said.n);
  }
}

function unanswered(answer: Answer): Unanswered {
  return new Unanswered(JSON.stringify(answer), 'unavailable' in answer ? answer.unavailable : null);
}

function parsed(line: string): Answer | Ready | null {
  try {
    return JSON.parse(line) as Answer | Ready;
  } catch {
    return null;
  }
}
