/** Script tasks in JavaScript, run by the built-in worker in its sandbox, after the first has warmed it. */
import { ProcosClient } from '@procos/client';
import { inFlight, processorMs, type Row, type Scenario, shown, withDirectory } from './harness.ts';
import { script } from './models.ts';
import { deployOverRest } from './peers.ts';
import { startSystem } from './system.ts';

export const scripts: Scenario = {
  name: 'scripts',
  title: 'Sandboxed scripts, warm',
  run: (size) =>
    withDirectory(async (directory) => {
      const count = size === 'full' ? 1_000 : 100;
      const system = await startSystem(directory);
      try {
        const client = new ProcosClient({ baseUrl: system.url });
        await deployOverRest(`${system.url}/engine-rest`, 'scripted', script('a * 2 + 1'));
        const one = async (index: number): Promise<void> => {
          const { id } = await client.start({ bpmnProcessId: 'scripted', variables: { a: index } });
          const task = await waitingTask(system.url, id);
          const { sum } = await client.variables(id);
          if (sum !== index * 2 + 1) throw new Error(`script ${index} gave ${sum}`);
          await client.completeTask(task);
        };
        await one(0);
        const before = await processorMs(system.hostPid);
        const { perSecond } = await inFlight(count, 8, one);
        const hostMs = (await processorMs(system.hostPid)) - before;
        return [
          { what: 'scripts/s', value: shown(perSecond), beside: 'goal ≥ 5,000' },
          {
            what: 'processor time of the worker host per script (without the sandbox), ms',
            value: shown(hostMs / count),
            beside: '',
          },
        ] satisfies Row[];
      } finally {
        await system.stop();
      }
    }),
};

/** The task that comes after the script. */
async function waitingTask(url: string, processInstanceId: string): Promise<string> {
  for (;;) {
    const reply = await fetch(`${url}/engine-rest/task?processInstanceId=${processInstanceId}`);
    const [task] = (await reply.json()) as readonly { readonly id: string }[];
    if (task !== undefined) return task.id;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
