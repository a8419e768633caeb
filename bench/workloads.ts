/** What throughput and counts are measured with: instances of models a, b, c, u and x from start to end, many in flight, in process. */
import type { CommandOf, CommandType, ReplyOf, RunningKernel } from '@procos/kernel';
import { EXTERNAL, models, USER } from './models.ts';

export const WORKLOADS = ['a', 'b', 'c', 'u', 'x'] as const;
export type Workload = (typeof WORKLOADS)[number];

const BENCH = { kind: 'user', id: 'bench' } as const;
const IN_FLIGHT = 64;
const LOCK_MS = 60_000;

/** Runs `count` instances of a model to their end; each is acknowledged after its sync. Throws when one does not end. */
export type Runner = (count: number) => Promise<void>;

/** Deploys the model of a workload and gives how to run it. */
export async function prepare(kernel: RunningKernel, workload: Workload): Promise<Runner> {
  const { engine } = kernel;
  await deploy(kernel, workload, { ...models('${amount &gt; 100}'), u: USER, x: EXTERNAL }[workload]);

  async function submit<T extends CommandType>(command: CommandOf<T>): Promise<ReplyOf<T>> {
    const outcome = await engine.submit<T>(command, BENCH);
    if (!outcome.ok) throw new Error(`${workload}: ${outcome.rejection.message}`);
    return outcome.value;
  }
  const start = (number: number) =>
    submit<'createProcessInstance'>({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: workload },
      variables: { amount: { type: 'Integer', value: number % 200 } },
    });

  async function straight(number: number): Promise<void> {
    if (!(await start(number)).ended) throw new Error(`an instance of ${workload} did not end`);
  }

  async function user(number: number, tasks: ReadonlyMap<number, number>): Promise<void> {
    const { processInstanceId } = await start(number);
    const variables = { approved: { type: 'Boolean', value: true } } as const;
    await submit<'completeUserTask'>({
      type: 'completeUserTask',
      userTaskId: tasks.get(processInstanceId) ?? 0,
      variables,
    });
  }

  /** Starts one, takes the oldest that is free and completes it: 64 workers that take one task each. */
  async function external(number: number): Promise<void> {
    await start(number);
    const fetch = { type: 'fetchAndLock', workerId: 'bench', maxTasks: 1, usePriority: false } as const;
    const { tasks } = await submit<'fetchAndLock'>({ ...fetch, topics: [{ topic: 'bench', lockMs: LOCK_MS }] });
    const [locked] = tasks;
    if (locked === undefined) throw new Error('there is no external task for a worker that has just started one');
    const { id: externalTaskId, lockCount } = locked.task;
    const variables = { done: { type: 'Boolean', value: true } } as const;
    await submit<'completeExternalTask'>({
      type: 'completeExternalTask',
      externalTaskId,
      workerId: 'bench',
      lockCount,
      variables,
    });
  }

  return async (count) => {
    const tasks = new Map<number, number>();
    const running = new Set<number>();
    let ended = 0;
    const stop = engine.onCommitted((records) => {
      for (const { events } of records) {
        for (const event of events) {
          if (event.type === 'userTaskCreated') tasks.set(event.task.processInstanceId, event.task.id);
          if (event.type === 'processInstanceCreated' && event.bpmnProcessId === workload)
            running.add(event.processInstanceId);
          if (event.type === 'processInstanceCompleted' && running.delete(event.processInstanceId)) ended += 1;
        }
      }
    });
    let left = count;
    const one = workload === 'u' ? user : workload === 'x' ? external : straight;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        await one(left, tasks);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, client));
    stop();
    if (ended !== count) throw new Error(`${ended} of ${count} instances of ${workload} have ended`);
  };
}

async function deploy(kernel: RunningKernel, key: string, content: string): Promise<void> {
  const resources = [{ name: `${key}.bpmn`, content }];
  const outcome = await kernel.engine.deploy(
    { name: key, source: null, tenantId: null, resources, skipUnchanged: false },
    BENCH,
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
}
