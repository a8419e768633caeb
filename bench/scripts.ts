/**
 * Scripts in JavaScript: by the built-in worker in its sandbox, warm; through the whole system, from the start over REST to the
 * end; and in bpmn-engine, which runs them by `node:vm` in its own process, in memory. A B A B, medians.
 */
import { readFile } from 'node:fs/promises';
import * as Elements from 'bpmn-elements';
import { Engine } from 'bpmn-engine';
import BpmnModdle from 'bpmn-moddle';
import serialize, { TypeResolver } from 'moddle-context-serializer';
import { closeScripts, runScript } from '../packages/workers/src/script/script.ts';
import { servicesWith } from '../packages/workers/src/testing.ts';
import {
  inFlight,
  median,
  ownProcessorMs,
  processorMs,
  type Row,
  type Scenario,
  shown,
  warmUp,
  withDirectory,
} from './harness.ts';
import { isolated } from './isolated.ts';
import { peerScript, script, scriptLoop } from './models.ts';
import { deployOverRest, endedOverRest } from './peers.ts';
import type { StartResult } from './rest-clients.ts';
import { type System, startSystem } from './system.ts';

const ROUNDS = 5;
const SOURCE = 'a * 2 + 1';
const STARTERS = 16;
const THEIRS = 100;
const GIVE_UP_MS = 300_000;
const CLIENT_MODULE = new URL('rest-clients.ts', import.meta.url).href;

interface Round {
  readonly perSecond: number;
  /** Processor time for each script, µs. */
  readonly hostUs: number;
  readonly sandboxUs: number;
}

interface SystemRound extends Round {
  readonly kernelUs: number;
  readonly clientUs: number;
}

export const scripts: Scenario = {
  name: 'scripts',
  title: 'Scripts, warm: in the sandbox, and through the system',
  run: (size) =>
    withDirectory(async (directory) => {
      const [few, many] = size === 'full' ? [4_000, 40_000] : [1_000, 10_000];
      const system = await startSystem(directory);
      try {
        const face = `${system.url}/engine-rest`;
        await deployOverRest(face, 'scripted', script(SOURCE.replace('a', '20'), 41));
        await deployOverRest(face, 'looped', scriptLoop(SOURCE.replace('a', '20'), few));
        await started(system, 'scripted', few);
        await looped(system, few);
        const [sandbox, whole, loops, peer]: [Round[], SystemRound[], SystemRound[], number[]] = [[], [], [], []];
        for (let round = 0; round < ROUNDS; round += 1) {
          sandbox.push(await isolated<Round>(import.meta.url, 'inSandbox', { count: many, atOnce: 16 }).result);
          peer.push(await isolated<number>(import.meta.url, 'inBpmnEngine', { count: THEIRS }).result);
          whole.push(await started(system, 'scripted', few));
          loops.push(await looped(system, few));
        }
        return rows(sandbox, whole, loops, median(peer));
      } finally {
        await system.stop();
      }
    }),
};

function rows(
  sandbox: readonly Round[],
  whole: readonly SystemRound[],
  loops: readonly SystemRound[],
  peer: number,
): Row[] {
  const of = <T extends Round>(all: readonly T[], field: keyof T): number =>
    median(all.map((round) => Number(round[field])));
  const ratio = (all: readonly Round[]): string =>
    `bpmn-engine, without a wall and in memory, ${shown(peer)}, ratio ${shown(of(all, 'perSecond') / peer)}`;
  const parts = (all: readonly SystemRound[]): string =>
    (['kernelUs', 'hostUs', 'sandboxUs', 'clientUs'] as const).map((field) => shown(of(all, field))).join(' / ');
  const PARTS = 'processor time for each, µs: kernel / worker host / sandbox / clients';
  return [
    { what: 'in the sandbox, 16 at once, scripts/s', value: shown(of(sandbox, 'perSecond')), beside: 'goal ≥ 5,000' },
    {
      what: 'processor time for each, µs: worker host / sandbox',
      value: `${shown(of(sandbox, 'hostUs'))} / ${shown(of(sandbox, 'sandboxUs'))}`,
      beside: '',
    },
    {
      what: 'instances with one, from the start over REST to the end, 1/s',
      value: shown(of(whole, 'perSecond')),
      beside: ratio(whole),
    },
    { what: PARTS, value: parts(whole), beside: '' },
    {
      what: 'a loop of scripts in one instance, scripts/s',
      value: shown(of(loops, 'perSecond')),
      beside: ratio(loops),
    },
    { what: PARTS, value: parts(loops), beside: '' },
  ];
}

