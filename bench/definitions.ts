/** Many definitions of 20 tasks, each deployed by itself: how many a second, and that the next start and a process do not feel them. */
import {
  BENCH,
  deploy,
  heapMb,
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
import { chain } from './models.ts';
import { bytesOf } from './waiting.ts';

const TASKS = 20;

export const definitions: Scenario = {
  name: 'definitions',
  title: `Definitions of ${TASKS} tasks`,
  async run(size) {
    const count = size === 'full' ? 1_000 : 300;
    return withDirectory((empty) =>
      withDirectory(async (directory) => {
        await isolated(import.meta.url, 'deployMany', { directory: empty, count: 1 }).result;
        const deployed = await isolated<Deployed>(import.meta.url, 'deployMany', { directory, count }).result;
        const restarts: { few: Restarted; many: Restarted }[] = [];
        for (let round = 0; round < 3; round += 1) {
          restarts.push({
            few: await isolated<Restarted>(import.meta.url, 'startAgain', { directory: empty, count: 1 }).result,
            many: await isolated<Restarted>(import.meta.url, 'startAgain', { directory, count }).result,
          });
        }
        const middle = (of: (one: { few: Restarted; many: Restarted }) => number): string =>
          shown(median(restarts.map(of)));
        return [
          { what: `${shown(count)} deployed, 1/s`, value: shown(deployed.perSecond), beside: 'goal ≥ 300' },
          { what: 'processor time per deployment, ms', value: shown(deployed.cpuMs), beside: '' },
          { what: 'on the disk for each, KB', value: shown(deployed.bytesEach / 1024), beside: '' },
          { what: 'heap for each while the kernel runs on, KB', value: shown(deployed.heapKbEach), beside: '' },
          {
            what: 'the next start of the kernel, until PID 1 waits, ms',
            value: middle(({ many }) => many.readyMs),
            beside: `flat; ${middle(({ few }) => few.readyMs)} with one`,
          },
          {
            what: 'then one instance of each started, 1/s',
            value: middle(({ many }) => many.perSecond),
            beside: 'each model is read from the disk once',
          },
          { what: 'resident after that, MB', value: middle(({ many }) => many.residentMb), beside: '' },
        ] satisfies Row[];
      }),
    );
  },
};

interface Deployed {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly bytesEach: number;
  readonly heapKbEach: number;
}

interface Restarted {
  readonly readyMs: number;
  readonly perSecond: number;
  readonly residentMb: number;
}

const nameOf = (index: number): string => `chain_${index}`;

export function deployMany({
  directory,
  count,
}: {
  readonly directory: string;
  readonly count: number;
}): Promise<Deployed> {
  return withKernelIn(directory, async (kernel) => {
    for (let warm = 0; warm < 20; warm += 1) await deploy(kernel, `warm_${warm}`, chain(`warm_${warm}`, TASKS));
    const models = Array.from({ length: count }, (_, index) => chain(nameOf(index), TASKS));
    const [bytesBefore, heapBefore] = [await bytesOf(directory), heapMb()];
    const cpu = process.cpuUsage();
    const begin = performance.now();
    for (const [index, model] of models.entries()) await deploy(kernel, nameOf(index), model);
    const seconds = (performance.now() - begin) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const known = kernel.engine.count('definitions', {
      where: [{ column: 'bpmnProcessId', op: 'like', value: 'chain%' }],
    });
    if (known !== count) throw new Error(`${known} of ${count} definitions`);
    return {
      perSecond: count / seconds,
      cpuMs: (user + system) / 1_000 / count,
      bytesEach: ((await bytesOf(directory)) - bytesBefore) / count,
      heapKbEach: ((heapMb() - heapBefore) * 1024) / count,
    };
  });
}

export async function startAgain({
  directory,
  count,
}: {
  readonly directory: string;
  readonly count: number;
}): Promise<Restarted> {
  const begin = performance.now();
  return withKernelIn(directory, async (kernel) => {
    const readyMs = performance.now() - begin;
    const { perSecond } = await startMany(kernel, '', count, (index) => ({
      definition: { bpmnProcessId: nameOf(index) },
    }));
    const tasks = kernel.engine.count('externalTasks', { where: [{ column: 'topic', op: '=', value: 'step-1' }] });
    if (tasks < count) throw new Error(`${tasks} of ${count} instances wait`);
    await kernel.engine.submit({ type: 'expireMessages', messageIds: [] }, BENCH);
    return { readyMs, perSecond, residentMb: await residentMb(process.pid) };
  });
}
