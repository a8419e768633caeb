/** A long history of finished instances: bytes for each, the newest 50 of a process, and whether starts feel it. */
import type { RunningKernel } from '@procos/kernel';
import {
  deploy,
  median,
  percentile,
  type Row,
  type Scenario,
  shown,
  startMany,
  withDirectory,
  withKernelIn,
} from './harness.ts';
import { models } from './models.ts';
import { bytesOf } from './waiting.ts';

const ROUND = 4_000;
const ROUNDS = 5;
const PAGE = 50;
const LOOKS = 20;

export const history: Scenario = {
  name: 'history',
  title: 'A long history',
  async run(size) {
    const wanted = size === 'full' ? 10_000_000 : 500_000;
    return withDirectory((directory) => withKernelIn(directory, (kernel) => measure(kernel, directory, wanted)));
  },
};

async function measure(kernel: RunningKernel, directory: string, wanted: number): Promise<readonly Row[]> {
  const { engine } = kernel;
  const { a, b } = models('${amount &gt; 100}');
  await deploy(kernel, 'a', a);
  await deploy(kernel, 'b', b);
  let events = 0;
  const stop = engine.onCommitted((records) => {
    for (const record of records) events += record.events.length;
  });
  let sent = 0;
  const run = (count: number, atOnce: number) =>
    startMany(kernel, 'b', count, () => ({ variables: { amount: { type: 'Integer', value: sent++ % 200 } } }), atOnce);
  const rate = async (): Promise<number> => {
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const begin = process.cpuUsage();
      await run(ROUND, 64);
      const { user, system } = process.cpuUsage(begin);
      rates.push(ROUND / ((user + system) / 1_000_000));
    }
    return median(rates);
  };
  await rate();
  const few = await rate();
  // Some of another process among them, so that a filter has something to leave out.
  await startMany(kernel, 'a', PAGE * 2);
  engine.count('processInstances');
  const before = { events, sent, bytes: await bytesOf(directory) };
  while (events < wanted) await run(Math.max(250, Math.min(10_000, Math.ceil((wanted - events) / 20))), 250);
  engine.count('processInstances');
  const bytes = ((await bytesOf(directory)) - before.bytes) / (sent - before.sent);
  const finished = engine.count('processInstances', { where: [{ column: 'state', op: '=', value: 'completed' }] });
  if (finished < sent + PAGE * 2) throw new Error(`${finished} of ${sent} instances are in the history`);
  const rows: Row[] = [
    {
      what: `${shown(events)} events of ${shown(sent)} instances: bytes for each that has ended`,
      value: shown(bytes),
      beside: 'goal ≤ 2,048',
    },
  ];
  for (const [what, bpmnProcessId, expected] of [
    ['the newest 50 that ended, of this process', 'b', PAGE],
    ['the newest 50 that ended, of a rare process', 'a', PAGE],
    ['the newest 50 that ended, of a process without any', 'none', 0],
  ] as const)
    rows.push({ what: `${what}, p50, ms`, value: shown(look(kernel, bpmnProcessId, expected)), beside: 'goal ≤ 20' });
  const many = await rate();
  stop();
  return [
    ...rows,
    {
      what: 'starts per second of processor time beside it',
      value: shown(many),
      beside: `goal ≥ 90 % of ${shown(few)} with little: ${shown((many * 100) / few)} %`,
    },
  ];
}

/** The list as a console asks for it: filtered, newest first, with how many there are in all. */
function look({ engine }: RunningKernel, bpmnProcessId: string, expected: number): number {
  const times = Array.from({ length: LOOKS }, () => {
    const at = performance.now();
    const { rows } = engine.page('processInstances', {
      where: [
        { column: 'bpmnProcessId', op: '=', value: bpmnProcessId },
        { column: 'state', op: '=', value: 'completed' },
      ],
      orderBy: [{ column: 'startedAt', descending: true }],
      limit: PAGE,
    });
    if (rows.length !== expected) throw new Error(`${rows.length} rows`);
    return performance.now() - at;
  });
  return percentile(times, 50);
}