/** In a process of its own: what the worker host does for a task, without the task. */
export async function inSandbox({
  count,
  atOnce,
}: {
  readonly count: number;
  readonly atOnce: number;
}): Promise<Round> {
  const services = servicesWith();
  const one = async (a: number): Promise<void> => {
    const { local } = await runScript({ script_source: SOURCE, a }, services);
    if (local['result'] !== a * 2 + 1) throw new Error(`script ${a} gave ${local['result']}`);
  };
  await inFlight(count / 5, atOnce, one);
  const before = await sandboxMs(process.pid);
  const cpu = process.cpuUsage();
  const { perSecond } = await inFlight(count, atOnce, one);
  const { user, system } = process.cpuUsage(cpu);
  // Processes that were replaced meanwhile took theirs along.
  const sandbox = Math.max(0, (await sandboxMs(process.pid)) - before);
  closeScripts();
  return { perSecond, hostUs: (user + system) / count, sandboxUs: (sandbox * 1_000) / count };
}

/** In a process of its own, once it no longer gets faster; the model is parsed once, as its users do who care. Gives scripts per second. */
export async function inBpmnEngine({ count }: { readonly count: number }): Promise<number> {
  const source = peerScript(`next(null, ${SOURCE.replace('a', 'environment.variables.a')});`);
  const sourceContext = serialize(await new BpmnModdle().fromXML(source), TypeResolver(Elements));
  const run = async (): Promise<void> => {
    for (let a = 0; a < count; a += 1) {
      const engine = new Engine({ name: `bench-${a}`, sourceContext, variables: { a } });
      const ended = engine.waitFor('end');
      await engine.execute();
      await ended;
    }
  };
  await warmUp(run, ownProcessorMs);
  const begin = performance.now();
  await run();
  return count / ((performance.now() - begin) / 1_000);
}

/** So many instances of one script each. */
function started(system: System, bpmnProcessId: string, count: number): Promise<SystemRound> {
  return measured(system, count, async () => {
    const before = await endedOverRest(`${system.url}/engine-rest`, bpmnProcessId);
    const load = { url: `${system.url}/engine-rest`, bpmnProcessId, count, warm: 0, clients: STARTERS };
    const { clientMs } = await isolated<StartResult>(CLIENT_MODULE, 'startOverRest', load).result;
    await untilEnded(system, bpmnProcessId, before + count);
    return clientMs;
  });
}

/** One instance whose loop runs so many scripts. */
function looped(system: System, count: number): Promise<SystemRound> {
  return measured(system, count, async () => {
    const before = await endedOverRest(`${system.url}/engine-rest`, 'looped');
    const reply = await fetch(`${system.url}/engine-rest/process-definition/key/looped/start`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
    await untilEnded(system, 'looped', before + 1);
    return 0;
  });
}

async function measured(system: System, count: number, work: () => Promise<number>): Promise<SystemRound> {
  const taken = (): Promise<number[]> =>
    Promise.all([processorMs(system.kernelPid), processorMs(system.hostPid), sandboxMs(system.hostPid)]);
  const before = await taken();
  const begin = performance.now();
  const clientMs = await work();
  const seconds = (performance.now() - begin) / 1_000;
  const [kernelUs = 0, hostUs = 0, sandboxUs = 0] = (await taken()).map((ms, index) =>
    Math.max(0, ((ms - (before[index] ?? 0)) * 1_000) / count),
  );
  return { perSecond: count / seconds, kernelUs, hostUs, sandboxUs, clientUs: (clientMs * 1_000) / count };
}

/** An instance whose script gave something else does not end. */
async function untilEnded({ url }: System, bpmnProcessId: string, count: number): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (;;) {
    const ended = await endedOverRest(`${url}/engine-rest`, bpmnProcessId);
    if (ended === count) return;
    if (ended > count || performance.now() > giveUpAt)
      throw new Error(`${ended} of ${count} instances of ${bpmnProcessId} ended`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Processor time of what a process has started and what that has started, ms. Linux only. */
async function sandboxMs(osPid: number): Promise<number> {
  const children = (await readFile(`/proc/${osPid}/task/${osPid}/children`, 'utf8').catch(() => '')).trim();
  const each = children === '' ? [] : children.split(' ').map(Number);
  const times = await Promise.all(
    each.map(async (child) => (await processorMs(child).catch(() => 0)) + (await sandboxMs(child))),
  );
  return times.reduce((sum, ms) => sum + ms, 0);
}
