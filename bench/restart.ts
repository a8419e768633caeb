/** A kernel killed with SIGKILL while instances wait: from the start of the next one until it has answered its first command. */
import {
  BENCH,
  deploy,
  median,
  type Row,
  type Scenario,
  shown,
  startMany,
  withDirectory,
  withKernelIn,
} from './harness.ts';
import { isolated, tell } from './isolated.ts';
import { USER } from './models.ts';

const FEW = 1_000;
const ROUNDS = 3;

export const restart: Scenario = {
  name: 'restart',
  title: 'kill -9 with many instances waiting, then the first command',
  async run(size) {
    const rows: Row[] = [];
    for (const count of [FEW, size === 'full' ? 1_000_000 : 50_000]) {
      const { ms, cpuMs } = await killed(count);
      rows.push({
        what: `from the start of the process until the first command is answered, ${shown(count)} waiting, ms`,
        value: shown(ms),
        beside: `goal ≤ 2,000, flat; ${shown(cpuMs)} of processor time from the opening of the store`,
      });
    }
    return rows;
  },
};

/** Medians of a few, after a SIGKILL each. */
function killed(count: number): Promise<{ readonly ms: number; readonly cpuMs: number }> {
  return withDirectory(async (directory) => {
    const first = isolated<void>(import.meta.url, 'fill', { directory, count });
    await Promise.race([first.told(), first.result]);
    const times: { readonly ms: number; readonly cpuMs: number }[] = [];
    let running = first;
    for (let round = 0; round < ROUNDS; round += 1) {
      const ended = new Promise((resolve) => running.child.on('exit', resolve));
      running.child.kill('SIGKILL');
      await ended;
      const begin = performance.now();
      const next = isolated<void>(import.meta.url, 'firstCommand', { directory, waiting: count + round });
      const cpuMs = Number(await Promise.race([next.told(), next.result]));
      times.push({ ms: performance.now() - begin, cpuMs });
      running = next;
    }
    running.child.kill('SIGKILL');
    return { ms: median(times.map(({ ms }) => ms)), cpuMs: median(times.map(({ cpuMs }) => cpuMs)) };
  });
}

/** Goes on writing until it is killed. */
export async function fill({
  directory,
  count,
}: {
  readonly directory: string;
  readonly count: number;
}): Promise<void> {
  await withKernelIn(directory, async (kernel) => {
    await deploy(kernel, 'u', USER);
    await startMany(kernel, 'u', count, () => ({}), 250);
    tell('filled');
    await new Promise(() => setInterval(() => {}, 1_000));
  });
}

/** Starts one more; all that were acknowledged must still wait. */
export async function firstCommand({
  directory,
  waiting,
}: {
  readonly directory: string;
  readonly waiting: number;
}): Promise<void> {
  const begin = process.cpuUsage();
  await withKernelIn(directory, async ({ engine }) => {
    const outcome = await engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'u' } }, BENCH);
    if (!outcome.ok) throw new Error(outcome.rejection.message);
    const { user, system } = process.cpuUsage(begin);
    tell((user + system) / 1_000);
    const found = engine.count('userTasks');
    if (found !== waiting + 1) {
      console.error(`${found} wait, not ${waiting + 1}`);
      process.exit(1);
    }
    await new Promise(() => setInterval(() => {}, 1_000));
  });
}
