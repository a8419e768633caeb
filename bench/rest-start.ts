/** Instances started over REST by 64 clients of another process on the same cores; each runs to its end within the request. */
import { median, processorMs, type Row, type Scenario, shown, withDirectory } from './harness.ts';
import { isolated } from './isolated.ts';
import { models } from './models.ts';
import { camunda7Url, deployOverRest, endedOverRest, NO_CAMUNDA7 } from './peers.ts';
import type { StartResult } from './rest-clients.ts';
import { startSystem } from './system.ts';

const CLIENTS = 64;
const CLIENT_MODULE = new URL('rest-clients.ts', import.meta.url).href;

export const restStart: Scenario = {
  name: 'rest-start',
  title: `Start over REST, ${CLIENTS} clients in a process of their own on the same cores`,
  async run(size) {
    const [rounds, count] = size === 'full' ? [5, 20_000] : [3, 5_000];
    const peer = camunda7Url();
    const theirs = peer === undefined ? undefined : await measure(peer, rounds, Math.ceil(count / 20));
    return withDirectory(async (directory) => {
      const system = await startSystem(directory);
      try {
        const before = await processorMs(system.kernelPid);
        const ours = await measure(`${system.url}/engine-rest`, rounds, count);
        const serverMs = (await processorMs(system.kernelPid)) - before;
        const beside = theirs === undefined ? NO_CAMUNDA7 : `Camunda 7 ${shown(theirs.perSecond)}`;
        return [
          { what: 'starts/s', value: shown(ours.perSecond), beside: `goal ≥ 6,000; ${beside}` },
          { what: 'latency, p50, ms', value: ours.p50.toFixed(1), beside: 'goal ≤ 8' },
          { what: 'latency, p99, ms', value: ours.p99.toFixed(1), beside: 'goal ≤ 25' },
          {
            what: 'refused for want of room and sent again',
            value: shown(ours.refused),
            beside: 'counted in the latency',
          },
          {
            what: 'processor time per start, µs, server / client',
            value: `${shown((serverMs * 1_000) / (rounds * count))} / ${shown((ours.clientMs * 1_000) / count)}`,
            beside: '',
          },
        ] satisfies Row[];
      } finally {
        await system.stop();
      }
    });
  },
};

async function measure(url: string, rounds: number, count: number): Promise<StartResult> {
  await deployOverRest(url, 'a', models('').a);
  const results: StartResult[] = [];
  const endedBefore = await endedOverRest(url, 'a');
  for (let round = 0; round < rounds; round += 1) {
    const load = { url, bpmnProcessId: 'a', count, clients: CLIENTS };
    results.push(await isolated<StartResult>(CLIENT_MODULE, 'startOverRest', load).result);
  }
  const ended = (await endedOverRest(url, 'a')) - endedBefore;
  if (ended !== rounds * count || results.some((result) => result.ended !== count))
    throw new Error(`${ended} of ${rounds * count} instances have ended`);
  const of = (key: keyof StartResult): number => median(results.map((result) => result[key]));
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    ended,
    refused: of('refused'),
    clientMs: of('clientMs'),
  };
}
