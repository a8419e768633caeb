/** The alarm clock: one wake-up for the earliest timer or message expiry, triggered as commands in bounded batches. */
import type { Flow, TurnTaking } from '@procos/engine';
import type { Clock } from './clock.ts';

export interface DueTimer {
  readonly id: number;
  readonly dueAt: number;
  readonly priority: number;
}

export interface AlarmOptions {
  readonly clock: Clock;
  /** Now, as the engine sees it. */
  readonly now: () => number;
  /** How long to sleep until an instant, ms; infinite while time stands still. Default: what is left until then. */
  readonly untilMs?: (at: number) => number;
  readonly timers: {
    due(now: number, limit: number): readonly DueTimer[];
    nextDueAt(): number | undefined;
    /** Definitions that have timers, some of them none that is due. */
    definitions(): readonly number[];
    dueOf(definitionId: number, now: number, limit: number): readonly DueTimer[];
  };
  /** Whose the timers of a definition are, and whose turn it is when not all that are due can ring at once. */
  readonly flowOf: (definitionId: number) => Flow;
  readonly turns: TurnTaking;
  readonly messages: {
    expired(now: number, limit: number): readonly { readonly id: number }[];
    nextExpiryAt(): number | undefined;
  };
  /** Both resolve when done, and reject when the kernel could not do it now. */
  readonly triggerTimer: (timerId: number) => Promise<unknown>;
  readonly expireMessages: (messageIds: readonly number[]) => Promise<unknown>;
  /** Commands in flight at most. */
  readonly batch?: number;
  /** Longest sleep: after it the wall clock is read again, in case it jumped. */
  readonly recheckMs?: number;
}

/** Timers that are read of one definition at a time. */
const LEAST_OF_ONE = 8;
/** How long a timer rests whose command failed, so that it does not spin. */
const REST_MS = 1_000;
/** Among what rests, in the place of a timer's id: the messages that have expired. */
const MESSAGES = -1;

export class Alarm {
  readonly #options: AlarmOptions;
  readonly #batch: number;
  readonly #recheckMs: number;
  /** Timers whose command failed, and until when they rest: monotonic, since the engine's time may stand still. */
  readonly #resting = new Map<number, number>();
  #cancel: (() => void) | null = null;
  #armedFor = Number.POSITIVE_INFINITY;
  #ringing = false;
  /** More was due at the last ring than could ring at once: so it will be at the next one. */
  #crowded = false;
  #stopped = false;

  constructor(options: AlarmOptions) {
    this.#options = options;
    this.#batch = options.batch ?? 128;
    this.#recheckMs = options.recheckMs ?? 30_000;
  }

