/** A long history of finished instances: bytes for each, the newest 50 of a process, and whether starts feel it, beside a short one in turns. */
import type { RunningKernel } from '@procos/kernel';
import { createServer } from '@procos/rest';
import type { FastifyInstance } from 'fastify';
import {
  deploy,
  median,
  ownProcessorMs,
  percentile,
  type Row,
  type Scenario,
  shown,
  startMany,
  warmUp,
  withDirectory,
  withKernel,
  withKernelIn,
} from './harness.ts';
import { models } from './models.ts';
import { bytesOf } from './waiting.ts';

const ROUND = 2_000;
const ROUNDS = 9;
const PAGE = 50;
const LOOKS = 20;

export const history: Scenario = {
  name: 'history',
  title: 'A long history',
  async run(size) {
    const wanted = size === 'full' ? 10_000_000 : 1_000_000;
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
  const app = await createServer(kernel, {});
  for (const [what, query, expected] of [
    ['of this process', 'finished=true&processDefinitionKey=b', PAGE],
    ['of a rare process', 'finished=true&processDefinitionKey=a', PAGE],
    ['of a process without any', 'finished=true&processDefinitionKey=none', 0],
    ['of any process', 'finished=true', PAGE],
  ] as const) {
    const url = `/engine-rest/history/process-instance?${query}&sortBy=startTime&sortOrder=desc&maxResults=${PAGE}`;
    rows.push({
      what: `the newest ${PAGE} that ended, ${what}, over REST, p50, ms`,
      value: shown(await look(app, url, (body) => (body as unknown[]).length === expected)),
      beside: 'goal ≤ 20',
    });
  }
  rows.push({
    what: `the newest ${PAGE} that ended, of this process, and how many there are in all, p50, ms`,
    value: shown(
      await look(app, `/api/processes?state=ended&definition=b&limit=${PAGE}`, (body) => {
        const { processes, total } = body as { readonly processes: unknown[]; readonly total: number };
        return processes.length === PAGE && total === sent;
      }),
    ),
    beside: 'counting grows with their number',
  });
  stop();
  const { few, many } = await withKernel((other) => compare(other, kernel));
  return [
    ...rows,
    {
      what: 'starts per second of processor time beside it',
      value: shown(many),
      beside: `goal ≥ 90 % of ${shown(few)} with little: ${shown((many * 100) / few)} %`,
    },
  ];
}

/** Starts beside little and beside a long history, in turns, once they take no less of the processor: 1/s of processor time. */
async function compare(little: RunningKernel, long: RunningKernel): Promise<{ few: number; many: number }> {
  await deploy(little, 'b', models('${amount &gt; 100}').b);
  const rate = async (kernel: RunningKernel): Promise<number> => {
    const begin = ownProcessorMs();
    await startMany(kernel, 'b', ROUND, (index) => ({
      variables: { amount: { type: 'Integer', value: index % 200 } },
    }));
    return ROUND / ((ownProcessorMs() - begin) / 1_000);
  };
  await warmUp(async () => {
    await rate(little);
    await rate(long);
  }, ownProcessorMs);
  const rates = { few: [] as number[], many: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.few.push(await rate(little));
    rates.many.push(await rate(long));
  }
  return { few: median(rates.few), many: median(rates.many) };
}

/** The body of each answer must be as expected. */
async function look(app: FastifyInstance, url: string, isRight: (body: unknown) => boolean): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < LOOKS; count += 1) {
    const at = performance.now();
    const { body } = await app.inject(url);
    times.push(performance.now() - at);
    if (!isRight(JSON.parse(body))) throw new Error(`${url} gave ${body.slice(0, 500)}`);
  }
  return percentile(times, 50);
}
