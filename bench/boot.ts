/** Cold boot of the whole system by its launcher: until the API answers, until PID 1 waits for work; resident memory after that. */
import { setTimeout as pause } from 'node:timers/promises';
import { median, type Row, residentMb, type Scenario, withDirectory } from './harness.ts';
import { startSystem } from './system.ts';

const ROUNDS = 5;

/** What only the boot needed is given back when it has been quiet for a second. */
const SETTLED_MS = 4_000;

export const boot: Scenario = {
  name: 'boot',
  title: 'Cold boot and memory',
  async run() {
    const api: number[] = [];
    const ready: number[] = [];
    const kernel: number[] = [];
    const host: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const measured = await withDirectory(bootOnce);
      api.push(measured.apiMs);
      ready.push(measured.readyMs);
      kernel.push(measured.kernelMb);
      host.push(measured.hostMb);
    }
    return [
      { what: 'until the API answers, ms', value: median(api).toFixed(0), beside: 'goal ≤ 700' },
      { what: 'until PID 1 waits for work, ms', value: median(ready).toFixed(0), beside: 'goal ≤ 1,500' },
      { what: 'resident, kernel, MB', value: median(kernel).toFixed(0), beside: 'goal ≤ 150' },
      { what: 'resident, worker host, MB', value: median(host).toFixed(0), beside: 'goal ≤ 120' },
    ] satisfies Row[];
  },
};

async function bootOnce(
  directory: string,
): Promise<{ apiMs: number; readyMs: number; kernelMb: number; hostMb: number }> {
  const { apiMs, readyMs, kernelPid, hostPid, stop } = await startSystem(directory);
  try {
    await pause(SETTLED_MS);
    return { apiMs, readyMs, kernelMb: await residentMb(kernelPid), hostMb: await residentMb(hostPid) };
  } finally {
    await stop();
  }
}
