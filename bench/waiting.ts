/** Many instances that wait in a user task: memory, bytes on the disk, and whether others are as quick as beside a thousand. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningKernel } from '@procos/kernel';
import * as Elements from 'bpmn-elements';
import { Engine } from 'bpmn-engine';
import BpmnModdle from 'bpmn-moddle';
import serialize, { TypeResolver } from 'moddle-context-serializer';
import { boundHeapGrowth } from '../packages/procos/src/heap-growth.ts';
import { releaseMemoryWhenQuiet } from '../packages/procos/src/release-memory.ts';
import {
  BENCH,
  deploy,
  heapMb,
  inFlight,
  median,
  ownProcessorMs,
  type Row,
  residentMb,
  type Scenario,
  shown,
  startMany,
  warmUp,
  withDirectory,
  withKernel,
  withKernelIn,
} from './harness.ts';
import { isolated } from './isolated.ts';
import { USER } from './models.ts';

const FEW = 1_000;
const THEIRS = 500;
const ROUND = 4_000;
const ROUNDS = 9;
/** Long enough for memory to be given back. */
const QUIET_MS = 12_000;

export const waiting: Scenario = {
  name: 'waiting',
  title: 'Many instances that wait in a user task',
  async run(size) {
    const many = size === 'full' ? 1_000_000 : 50_000;
    const [ours, theirs] = [
      await withDirectory(
        (directory) => isolated<Measured>(import.meta.url, 'measureOurs', { directory, many }).result,
      ),
      await isolated<{ kb: number; recoverMs: number }>(import.meta.url, 'measureTheirs', { count: THEIRS }).result,
    ];
    const { few, beside } = ours;
    const perInstance = (of: (point: Point) => number, scale: number): string =>
      shown(((of(ours.many) - of(few)) * scale) / (many - FEW));
    return [
      {
        what: `resident for each of ${shown(many)}, beyond the first ${shown(FEW)}, KB`,
        value: perInstance(({ residentMb }) => residentMb, 1024),
        beside: `goal ≤ 1; bpmn-engine ${shown(theirs.kb)}`,
      },
      {
        what: 'heap in use with them, MB',
        value: shown(ours.many.heapMb),
        beside: `${shown(few.heapMb)} with ${shown(FEW)}`,
      },
      {
        what: 'resident with them, MB',
        value: shown(ours.many.residentMb),
        beside: `goal ≤ 300; ${shown(few.residentMb)} with ${shown(FEW)}`,
      },
      {
        what: 'resident once there was nothing to do for ten seconds, MB',
        value: shown(ours.quietMb),
        beside: 'what V8 keeps for itself is given back then',
      },
      {
        what: 'on the disk for each (state, log and history), KB',
        value: perInstance(({ diskBytes }) => diskBytes, 1 / 1024),
        beside: 'goal ≤ 1.5',
      },
      {
        what: `start and complete one more, instances/s of processor time`,
        value: shown(beside.many),
        beside: `goal ≥ 90 % of ${shown(beside.few)} with ${shown(FEW)}: ${shown((beside.many * 100) / beside.few)} %`,
      },
      {
        what: 'bpmn-engine: recover one, ms',
        value: shown(theirs.recoverMs),
        beside: 'ours are never loaded; see restart',
      },
    ] satisfies Row[];
  },
};

interface Point {
  readonly heapMb: number;
  readonly residentMb: number;
  readonly diskBytes: number;
}

interface Measured {
  readonly few: Point;
  readonly many: Point;
  readonly quietMb: number;
  readonly beside: { readonly few: number; readonly many: number };
}

