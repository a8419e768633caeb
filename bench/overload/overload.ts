/** Ten times as many requests as the system can take: what is accepted, how soon, and how the rest is refused. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProcosClient } from '@procos/client';
import { type Row, type Scenario, withDirectory } from '../harness.ts';
import { models } from '../models.ts';
import { startSystem } from '../system.ts';
import type { Load, Seen } from './generator.ts';

const GENERATOR = join(import.meta.dirname, 'generator.ts');
/** Under overload. */
const SECONDS = { small: 20, full: 300 } as const;
const TIMES = 10;
const CAPACITY_SECONDS = 5;
const CAPACITY_CLIENTS = 64;
const CLIENTS = 1_500;
/** All of them at once is another thing than ever so many; reported apart. */
const SETTLE_SECONDS = 2;

export const overload: Scenario = {
  name: 'overload',
  title: `${TIMES} times the capacity for ${SECONDS.small} s (${SECONDS.full} with --full): starts over REST, open loop, generator and server on the same cores`,
  run: (size) => withDirectory((directory) => measure(directory, SECONDS[size])),
};

async function measure(directory: string, seconds: number): Promise<readonly Row[]> {
  const system = await startSystem(directory);
  const { url } = system;
  try {
    const client = new ProcosClient(url);
    await client.deploy({ name: 'a', resources: [{ name: 'a.bpmn', content: models('').a }] });
    const start = {
      port: Number(new URL(url).port),
      method: 'POST',
      path: '/engine-rest/process-definition/key/a/start',
      body: '{}',
    };
    await generate({ ...start, seconds: 2, connections: CAPACITY_CLIENTS });
    const before = await generate({ ...start, seconds: CAPACITY_SECONDS, connections: CAPACITY_CLIENTS });
    const capacity = rate(before);
    const health = {
      port: start.port,
      method: 'GET',
      path: '/api/system',
      body: '',
      seconds,
      rate: 10,
      connections: 8,
    };
    const flood = {
      ...start,
      seconds,
      settleSeconds: SETTLE_SECONDS,
      rate: Math.round(capacity * TIMES),
      connections: CLIENTS,
    };
    // One more client among them, that asks now and then: what it sees owes nothing to how busy the flood is itself.
    const other = { ...start, seconds, settleSeconds: SETTLE_SECONDS, rate: 20, connections: 64, patient: true };
    const rows: Row[] = [
      { what: `capacity: closed loop of ${CAPACITY_CLIENTS}, starts/s`, value: capacity.toFixed(0), beside: '' },
    ];
    for (const patient of [true, false]) {
      const before = await threadTimes(system.kernelPid);
      const [seen, one, probes] = await Promise.all([
        generate({ ...flood, patient }),
        generate(other),
        generate(health),
      ]);
      const after = await threadTimes(system.kernelPid);
      const share = (key: keyof ThreadTimes): number => (after[key] - before[key]) / 1_000 / seconds;
      rows.push(
        ...report(patient, { capacity, seen, one, probes, worked: share('workedMs'), stood: share('stoodMs') }),
      );
    }
    const after = await generate({ ...start, seconds: CAPACITY_SECONDS, connections: CAPACITY_CLIENTS });
    const peak = (await peakMb(system.kernelPid)).toFixed(0);
    return [
      ...rows,
      { what: 'largest resident set of the kernel, MB', value: peak, beside: 'goal ≤ 512' },
      {
        what: `afterwards: closed loop of ${CAPACITY_CLIENTS}, starts/s`,
        value: rate(after).toFixed(0),
        beside: 'as before',
      },
    ];
  } finally {
    await system.stop();
  }
}

interface Measured {
  /** Starts per second. */
  readonly capacity: number;
  /** By all clients, by one more, by those who ask how the system is. */
  readonly seen: Seen;
  readonly one: Seen;
  readonly probes: Seen;
  /** Shares of the time in which the kernel's main thread ran, and stood ready without a processor. */
  readonly worked: number;
  readonly stood: number;
}

function report(patient: boolean, { capacity, seen, one, probes, worked, stood }: Measured): readonly Row[] {
  const { accepted, refused, other } = seen.answers;
  const sent = accepted.count + refused.count + other.count + seen.broken;
  const who = `${CLIENTS.toLocaleString('en')} clients ${patient ? 'who keep to Retry-After' : 'who ask again at once'}`;
  return [
    {
      what: `${who}: offered; sent, requests/s`,
      value: `${(seen.offered / seen.seconds).toFixed(0)}; ${(sent / seen.seconds).toFixed(0)}`,
      beside: `${TIMES} × capacity; ${(sent / seen.seconds / capacity).toFixed(1)} ×: for the rest there was no free connection`,
    },
    {
      what: 'goodput, share of capacity',
      value: percent(rate(seen) / capacity),
      beside: `goal ≥ 80 %; the kernel's thread ran ${percent(worked)} of the time and waited ${percent(stood)} for a processor`,
    },
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
