/** The external-task worker: long polls for as many tasks as it has free slots, runs their handlers, tells the outcome. */
import { hostname } from 'node:os';
import { type AiReservationReply, permits, SCRIPT_TOPIC } from '@procos/protocol';
import type { LockedExternalTask } from '../camunda7.ts';
import { ProcosError } from '../error.ts';
import { largeValuesOf } from '../large-values.ts';
import { type BackOff, backOff, pause } from '../pause.ts';
import { readTrace, TRACE_NAMES } from '../trace.ts';
import { Transport } from '../transport.ts';
import { toPlainValues } from '../values.ts';
import { keepAnnouncing, sayGoodbye } from './announcement.ts';
import type { Handler, Subscription, Worker, WorkerLogger, WorkerOptions } from './contract.ts';
import { type Extend, Lease } from './lease.ts';
import { completed, failed, type RetryRule, type Settlement, WorkerFailure } from './outcome.ts';
import { OutcomeSender } from './outcome-sender.ts';

interface Topic extends Subscription {
  readonly handler: Handler;
}
interface Run {
  readonly done: Promise<void>;
  readonly abort: AbortController;
  readonly task: LockedExternalTask;
}

const SILENT: WorkerLogger = { debug() {}, info() {}, warn() {}, error() {} };
/** No more than one poll that brings nothing per second, also against a server without long polling. */
const EMPTY_POLL_MS = 1000;
const FAILURES_REMEMBERED = 10_000;

export function createWorker(options: WorkerOptions): Worker {
  return new ExternalTaskWorker(options);
}

