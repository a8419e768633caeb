/**
 * Ten times as many requests as the system can take: what is accepted, how soon, and how the rest is refused. Of starts that take
 * the server some milliseconds ten times as many are really sent; of the shortest nobody can send so many from the same two cores.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProcosClient } from '@procos/client';
import { type Row, type Scenario, withDirectory } from '../harness.ts';
import { loop, models } from '../models.ts';
import { type System, startSystem } from '../system.ts';
import type { Load, Seen } from './generator.ts';

const GENERATOR = join(import.meta.dirname, 'generator.ts');
/** Under overload. */
const SECONDS = { small: 20, full: 300 } as const;
const TIMES = 10;
const CAPACITY_SECONDS = 5;
const CAPACITY_CLIENTS = 64;
const CLIENTS = 1_500;
/** Elements, one after the other, of what takes some milliseconds. */
const LONG = 1_000;
const LONG_MODEL = loop('long', true, LONG, '${nrOfCompletedInstances &gt; 1000000}');
const SHORT_MODEL = models('').a;
/** All of them at once is another thing than ever so many; reported apart. */
const SETTLE_SECONDS = 2;

export const overload: Scenario = {
  name: 'overload',
  title: `${TIMES} times the capacity for ${SECONDS.small} s (${SECONDS.full} with --full): starts over REST, open loop, generator and server on the same cores`,
  run: (size) => measure(SECONDS[size]),
};

/** Each in a system of its own: after the first the disk has gigabytes to write back. */
async function measure(seconds: number): Promise<readonly Row[]> {
  const floods: readonly Flood[] = [
    { key: 'long', content: LONG_MODEL, what: `starts of ${LONG.toLocaleString('en')} elements`, patient: [false] },
    { key: 'a', content: SHORT_MODEL, what: 'starts of one element', patient: [true, false] },
  ];
  const rows: Row[] = [];
  for (const one of floods) rows.push(...(await withDirectory((directory) => flood(directory, { ...one, seconds }))));
  return rows;
}

interface Flood {
  /** Of the process that is started. */
  readonly key: string;
  readonly content: string;
  readonly what: string;
  /** One run for each: whether its clients keep to Retry-After. */
  readonly patient: readonly boolean[];
}

async function flood(directory: string, wanted: Flood & { readonly seconds: number }): Promise<readonly Row[]> {
  const system = await startSystem(directory);
  try {
    const { key, content } = wanted;
    await new ProcosClient(system.url).deploy({ name: key, resources: [{ name: `${key}.bpmn`, content }] });
    const rows = await floodSystem(system, wanted);
    const peak = (await peakMb(system.kernelPid)).toFixed(0);
    return [...rows, { what: 'largest resident set of the kernel, MB', value: peak, beside: 'goal ≤ 512' }];
  } finally {
    await system.stop();
  }
}

async function floodSystem(
  system: System,
  { key, what, seconds, patient }: Flood & { readonly seconds: number },
): Promise<readonly Row[]> {
  const port = Number(new URL(system.url).port);
  const start = { port, method: 'POST', path: `/engine-rest/process-definition/key/${key}/start`, body: '{}' };
  const closed = { ...start, connections: CAPACITY_CLIENTS };
  await generate({ ...closed, seconds: 2 });
  const measureCapacity = async () => rate(await generate({ ...closed, seconds: CAPACITY_SECONDS }));
  const capacity = await measureCapacity();
  const open = { ...start, seconds, settleSeconds: SETTLE_SECONDS };
  const many = { ...open, rate: Math.round(capacity * TIMES), connections: CLIENTS };
  // One more client among them, that asks now and then: what it sees owes nothing to how busy the flood is itself.
  const other = { ...open, rate: 20, connections: 64, patient: true };
  const health = { port, method: 'GET', path: '/api/system', body: '', seconds, rate: 10, connections: 8 };
  const rows: Row[] = [
    { what: `${what}: capacity, closed loop of ${CAPACITY_CLIENTS}, 1/s`, value: capacity.toFixed(0), beside: '' },
  ];
  let capacityBefore = capacity;
  for (const keeps of patient) {
    const before = await threadTimes(system.kernelPid);
    const [seen, one, probes] = await Promise.all([
      generate({ ...many, patient: keeps }),
      generate(other),
      generate(health),
    ]);
    const after = await threadTimes(system.kernelPid);
    const share = (time: keyof ThreadTimes): number => (after[time] - before[time]) / 1_000 / seconds;
    const capacityAfter = await measureCapacity();
    const times = { worked: share('workedMs'), stood: share('stoodMs') };
    rows.push(...report(keeps, { capacity, capacityBefore, capacityAfter, seen, one, probes, ...times }));
    capacityBefore = capacityAfter;
  }
  return rows;
}

