/**
 * Instances per second from start to end: durable here (acknowledged after the sync), in memory in bpmn-engine; A B A B, medians of
 * five. Before that each side runs the model until it no longer gets faster, as a server does in its first seconds: else the model
 * that happens to be first pays for the compilation of what all have in common.
 */
import type { RunningKernel } from '@procos/kernel';
import * as Elements from 'bpmn-elements';
import { Engine } from 'bpmn-engine';
import BpmnModdle from 'bpmn-moddle';
import serialize, { TypeResolver } from 'moddle-context-serializer';
import { counting } from './counters.ts';
import { median, ownProcessorMs, type Row, type Scenario, warmUp, withKernel } from './harness.ts';
import { models, USER } from './models.ts';
import { prepare, type Runner, WORKLOADS, type Workload } from './workloads.ts';

const ROUNDS = 5;
const OURS = 4_000;
const THEIRS = 100;
const GOALS: Readonly<Record<Workload, number>> = { a: 20_000, b: 15_000, c: 12_000, u: 10_000, x: 8_000 };

export const throughput: Scenario = {
  name: 'throughput',
  title: 'Throughput in process, durable, 64 in flight, beside bpmn-engine (in memory)',
  run: () => withKernel(compare),
};

interface Round {
  /** Instances per second. */
  readonly rate: number;
  /** Seconds of processor time for 1,000 instances, all threads. */
  readonly cpu: number;
}

async function compare(kernel: RunningKernel): Promise<readonly Row[]> {
  const theirs: Partial<Record<Workload, string>> = { ...models('${environment.variables.big}'), u: USER };
  const rows: Row[] = [];
  for (const key of WORKLOADS) {
    const run = await prepare(kernel, key);
    const source = theirs[key];
    const warmed = [OURS * (await warmUp(() => run(OURS), ownProcessorMs))];
    if (source !== undefined)
      warmed.push(THEIRS * (await warmUp(() => measureTheirs(source, key === 'u'), ownProcessorMs)));
    const mine: Round[] = [];
    const peer: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      mine.push(await measureOurs(run));
      if (source !== undefined) peer.push(await measureTheirs(source, key === 'u'));
    }
    const rate = median(mine.map((round) => round.rate));
    const cpu = median(mine.map((round) => round.cpu));
    const beside =
      source === undefined ? '' : `; bpmn-engine ${median(peer).toFixed(0)}, ratio ${(rate / median(peer)).toFixed(0)}`;
    const { statements, rows: written, logBytes, syncs } = await counting(() => run(OURS));
    const per = (count: number, digits: number) => (count / OURS).toFixed(digits);
    rows.push(
      {
        what: `${key}: instances/s; CPU seconds per 1,000`,
        value: `${rate.toFixed(0)}; ${cpu.toFixed(3)}`,
        beside: `goal ≥ ${GOALS[key].toLocaleString('en')}/s${beside}`,
      },
      {
        what: `${key}: instances before the first round${source === undefined ? '' : ', of bpmn-engine'}`,
        value: warmed.map((count) => count.toLocaleString('en')).join(', '),
        beside: '',
      },
      {
        what: `${key}: syncs, SQL statements, rows, log bytes per instance`,
        value: `${per(syncs, 3)}, ${per(statements, 1)}, ${per(written, 1)}, ${per(logBytes, 0)}`,
        beside: '',
      },
    );
  }
  return rows;
}

async function measureOurs(run: Runner): Promise<Round> {
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  await run(OURS);
  const seconds = (performance.now() - begin) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { rate: OURS / seconds, cpu: (user + system) / 1_000 / OURS };
}

/** The model is parsed once, as its users do who care: every instance shares the serialized context. `signal`: a user task waits for it. */
async function measureTheirs(source: string, signal: boolean): Promise<number> {
  const sourceContext = serialize(await new BpmnModdle().fromXML(source), TypeResolver(Elements));
  const begin = performance.now();
  for (let done = 0; done < THEIRS; done += 1) {
    const engine = new Engine({ name: `bench-${done}`, sourceContext, variables: { big: done % 2 === 0 } });
    const ended = engine.waitFor('end');
    const execution = await engine.execute();
    if (signal) execution.signal({ id: 'work' });
    await ended;
  }
  return THEIRS / ((performance.now() - begin) / 1_000);
}
