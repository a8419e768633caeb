/** What clients of the REST face do in a process of their own (`isolated.ts`). `url` ends with `/engine-rest`. */
import { percentile } from './harness.ts';
import { answered, Connection, type Reply } from './http-client.ts';
import { tell } from './isolated.ts';

/** Connections over which instances are started at a steady rate. */
const STARTERS = 64;

/** ms. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

export interface Load {
  readonly url: string;
  readonly bpmnProcessId: string;
  readonly count: number;
}

interface Started {
  readonly id: string;
  readonly ended: boolean;
}

interface Fetched {
  readonly id: string;
  readonly businessKey: string;
}

export interface StartResult extends Spread {
  readonly perSecond: number;
  readonly ended: number;
  readonly refused: number;
  readonly clientMs: number;
}

/** So many instances started over `clients` connections, each waiting for its answer. */
export async function startOverRest({
  url,
  bpmnProcessId,
  count,
  clients,
}: Load & { readonly clients: number }): Promise<StartResult> {
  const times: number[] = [];
  let ended = 0;
  let left = count;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const connection = new Connection(url);
      while (left-- > 0) {
        const at = performance.now();
        const started = await start(connection, bpmnProcessId, {});
        times.push(performance.now() - at);
        if (started.ended) ended += 1;
      }
      connection.close();
    }),
  );
  return {
    perSecond: count / ((performance.now() - begin) / 1_000),
    ended,
    refused,
    clientMs: ownProcessorMs(),
    ...of(times),
  };
}

export interface WorkResult {
  readonly perSecond: number;
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
  readonly clientMs: number;
}

/** So many external tasks from the start of their instance to their completion; a few starters keep the workers busy. */
export async function workOverRest({
  url,
  bpmnProcessId,
  topic,
  count,
  workers,
  starters,
  peer = false,
}: Load & {
  readonly topic: string;
  readonly workers: number;
  readonly starters: number;
  readonly peer?: boolean;
}): Promise<WorkResult> {
  isPeer = peer;
  const TASKS = 10;
  /** Instances that wait for a worker at most. */
  const AHEAD = Math.max(500, workers * TASKS);
  const seen = new Set<string>();
  let started = 0;
  let completed = 0;
  const begin = performance.now();
  const starter = async (): Promise<void> => {
    const connection = new Connection(url);
    while (started < count) {
      if (started - completed > AHEAD) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      started += 1;
      await start(connection, bpmnProcessId, {});
    }
    connection.close();
  };
  const worker = async (index: number): Promise<void> => {
    const polling = new Connection(url);
    const completing = Array.from({ length: TASKS }, () => new Connection(url));
    while (completed < count) {
      const tasks = await fetchTasks(polling, `bench-${index}`, topic, TASKS, 500);
      await Promise.all(
        tasks.map(async ({ id }, lane) => {
          await complete(completing[lane]!, id, index);
          seen.add(id);
          completed += 1;
        }),
      );
    }
    polling.close();
    for (const connection of completing) connection.close();
  };
  const work = Promise.all(Array.from({ length: workers }, (_, index) => worker(index)));
  await Promise.all(Array.from({ length: starters }, starter));
  while (completed < count) await new Promise((resolve) => setTimeout(resolve, 1));
  const perSecond = count / ((performance.now() - begin) / 1_000);
  await work;
  return { perSecond, completed: seen.size, refused, failed, clientMs: ownProcessorMs() };
}

/** At a steady rate instances are started while workers wait: from the request that starts one to the worker that has its task. */
export async function handOffs({
  url,
  bpmnProcessId,
  topic,
  count,
  workers,
  perSecond,
}: Load & { readonly topic: string; readonly workers: number; readonly perSecond: number }): Promise<
  Spread & { readonly handed: number; readonly refused: number }
> {
  const times: number[] = [];
  const sentAt = new Map<string, number>();
  let over = false;
  const worker = async (index: number): Promise<void> => {
    const connection = new Connection(url);
    while (!over) {
      const tasks = await fetchTasks(connection, `bench-${index}`, topic, 1, 2_000);
      const at = performance.now();
      for (const { id, businessKey } of tasks) {
        times.push(at - (sentAt.get(businessKey) ?? Number.NaN));
        await complete(connection, id, index);
      }
    }
    connection.close();
  };
  const work = Promise.all(Array.from({ length: workers }, (_, index) => worker(index)));
  await new Promise((resolve) => setTimeout(resolve, 500));
  // A start that finds no free connection waits for one; its time counts from when it was due.
  const begin = performance.now();
  let next = 0;
  const starter = async (): Promise<void> => {
    const connection = new Connection(url);
    while (next < count) {
      const index = next++;
      const dueAt = begin + (index * 1_000) / perSecond;
      const wait = dueAt - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const businessKey = `k${index}`;
      sentAt.set(businessKey, dueAt);
      await start(connection, bpmnProcessId, { businessKey });
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
  while (times.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  over = true;
  await work;
  return { handed: times.length, refused, ...of(times) };
}

/** So many workers that wait for work of which there is none, until this process is killed. */
export async function waitForNothing({
  url,
  topic,
  workers,
}: {
  readonly url: string;
  readonly topic: string;
  readonly workers: number;
}): Promise<void> {
  const worker = async (index: number): Promise<void> => {
    const connection = new Connection(url);
    for (;;) await fetchTasks(connection, `idle-${index}`, topic, 1, 20_000);
  };
  const all = Promise.all(Array.from({ length: workers }, (_, index) => worker(index)));
  tell('waiting');
  await all;
}

function start(connection: Connection, bpmnProcessId: string, body: object): Promise<Started> {
  return patiently(() => connection.post(`/process-definition/key/${bpmnProcessId}/start`, body));
}

function complete(connection: Connection, id: string, worker: number): Promise<null> {
  return patiently(() =>
    connection.post(`/external-task/${id}/complete`, { workerId: `bench-${worker}`, variables: {} }),
  );
}

function fetchTasks(
  connection: Connection,
  workerId: string,
  topicName: string,
  maxTasks: number,
  asyncResponseTimeout: number,
): Promise<readonly Fetched[]> {
  const topics = [{ topicName, lockDuration: 60_000 }];
  return patiently(() =>
    connection.post('/external-task/fetchAndLock', {
      workerId,
      maxTasks,
      usePriority: false,
      asyncResponseTimeout,
      topics,
    }),
  );
}

/** Requests that were refused because the server had too many of them; each was sent again. */
let refused = 0;
/** Answers 500 of a peer whose transactions hinder each other, sent again as its clients do; of ours one would end the run. */
let failed = 0;
let isPeer = false;

/** Sent again while the server has no room, as clients do. */
async function patiently<T>(ask: () => Promise<Reply>): Promise<T> {
  for (;;) {
    const reply = await ask();
    if (isPeer && reply.status === 500) failed += 1;
    else if (reply.status !== 503 && reply.status !== 429) return answered<T>(Promise.resolve(reply));
    else refused += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function of(times: readonly number[]): Spread {
  return { p50: percentile(times, 50), p99: percentile(times, 99) };
}

function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