interface Measured {
  /** Starts per second: of which ten times as many are offered; just before and just after, since the machine changes its speed. */
  readonly capacity: number;
  readonly capacityBefore: number;
  readonly capacityAfter: number;
  /** By all clients, by one more, by those who ask how the system is. */
  readonly seen: Seen;
  readonly one: Seen;
  readonly probes: Seen;
  /** Shares of the time in which the kernel's main thread ran, and stood ready without a processor. */
  readonly worked: number;
  readonly stood: number;
}

function report(patient: boolean, measured: Measured): readonly Row[] {
  const { capacity, capacityBefore, capacityAfter, seen, one, probes, worked, stood } = measured;
  const { accepted, refused, other } = seen.answers;
  const sent = accepted.count + refused.count + other.count + seen.broken;
  const who = `${CLIENTS.toLocaleString('en')} clients ${patient ? 'who keep to Retry-After' : 'who ask again at once'}`;
  return [
    {
      what: `${who}: offered; sent, requests/s`,
      value: `${(seen.offered / seen.seconds).toFixed(0)}; ${(sent / seen.seconds).toFixed(0)}`,
      beside: `${TIMES} × capacity; ${(sent / seen.seconds / capacity).toFixed(1)} ×: for what is missing there was no free connection`,
    },
    {
      what: 'goodput, share of the capacity before; after',
      value: `${percent(rate(seen) / capacityBefore)}; ${percent(rate(seen) / capacityAfter)}`,
      beside: `goal ≥ 80 %; the kernel's thread ran ${percent(worked)} of the time and waited ${percent(stood)} for a processor`,
    },
    { what: 'capacity afterwards, 1/s', value: capacityAfter.toFixed(0), beside: 'as before' },
    { what: 'accepted, ms from sending, median / 99th', value: pair(accepted.ms), beside: 'goal 99th ≤ 1000' },
    {
      what: 'refused, ms from sending, median / 99th',
      value: pair(refused.ms),
      beside: `goal 99th ≤ 50; of the first ${SETTLE_SECONDS} s, in which all come at once: ${pair(seen.refusedFirst.ms)}`,
    },
    {
      what: 'one client more, 20 requests/s: accepted; refused, ms, median / 99th',
      value: `${pair(one.answers.accepted.ms)}; ${pair(one.answers.refused.ms)}`,
      beside: `goal 99th ≤ 1000; ≤ 50 (${one.answers.accepted.count}; ${one.answers.refused.count} requests)`,
    },
    {
      what: 'refused / without Retry-After / other answers / broken connections',
      value: `${refused.count} / ${seen.withoutRetryAfter} / ${other.count} / ${seen.broken}`,
      beside: 'goal 0 but the first',
    },
    {
      what: 'GET /api/system meanwhile, ms, median / 99th, refused',
      value: `${pair(probes.answers.accepted.ms)}, ${probes.answers.refused.count}`,
      beside: 'goal 99th ≤ 250, 0',
    },
  ];
}

function pair([middle, p99]: readonly [number, number]): string {
  return `${middle.toFixed(0)} / ${p99.toFixed(0)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

interface ThreadTimes {
  readonly workedMs: number;
  readonly stoodMs: number;
}

/** Of the first thread of a process so far: on a processor, and waiting for one. Linux only. */
async function threadTimes(osPid: number): Promise<ThreadTimes> {
  const [worked, stood] = (await readFile(`/proc/${osPid}/task/${osPid}/schedstat`, 'utf8')).split(' ');
  return { workedMs: Number(worked) / 1e6, stoodMs: Number(stood) / 1e6 };
}

/** Accepted requests per second. */
function rate({ answers, seconds }: Seen): number {
  return answers.accepted.count / seconds;
}

function generate(load: Load): Promise<Seen> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [GENERATOR, JSON.stringify(load)], (error, out) => {
      if (error) reject(error);
      else resolve(JSON.parse(out) as Seen);
    });
  });
}

/** Linux only. */
async function peakMb(osPid: number): Promise<number> {
  const status = await readFile(`/proc/${osPid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
