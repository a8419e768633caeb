/** Many instances that wait in a user task: memory, bytes on the disk, and whether others are as quick as beside a thousand. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as Elements from 'bpmn-elements';
import { Engine } from 'bpmn-engine';
import BpmnModdle from 'bpmn-moddle';
import serialize, { TypeResolver } from 'moddle-context-serializer';
import {
  BENCH,
  deploy,
  heapMb,
  inFlight,
  median,
  type Row,
  residentMb,
  type Scenario,
  shown,
  startMany,
  withDirectory,
  withKernelIn,
} from './harness.ts';
import { isolated } from './isolated.ts';
import { USER } from './models.ts';

const FEW = 1_000;
const THEIRS = 500;
const ROUND = 4_000;
const ROUNDS = 5;

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
    const { engine } = kernel;
    await deploy(kernel, 'u', USER);
    const point = async (): Promise<Point> => {
      // Views up to date, as somebody who looks has them.
      const active = engine.count('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: 'u' }] });
      if (active < FEW) throw new Error(`${active} instances`);
      return { heapMb: heapMb(), residentMb: await residentMb(process.pid), diskBytes: await bytesOf(directory) };
    };
    /** Started and completed, so that the number of those that wait stays. */
    const others = async (): Promise<number> => {
      const rates: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const begin = process.cpuUsage();
        await inFlight(ROUND, 64, async () => {
          const started = await engine.submit(
            { type: 'createProcessInstance', definition: { bpmnProcessId: 'u' } },
            BENCH,
          );
          if (!started.ok) throw new Error(started.rejection.message);
          // The identities of an instance are given in a row: itself, the start event, the flow's target, its task.
          const userTaskId = taskOf.get(started.value.processInstanceId);
          if (userTaskId === undefined) throw new Error('no task came');
          const done = await engine.submit({ type: 'completeUserTask', userTaskId }, BENCH);
          if (!done.ok) throw new Error(done.rejection.message);
        });
        const { user, system } = process.cpuUsage(begin);
        rates.push(ROUND / ((user + system) / 1_000_000));
      }
      return median(rates);
    };
    const taskOf = new Map<number, number>();
    const stop = engine.onCommitted((records) => {
      for (const { events } of records)
        for (const event of events) {
          if (event.type === 'userTaskCreated') taskOf.set(event.task.processInstanceId, event.task.id);
          else if (event.type === 'processInstanceCompleted') taskOf.delete(event.processInstanceId);
        }
    });
    await others();
    const besideFew = await others();
    stop();
    taskOf.clear();
    await startMany(kernel, 'u', FEW);
    const few = await point();
    await startMany(kernel, 'u', many - FEW, () => ({}), 250);
    const withMany = await point();
    const waits = engine.count('userTasks');
    if (waits !== many) throw new Error(`${waits} of ${many} wait`);
    const again = engine.onCommitted((records) => {
      for (const { events } of records)
        for (const event of events) {
          if (event.type === 'userTaskCreated') taskOf.set(event.task.processInstanceId, event.task.id);
          else if (event.type === 'processInstanceCompleted') taskOf.delete(event.processInstanceId);
        }
    });
    const besideMany = await others();
    again();
    return { few, many: withMany, beside: { few: besideFew, many: besideMany } };
  });
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