export async function measureOurs({
  directory,
  many,
}: {
  readonly directory: string;
  readonly many: number;
}): Promise<Measured> {
  return withKernelIn(directory, async (kernel) => {
    // As in the process of `procos start`.
    const leaveHeap = boundHeapGrowth();
    await deploy(kernel, 'u', USER);
    const point = async (): Promise<Point> => {
      // Views up to date, as somebody who looks has them.
      const active = kernel.engine.count('processInstances', {
        where: [{ column: 'bpmnProcessId', op: '=', value: 'u' }],
      });
      if (active < FEW) throw new Error(`${active} instances`);
      const resident = await residentMb(process.pid);
      return { heapMb: heapMb(), residentMb: resident, diskBytes: await bytesOf(directory) };
    };
    await startMany(kernel, 'u', FEW, () => ({}), 250);
    const few = await point();
    await startMany(kernel, 'u', many - FEW, () => ({}), 250);
    const withMany = await point();
    const keepMemory = releaseMemoryWhenQuiet(kernel);
    await pause(QUIET_MS);
    keepMemory();
    leaveHeap();
    const quietMb = await residentMb(process.pid);
    const waits = kernel.engine.count('userTasks');
    if (waits !== many) throw new Error(`${waits} of ${many} wait`);
    return { few, many: withMany, quietMb, beside: await withKernel((other) => compare(other, kernel)) };
  });
}

/** One more, started and completed beside few and beside many, in turns: 1/s of processor time. */
async function compare(few: RunningKernel, many: RunningKernel): Promise<Measured['beside']> {
  await deploy(few, 'u', USER);
  await startMany(few, 'u', FEW, () => ({}), 250);
  const besideFew = oneMore(few);
  const besideMany = oneMore(many);
  await warmUp(async () => {
    await besideFew();
    await besideMany();
  }, ownProcessorMs);
  const rates = { few: [] as number[], many: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.few.push(await besideFew());
    rates.many.push(await besideMany());
  }
  return { few: median(rates.few), many: median(rates.many) };
}

/** A round of instances that are started and completed, so that the number of those that wait stays: 1/s of processor time. */
function oneMore({ engine }: RunningKernel): () => Promise<number> {
  const taskOf = new Map<number, number>();
  engine.onCommitted((records) => {
    for (const { events } of records)
      for (const event of events) {
        if (event.type === 'userTaskCreated') taskOf.set(event.task.processInstanceId, event.task.id);
        else if (event.type === 'processInstanceCompleted') taskOf.delete(event.processInstanceId);
      }
  });
  return async () => {
    const begin = ownProcessorMs();
    await inFlight(ROUND, 64, async () => {
      const started = await engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'u' } }, BENCH);
      if (!started.ok) throw new Error(started.rejection.message);
      const userTaskId = taskOf.get(started.value.processInstanceId);
      if (userTaskId === undefined) throw new Error('no task came');
      const done = await engine.submit({ type: 'completeUserTask', userTaskId }, BENCH);
      if (!done.ok) throw new Error(done.rejection.message);
    });
    return ROUND / ((ownProcessorMs() - begin) / 1_000);
  };
}

/** The model is parsed once; every engine shares the context, as its users do who care. */
export async function measureTheirs({ count }: { readonly count: number }): Promise<{ kb: number; recoverMs: number }> {
  const sourceContext = serialize(await new BpmnModdle().fromXML(USER), TypeResolver(Elements));
  const before = heapMb();
  const engines: Engine[] = [];
  for (let index = 0; index < count; index += 1) {
    const engine = new Engine({ name: `w${index}`, sourceContext });
    await engine.execute();
    engines.push(engine);
  }
  const kb = ((heapMb() - before) * 1024) / count;
  const states = await Promise.all(engines.slice(0, 50).map((engine) => engine.getState()));
  const begin = performance.now();
  for (const state of states) {
    const recovered = new Engine({ name: 'recovered' }).recover(JSON.parse(JSON.stringify(state)));
    const execution = await recovered.resume();
    if (execution.getPostponed().length !== 1) throw new Error('the recovered instance does not wait');
  }
  return { kb, recoverMs: (performance.now() - begin) / states.length };
}

export async function bytesOf(directory: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
