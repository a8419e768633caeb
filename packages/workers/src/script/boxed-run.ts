/** Runs one program of this machine to its end: in a bubblewrap box, as a list of arguments, with limits, under a kill timer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { boxArguments, killSandboxed, searchPath } from './sandbox.ts';

/** One argument of a program, and one value of an environment variable, hold no more (Linux: 128 KiB). */
export const MAX_ARGUMENT = 100_000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_PROCESSES = 64;
const NOBODY = 65_534;
/** Until the box stands and the program begins. */
const START_MS = 2_000;
/** Of the end of what it says on standard error, characters. */
const ERRORS_KEPT = 2_000;

export interface BoxedRun {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Files and folders that it sees beside /usr and its like, read-only. */
  readonly folders?: readonly string[];
  readonly input: string;
  readonly timeMs: number;
  /** Of address space. */
  readonly memoryBytes: number;
  /** Characters; beyond them it is killed. */
  readonly maxOutput: number;
  readonly signal: AbortSignal;
}

export type Killed = 'time' | 'output' | 'aborted';

export interface Ended {
  /** null: a signal has ended it. */
  readonly status: number | null;
  readonly output: string;
  /** The end of it. */
  readonly errors: string;
  /** Why it was killed. */
  readonly killed?: Killed;
}

/** Needs bubblewrap (`bwrapWorks`). Rejects only when the box cannot be started at all. */
export function runBoxed(run: BoxedRun): Promise<Ended> {
  const { command, environment, folders = [], input, timeMs, memoryBytes, maxOutput, signal } = run;
  const box = boxArguments(folders, { PATH: '/usr/bin:/bin', ...environment });
  return new Promise((resolve, reject) => {
    // Without streams where no more files may be open.
    const child: ChildProcess = spawn('bwrap', [...box, ...limits(memoryBytes, timeMs), ...command], {
      ...nobody(),
      env: searchPath(),
      cwd: '/',
      stdio: 'pipe',
      detached: true,
      windowsHide: true,
    });
    let output = '';
    let errors = '';
    let killed: Killed | undefined;
    const kill = (why: Killed): void => {
      killed ??= why;
      killSandboxed(child);
    };
    const timer = setTimeout(() => kill('time'), timeMs + START_MS);
    const abort = (): void => kill('aborted');
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    child.stdin?.on('error', () => {});
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (killed === undefined) output += chunk;
      if (output.length > maxOutput) kill('output');
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-ERRORS_KEPT);
    });
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (status) => {
      done();
      resolve({ status, output, errors, ...(killed === undefined ? {} : { killed }) });
    });
    child.stdin?.end(input);
  });
}

function limits(memoryBytes: number, timeMs: number): string[] {
  return [
    '/usr/bin/prlimit',
    `--as=${memoryBytes}`,
    `--cpu=${Math.ceil(timeMs / 1000) + 1}`,
    `--nproc=${MAX_PROCESSES}`,
    `--fsize=${MAX_FILE_BYTES}`,
    '--core=0',
    '--',
  ];
}

/** The limit on processes does not hold for root: what root starts runs as nobody. */
function nobody(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}
