/**
 * Who works: known from what workers do (fetch, extend, complete, fail), and from what they say of themselves. In memory, and
 * bounded: after a restart of the kernel it fills again with the first thing that each worker does.
 */
import type { Command } from '@procos/engine';
import type { Clock } from '../clock.ts';
import { Rate } from './rate.ts';

/** Not heard of for so long, and not waiting for an answer: silent. */
export const SILENT_MS = 30_000;
/** Silent, or gone, for so long: forgotten. */
const FORGOTTEN_MS = 600_000;
const MAX_WORKERS = 1_000;
const MAX_TOPICS = 100;
const MAX_ID = 200;
const MAX_ERROR = 500;

/** What a worker says of itself. */
export interface Announcement {
  readonly workerId: string;
  readonly name: string;
  readonly version: string | null;
  /** What it is built with or part of, e.g. `host`, `sdk`. */
  readonly kind: string;
  readonly topics: readonly string[];
  /** Tasks that it can do at the same time. */
  readonly capacity: number | null;
}

export interface WorkerStatus extends Omit<Announcement, 'name' | 'kind'> {
  /** The worker id, until it says another one. */
  readonly name: string;
  /** `client`: it has said nothing of itself. */
  readonly kind: string;
  readonly firstSeenAt: number;
  readonly seenAt: number;
  /** A request of it waits for tasks. */
  readonly waiting: boolean;
  readonly silent: boolean;
  /** It has said that it goes, or hung up while it waited for tasks, and was not heard of since. */
  readonly gone: boolean;
  readonly completed: number;
  readonly failed: number;
  /** Tasks that it completed within the last minute. */
  readonly perMinute: number;
  readonly lastError: { readonly at: number; readonly topic: string; readonly message: string } | null;
}

interface Entry {
  announced: Announcement | null;
  /** Asked for, the latest last. */
  readonly topics: Map<string, true>;
  readonly firstSeenAt: number;
  /** Monotonic. */
  seen: number;
  waiting: number;
  gone: boolean;
  completed: number;
  failed: number;
  readonly rate: Rate;
  lastError: WorkerStatus['lastError'];
}

export class WorkerRegistry {
  readonly #clock: Clock;
  /** In the order in which they were heard of, the latest last. */
  readonly #workers = new Map<string, Entry>();
  /** The last of them: to move it there again and again would make a new table every few times. */
  #latest: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  announce(announcement: Announcement): void {
    const entry = this.#entry(announcement.workerId);
    if (entry === undefined) return;
    entry.announced = { ...announcement, topics: announcement.topics.slice(0, MAX_TOPICS) };
  }

  /** It has ended in order. */
  leaves(workerId: string): void {
    const entry = this.#workers.get(workerId);
    if (entry === undefined) return;
    entry.seen = this.#clock.monotonicNow();
    entry.gone = true;
  }

  /** It asks for tasks; gives what to call when it has its answer, or has hung up before. */
  asks(workerId: string, topics: readonly string[]): (hungUp: boolean) => void {
    const entry = this.#entry(workerId);
    if (entry === undefined) return () => {};
    for (const topic of topics.slice(0, MAX_TOPICS)) {
      entry.topics.delete(topic);
      entry.topics.set(topic, true);
    }
    for (const topic of entry.topics.keys()) {
      if (entry.topics.size <= MAX_TOPICS) break;
      entry.topics.delete(topic);
    }
    entry.waiting += 1;
    return (hungUp) => {
      entry.waiting -= 1;
      entry.seen = this.#clock.monotonicNow();
      // Under one name there may be several.
      if (hungUp && entry.waiting === 0) entry.gone = true;
    };
  }

  /** The engine has accepted what it says of a task. */
  told(command: Command, topic: string | undefined): void {
    if (!('workerId' in command) || command.type === 'lockExternalTask') return;
    const entry = this.#entry(command.workerId);
    if (entry === undefined) return;
    if (command.type === 'completeExternalTask' || command.type === 'throwBpmnError') {
      entry.completed += 1;
      entry.rate.note(this.#clock.monotonicNow());
    } else if (command.type === 'failExternalTask') {
      entry.failed += 1;
      const message = (command.errorMessage ?? 'the worker gave no reason').slice(0, MAX_ERROR);
      entry.lastError = { at: this.#clock.wallNow(), topic: topic ?? '', message };
    }
  }

  list(): readonly WorkerStatus[] {
    const now = this.#clock.monotonicNow();
    this.#forget(now);
    return [...this.#workers].map(([workerId, entry]): WorkerStatus => {
      const { announced, seen, gone, firstSeenAt, completed, failed, lastError, rate } = entry;
      return {
        workerId,
        name: announced?.name ?? workerId,
        version: announced?.version ?? null,
        kind: announced?.kind ?? 'client',
        topics: [...new Set([...(announced?.topics ?? []), ...entry.topics.keys()])].sort(),
        capacity: announced?.capacity ?? null,
        firstSeenAt,
        seenAt: this.#clock.wallNow() - Math.round(now - seen),
        waiting: entry.waiting > 0,
        silent: isSilent(entry, now),
        gone,
        completed,
        failed,
        perMinute: rate.perMinute(now),
        lastError,
      };
    });
  }

  /** It was heard of just now. Names of unreasonable length are not kept. */
  #entry(workerId: string): Entry | undefined {
    if (workerId === '' || workerId.length > MAX_ID) return undefined;
    const now = this.#clock.monotonicNow();
    const known = this.#workers.get(workerId);
    const entry: Entry = known ?? {
      announced: null,
      topics: new Map(),
      firstSeenAt: this.#clock.wallNow(),
      seen: now,
      waiting: 0,
      gone: false,
      completed: 0,
      failed: 0,
      rate: new Rate(),
      lastError: null,
    };
    entry.seen = now;
    entry.gone = false;
    if (known !== undefined && workerId === this.#latest) return entry;
    this.#workers.delete(workerId);
    this.#workers.set(workerId, entry);
    this.#latest = workerId;
    if (this.#workers.size > MAX_WORKERS) this.#makeRoom(now);
    return entry;
  }

  #makeRoom(now: number): void {
    this.#forget(now);
    for (const workerId of this.#workers.keys()) {
      if (this.#workers.size <= MAX_WORKERS) return;
      this.#workers.delete(workerId);
    }
  }

  #forget(now: number): void {
    for (const [workerId, entry] of this.#workers)
      if (entry.waiting === 0 && now - entry.seen > FORGOTTEN_MS) this.#workers.delete(workerId);
  }
}

/** One that says what it is goes on saying so: an open request proves nothing, its host may be stopped. */
function isSilent({ announced, waiting, seen, gone }: Entry, now: number): boolean {
  return !gone && (announced !== null || waiting === 0) && now - seen > SILENT_MS;
}
