/** Ten times as many requests as the system can take: what is accepted, how soon, and how the rest is refused. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProcosClient } from '@procos/client';
import { processorMs, type Row, type Scenario, withDirectory } from '../harness.ts';
import { models } from '../models.ts';
import { startSystem } from '../system.ts';
import type { Latencies, Load, Seen } from './generator.ts';

const GENERATOR = join(import.meta.dirname, 'generator.ts');
/** Under overload. */
const SECONDS = { small: 20, full: 300 } as const;
const TIMES = 10;
const CAPACITY_SECONDS = 5;

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
    await generate({ ...start, seconds: 2, connections: 32 });
    const before = await generate({ ...start, seconds: CAPACITY_SECONDS, connections: 32 });
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
    const many = { ...start, seconds, rate: Math.round(capacity * TIMES), connections: 1_500 };
    const rows: Row[] = [{ what: 'capacity: closed loop of 32, starts/s', value: capacity.toFixed(0), beside: '' }];
    for (const patient of [false, true]) {
      const cpu = await processorMs(system.kernelPid);
      const [seen, probes] = await Promise.all([generate({ ...many, patient }), generate(health)]);
      const busy = ((await processorMs(system.kernelPid)) - cpu) / 1_000 / seconds;
      rows.push(...report(patient, { capacity, seen, probes, busy }));
    }
    const after = await generate({ ...start, seconds: CAPACITY_SECONDS, connections: 32 });
    const peak = (await peakMb(system.kernelPid)).toFixed(0);
    return [
      ...rows,
      { what: 'largest resident set of the kernel, MB', value: peak, beside: 'goal ≤ 512' },
      { what: 'afterwards: closed loop of 32, starts/s', value: rate(after).toFixed(0), beside: 'as before' },
    ];
  } finally {
    await system.stop();
  }
}

/** `busy`: processors that the kernel kept busy. */
function report(
  patient: boolean,
  {
    capacity,
    seen,
    probes,
    busy,
  }: { readonly capacity: number; readonly seen: Seen; readonly probes: Seen; readonly busy: number },
): readonly Row[] {
  const { accepted, refused, other } = seen.answers;
  const health = probes.answers;
  const pair = ([median, p99]: readonly [number, number]) => `${median.toFixed(0)} / ${p99.toFixed(0)}`;
  const both = ({ wire, due }: Latencies) => `${pair(wire)} (${pair(due)})`;
  const sent = accepted.count + refused.count + other.count + seen.broken;
  const who = patient ? 'who keep to Retry-After' : 'who ask again at once';
  return [
    {
      what: `1,500 clients ${who}: offered; sent, requests/s`,
      value: `${(seen.offered / seen.seconds).toFixed(0)}; ${(sent / seen.seconds).toFixed(0)}`,
      beside: `${TIMES} × capacity; ${(sent / seen.seconds / capacity).toFixed(1)} ×: for the rest there was no free connection`,
    },
    {
      what: 'goodput, share of capacity; processors that the kernel kept busy',
      value: `${((100 * rate(seen)) / capacity).toFixed(0)} %; ${busy.toFixed(2)}`,
      beside: 'goal ≥ 80 %',
    },
    {
      what: 'accepted, ms from sending (from falling due), median / 99th',
      value: both(accepted),
      beside: 'goal 99th ≤ 1000',
    },
    {
      what: 'refused, ms from sending (from falling due), median / 99th',
      value: both(refused),
      beside: 'goal 99th ≤ 50',
    },
    {
      what: 'refused / without Retry-After / other answers / broken connections',
      value: `${refused.count} / ${seen.withoutRetryAfter} / ${other.count} / ${seen.broken}`,
      beside: 'goal 0 but the first',
    },
    {
      what: 'GET /api/system meanwhile, ms, median / 99th, refused',
      value: `${pair(health.accepted.wire)}, ${health.refused.count}`,
      beside: 'goal 99th ≤ 250, 0',
    },
  ];
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
