/** What the system takes when it has nothing to do: 200 workers of another process long-poll for tasks that never come. */
import { processorMs, type Row, residentMb, type Scenario, withDirectory } from './harness.ts';
import { isolated } from './isolated.ts';
import { startSystem } from './system.ts';

const WORKERS = 200;
const BEFORE_MS = 4 * 60_000;
const CLIENT_MODULE = new URL('rest-clients.ts', import.meta.url).href;

export const idle: Scenario = {
  name: 'idle',
  title: `Idle, ${WORKERS} long-polling workers`,
  run: (size) =>
    withDirectory(async (directory) => {
      const seconds = size === 'full' ? 180 : 45;
      const system = await startSystem(directory);
      const load = { url: `${system.url}/engine-rest`, topic: 'nothing', workers: WORKERS };
      const clients = isolated<void>(CLIENT_MODULE, 'waitForNothing', load);
      try {
        await clients.told();
        // Until then V8 gives back what the boot took, and compiles what ten requests a second run.
        await new Promise((resolve) => setTimeout(resolve, BEFORE_MS));
        const percents: number[] = [];
        for (const pid of [system.kernelPid, system.hostPid]) percents.push(-(await processorMs(pid)));
        await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
        if (clients.child.exitCode !== null) throw new Error('the workers have ended');
        const [kernel = 0, host = 0] = await Promise.all(
          [system.kernelPid, system.hostPid].map(
            async (pid, index) => (await processorMs(pid)) + (percents[index] ?? 0),
          ),
        );
        const percent = (ms: number): string => (ms / (seconds * 10)).toFixed(2);
        return [
          {
            what: `kernel, % of a core over ${seconds} s, after ${BEFORE_MS / 1_000} s`,
            value: percent(kernel),
            beside: 'goal < 1',
          },
          { what: 'worker host, % of a core', value: percent(host), beside: '' },
          {
            what: 'resident, kernel, MB',
            value: (await residentMb(system.kernelPid)).toFixed(0),
            beside: 'goal ≤ 150',
          },
        ] satisfies Row[];
      } finally {
        clients.child.kill();
        await system.stop();
      }
    }),
};
