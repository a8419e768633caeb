/**
 * How soon a waiting worker has a task: 500 instances started per second, 100 long-polling workers; and how soon a start is answered in process.
 * Before the clock starts the server has worked with 100 workers until it takes no less of the processor for a task, the process of clients
 * has had 1,000 tasks at that rate, and the kernel in process has had starts until they get no cheaper: a server has that behind it after seconds.
 */
import {
  deploy,
  ownProcessorMs,
  percentile,
  processorMs,
  type Row,
  type Scenario,
  shown,
  startMany,
  warmUp,
  withDirectory,
  withKernel,
} from './harness.ts';
import { isolated } from './isolated.ts';
import { EXTERNAL, models } from './models.ts';
import { deployOverRest, endedOverRest } from './peers.ts';
import type { HandOffLoad, handOffs, WorkLoad } from './rest-clients.ts';
import { startSystem } from './system.ts';

const PER_SECOND = 500;
const WORKERS = 100;
const IN_FLIGHT = 64;
/** Tasks of the process of clients before its clock starts. */
const WARM = 1_000;
const WARMING_ROUND = 2_000;
const IN_PROCESS_ROUND = 5_000;
const CLIENT_MODULE = new URL('rest-clients.ts', import.meta.url).href;
const LOAD = { bpmnProcessId: 'x', topic: 'bench', workers: WORKERS } as const;

export const handOff: Scenario = {
  name: 'hand-off',
  title: `Hand-off to a long-polling worker at ${PER_SECOND}/s, ${WORKERS} waiting; start latency in process`,
  run: async (size) => [
    ...(await overRest(size === 'full' ? 30_000 : 5_000)),
    ...(await inProcess(size === 'full' ? 100_000 : 20_000)),
  ],
};

function overRest(count: number): Promise<readonly Row[]> {
  return withDirectory(async (directory) => {
    const system = await startSystem(directory);
    const url = `${system.url}/engine-rest`;
    try {
      await deployOverRest(url, 'x', EXTERNAL);
      const { kernelPid: serverPid } = system;
      const work: WorkLoad = { ...LOAD, url, count: WARMING_ROUND, warm: 0, starters: 16 };
      const round = () => isolated(CLIENT_MODULE, 'workOverRest', work).result;
      const warmed = WARMING_ROUND * (await warmUp(round, () => processorMs(serverPid)));
      const load: HandOffLoad = { ...LOAD, url, count, warm: WARM, perSecond: PER_SECOND, serverPid };
      const asked = isolated<Awaited<ReturnType<typeof handOffs>>>(CLIENT_MODULE, 'handOffs', load);
      const { p50, p99, serverMs } = await asked.result;
      const ended = await endedOverRest(url, 'x');
      if (ended !== warmed + WARM + count) throw new Error(`${ended} of ${warmed + WARM + count} instances have ended`);
      return [
        {
          what: 'tasks before it, as fast as they go, and of the process of clients at this rate',
          value: `${shown(warmed)} and ${shown(WARM)}`,
          beside: 'the server warm, until it takes no less processor time for one',
        },
        { what: 'from the request that starts to the worker, p50, ms', value: p50.toFixed(1), beside: 'goal ≤ 2' },
        { what: 'the same, p99, ms', value: p99.toFixed(1), beside: 'goal ≤ 15' },
        { what: 'processor time of the server per instance, µs', value: shown((serverMs * 1_000) / count), beside: '' },
      ];
    } finally {
      await system.stop();
    }
  });
}

function inProcess(count: number): Promise<readonly Row[]> {
  return withKernel(async (kernel) => {
    await deploy(kernel, 'a', models('').a);
    const round = () => startMany(kernel, 'a', IN_PROCESS_ROUND);
    const warmed = IN_PROCESS_ROUND * (await warmUp(round, ownProcessorMs));
    const { times } = await startMany(kernel, 'a', count, () => ({}), IN_FLIGHT);
    const what = `start in process, ${IN_FLIGHT} at once, after ${shown(warmed)}`;
    return [
      { what: `${what}, p50, ms`, value: percentile(times, 50).toFixed(1), beside: 'goal ≤ 1.5' },
      { what: `${what}, p99, ms`, value: percentile(times, 99).toFixed(1), beside: 'goal ≤ 8' },
    ];
  });
}
