/** One external-task instance from start to end over REST: started by a client, worked on by a long-polling worker, one at a time and 32 at once. */
import { createWorker, ProcosClient } from '@procos/client';
import type { RunningKernel } from '@procos/kernel';
import { createServer } from '@procos/rest';
import { percentile, type Row, type Scenario, withKernel } from './harness.ts';
import { EXTERNAL } from './models.ts';

const SINGLE = 200;
const MANY = 1_000;
const AT_ONCE = 32;

export const externalTask: Scenario = {
  name: 'external-task',
  title: 'One external task, start to end over REST, client and worker on the same cores',
  run: () => withKernel(measure),
};

async function measure(kernel: RunningKernel): Promise<readonly Row[]> {
  const server = await createServer(kernel, {});
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = new ProcosClient({ baseUrl: url });
  const waiting = new Map<string, () => void>();
  const ended = new Set<string>();
  const worker = createWorker({ baseUrl: url, workerId: 'bench', concurrency: AT_ONCE });
  worker.subscribe('bench', async () => ({}));
  const stop = kernel.engine.onCommitted((records) => {
    for (const { events } of records) {
      for (const event of events) {
        if (event.type !== 'processInstanceCompleted') continue;
        const id = String(event.processInstanceId);
        ended.add(id);
        waiting.get(id)?.();
      }
    }
  });
  try {
    await client.deploy({ name: 'x', resources: [{ name: 'x.bpmn', content: EXTERNAL }] });
    worker.start();
    const one = async (): Promise<number> => {
      const begin = performance.now();
      const { id } = await client.start({ bpmnProcessId: 'x' });
      if (!ended.has(id)) await new Promise<void>((resolve) => waiting.set(id, resolve));
      return performance.now() - begin;
    };
    for (let warm = 0; warm < 50; warm += 1) await one();
    const times: number[] = [];
    for (let count = 0; count < SINGLE; count += 1) times.push(await one());
    let left = MANY;
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left > 0) {
          left -= 1;
          await one();
        }
      }),
    );
    const rate = MANY / ((performance.now() - begin) / 1_000);
    return [
      {
        what: 'one at a time, ms, median / 95th',
        value: `${percentile(times, 50).toFixed(1)} / ${percentile(times, 95).toFixed(1)}`,
        beside: '',
      },
      { what: `${AT_ONCE} at once, instances/s`, value: rate.toFixed(0), beside: '' },
    ];
  } finally {
    stop();
    await worker.stop({ drainMs: 1_000 });
    await server.close();
  }
}
