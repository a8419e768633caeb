/** Tells outcomes to the server: together where it takes them so, since a request costs more than what it says. */
import type { OutcomesBody, OutcomesReply } from '@procos/protocol';
import type { LockedExternalTask } from '../camunda7.ts';
import { ProcosError } from '../error.ts';
import type { Transport } from '../transport.ts';
import type { Settlement } from './outcome.ts';

type Told = OutcomesBody['outcomes'][number];

interface Waiting {
  readonly told: Told;
  readonly length: number;
  readonly done: PromiseWithResolvers<void>;
}

const PATH = '/api/external-tasks/outcomes';
const MOST = 100;
/** Characters of JSON that go in one request; the server takes 4 MiB. */
const MOST_LENGTH = 1024 * 1024;
/** The server does not know the path: it is a Camunda, or an older one. */
const UNKNOWN = [404, 405];

export class OutcomeSender {
  readonly #transport: Transport;
  readonly #workerId: string;
  readonly #waiting: Waiting[] = [];
  #sending = false;
  #oneByOne = false;

  constructor(transport: Transport, workerId: string) {
    this.#transport = transport;
    this.#workerId = workerId;
  }

  /** Throws `ProcosError` where the server refuses it. `key`: the same for every attempt. */
  async send(task: LockedExternalTask, { operation, body }: Settlement, key: string): Promise<void> {
    const { id, lockCount } = task;
    const told: Told = { taskId: id, operation, key, body: lockCount === undefined ? body : { ...body, lockCount } };
    // Camunda knows no fencing token, and no outcomes of many.
    if (this.#oneByOne || lockCount === undefined) return this.#sendAlone(told);
    const { length } = JSON.stringify(told);
    if (length > MOST_LENGTH) return this.#sendAlone(told);
    const waiting = { told, length, done: Promise.withResolvers<void>() };
    this.#waiting.push(waiting);
    if (!this.#sending) void this.#sendAll();
    return waiting.done.promise;
  }

  /** What comes while a request is under way goes with the next one. */
  async #sendAll(): Promise<void> {
    this.#sending = true;
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      try {
        await this.#sendTogether(batch);
      } catch (error) {
        if (error instanceof ProcosError && UNKNOWN.includes(error.status)) {
          this.#oneByOne = true;
          for (const { told, done } of batch) this.#sendAlone(told).then(done.resolve, done.reject);
        } else for (const { done } of batch) done.reject(error);
      }
    }
    this.#sending = false;
  }

  #next(): readonly Waiting[] {
    let count = 0;
    let length = 0;
    for (const waiting of this.#waiting) {
      length += waiting.length;
      if (count === MOST || (count > 0 && length > MOST_LENGTH)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #sendTogether(batch: readonly Waiting[]): Promise<void> {
    const body: OutcomesBody = { workerId: this.#workerId, outcomes: batch.map(({ told }) => told) };
    // Each has a key of its own.
    const call = { method: 'POST', body, key: null, attempts: 1 } as const;
    const { answers } = await this.#transport.json<OutcomesReply>(PATH, call);
    for (const [index, { done }] of batch.entries()) {
      const answer = answers[index] ?? { status: 500, message: 'The server has not said what became of it.' };
      if (answer.status < 300) done.resolve();
      else {
        const { status, type = `HTTP_${status}`, message = `${status}` } = answer;
        done.reject(new ProcosError(type, status, message, answer));
      }
    }
  }

  async #sendAlone({ taskId, operation, key, body }: Told): Promise<void> {
    const path = `/engine-rest/external-task/${encodeURIComponent(taskId)}/${operation}`;
    await this.#transport.json(path, {
      method: 'POST',
      body: { workerId: this.#workerId, ...body },
      key: key ?? null,
      attempts: 1,
    });
  }
}
