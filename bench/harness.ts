/** What every scenario shares: rows of the result table, medians, and a kernel of its own in a temporary directory. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningKernel, startKernel } from '@procos/kernel';
import { openSqliteStore } from '@procos/store';

export const ROOT: string = fileURLToPath(new URL('..', import.meta.url));

export interface Row {
  readonly what: string;
  readonly value: string;
  /** What it is compared with: a goal, or a peer measured in the same run. */
  readonly beside: string;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  run(): Promise<readonly Row[]>;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'procos-bench-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A kernel with the system processes and a SQLite store on the disk, without worker hosts and server. */
export async function withKernel<T>(use: (kernel: RunningKernel) => Promise<T>): Promise<T> {
  return withDirectory(async (directory) => {
    const folder = join(ROOT, 'system');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.bpmn'));
    const systemModels = await Promise.all(
      names.map(async (name) => ({ name, content: await readFile(join(folder, name), 'utf8') })),
    );
    const kernel = await startKernel({
      store: openSqliteStore({ directory }),
      systemModels,
      hosts: [],
      version: 'bench',
      log: 'silent',
    });
    try {
      await kernel.ready;
      return await use(kernel);
    } finally {
      kernel.handleSignal('SIGTERM');
      await kernel.stopped;
    }
  });
}

/** Value of a `Vm…` line of the process's status, MB. Linux only. */
export async function residentMb(osPid: number): Promise<number> {
  const status = await readFile(`/proc/${osPid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
