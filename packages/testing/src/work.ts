/** Workers as functions: whenever the engine stands still they do what there is to do, in no virtual time. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import {
  BpmnError,
  type Handler,
  type LargeValues,
  type PlainValues,
  readTrace,
  type TaskContext,
  WorkerFailure,
} from '@procos/client';
import type { Command, CommandOf, EmbeddedEngine, LockedTask, ReplyOf, Subject } from '@procos/kernel';
import { plainValues, variablesOf } from './values.ts';

/** What a worker of a test is: a handler as `createWorker` takes it, or the variables that it always answers with. */
export type Work = Handler | PlainValues;

/** What a worker was called with, in order. */
export interface Calls {
  readonly calls: readonly TaskContext[];
}

export interface WorkOptions {
  /** Attempts in all when the model gives no number of retries. Default 3. */
  readonly attempts?: number;
}

interface Topic {
  readonly work: Work;
  readonly attempts: number;
  readonly calls: TaskContext[];
}

const WORKER: Subject = { kind: 'worker', id: 'test-kit' };
const HOUR_MS = 3_600_000;
/** Between attempts where neither the model nor the worker says: as the real worker pauses, without its jitter. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** Tasks done without any virtual time passing; more can only be workers that keep each other busy. */
const MOST = 10_000;

export class Workforce {
  readonly #engine: EmbeddedEngine;
  readonly #topics = new Map<string, Topic>();
  /** Failures of each task, for the length of the pause. */
  readonly #failures = new Map<number, number>();

  constructor(engine: EmbeddedEngine) {
    this.#engine = engine;
  }

  set(topic: string, work: Work, { attempts = 3 }: WorkOptions = {}): Calls {
    const calls: TaskContext[] = [];
    this.#topics.set(topic, { work, attempts, calls });
    return { calls };
  }

  remove(topic: string): void {
    this.#topics.delete(topic);
  }

  has(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** Instant at which a failed task is to be tried again, the first one; undefined: there is none. */
  get nextAttemptAt(): number | undefined {
    const now = this.#engine.now();
    const waiting = this.#engine
      .find('externalTasks')
      .filter(
        ({ topic, availableAt, suspended, retries }) =>
          this.has(topic) && availableAt > now && !suspended && retries !== 0,
      )
      .map(({ availableAt }) => availableAt);
    return waiting.length === 0 ? undefined : Math.min(...waiting);
  }

  /** Until nobody has anything to do. */
  async settle(): Promise<void> {
    for (let done = 0; ; done += 1) {
      if (this.#topics.size === 0) return;
      const topics = [...this.#topics.keys()].map((topic) => ({ topic, lockMs: 24 * HOUR_MS }));
      const { tasks } = await this.#do({
        type: 'fetchAndLock',
        workerId: WORKER.id,
        maxTasks: 1,
        usePriority: true,
        topics,
      });
      const [locked] = tasks;
      if (locked === undefined) return;
      assert.ok(
        done < MOST,
        `The workers have done ${MOST} tasks without any time passing, the last one at ${locked.task.elementId}: the model loops.`,
      );
      await this.#work(locked);
    }
  }

  async #work(locked: LockedTask): Promise<void> {
    const { task } = locked;
    const topic = this.#topics.get(task.topic);
    if (topic === undefined) return;
    const context = contextOf(locked, this.#engine);
    topic.calls.push(context);
    const holder = { externalTaskId: task.id, workerId: WORKER.id, lockCount: task.lockCount } as const;
    try {
      const { work } = topic;
      const result = typeof work === 'function' ? ((await work(context)) ?? {}) : { variables: work };
      const { variables = {}, localVariables = {}, usage } = result;
      const given = { variables: variablesOf(variables), localVariables: variablesOf(localVariables) };
      await this.#told({
        type: 'completeExternalTask',
        ...holder,
        ...given,
        ...(usage === undefined ? {} : { usage }),
      });
      this.#failures.delete(task.id);
    } catch (error) {
      if (error instanceof BpmnError) {
        const { code: errorCode, message: errorMessage, variables } = error;
        await this.#told({
          type: 'throwBpmnError',
          ...holder,
          errorCode,
          errorMessage,
          variables: variablesOf(variables),
        });
      } else await this.#failed(locked, topic, error);
    }
  }

  async #failed({ task }: LockedTask, { attempts }: Topic, error: unknown): Promise<void> {
    const again = !(error instanceof WorkerFailure) || error.retry;
    const retries = again ? Math.max(0, (task.retries ?? attempts) - 1) : 0;
    const earlier = this.#failures.get(task.id) ?? 0;
    this.#failures.set(task.id, earlier + 1);
    const given = error instanceof WorkerFailure ? error.retryAfterMs : undefined;
    const pause = given ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(earlier, 30));
    await this.#told({
      type: 'failExternalTask',
      externalTaskId: task.id,
      workerId: WORKER.id,
      lockCount: task.lockCount,
      errorMessage: error instanceof Error ? error.message || error.name : String(error),
      errorDetails: error instanceof Error ? (error.stack ?? null) : null,
      retries,
      retryAfterMs: retries === 0 ? 0 : pause,
    });
  }

  /** A handler may itself have ended the task's instance: then nobody waits for the outcome, as on the server. */
  async #told(command: Command): Promise<void> {
    const outcome = await this.#engine.submit(command as CommandOf<'completeExternalTask'>, WORKER);
    if (outcome.ok || outcome.rejection.code === 'NOT_FOUND') return;
    throw new Error(`What the worker says was refused: ${outcome.rejection.message}`);
  }

  async #do(command: CommandOf<'fetchAndLock'>): Promise<ReplyOf<'fetchAndLock'>> {
    const outcome = await this.#engine.submit<'fetchAndLock'>(command, WORKER);
    if (outcome.ok) return outcome.value;
    throw new Error(`Tasks were not handed out: ${outcome.rejection.message}`);
  }
}

