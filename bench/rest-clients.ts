/**
 * What clients of the REST face do in a process of their own (`isolated.ts`). `url` ends with `/engine-rest`. Each does it for `warm`
 * instances first, so that what is measured is not the compilation of its own code on the cores of the server.
 */
import { ownProcessorMs, percentile, processorMs } from './harness.ts';
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
  /** Instances before the clock starts. */
  readonly warm: number;
  /** The server's, when its processor time is asked for. */
  readonly serverPid?: number;
}

/** Processor time while the clock ran, ms; of the server 0 where its process is not known. */
interface Spent {
  readonly clientMs: number;
  readonly serverMs: number;
}

interface Started {
  readonly id: string;
  readonly ended: boolean;
}

interface Fetched {
  readonly id: string;
  readonly businessKey: string;
}

export interface StartResult extends Spread, Spent {
  readonly perSecond: number;
  readonly ended: number;
  readonly refused: number;
}

/** So many instances started over `clients` connections, each waiting for its answer. */
export async function startOverRest(load: Load & { readonly clients: number }): Promise<StartResult> {
  const connections = Array.from({ length: load.clients }, () => new Connection(load.url));
  await startAll(connections, load.bpmnProcessId, load.warm);
  refused = 0;
  const spent = await spending(load.serverPid);
  const begin = performance.now();
  const { ended, times } = await startAll(connections, load.bpmnProcessId, load.count);
  const perSecond = load.count / ((performance.now() - begin) / 1_000);
  const result = { perSecond, ended, refused, ...(await spent()), ...of(times) };
  for (const connection of connections) connection.close();
  return result;
}

async function startAll(
  connections: readonly Connection[],
  bpmnProcessId: string,
  count: number,
): Promise<{ readonly ended: number; readonly times: readonly number[] }> {
  const times: number[] = [];
  let ended = 0;
  let left = count;
  await Promise.all(
    connections.map(async (connection) => {
      while (left-- > 0) {
        const at = performance.now();
        const started = await start(connection, bpmnProcessId, {});
        times.push(performance.now() - at);
        if (started.ended) ended += 1;
      }
    }),
  );
  return { ended, times };
}

export interface WorkResult extends Spent {
  readonly perSecond: number;
  readonly completed: number;
  readonly refused: number;
  readonly failed: number;
}

export interface WorkLoad extends Load {
  readonly topic: string;
  readonly workers: number;
  readonly starters: number;
  readonly peer?: boolean;
}

/** So many external tasks from the start of their instance to their completion; a few starters keep the workers busy. */
export async function workOverRest(load: WorkLoad): Promise<WorkResult> {
  isPeer = load.peer ?? false;
  const connections = connect(load);
  if (load.warm > 0) await workAll(load, load.warm, connections);
  refused = 0;
  failed = 0;
  const spent = await spending(load.serverPid);
  const result = await workAll(load, load.count, connections, spent);
  for (const connection of [...connections.starting, ...connections.working.flat()]) connection.close();
  return { ...result, refused, failed };
}

/** Tasks that a worker asks for at once, and completes at once. */
const TASKS = 10;

/** Kept, as those of workers are: what it takes to open a thousand and to close them again is none of their work. */
interface Connections {
  readonly starting: readonly Connection[];
  /** Of each worker, the last to fetch. */
  readonly working: readonly (readonly Connection[])[];
}

function connect({ url, starters, workers }: WorkLoad): Connections {
  const some = (count: number): Connection[] => Array.from({ length: count }, () => new Connection(url));
  return { starting: some(starters), working: Array.from({ length: workers }, () => some(TASKS + 1)) };
}

async function workAll(
  { bpmnProcessId, topic, workers }: WorkLoad,
  count: number,
  { starting, working }: Connections,
  spent: () => Promise<Spent> = async () => ({ clientMs: 0, serverMs: 0 }),
): Promise<Pick<WorkResult, 'perSecond' | 'completed' | keyof Spent>> {
  /** Instances that wait for a worker at most. */
  const ahead = Math.max(500, workers * TASKS);
  const seen = new Set<string>();
  const over = Promise.withResolvers<void>();
  let started = 0;
  let completed = 0;
  let room = Promise.withResolvers<void>();
  const begin = performance.now();
  const starter = async (connection: Connection): Promise<void> => {
    while (started < count) {
      if (started - completed > ahead) {
        await room.promise;
        continue;
      }
      started += 1;
      await start(connection, bpmnProcessId, {});
    }
  };
  const done = (id: string): void => {
    seen.add(id);
    completed += 1;
    room.resolve();
    room = Promise.withResolvers();
    if (completed === count) over.resolve();
  };
  const worker = async (connections: readonly Connection[], index: number): Promise<void> => {
    while (completed < count) {
      const tasks = await fetchTasks(connections[TASKS]!, `bench-${index}`, topic, TASKS, 500);
      await Promise.all(
        tasks.map(async ({ id }, lane) => {
          await complete(connections[lane]!, id, index);
          done(id);
        }),
      );
    }
  };
  const work = Promise.all([...starting.map(starter), ...working.map(worker)]);
  await Promise.race([over.promise, work]);
  const perSecond = count / ((performance.now() - begin) / 1_000);
  const spentMs = await spent();
  await work;
  return { perSecond, completed: seen.size, ...spentMs };
}

export interface HandOffLoad extends Load {
  readonly topic: string;
  readonly workers: number;
  readonly perSecond: number;
}

/** At a steady rate instances are started while workers wait: from the request that starts one to the worker that has its task. */
export async function handOffs(load: HandOffLoad): Promise<Spread & Spent> {
  if (load.warm > 0) await handOffAll({ ...load, count: load.warm });
  const spent = await spending(load.serverPid);
  const times = await handOffAll(load);
  return { ...of(times), ...(await spent()) };
}

async function handOffAll({
  url,
  bpmnProcessId,
  topic,
  count,
  workers,
  perSecond,
}: HandOffLoad): Promise<readonly number[]> {
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
  return times;
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

/** From now on: gives what was spent. */
async function spending(serverPid: number | undefined): Promise<() => Promise<Spent>> {
  const server = async (): Promise<number> => (serverPid === undefined ? 0 : processorMs(serverPid));
  const [serverBefore, clientBefore] = [await server(), ownProcessorMs()];
  return async () => ({ clientMs: ownProcessorMs() - clientBefore, serverMs: (await server()) - serverBefore });
}
