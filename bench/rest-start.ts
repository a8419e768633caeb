/**
 * Instances started over REST by 64 clients of another process on the same cores; each runs to its end within the request. Before the
 * clock starts the server has been started at until it takes no less of the processor for it, and each process of clients has sent 3,000
 * requests: a server has that behind it after seconds.
 */
import { median, processorMs, type Row, type Scenario, shown, warmUp, withDirectory } from './harness.ts';
import { isolated } from './isolated.ts';
import { models } from './models.ts';
import { besidePeer, camunda7Url, deployOverRest, endedOverRest, NO_CAMUNDA7, PEER_WARM } from './peers.ts';
import type { StartResult } from './rest-clients.ts';
import { startSystem } from './system.ts';

const CLIENTS = 64;
/** Requests of each process of clients before its clock starts. */
const WARM = 3_000;
const WARMING_ROUND = 5_000;
const CLIENT_MODULE = new URL('rest-clients.ts', import.meta.url).href;

export const restStart: Scenario = {
  name: 'rest-start',
  title: `Start over REST, ${CLIENTS} clients in a process of their own on the same cores`,
  async run(size) {
    const [rounds, count] = size === 'full' ? [5, 20_000] : [3, 5_000];
    const peer = camunda7Url();
    const theirs = peer === undefined ? undefined : await measurePeer(peer, rounds, Math.ceil(count / 5));
    return withDirectory(async (directory) => {
      const system = await startSystem(directory);
      try {
        const url = `${system.url}/engine-rest`;
        const warmed = await warm(url, system.kernelPid);
        const ours = await measure(url, rounds, count, system.kernelPid);
        const beside =
          peer === undefined || theirs === undefined
            ? NO_CAMUNDA7
            : await besidePeer(
                peer,
                `${shown(theirs.perSecond)}, p50 ${theirs.p50.toFixed(0)}, p99 ${theirs.p99.toFixed(0)} ms`,
              );
        return [
          {
            what: 'starts before the first round, and by each process of clients before its clock starts',
            value: `${shown(warmed)} and ${shown(WARM)}`,
            beside: 'the server warm, until it takes no less processor time for one',
          },
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
            value: `${shown((ours.serverMs * 1_000) / count)} / ${shown((ours.clientMs * 1_000) / count)}`,
            beside: '',
          },
        ] satisfies Row[];
      } finally {
        await system.stop();
      }
    });
  },
};

/** Gives how many starts that took. */
async function warm(url: string, serverPid: number): Promise<number> {
  await deployOverRest(url, 'a', models('').a);
  const load = { url, bpmnProcessId: 'a', count: WARMING_ROUND, warm: 0, clients: CLIENTS };
  const round = () => isolated<StartResult>(CLIENT_MODULE, 'startOverRest', load).result;
  return WARMING_ROUND * (await warmUp(round, () => processorMs(serverPid)));
}

async function measurePeer(url: string, rounds: number, count: number): Promise<StartResult> {
  await measure(url, 1, PEER_WARM);
  return measure(url, rounds, count);
}

async function measure(url: string, rounds: number, count: number, serverPid?: number): Promise<StartResult> {
  await deployOverRest(url, 'a', models('').a);
  const results: StartResult[] = [];
  const endedBefore = await endedOverRest(url, 'a');
  const pid = serverPid === undefined ? {} : { serverPid };
  for (let round = 0; round < rounds; round += 1) {
    const load = { url, bpmnProcessId: 'a', count, warm: WARM, clients: CLIENTS, ...pid };
    results.push(await isolated<StartResult>(CLIENT_MODULE, 'startOverRest', load).result);
  }
  const ended = (await endedOverRest(url, 'a')) - endedBefore;
  if (ended !== rounds * (count + WARM) || results.some((result) => result.ended !== count))
    throw new Error(`${ended} of ${rounds * (count + WARM)} instances have ended`);
  const of = (key: keyof StartResult): number => median(results.map((result) => result[key]));
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    ended,
    refused: of('refused'),
    clientMs: of('clientMs'),
    serverMs: of('serverMs'),
  };
}