class ExternalTaskWorker implements Worker {
  readonly workerId: string;
  readonly #options: WorkerOptions;
  readonly #transport: Transport;
  readonly #outcomes: OutcomeSender;
  readonly #log: WorkerLogger;
  readonly #concurrency: number;
  readonly #lockMs: number;
  readonly #retry: RetryRule;
  readonly #reconnect: BackOff;
  readonly #topics = new Map<string, Topic>();
  readonly #runs = new Map<string, Run>();
  /** Failures seen per task, for the length of the next pause; the oldest are forgotten. */
  readonly #failures = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #connected = Promise.withResolvers<void>();
  #loop: Promise<void> | undefined;
  /** Gives whether the server may know this worker. */
  #announcing: Promise<boolean> | undefined;
  #slotFreed: () => void = () => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.workerId = options.workerId ?? `${hostname()}-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
    this.#transport = new Transport(options.baseUrl, 30_000, options.headers ?? {});
    this.#outcomes = new OutcomeSender(this.#transport, this.workerId);
    this.#log = options.logger ?? SILENT;
    this.#concurrency = options.concurrency ?? 10;
    this.#lockMs = options.lockMs ?? 300_000;
    this.#retry = {
      attempts: options.attempts ?? 3,
      backOff: options.retryBackOff ?? { firstMs: 1000, maxMs: 300_000 },
    };
    this.#reconnect = options.reconnectBackOff ?? { firstMs: 1000, maxMs: 5000 };
  }

  get running(): number {
    return this.#runs.size;
  }

  subscribe(topic: string, handler: Handler, subscription: Subscription = {}): void {
    if (this.#topics.has(topic)) throw new Error(`This worker serves topic '${topic}' already.`);
    this.#topics.set(topic, { ...subscription, handler });
  }

  abandon(taskId: string, reason: string, lockCount: number | null = null): void {
    const run = this.#runs.get(taskId);
    const isOlder = lockCount === null || (run?.task.lockCount ?? 0) < lockCount;
    if (isOlder) run?.abort.abort(new Error(reason));
  }

  start(): Promise<void> {
    if (this.#topics.size === 0) throw new Error('A worker needs a topic: call subscribe() before start().');
    if (this.#loop === undefined) this.#announcing = this.#announce();
    this.#loop ??= this.#poll();
    return this.#connected.promise;
  }

  async stop({ drainMs = 30_000 }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#stopping.abort();
    this.#slotFreed();
    await this.#loop;
    const timer = new AbortController();
    await Promise.race([this.#allDone(), pause(drainMs, timer.signal)]);
    timer.abort();
    for (const { abort } of this.#runs.values()) abort.abort(new Error('The worker was stopped.'));
    await Promise.all([...this.#runs.values()].map(({ task }) => this.#unlock(task)));
    if (this.#options.exclusiveId) await this.#reclaim().catch(() => {});
    if (await this.#announcing) await sayGoodbye(this.#transport, this.workerId);
  }

  async #announce(): Promise<boolean> {
    const { name = this.workerId, version, kind = 'sdk', announceMs = 10_000 } = this.#options;
    if (announceMs === 0) return false;
    await this.#connected.promise;
    const about = { workerId: this.workerId, name, kind, ...(version === undefined ? {} : { version }) };
    const announcement = { ...about, topics: [...this.#topics.keys()], capacity: this.#concurrency };
    return keepAnnouncing(this.#transport, announcement, announceMs, this.#stopping.signal);
  }

  async #allDone(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all([...this.#runs.values()].map(({ done }) => done));
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    // After the start and after a break: an answer at once tells that the server is there.
    let probe = true;
    while (!signal.aborted) {
      const free = this.#concurrency - this.#runs.size;
      if (free <= 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#slotFreed = resolve;
        await promise;
        // Outcomes are told together, so that more slots become free with this one.
        await pause(0, signal);
        continue;
      }
      const askedAt = Date.now();
      try {
        if (probe && this.#options.exclusiveId) await this.#reclaim();
        const tasks = await this.#fetchAndLock(free, probe ? 0 : (this.#options.longPollMs ?? 20_000), signal);
        if (probe)
          this.#log.info('worker_connected', `Worker ${this.workerId} is connected to ${this.#transport.baseUrl}.`);
        this.#connected.resolve();
        failures = 0;
        for (const task of tasks) this.#begin(task);
        if (tasks.length === 0 && !probe) await pause(Math.max(0, EMPTY_POLL_MS - (Date.now() - askedAt)), signal);
        probe = false;
      } catch (error) {
        if (signal.aborted) break;
        if (failures === 0) this.#logPollFailure(error);
        probe = true;
        await pause(backOff(failures++, this.#reconnect), signal);
      }
    }
    this.#connected.resolve();
  }

  /** A server that says it cannot take work now is no reason to worry. */
  #logPollFailure(error: unknown): void {
    const level = error instanceof ProcosError && error.status === 503 ? 'info' : 'warn';
    this.#log[level]('worker_poll_failed', `Fetching tasks failed: ${text(error)} Trying again.`);
  }

  #fetchAndLock(maxTasks: number, waitMs: number, signal: AbortSignal): Promise<readonly LockedExternalTask[]> {
    const topics = [...this.#topics].map(([topicName, { variables, lockMs }]) => ({
      topicName,
      lockDuration: lockMs ?? this.#lockMs,
      ...(variables === undefined ? {} : { variables: [...new Set([...variables, ...TRACE_NAMES])] }),
      includeExtensionProperties: true,
    }));
    return this.#transport.json('/engine-rest/external-task/fetchAndLock', {
      method: 'POST',
      body: {
        workerId: this.workerId,
        maxTasks,
        usePriority: true,
        ...(waitMs > 0 ? { asyncResponseTimeout: waitMs } : {}),
        topics,
      },
      signal,
      timeoutMs: waitMs + 30_000,
      // What an answer that got lost had locked is given back by `exclusiveId`, or when its lock ends.
      key: null,
      attempts: 1,
    });
  }

  #begin(task: LockedExternalTask): void {
    // It is under a new lock: whoever worked on it under the old one has lost it.
    this.#runs.get(task.id)?.abort.abort(new Error('The task was fetched again under a new lock.'));
    const abort = new AbortController();
    const done = this.#run(task, abort)
      .catch((error: unknown) =>
        this.#log.error('worker_fault', `Task ${task.id}: ${text(error)}`, { taskId: task.id }),
      )
      .finally(() => {
        if (this.#runs.get(task.id)?.abort === abort) this.#runs.delete(task.id);
        this.#slotFreed();
      });
    this.#runs.set(task.id, { done, abort, task });
  }

  async #run(task: LockedExternalTask, abort: AbortController): Promise<void> {
    const topic = this.#topics.get(task.topicName);
    if (topic === undefined)
      throw new Error(`The server sent a task of topic '${task.topicName}', which nobody asked for.`);
    const extend: Extend = async (newDuration) => {
      const path = `/engine-rest/external-task/${encodeURIComponent(task.id)}/extendLock`;
      const { lockCount } = task;
      const holder = { workerId: this.workerId, ...(lockCount === undefined ? {} : { lockCount }) };
      await this.#transport.json(path, { method: 'POST', body: { ...holder, newDuration }, key: null, attempts: 1 });
    };
    const lease = new Lease(extend, topic.lockMs ?? this.#lockMs);
    lease.lost.addEventListener('abort', () => abort.abort(lease.lost.reason));
    try {
      const settlement = await this.#work(task, topic, abort.signal);
      if (abort.signal.aborted) {
        this.#log.warn(
          'task_abandoned',
          `Task ${task.id} (${task.topicName}): ${text(abort.signal.reason)}`,
          named(task),
        );
        return;
      }
      await this.#settle(task, settlement, lease);
    } finally {
      lease.release();
    }
  }

  async #work(task: LockedExternalTask, topic: Topic, signal: AbortSignal): Promise<Settlement> {
    try {
      const variables = toPlainValues(task.variables ?? {});
      const headers = task.extensionProperties ?? {};
      refuseLowered(task, topic);
      const trace = readTrace(variables);
      const result = await topic.handler({
        task,
        variables: asked(variables, topic),
        headers,
        signal,
        ...(trace === undefined ? {} : { trace }),
        values: largeValuesOf(this.#transport, signal),
        reserveAi: (atMost) => this.#reserveAi(task, atMost, signal),
      });
      this.#failures.delete(task.id);
      return completed(result ?? {});
    } catch (error) {
      if (!signal.aborted)
        this.#log.warn('task_failed', `Task ${task.id} (${task.topicName}): ${text(error)}`, named(task));
      return this.#failure(error, task);
    }
  }

  #reserveAi({ id, lockCount }: LockedExternalTask, atMost: object, signal: AbortSignal): Promise<AiReservationReply> {
    const holder = { workerId: this.workerId, ...(lockCount === undefined ? {} : { lockCount }) };
    const path = `/api/external-tasks/${encodeURIComponent(id)}/ai-reservation`;
    return this.#transport.json(path, { method: 'POST', body: { ...holder, ...atMost }, key: null, signal });
  }

  #failure(error: unknown, task: LockedExternalTask): Settlement {
    const earlier = this.#failures.get(task.id) ?? 0;
    this.#failures.delete(task.id);
    this.#failures.set(task.id, earlier + 1);
    if (this.#failures.size > FAILURES_REMEMBERED) this.#failures.delete(this.#failures.keys().next().value ?? '');
    return failed(error, task, earlier, this.#retry);
  }

  /** Tells the outcome; while the server is away, again and again until the lock ends. */
  async #settle(task: LockedExternalTask, settlement: Settlement, lease: Lease): Promise<void> {
    // One for all attempts: what was accepted before the connection broke is accepted again.
    let key = crypto.randomUUID();
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#outcomes.send(task, settlement, key);
        this.#log.debug('task_settled', `Task ${task.id} (${task.topicName}): ${settlement.operation}.`, named(task));
        return;
      } catch (error) {
        const again =
          error instanceof ProcosError && error.temporary && Date.now() < lease.endsAt && !lease.lost.aborted;
        if (again) {
          await pause(backOff(attempt, this.#reconnect), lease.lost);
          continue;
        }
        this.#log.warn(
          'task_refused',
          `Task ${task.id} (${task.topicName}): ${settlement.operation} was refused: ${text(error)}`,
          named(task),
        );
        const gone = !(error instanceof ProcosError) || error.status === 404 || error.temporary;
        if (gone || settlement.operation === 'failure') return;
        // The engine does not accept this result (for example a value it cannot store): that is a failure of the task.
        settlement = this.#failure(error, task);
        key = crypto.randomUUID();
      }
    }
  }

  async #reclaim(): Promise<void> {
    const query = { workerId: this.workerId, locked: true, maxResults: 1000 };
    const held = await this.#transport.json<readonly { readonly id: string }[]>('/engine-rest/external-task', {
      query,
    });
    for (const { id } of held) if (!this.#runs.has(id)) await this.#unlock({ id });
  }

  /** With the fencing token only while the task is under the lock that it was fetched with. */
  async #unlock({ id, lockCount }: Pick<LockedExternalTask, 'id' | 'lockCount'>): Promise<void> {
    try {
      await this.#transport.json(`/engine-rest/external-task/${encodeURIComponent(id)}/unlock`, {
        method: 'POST',
        body: lockCount === undefined ? {} : { lockCount },
        key: null,
      });
    } catch (error) {
      this.#log.warn('task_unlock_failed', `Task ${id} stays locked until its lock ends: ${text(error)}`, {
        taskId: id,
      });
    }
  }
}

/** Scripts demand their walls by language: who runs them knows which there are. */
function refuseLowered({ topicName: name, capabilities }: LockedExternalTask, topic: Topic): void {
  if (capabilities === undefined || name === SCRIPT_TOPIC) return;
  const verdict = permits(capabilities, { kind: 'tasks', name, offered: topic.sandboxLevel ?? 'none' });
  if (!verdict.allowed) throw new WorkerFailure(`Refused: ${verdict.reason}.`, { retry: false });
}

/** The trace is asked for beside the variables that the handler wants. */
function asked(variables: Readonly<Record<string, unknown>>, { variables: names }: Topic) {
  if (names === undefined || !TRACE_NAMES.some((name) => name in variables)) return variables;
  const wanted: Record<string, unknown> = Object.create(null);
  for (const name of names) if (name in variables) wanted[name] = variables[name];
  return wanted;
}

function named(task: LockedExternalTask): Record<string, unknown> {
  return { taskId: task.id, topic: task.topicName, processInstanceId: task.processInstanceId };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
