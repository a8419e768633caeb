/** Long polling for external tasks: who waits for which topic, woken in order of arrival, and nobody for nothing. */
import type { EngineEvent, LockedTask, LogRecord, RequestKey, Subject } from '@procos/engine';
import type { Clock } from './clock.ts';
import { Unavailable } from './process-engine.ts';
import {
  type Asking,
  type Fetch,
  type FetchOutcome,
  isFiltered,
  type Seen,
  type Topic,
  takesAnything,
  type Waiter,
} from './waiting.ts';

export interface WaitersOptions {
  readonly clock: Clock;
  /** Now, as the engine sees it. */
  readonly now: () => number;
  /** How long to sleep until an instant, ms; infinite while time stands still. Default: what is left until then. */
  readonly untilMs?: (at: number) => number;
  readonly submit: (command: Fetch, by: Subject, request?: RequestKey) => Promise<FetchOutcome>;
  /** Gives back a task whose asker has gone meanwhile. */
  readonly unlock: (task: LockedTask) => void;
  /** Earliest instant after `after` at which a task of the topic becomes free; undefined when there is none. */
  readonly nextFreeAt: (topic: string, after: number) => number | undefined;
  /** Undefined where the task is gone. */
  readonly topicOf: (externalTaskId: number) => string | undefined;
  /** Requests waiting at most, default 1,000; one more is refused with `OVERLOADED`. */
  readonly capacity?: number;
  /** Every waiting request is tried again at least this often, or another one that would have left it something. */
  readonly recheckMs?: number;
}

export interface Wait {
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  readonly uniqueWorker?: boolean;
}

const NOTHING: FetchOutcome = { ok: true, value: { tasks: [] } };
/** Topics remembered at most; beyond it the idle ones are forgotten. */
const MAX_TOPICS = 10_000;
/** Until somebody else looks for what one was woken for whose look was refused. */
const AGAIN_MS = 1_000;

export class Waiters {
  readonly #options: WaitersOptions;
  readonly #capacity: number;
  readonly #recheckMs: number;
  /** In order of arrival. */
  readonly #waiting = new Set<Waiter>();
  /** Who has their first look, and may wait after it. */
  readonly #asking = new Set<Asking>();
  readonly #topics = new Map<string, Topic>();
  /** Those of `#topics` that somebody waits for. */
  readonly #wanted = new Map<string, Topic>();
  #cancelAlarm: (() => void) | null = null;
  #alarmAt = Number.POSITIVE_INFINITY;
  #freeAtChanges = 0;
  /** Counts what may have made tasks free without saying of which topic. */
  #doubts = 0;
  #cancelRecheck: (() => void) | null = null;
  /** More than any topic had counted that was forgotten: who was just looking there looks again, since what came meanwhile went unheard. */
  #forgottenWakes = 0;

  constructor(options: WaitersOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? 1_000;
    this.#recheckMs = options.recheckMs ?? 30_000;
  }

