/** What every scenario shares: rows of the result table, medians, and a kernel of its own in a temporary directory. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type CommandOf, type KernelOptions, type RunningKernel, startKernel } from '@procos/kernel';
import { openSqliteStore } from '@procos/store';

export const ROOT: string = fileURLToPath(new URL('..', import.meta.url));

export interface Row {
  readonly what: string;
  readonly value: string;
  /** What it is compared with: a goal, or a peer measured in the same run. */
  readonly beside: string;
}

/** `small`: enough to see the shape, a minute or two; `full`: the sizes of the goals (`--full`). */
export type Size = 'small' | 'full';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  run(size: Size): Promise<readonly Row[]>;
}

export const BENCH = { kind: 'user', id: 'bench' } as const;

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
export async function withKernel<T>(
  use: (kernel: RunningKernel) => Promise<T>,
  more: Partial<KernelOptions> = {},
): Promise<T> {
  return withDirectory((directory) => withKernelIn(directory, use, more));
}

/** The same on the store of a folder, which stays. */
export async function withKernelIn<T>(
  directory: string,
  use: (kernel: RunningKernel) => Promise<T>,
  more: Partial<KernelOptions> = {},
): Promise<T> {
  const folder = join(ROOT, 'system');
  const names = (await readdir(folder)).filter((name) => /\.(bpmn|dmn)$/.test(name));
  const systemModels = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(join(folder, name), 'utf8') })),
  );
  const kernel = await startKernel({
    store: openSqliteStore({ directory }),
    systemModels,
    hosts: [],
    version: 'bench',
    log: 'silent',
    ...more,
  });
  try {
    await kernel.ready;
    return await use(kernel);
  } finally {
    kernel.handleSignal('SIGTERM');
    await kernel.stopped;
  }
}

/** Deploys one model, which must be accepted. */
export async function deploy({ engine }: RunningKernel, name: string, content: string): Promise<void> {
  const resources = [{ name: `${name}.bpmn`, content }];
  const outcome = await engine.deploy({ name, source: null, tenantId: null, resources, skipUnchanged: false }, BENCH);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
}

/** Runs `work` for 0 … count - 1, so many at a time; gives how long each took, ms. */
export async function inFlight(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<{ readonly perSecond: number; readonly times: readonly number[] }> {
  const times: number[] = [];
  let next = 0;
  const begin = performance.now();
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const at = performance.now();
      await work(index);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  return { perSecond: count / ((performance.now() - begin) / 1_000), times };
}

/** Starts so many instances, which must be accepted. */
export function startMany(
  { engine }: RunningKernel,
  bpmnProcessId: string,
  count: number,
  about: (index: number) => Partial<CommandOf<'createProcessInstance'>> = () => ({}),
  atOnce = 64,
): ReturnType<typeof inFlight> {
  return inFlight(count, atOnce, async (index) => {
    const outcome = await engine.submit(
      { type: 'createProcessInstance', definition: { bpmnProcessId }, ...about(index) },
      BENCH,
    );
    if (!outcome.ok) throw new Error(outcome.rejection.message);
  });
}

/** `1,234` or `1.2`. */
export function shown(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });
}

/** Value of a `Vm…` line of the process's status, MB. Linux only. */
export async function residentMb(osPid: number): Promise<number> {
  const status = await readFile(`/proc/${osPid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** User and system time of a process so far, ms. Linux only. */
export async function processorMs(osPid: number): Promise<number> {
  const fields = (await readFile(`/proc/${osPid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  // Fields 14 and 15 of proc(5), in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Rounds in a row that were not faster, and how much less of the processor a faster one takes. */
const WARM = { rounds: 3, faster: 0.97 } as const;
const MOST_WARMING = 16;

/** Runs rounds until they take no less of the processor any more, as a server does in its first seconds. Gives how many that took. */
export async function warmUp(
  round: () => Promise<unknown>,
  processor: () => number | Promise<number>,
): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  let rounds = 0;
  for (let since = 0; since < WARM.rounds && rounds < MOST_WARMING; rounds += 1) {
    const before = await processor();
    await round();
    const took = (await processor()) - before;
    since = took < best * WARM.faster ? 0 : since + 1;
    best = Math.min(best, took);
  }
  return rounds;
}

/** Processor time of this process so far, ms. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** What is reachable on the heap of this process after a collection, MB. */
export function heapMb(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}
