/**
 * Cold boot of the whole system by its launcher: until the API answers, until PID 1 waits for work; resident memory after that. In
 * turns with the next start of a store in which many instances wait.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  deploy,
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
import { startSystem } from './system.ts';

const ROUNDS = 5;

/** What only the boot needed is given back when it has been quiet for a second. */
const SETTLED_MS = 4_000;

interface Boot {
  readonly apiMs: number;
  readonly readyMs: number;
  readonly kernelMb: number;
  readonly hostMb: number;
}

export const boot: Scenario = {
  name: 'boot',
  title: 'Cold boot and memory',
  run: (size) =>
    withDirectory(async (directory) => {
      const many = size === 'full' ? 1_000_000 : 20_000;
      await isolated<void>(import.meta.url, 'fill', { directory, many }).result;
      const empty: Boot[] = [];
      const full: Boot[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        empty.push(await withDirectory(bootOnce));
        full.push(await bootOnce(directory));
      }
      const of = (boots: readonly Boot[], part: keyof Boot): string => median(boots.map((one) => one[part])).toFixed(0);
      return [
        { what: 'until the API answers, ms', value: of(empty, 'apiMs'), beside: 'goal ≤ 700' },
        { what: 'until PID 1 waits for work, ms', value: of(empty, 'readyMs'), beside: 'goal ≤ 1,500' },
        { what: 'resident, kernel, MB', value: of(empty, 'kernelMb'), beside: 'goal ≤ 150' },
        { what: 'resident, worker host, MB', value: of(empty, 'hostMb'), beside: 'goal ≤ 120' },
        {
          what: `with ${shown(many)} instances waiting, until the API answers / PID 1 waits, ms`,
          value: `${of(full, 'apiMs')} / ${of(full, 'readyMs')}`,
          beside: 'goal ≤ 2,000 with 1,000,000',
        },
        { what: 'resident with them, kernel, MB', value: of(full, 'kernelMb'), beside: '' },
      ] satisfies Row[];
    }),
};

async function bootOnce(directory: string): Promise<Boot> {
  const { apiMs, readyMs, kernelPid, hostPid, stop } = await startSystem(directory);
  try {
    await pause(SETTLED_MS);
    return { apiMs, readyMs, kernelMb: await residentMb(kernelPid), hostMb: await residentMb(hostPid) };
  } finally {
    await stop();
  }
}

export function fill({ directory, many }: { readonly directory: string; readonly many: number }): Promise<void> {
  return withKernelIn(directory, async (kernel) => {
    await deploy(kernel, 'u', USER);
    await startMany(kernel, 'u', many, () => ({}), 250);
  });
}
