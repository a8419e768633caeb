/** How soon a waiting worker has a task: 500 instances started per second, 100 long-polling workers; and how soon a start is answered in process. */
import {
  deploy,
  percentile,
  processorMs,
  type Row,
  type Scenario,
  shown,
  startMany,
  withDirectory,
  withKernel,
} from './harness.ts';
import { isolated } from './isolated.ts';
import { EXTERNAL, models } from './models.ts';
import { deployOverRest, endedOverRest } from './peers.ts';
import type { Spread } from './rest-clients.ts';
import { startSystem } from './system.ts';

const PER_SECOND = 500;
const WORKERS = 100;
const IN_FLIGHT = 64;
const CLIENT_MODULE = new URL('rest-clients.ts', import.meta.url).href;

export const handOff: Scenario = {
  name: 'hand-off',
  title: `Hand-off to a long-polling worker at ${PER_SECOND}/s, ${WORKERS} waiting; start latency in process`,
  run: async (size) => [
    ...(await handOffs(size === 'full' ? 30_000 : 5_000)),
    ...(await inProcess(size === 'full' ? 100_000 : 20_000)),
  ],
};

function handOffs(count: number): Promise<readonly Row[]> {
  return withDirectory(async (directory) => {
    const system = await startSystem(directory);
    const url = `${system.url}/engine-rest`;
    try {
      await deployOverRest(url, 'x', EXTERNAL);
      const load = { url, bpmnProcessId: 'x', topic: 'bench', workers: WORKERS, perSecond: PER_SECOND };
      await isolated<Spread>(CLIENT_MODULE, 'handOffs', { ...load, count: 1_000 }).result;
      const before = await processorMs(system.kernelPid);
      const { p50, p99 } = await isolated<Spread>(CLIENT_MODULE, 'handOffs', { ...load, count }).result;
      const serverMs = (await processorMs(system.kernelPid)) - before;
      const ended = await endedOverRest(url, 'x');
      if (ended !== count + 1_000) throw new Error(`${ended} of ${count + 1_000} instances have ended`);
      return [
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
    await startMany(kernel, 'a', 2_000);
    const { times } = await startMany(kernel, 'a', count, () => ({}), IN_FLIGHT);
    const what = `start in process, ${IN_FLIGHT} at once`;
    return [
      { what: `${what}, p50, ms`, value: percentile(times, 50).toFixed(1), beside: 'goal ≤ 1.5' },
      { what: `${what}, p99, ms`, value: percentile(times, 99).toFixed(1), beside: 'goal ≤ 8' },
    ];
  });
}