function contextOf(locked: LockedTask, engine: EmbeddedEngine): TaskContext {
  const { task, variables, headers, capabilities, aiBudget } = locked;
  const seen = plainValues(variables);
  const trace = readTrace(seen);
  const { lockCount, priority, retries, businessKey, tenantId, errorMessage, errorDetails } = task;
  return {
    task: {
      id: String(task.id),
      topicName: task.topic,
      workerId: WORKER.id,
      lockCount,
      activityId: task.elementId,
      activityInstanceId: String(task.elementInstanceId),
      executionId: String(task.elementInstanceId),
      processInstanceId: String(task.processInstanceId),
      processDefinitionId: `${task.bpmnProcessId}:${locked.definitionVersion}:${task.definitionId}`,
      processDefinitionKey: task.bpmnProcessId,
      lockExpirationTime: new Date(task.availableAt).toISOString(),
      ...{ priority, retries, businessKey, tenantId, errorMessage, errorDetails },
      extensionProperties: headers,
      variables,
      ...(capabilities === undefined ? {} : { capabilities }),
      ...(aiBudget === undefined ? {} : { aiBudget }),
    },
    variables: seen,
    ...(trace === undefined ? {} : { trace }),
    headers,
    signal: new AbortController().signal,
    values: largeValuesOf(engine),
  };
}

function largeValuesOf({ largeValues }: EmbeddedEngine): LargeValues {
  return {
    async upload(content, about = {}) {
      const { name: blob, size } = await largeValues.take(
        content instanceof Uint8Array ? [content] : (content as AsyncIterable<Uint8Array>),
      );
      return { blob, size, ...about };
    },
    async download({ blob }) {
      const found = largeValues.find(blob);
      if (found === undefined) throw new Error(`There is no large value ${blob}.`);
      const stream = Readable.toWeb(Readable.from(largeValues.read(blob))) as ReadableStream<Uint8Array>;
      return { stream, size: found.size, type: 'application/octet-stream', name: null };
    },
  };
}