  /** At start and after every commit: sleeps until the earliest instant. Cheap when nothing changed. */
  arm(): void {
    if (this.#stopped || this.#ringing) return;
    const next = this.#next();
    // The disk refused to tell, and the kernel has ended.
    if (this.#stopped) return;
    if (this.#cancel && next === this.#armedFor) return;
    this.#cancel?.();
    this.#armedFor = next;
    const { now, untilMs = (at) => Math.max(at - now(), 0) } = this.#options;
    const delay = Math.min(untilMs(next), this.#restLeftMs(), this.#recheckMs);
    this.#cancel = this.#options.clock.after(delay, () => {
      this.#cancel = null;
      void this.#ring();
    });
  }

  /** The clock was turned: what it sleeps for may be due. */
  rearm(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  #next(): number {
    const { timers, messages } = this.#options;
    const expiry = (this.#resting.has(MESSAGES) ? undefined : messages.nextExpiryAt()) ?? Number.POSITIVE_INFINITY;
    if (this.#resting.size === 0) return Math.min(timers.nextDueAt() ?? Number.POSITIVE_INFINITY, expiry);
    const horizon = this.#options.now() + this.#recheckMs;
    const timer = timers.due(horizon, this.#resting.size + 1).find(({ id }) => !this.#resting.has(id));
    return Math.min(timer?.dueAt ?? Number.POSITIVE_INFINITY, expiry);
  }

  /** Until the first of what rests may be tried again, ms; infinite when nothing does. */
  #restLeftMs(): number {
    if (this.#resting.size === 0) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.min(...this.#resting.values()) - this.#options.clock.monotonicNow());
  }

  /** Triggers what is due, a bounded batch at a time, and arms again; where more is due it rings again at once. */
  async #ring(): Promise<void> {
    const { messages } = this.#options;
    if (this.#stopped) return;
    this.#ringing = true;
    const now = this.#options.now();
    const rested = this.#options.clock.monotonicNow();
    for (const [id, until] of this.#resting) {
      if (until <= rested) this.#resting.delete(id);
    }
    const due = this.#due(now).toSorted((one, other) => other.priority - one.priority);
    const expired = this.#resting.has(MESSAGES) ? [] : messages.expired(now, this.#batch).map(({ id }) => id);
    const work = due.map(({ id }) => this.#options.triggerTimer(id).catch(() => this.#rest(id)));
    if (expired.length > 0) {
      // Not now: the same messages are still there at the next ring.
      work.push(this.#options.expireMessages(expired).catch(() => this.#rest(MESSAGES)));
    }
    await Promise.all(work);
    if (this.#crowded || expired.length === this.#batch) {
      // Not by a timer, which sleeps a millisecond at least; what others have asked meanwhile comes first.
      this.#options.clock.soon(() => void this.#ring());
      return;
    }
    this.#ringing = false;
    this.arm();
  }

  /** The earliest ones; as soon as more are due than can ring at once some of each definition. */
  #due(now: number): readonly DueTimer[] {
    const first = this.#crowded
      ? []
      : this.#options.timers.due(now, this.#batch + this.#resting.size).filter(({ id }) => !this.#resting.has(id));
    const due = this.#crowded || first.length >= this.#batch ? this.#inTurn(now) : first;
    this.#crowded = due.length >= this.#batch;
    return due;
  }

  /** More is due than can ring at once: not the earliest ones, but some of each definition. */
  #inTurn(now: number): readonly DueTimer[] {
    const { timers, flowOf, turns } = this.#options;
    const chosen: DueTimer[] = [];
    const lines = new Map<number, Line>(
      timers.definitions().map((id) => [id, { id, flow: flowOf(id), rows: [], taken: 0 }]),
    );
    const share = Math.max(LEAST_OF_ONE, Math.ceil((2 * this.#batch) / Math.max(1, lines.size)));
    const hasMore = (line: Line): boolean => {
      if (line.taken < line.rows.length) return true;
      if (line.taken > 0 && line.rows.length % share !== 0) return false;
      const limit = line.rows.length + share;
      const found = timers.dueOf(line.id, now, limit + this.#resting.size);
      line.rows = found.filter(({ id }) => !this.#resting.has(id)).slice(0, limit);
      return line.taken < line.rows.length;
    };
    for (const line of lines.values()) if (!hasMore(line)) lines.delete(line.id);
    let waiting = oldestOfEach(lines.values());
    while (chosen.length < this.#batch && waiting.size > 0) {
      const flows = [...waiting.keys()];
      const line = waiting.get(flows.length === 1 ? flows[0]! : turns.next(flows));
      const timer = line?.rows[line.taken];
      if (line === undefined || timer === undefined) break;
      line.taken += 1;
      chosen.push(timer);
      if (chosen.length === this.#batch || hasMore(line)) continue;
      lines.delete(line.id);
      waiting = oldestOfEach(lines.values());
    }
    return chosen;
  }

  #rest(id: number): void {
    this.#resting.set(id, this.#options.clock.monotonicNow() + REST_MS);
  }
}

/** What is due of one definition, as far as it has been read. */
interface Line {
  readonly id: number;
  readonly flow: Flow;
  rows: readonly DueTimer[];
  taken: number;
}

/** By whose turn it may be; of several versions of a process the oldest comes first. */
function oldestOfEach(lines: Iterable<Line>): ReadonlyMap<Flow, Line> {
  const byProcess = Map.groupBy(lines, ({ flow }) => JSON.stringify([flow.tenantId, flow.bpmnProcessId]));
  return new Map(
    [...byProcess.values()].map((versions) => {
      const oldest = versions.reduce((one, other) => (other.id < one.id ? other : one));
      return [oldest.flow, oldest];
    }),
  );
}
