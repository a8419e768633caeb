/**
 * One external task, start to end over REST: by our own client and worker one at a time, then by 1, 10 and 100 workers of another process.
 * Before the clock starts the server has worked with as many workers until it takes no less of the processor for a task, and each process of
 * clients has had 1,000 tasks: a server has that behind it after seconds.
 */
import { createWorker, ProcosClient } from '@procos/client';
import { percentile, processorMs, type Row, type Scenario, shown, warmUp, withDirectory } from './harness.ts';
import { isolated } from './isolated.ts';
import { EXTERNAL } from './models.ts';
import { besidePeer, camunda7Url, deployOverRest, endedOverRest, NO_CAMUNDA7, PEER_WARM } from './peers.ts';
import type { WorkResult } from './rest-clients.ts';
import { type System, startSystem } from './system.ts';

const SINGLE = 200;
const STARTERS = 16;
/** Tasks of each process of clients before its clock starts. */
const WARM = 1_000;
const WARMING_ROUND = 2_000;
const CLIENT_MODULE = new URL('rest-clients.ts', import.meta.url).href;

export const externalTask: Scenario = {
  name: 'external-task',
  title: 'One external task, start to end over REST, clients and workers in a process of their own on the same cores',
  run: (size) =>
    withDirectory(async (directory) => {
      const system = await startSystem(directory);
      try {
        return [await oneAtATime(system), ...(await many(system, size === 'full' ? 20_000 : 4_000))];
      } finally {
        await system.stop();
      }
    }),
};

/** From the start of an instance until its task is done, seen by its worker; nothing else happens meanwhile. */
async function oneAtATime({ url }: System): Promise<Row> {
  const client = new ProcosClient({ baseUrl: url });
  const worker = createWorker({ baseUrl: url, workerId: 'bench' });
  const waiting = new Map<string, () => void>();
  worker.subscribe('bench', async ({ task }) => {
    // The answer of the start may come after the task.
    while (!waiting.has(task.processInstanceId)) await new Promise((resolve) => setImmediate(resolve));
    waiting.get(task.processInstanceId)?.();
    return {};
  });
  await deployOverRest(`${url}/engine-rest`, 'x', EXTERNAL);
  await worker.start();
  try {
    const times: number[] = [];
    for (let count = 0; count < SINGLE; count += 1) {
      const begin = performance.now();
      const { id } = await client.start({ bpmnProcessId: 'x' });
      await new Promise<void>((resolve) => waiting.set(id, resolve));
      times.push(performance.now() - begin);
    }
    return {
      what: 'our client and worker, one at a time, until the worker has it, ms, median / 95th',
      value: `${percentile(times, 50).toFixed(1)} / ${percentile(times, 95).toFixed(1)}`,
      beside: '',
    };
  } finally {
    await worker.stop({ drainMs: 1_000 });
  }
}

async function many(system: System, count: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const url = `${system.url}/engine-rest`;
  const peer = camunda7Url();
  if (peer !== undefined) await deployOverRest(peer, 'x', EXTERNAL);
  for (const workers of [1, 10, 100]) {
    const theirs = peer === undefined ? undefined : await measurePeer(peer, workers, Math.ceil(count / 20));
    const beside =
      peer === undefined || theirs === undefined
        ? NO_CAMUNDA7
        : await besidePeer(peer, `${shown(theirs.perSecond)} (${shown(theirs.failed)} answers 500, sent again)`);
    const warmed = await warm(system, workers);
    const ours = await measure(url, workers, count, false, system.kernelPid);
    const each = `${shown((ours.serverMs * 1_000) / count)} / ${shown((ours.clientMs * 1_000) / count)}`;
    rows.push(
      {
        what: `${workers} worker${workers === 1 ? '' : 's'}, instances/s, after ${shown(warmed)} and ${shown(WARM)} by the process of clients`,
        value: shown(ours.perSecond),
        beside: `goal ≥ 3,000; ${beside}`,
      },
      {
        what: 'processor time of it per instance, µs, server / clients',
        value: each,
        beside: `${shown(ours.refused)} requests were refused for want of room and sent again`,
      },
    );
  }
  return rows;
}

async function measurePeer(url: string, workers: number, count: number): Promise<WorkResult> {
  await measure(url, workers, PEER_WARM / 4, true);
  return measure(url, workers, count, true);
}

/** Gives how many tasks that took. */
async function warm(system: System, workers: number): Promise<number> {
  const url = `${system.url}/engine-rest`;
  const round = () => measure(url, workers, WARMING_ROUND - WARM);
  return WARMING_ROUND * (await warmUp(round, () => processorMs(system.kernelPid)));
}

async function measure(
  url: string,
  workers: number,
  count: number,
  peer = false,
  serverPid?: number,
): Promise<WorkResult> {
  const endedBefore = await endedOverRest(url, 'x');
  const load = { url, bpmnProcessId: 'x', topic: 'bench', count, warm: WARM, workers, starters: STARTERS, peer };
  const pid = serverPid === undefined ? {} : { serverPid };
  const measured = await isolated<WorkResult>(CLIENT_MODULE, 'workOverRest', { ...load, ...pid }).result;
  const ended = (await endedOverRest(url, 'x')) - endedBefore;
  if (ended !== count + WARM || measured.completed !== count)
    throw new Error(
      `${ended} of ${count + WARM} instances ended, ${measured.completed} different tasks were completed`,
    );
  return measured;
}