  async fetch(command: Fetch, by: Subject, wait: Wait, request?: RequestKey): Promise<FetchOutcome> {
    if (wait.uniqueWorker) this.#dismiss((workerId) => workerId === command.workerId);
    const topics = [...new Set(command.topics.map((request) => request.topic))];
    const seen = new Map(topics.map((name) => [name, this.#topic(name).wakes]));
    const doubts = this.#doubts;
    const asking: Asking = { workerId: command.workerId, dismissed: false };
    let first = NOTHING;
    if (!this.#isEmptyFor(command, request)) {
      this.#asking.add(asking);
      try {
        first = await this.#options.submit(command, by, request);
      } finally {
        this.#asking.delete(asking);
      }
    }
    if (!first.ok) return first;
    if (first !== NOTHING && request === undefined) this.#noteEmpty(command, { wakes: seen, doubts }, first.value);
    if (first.value.tasks.length > 0) {
      if (!wait.signal?.aborted) return first;
      for (const task of first.value.tasks) this.#options.unlock(task);
      return NOTHING;
    }
    if (wait.waitMs <= 0 || wait.signal?.aborted || asking.dismissed) return first;
    if (this.#waiting.size >= this.#capacity) {
      const text = `${this.#capacity} requests for external tasks are waiting already. Ask again in a moment.`;
      throw new Unavailable('OVERLOADED', text);
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        command,
        by,
        request,
        topics,
        takes: topics.length > 1 || command.topics.some(isFiltered) ? 1 : Math.max(1, command.maxTasks),
        seen,
        doubts,
        looking: false,
        late: false,
        gone: false,
        settle: resolve,
        refuse: reject,
        release: () => {},
      };
      this.#park(waiter, wait);
    });
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Of every batch, before its commit: wakes as many waiters as there are new tasks. What is undone has woken somebody for nothing. */
  onRan(records: readonly LogRecord[]): void {
    const woken = new Set<string>();
    const before = this.#freeAtChanges;
    let resumed = false;
    for (const record of records) {
      for (const event of record.events) {
        this.#note(event, woken);
        resumed ||= isResumption(event);
      }
    }
    for (const name of woken) this.#hand(name);
    if (resumed) this.wakeAll();
    if (this.#freeAtChanges !== before) this.#arm();
  }

  /** Tasks of any topic may be free: everybody who waits looks. */
  wakeAll(): void {
    this.#doubts += 1;
    for (const name of [...this.#wanted.keys()]) this.#wakeTopic(name);
  }

  /** The clock was turned: locks and back-offs may be over. */
  rearm(): void {
    this.#ring();
  }

  /** Answers everybody who waits with nothing. */
  dismissAll(): void {
    this.#dismiss(() => true);
  }

  #note(event: EngineEvent, woken: Set<string>): void {
    switch (event.type) {
      case 'externalTaskCreated':
        this.#noteFree(event.task.topic, event.task.availableAt, woken);
        break;
      case 'externalTaskUnlocked':
      case 'externalTaskFenced':
        this.#noteFree(event.topic, 0, woken);
        break;
      case 'externalTaskLocked':
        this.#noteFree(event.topic, event.lockExpiresAt, woken);
        break;
      case 'externalTaskFailed':
        // Without retries it is not free then, but somebody may give it some until then.
        if (event.retries > 0 || event.availableAt > 0) this.#noteFree(event.topic, event.availableAt, woken);
        break;
      case 'externalTaskRetriesSet':
        if (event.retries > 0) this.#noteFree(event.topic, 0, woken);
        break;
      case 'externalTaskLockExtended': {
        // The new end may be earlier, or later than the one that the alarm has just rung for.
        const topic = this.#options.topicOf(event.externalTaskId);
        if (topic !== undefined) this.#noteFree(topic, event.lockExpiresAt, woken);
        break;
      }
      default:
    }
  }

  #noteFree(name: string, at: number, woken: Set<string>): void {
    const topic = this.#topics.get(name);
    // A topic that nobody has asked for yet: the first request looks by itself.
    if (!topic) return;
    if (at <= this.#options.now()) {
      topic.wakes += 1;
      topic.unclaimed += 1;
      woken.add(name);
    } else if (topic.freeAt === null || (topic.freeAt !== undefined && at < topic.freeAt)) {
      topic.freeAt = at;
      this.#freeAtChanges += 1;
    }
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name);
    if (!topic) {
      if (this.#topics.size >= MAX_TOPICS) this.#forgetIdle();
      topic = {
        wakes: this.#forgottenWakes,
        unclaimed: 0,
        manyAt: -1,
        freeAt: undefined,
        endsAfter: this.#options.now(),
        waiting: new Set(),
        sought: 0,
        emptyAt: -1,
        emptyUntil: 0,
        emptyDoubts: 0,
      };
      this.#topics.set(name, topic);
    }
    return topic;
  }

  #forgetIdle(): void {
    for (const [name, { wakes }] of this.#topics) {
      if (this.#wanted.has(name)) continue;
      this.#topics.delete(name);
      this.#forgottenWakes = Math.max(this.#forgottenWakes, wakes);
    }
    this.#forgottenWakes += 1;
  }

  #park(waiter: Waiter, wait: Wait): void {
    this.#waiting.add(waiter);
    const leave = (): void => this.#leave(waiter);
    const cancel = this.#options.clock.after(wait.waitMs, () => {
      if (waiter.looking) waiter.late = true;
      else leave();
    });
    wait.signal?.addEventListener('abort', leave, { once: true });
    waiter.release = () => {
      cancel();
      wait.signal?.removeEventListener('abort', leave);
    };
    for (const name of waiter.topics) {
      const topic = this.#topic(name);
      topic.waiting.add(waiter);
      this.#wanted.set(name, topic);
      if (topic.freeAt === undefined) topic.freeAt = this.#options.nextFreeAt(name, topic.endsAfter) ?? null;
    }
    // A task came between its own look and now: nobody was there to be woken for it.
    if (this.#isStale(waiter)) this.#look(waiter);
    this.#arm();
    this.#armRecheck();
  }

  #isStale(waiter: Waiter): boolean {
    if (this.#doubts > waiter.doubts) return true;
    return waiter.topics.some((name) => this.#topic(name).wakes > (waiter.seen.get(name) ?? -1));
  }

  /** Lets the longest-waiting look, as many as it takes for the tasks of this topic. */
  #hand(name: string): void {
    const topic = this.#topic(name);
    if (topic.unclaimed === 0) return;
    let left = topic.unclaimed - topic.sought;
    const candidates: Waiter[] = [];
    for (const waiter of topic.waiting) {
      if (left <= 0) break;
      if (waiter.looking || topic.wakes <= (waiter.seen.get(name) ?? -1)) continue;
      candidates.push(waiter);
      left -= waiter.takes;
    }
    // Nobody waits who could want it: whoever asks next looks by itself.
    if (candidates.length === 0 && topic.sought === 0) topic.unclaimed = 0;
    for (const waiter of candidates) this.#look(waiter);
  }

  /** `forAll`: a topic of which the others look too if there may be more. */
  #look(waiter: Waiter, forAll?: string): void {
    waiter.looking = true;
    waiter.doubts = this.#doubts;
    for (const name of waiter.topics) {
      const topic = this.#topic(name);
      topic.sought += waiter.takes;
      waiter.seen.set(name, topic.wakes);
    }
    this.#options.submit(waiter.command, waiter.by, waiter.request).then(
      (outcome) => {
        this.#looked(waiter, outcome);
        const isAll = outcome.ok && isEverything(outcome.value, waiter.command);
        if (forAll !== undefined && !isAll) this.#wakeTopic(forAll);
      },
      (error: unknown) => {
        this.#stopLooking(waiter);
        if (!waiter.gone) this.#remove(waiter, () => waiter.refuse(error));
        if (forAll !== undefined) this.#wakeTopic(forAll);
        // What it was woken for is there; not at once, since there may be no room for the others either.
        else this.#options.clock.after(AGAIN_MS, () => this.#handAll(waiter));
      },
    );
  }

  #looked(waiter: Waiter, outcome: FetchOutcome): void {
    this.#stopLooking(waiter);
    const tasks = outcome.ok ? outcome.value.tasks : [];
    for (const { task } of tasks) {
      const topic = this.#topic(task.topic);
      topic.unclaimed = Math.max(0, topic.unclaimed - 1);
    }
    if (outcome.ok && waiter.request === undefined)
      this.#noteEmpty(waiter.command, { wakes: waiter.seen, doubts: waiter.doubts }, outcome.value);
    if (waiter.gone) {
      for (const task of tasks) this.#options.unlock(task);
    } else if (!outcome.ok || tasks.length > 0 || waiter.late) {
      this.#remove(waiter, () => waiter.settle(outcome));
    }
    this.#handAll(waiter);
  }

  #handAll({ topics }: Waiter): void {
    for (const name of topics) this.#hand(name);
  }

  /** After a look that got fewer than it may have: nothing else is free. An answer that was given before says nothing of now. */
  #noteEmpty(command: Fetch, seen: Seen, got: Got): void {
    if (!isEverything(got, command)) return;
    for (const request of command.topics) {
      if (isFiltered(request)) continue;
      const topic = this.#topic(request.topic);
      topic.emptyAt = seen.wakes.get(request.topic) ?? -1;
      // What can be there has come since.
      if (topic.emptyAt >= topic.manyAt) topic.unclaimed = Math.min(topic.unclaimed, topic.wakes - topic.emptyAt);
      topic.emptyUntil = this.#options.now() + this.#recheckMs;
      topic.emptyDoubts = seen.doubts;
    }
  }

  /** Somebody has looked, and nothing has become free since: so a look is spared to whoever asks again and again. */
  #isEmptyFor({ workerId, maxTasks, topics }: Fetch, request: RequestKey | undefined): boolean {
    // What is refused, and what is to be answered twice, is the engine's affair.
    if (request !== undefined || workerId === '' || !(maxTasks > 0)) return false;
    const now = this.#options.now();
    return topics.every(({ topic: name, lockMs }) => {
      const { emptyAt, wakes, emptyUntil, emptyDoubts, freeAt } = this.#topic(name);
      const isLocked = freeAt === null || (freeAt !== undefined && freeAt > now);
      return lockMs > 0 && emptyAt === wakes && emptyDoubts === this.#doubts && now < emptyUntil && isLocked;
    });
  }

  /** One that has gone was taken off the counts then. */
  #stopLooking(waiter: Waiter): void {
    if (!waiter.looking) return;
    waiter.looking = false;
    for (const name of waiter.topics) this.#topic(name).sought -= waiter.takes;
  }

  /** Time is up, the asker has hung up, or a newer request replaces it: what a look still gives goes back. */
  #leave(waiter: Waiter): void {
    if (!waiter.gone) this.#remove(waiter, () => waiter.settle(NOTHING));
  }

  #remove(waiter: Waiter, answer: () => void): void {
    waiter.gone = true;
    waiter.release();
    this.#waiting.delete(waiter);
    this.#stopLooking(waiter);
    for (const name of waiter.topics) {
      const topic = this.#topic(name);
      topic.waiting.delete(waiter);
      if (topic.waiting.size === 0) this.#wanted.delete(name);
    }
    if (this.#waiting.size === 0) this.#disarm();
    answer();
  }

  #dismiss(which: (workerId: string) => boolean): void {
    for (const waiter of [...this.#waiting]) {
      if (which(waiter.command.workerId)) this.#leave(waiter);
    }
    for (const asking of this.#asking) asking.dismissed ||= which(asking.workerId);
  }

  #wakeTopic(name: string): void {
    const topic = this.#topic(name);
    topic.wakes += 1;
    topic.manyAt = topic.wakes;
    topic.unclaimed = Number.POSITIVE_INFINITY;
    this.#hand(name);
  }

  /** One alarm for the earliest end of a lock or back-off of a topic that somebody waits for. */
  #arm(): void {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { freeAt } of this.#wanted.values()) earliest = Math.min(earliest, freeAt ?? earliest);
    if (earliest === this.#alarmAt) return;
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    this.#alarmAt = earliest;
    if (earliest === Number.POSITIVE_INFINITY) return;
    const { now, untilMs = (at) => Math.max(0, at - now()) } = this.#options;
    const delay = untilMs(earliest);
    // What lies further away is found by the re-check.
    this.#cancelAlarm = this.#options.clock.after(Math.min(delay, this.#recheckMs), () => this.#ring());
  }

  #ring(): void {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    const now = this.#options.now();
    for (const [name, topic] of [...this.#wanted]) {
      if (typeof topic.freeAt !== 'number' || topic.freeAt > now) continue;
      topic.freeAt = this.#options.nextFreeAt(name, now) ?? null;
      this.#wakeTopic(name);
    }
    // A topic that nobody waits for any more asks the store again when somebody comes; who is just looking there looks again.
    for (const topic of this.#topics.values()) {
      if (typeof topic.freeAt !== 'number' || topic.freeAt > now) continue;
      topic.freeAt = undefined;
      topic.endsAfter = now;
      topic.wakes += 1;
    }
    this.#arm();
  }

  #armRecheck(): void {
    if (this.#cancelRecheck || this.#waiting.size === 0) return;
    this.#cancelRecheck = this.#options.clock.after(this.#recheckMs, () => {
      this.#cancelRecheck = null;
      for (const name of [...this.#wanted.keys()]) this.#recheck(name);
      if (this.#waiting.size > 0) this.#armRecheck();
    });
  }

  /** One who takes whatever there is looks first: where he finds less than he asked for, hundreds of others need not. */
  #recheck(name: string): void {
    const first = [...this.#topic(name).waiting].find(
      (waiter) => !waiter.looking && takesAnything(waiter.command, waiter.request),
    );
    if (first === undefined) this.#wakeTopic(name);
    else this.#look(first, name);
  }

  #disarm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    this.#alarmAt = Number.POSITIVE_INFINITY;
    this.#cancelRecheck?.();
    this.#cancelRecheck = null;
  }
}

/** Tasks may be free again; the event does not say of which topics. */
function isResumption({ type }: EngineEvent): boolean {
  return type === 'processInstanceResumed' || type === 'externalTaskResumed';
}

type Got = Extract<FetchOutcome, { readonly ok: true }>['value'];

/** It may have had more than there was. */
function isEverything({ tasks, more }: Got, { maxTasks }: Fetch): boolean {
  return more !== true && tasks.length < maxTasks;
}
