/**
 * What slower disks leave of the throughput: 0, 1 and 5 ms added to each sync of the store, and how many syncs an instance takes. Each
 * is measured once it takes no less of the processor any more.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  median,
  ownProcessorMs,
  processorMs,
  type Row,
  type Scenario,
  shown,
  warmUp,
  withDirectory,
  withKernel,
} from './harness.ts';
import { isolated } from './isolated.ts';
import { models } from './models.ts';
import { deployOverRest, endedOverRest } from './peers.ts';
import type { StartResult } from './rest-clients.ts';
import { startSystem } from './system.ts';
import { prepare, type Workload } from './workloads.ts';

const ADDED_MS = [0, 1, 5] as const;
const IN_PROCESS: readonly Workload[] = ['a', 'b', 'u', 'x'];
const ROUNDS = 3;
const CLIENTS = 64;
const CLIENT_MODULE = new URL('rest-clients.ts', import.meta.url).href;

export const slowSync: Scenario = {
  name: 'slow-sync',
  title: 'Slower disks: so many ms added to each sync, 64 in flight (needs a C compiler `cc`)',
  run: (size) =>
    withDirectory(async (directory) => {
      const library = await compile(directory);
      const rows: Row[] = [];
      for (const addedMs of ADDED_MS) {
        const counter = join(directory, `syncs-${addedMs}`);
        await writeFile(counter, new Uint8Array(8));
        const environment = {
          LD_PRELOAD: library,
          PROCOS_BENCH_SYNC_ADDED_US: String(addedMs * 1_000),
          PROCOS_BENCH_SYNC_COUNTER: counter,
        };
        const count = size === 'full' ? 10_000 : 2_000;
        const job = { count, counter };
        for (const measured of [
          ...(await isolated<readonly Measured[]>(import.meta.url, 'measureInProcess', job, environment).result),
          await isolated<Measured>(import.meta.url, 'measureOverRest', job, environment).result,
        ])
          rows.push(row(addedMs, measured));
      }
      return rows;
    }),
};

interface Job {
  /** Instances of a round. */
  readonly count: number;
  /** Where the library counts: a little-endian number of 8 bytes. */
  readonly counter: string;
}

interface Measured {
  readonly what: string;
  readonly perSecond: number;
  /** Per instance. */
  readonly syncs: number;
  /** Of an answer, ms. */
  readonly p50?: number;
  readonly p99?: number;
}

function row(addedMs: number, { what, perSecond, syncs, p50, p99 }: Measured): Row {
  const latency = p50 === undefined || p99 === undefined ? '' : `; p50 / p99 ${p50.toFixed(1)} / ${p99.toFixed(1)} ms`;
  return {
    what: `+ ${addedMs} ms: ${what}, instances/s`,
    value: shown(perSecond),
    beside: `${syncs.toFixed(3)} syncs each${latency}`,
  };
}

export function measureInProcess({ count, counter }: Job): Promise<readonly Measured[]> {
  return withKernel(async (kernel) => {
    const measured: Measured[] = [];
    for (const workload of IN_PROCESS) {
      const run = await prepare(kernel, workload);
      await warmUp(() => run(count / 2), ownProcessorMs);
      const before = await syncsUntilNow(counter);
      const rates: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const begin = performance.now();
        await run(count);
        rates.push(count / ((performance.now() - begin) / 1_000));
      }
      const syncs = ((await syncsUntilNow(counter)) - before) / (ROUNDS * count);
      measured.push({ what: workload, perSecond: median(rates), syncs });
    }
    return measured;
  });
}

export function measureOverRest({ count, counter }: Job): Promise<Measured> {
  return withDirectory(async (directory) => {
    const system = await startSystem(directory);
    try {
      const url = `${system.url}/engine-rest`;
      await deployOverRest(url, 'a', models('').a);
      const load = { url, bpmnProcessId: 'a', count, warm: 0, clients: CLIENTS };
      const start = (): Promise<StartResult> => isolated<StartResult>(CLIENT_MODULE, 'startOverRest', load).result;
      const warmed = await warmUp(start, () => processorMs(system.kernelPid));
      const before = await syncsUntilNow(counter);
      const results: StartResult[] = [];
      for (let round = 0; round < ROUNDS; round += 1) results.push(await start());
      const syncs = ((await syncsUntilNow(counter)) - before) / (ROUNDS * count);
      const ended = await endedOverRest(url, 'a');
      const all = (warmed + ROUNDS) * count;
      if (ended !== all) throw new Error(`${ended} of ${all} instances have ended`);
      const of = (key: 'perSecond' | 'p50' | 'p99'): number => median(results.map((result) => result[key]));
      return {
        what: `a over REST, ${CLIENTS} clients`,
        perSecond: of('perSecond'),
        syncs,
        p50: of('p50'),
        p99: of('p99'),
      };
    } finally {
      await system.stop();
    }
  });
}

async function syncsUntilNow(counter: string): Promise<number> {
  return Number((await readFile(counter)).readBigInt64LE());
}

/** Stands before the C library in a process and in those that it starts. */
const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static long *counter;
static struct timespec added;

__attribute__((constructor)) static void begin(void) {
  const char *us = getenv("PROCOS_BENCH_SYNC_ADDED_US"), *path = getenv("PROCOS_BENCH_SYNC_COUNTER");
  long n = us ? atol(us) : 0;
  added.tv_sec = n / 1000000;
  added.tv_nsec = n % 1000000 * 1000;
  int fd = path ? open(path, O_RDWR) : -1;
  if (fd < 0) return;
  void *at = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (at != MAP_FAILED) counter = at;
}

static int slow(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = real(fd);
  if (counter) __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
  if (added.tv_sec || added.tv_nsec) nanosleep(&added, NULL);
  return result;
}

int fsync(int fd) { return slow("fsync", fd); }
int fdatasync(int fd) { return slow("fdatasync", fd); }
`;

async function compile(directory: string): Promise<string> {
  const [source, library] = [join(directory, 'slow-sync.c'), join(directory, 'slow-sync.so')];
  await writeFile(source, SOURCE);
  await promisify(execFile)('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']).catch((error: Error) => {
    throw new Error(`slow-sync needs a C compiler named cc: ${error.message}`);
  });
  return library;
}
