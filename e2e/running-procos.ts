/** A ProcOS as a person starts it: a process of its own, a folder of its own, a free port. For the tests of this folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProcosClient } from '@procos/client';

export const ROOT: string = fileURLToPath(new URL('../', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../packages/procos/bin/procos.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface StartOptions {
  readonly data: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The Node that runs the launcher; default: this one. */
  readonly node?: string;
}

/** Many systems run at the same time on this machine: who wants the gateway says so. */
const WITHOUT_GATEWAY = { PROCOS_GRPC_PORT: 'off' } as const;

/** One line of the command line, to its end. Nothing of the caller's settings reaches it. */
export async function procos(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  node: string = process.execPath,
): Promise<Ended> {
  const { child, ended } = launch(args, environment, node);
  child.stdin?.end();
  return ended;
}

/** One that goes on: what it has printed so far grows. */
export function launch(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  node: string = process.execPath,
): { child: ChildProcess; ended: Promise<Ended>; output: { out: string; err: string } } {
  const clean = Object.entries(process.env).filter(([name]) => !/^(PROCOS_|NODE_TEST_CONTEXT$)/.test(name));
  const env = { ...Object.fromEntries(clean), ...WITHOUT_GATEWAY, ...environment };
  const child = spawn(node, [LAUNCHER, ...args], { cwd: ROOT, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, ended, output };
}

/** A started system. */
export class Running {
  readonly url: string;
  readonly client: ProcosClient;
  /** Of the process that was started: the kernel itself, or its launcher under an older Node. */
  readonly osPid: number;
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess, ended: Promise<Ended>) {
    this.url = url;
    this.client = new ProcosClient({ baseUrl: url, reconnectMs: 50 });
    this.osPid = child.pid ?? 0;
    this.ended = ended;
    this.#child = child;
  }

  /** Resolves when the server listens; throws with the output when it ends before. */
  static async start({ data, args = [], environment = {}, node = process.execPath }: StartOptions): Promise<Running> {
    const { child, ended, output } = launch(['start', '--port', '0', '--data', data, ...args], environment, node);
    let over: Ended | undefined;
    ended.then((end) => {
      over = end;
    });
    for (;;) {
      const url = /console at (http:\S+?)\/,/.exec(output.err)?.[1];
      if (url !== undefined) return new Running(url, child, ended);
      if (over !== undefined) throw new Error(`procos start ended with ${over.code}: ${over.err}${over.out}`);
      await sleep(20);
    }
  }

  /** Until PID 1 waits for work. A system that does not come so far is ended: otherwise the test would wait for it. */
  async ready(): Promise<this> {
    try {
      await until('PID 1 waits', async () => (await this.client.system()).phase === 'ready');
    } catch (error) {
      await this.kill('SIGKILL');
      throw error;
    }
    return this;
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.#child.kill(signal);
    return this.ended;
  }

  /** A line of the command line against this system. */
  procos(...args: string[]): Promise<Ended> {
    return procos(args, { PROCOS_URL: this.url });
  }
}

/** Asks until it holds; a refused connection counts as no. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, forMs = 30_000): Promise<void> {
  const end = performance.now() + forMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await sleep(30);
  }
  throw new Error(`${what}: not within ${forMs} ms`, { cause: last });
}

/** Whether an operating-system process is there. */
export function isAlive(osPid: number): boolean {
  try {
    process.kill(osPid, 0);
    return true;
  } catch {
    return false;
  }
}
