/** The command loop: one writer, batches of commands, one commit per batch, answers only after the commit. */
import {
  type apply as applyEvent,
  type Command,
  type CommandOf,
  type CommandType,
  DEFAULT_LIMITS,
  type EngineEvent,
  type ExecutionContext,
  type execute as executeCommand,
  type Flow,
  type Limits,
  type LogRecord,
  type Outcome,
  type Pinned,
  type ReplyOf,
  type RequestKey,
  type Subject,
  type Undeclared,
} from '@procos/engine';
import { StorageFull, type Store, StoreFailure } from '@procos/store';
import type { Clock } from './clock.ts';
import { belongingOf } from './command-flow.ts';
import { EngineTime } from './engine-time.ts';
import { FairQueue, FairShare, weightsOf } from './fair-share.ts';
import { Unavailable } from './process-engine.ts';

export interface LoopOptions {
  readonly store: Store;
  /** The pure step. */
  readonly engine: { readonly execute: typeof executeCommand; readonly apply: typeof applyEvent };
  readonly clock: Clock;
  /** IANA time zone for calendar timers. */
  readonly zone: string;
  /** Commands waiting at most; one more is refused with `OVERLOADED`. */
  readonly capacity?: number;
  /** Commands per commit at most. */
  readonly maxBatch?: number;
  /** What a model may ask for; absent: the engine's defaults. */
  readonly limits?: Limits;
  /** What a process without a `procos:security` block may use; default: `open`. */
  readonly undeclared?: Undeclared;
  /** See the engine's context; default: false. */
  readonly systemByName?: boolean;
  /** The roles that models may hold against who asks; undefined: none. */
  readonly rolesOf?: (by: Subject) => readonly string[] | undefined;
  /** The store failed: nothing is answered any more, the process must end. Called once. */
  readonly onFatal: (error: unknown) => void;
  /** A command hit a fault of the engine itself; its effects were undone, the rest of its batch was kept. */
  readonly onAssertion: (command: string, error: unknown) => void;
  /** The disk has no room any more: commands are refused and undone; or it has room again. */
  readonly onStorage?: (full: boolean) => void;
  /** The wall clock was set back by so many ms behind the log. */
  readonly onClockBehind?: (ms: number) => void;
  /**
   * Time went on by `byMs` more than has really passed: the wall clock was set forward, or the machine slept. What it
   * gives is run before any other command; `since` is what the time would be.
   */
  readonly onClockAhead?: (since: number, byMs: number) => CommandOf<'keepLocks'> | undefined;
  /** A command had time stand still, or go on: what sleeps until an instant looks again. Callers are answered already. */
  readonly onClockTurned?: () => void;
  /** Told of what a batch has done before it is committed: what is submitted at once for it goes into the same commit, where there is room. */
  readonly onRan?: (records: readonly LogRecord[]) => void;
}

/** Who runs what `onClockAhead` gives. */
const CLOCK: Subject = { kind: 'kernel', id: 'clock' };

/** A commit is not made to wait for more than this. */
const ENOUGH_EVENTS = 10_000;
/** Nor is anything else that the process has to do, e.g. refusing what it cannot take: it gets as long as a batch with its commit. */
const LEAST_MS = 12;
const MOST_MS = 30;
/** Longest wait for the event loop to come to the commands, where it is noticed. */
const OVERDUE_MS = 40;
/** Of the time of a batch; however long the commits are, something is done in each. */
const LEAST_FOR_COMMANDS = 0.25;
/** Weight of the newest batch. */
const NEWEST = 0.1;

export type CommitListener = (records: readonly LogRecord[]) => void;

/** A queued command with its type hidden in closures. */
interface Job {
  readonly command: Command;
  readonly by: Subject;
  readonly request?: RequestKey | undefined;
  /** Known once it waits in a line. */
  processInstanceId?: number | undefined;
  readonly run: (context: ExecutionContext) => readonly EngineEvent[];
  readonly answer: () => void;
  readonly refuse: (error: Unavailable) => void;
}

export class CommandLoop {
  readonly #options: LoopOptions;
  readonly #capacity: number;
  readonly #maxBatch: number;
  readonly #time: EngineTime;
  readonly #listeners = new Set<CommitListener>();
  /** Since the last batch; as long as one batch can take them all they go in the order in which they came. */
  #arrived: Job[] = [];
  /** What has to wait longer is taken in turn. */
  readonly #waiting: FairQueue<Job>;
  /** Instances that something in `#waiting` is for: by how much, and in whose line. */
  readonly #lines = new Map<number, { readonly flow: Flow; jobs: number }>();
  #condition: 'open' | 'closed' | 'failed' = 'open';
  #scheduled = false;
  #full = false;
  /** What every command runs with: one for all, of which `now`, `by`, `roles` and `request` are those of the command that runs. */
  readonly #context: { -readonly [K in keyof ExecutionContext]: ExecutionContext[K] };
  /** When the last batch was done, and since when the next one is to come; monotonic, ms. */
  #drainedAt = 0;
  #scheduledAt = 0;
  /** Part of the time of a batch that its commands take at present; the rest is the commit. */
  #commandsPart = 0.5;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? 10_000;
    this.#maxBatch = options.maxBatch ?? 256;
    const weights = weightsOf(options.store.state);
    this.#waiting = new FairQueue(new FairShare(weights));
    const { store, zone, limits, undeclared, systemByName } = options;
    this.#context = {
      now: store.lastAt,
      by: CLOCK,
      roles: undefined,
      request: undefined,
      answersOverAt: store.lastAt,
      state: store.state,
      ids: store.ids,
      zone,
      turns: new FairShare(weights),
      ...(limits === undefined ? {} : { limits }),
      ...(undeclared === undefined ? {} : { undeclared }),
      ...(systemByName === undefined ? {} : { systemByName }),
    };
    const { clock, onClockBehind: onBehind } = options;
    this.#time = new EngineTime({
      clock,
      lastAt: store.lastAt,
      pinnedAt: store.state.singletons.clockPinnedAt,
      ...(onBehind === undefined ? {} : { onBehind }),
    });
  }

  /** From now on these are what is started of their processes and what decides, whatever is the latest version. */
  pin(pinned: Pinned): void {
    this.#context.pinned = pinned;
  }

  get pinned(): Pinned | undefined {
    return this.#context.pinned;
  }

  /** Resolves once the effects are on the disk; rejects with `Unavailable` only. */
  submit<T extends CommandType>(
    command: CommandOf<T>,
    by: Subject,
    request?: RequestKey,
  ): Promise<Outcome<ReplyOf<T>>> {
    if (this.#condition === 'closed') {
      return Promise.reject(new Unavailable('STOPPING', 'The kernel has stopped. Ask again when it is started.'));
    }
    if (this.#condition === 'failed') {
      return Promise.reject(new Unavailable('FAILED', 'The store failed and the kernel is ending. See its log.'));
    }
    if (this.waiting >= this.#capacity) {
      const text = `${this.#capacity} commands are waiting already. Ask again in a moment.`;
      return Promise.reject(new Unavailable('OVERLOADED', text));
    }
    const { execute } = this.#options.engine;
    return new Promise((resolve, reject) => {
      let outcome: Outcome<ReplyOf<T>> | undefined;
      this.#arrived.push({
        command: command as Command,
        by,
        request,
        run: (context) => {
          const done = execute<T>(command, context);
          outcome = done.ok ? { ok: true, value: done.value } : { ok: false, rejection: done.rejection };
          return done.events;
        },
        answer: () => {
          if (outcome) resolve(outcome);
        },
        refuse: reject,
      });
      this.#schedule();
    });
  }

  /** Called after every commit with its records, in order, callers already answered. Returns how to stop. */
  onCommitted(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Now, never before the last record, ms since the epoch. */
  now(): number {
    return this.#time.now();
  }

  /** Answers that last until then are over: a wall clock that is set forward ends none. */
  answersOverAt(): number {
    return this.now() - this.#time.aheadMs - this.#jumpedMs();
  }

  #jumpedMs(): number {
    return this.#time.jumpedMs((this.#context.limits ?? DEFAULT_LIMITS).answerKeptMs);
  }

  /** Of time, as the store has it: where it stands still, when to look at it again. */
  get time(): Pick<EngineTime, 'pinnedAt' | 'untilMs'> {
    return this.#time;
  }

  get limits(): Limits {
    return this.#options.limits ?? DEFAULT_LIMITS;
  }

  get waiting(): number {
    return this.#arrived.length + this.#waiting.size;
  }

  /**
   * Runs a batch now when it has waited too long; true when one has. For who keeps the process busy: while sockets bring more than can be
   * read, the event loop stays with them and `soon` does not come.
   */
  keepUp(): boolean {
    if (!this.#scheduled || this.waiting === 0) return false;
    const now = this.#options.clock.monotonicNow();
    if (now - Math.max(this.#scheduledAt, this.#drainedAt) < OVERDUE_MS) return false;
    this.#drain();
    return true;
  }

  /** Runs what is queued, then refuses everything. */
  close(): void {
    while (this.#condition === 'open' && this.waiting > 0) this.#drain();
    if (this.#condition === 'open') this.#condition = 'closed';
  }

  /** The store failed outside a batch, or the kernel gives up: no more answers. */
  fail(error: unknown): void {
    if (this.#condition === 'failed') return;
    this.#condition = 'failed';
    this.#arrived = [];
    this.#waiting.clear();
    this.#lines.clear();
    this.#options.onFatal(error);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#scheduledAt = this.#options.clock.monotonicNow();
    // Everything that has arrived by then shares one commit.
    this.#options.clock.soon(() => {
      this.#scheduled = false;
      this.#drain();
      if (this.waiting > 0) this.#schedule();
    });
  }

  #drain(): void {
    if (this.#condition !== 'open' || this.waiting === 0) return;
    const { store, clock } = this.#options;
    const records: LogRecord[] = [];
    const done: Job[] = [];
    const begin = clock.monotonicNow();
    let doneAt = begin;
    let locksLeft = (): void => {};
    try {
      locksLeft = this.#keepLocks(records);
      this.#runBatch(begin, records, done);
      this.#followUp(begin, records, done);
      doneAt = clock.monotonicNow();
      if (records.length > 0) store.commit(records);
    } catch (error) {
      if (error instanceof StorageFull) {
        locksLeft();
        this.#refuseAll(done);
      } else this.fail(error);
      return;
    }
    if (records.length > 0) this.#noteStorage(false);
    const turned = records.length > 0 && this.#time.pin(store.state.singletons.clockPinnedAt);
    this.#drainedAt = clock.monotonicNow();
    for (const job of done) job.answer();
    if (records.length === 0) return;
    this.#noteParts(doneAt - begin, this.#drainedAt - begin);
    if (turned) this.#options.onClockTurned?.();
    for (const listener of this.#listeners) listener(records);
  }

  #noteParts(commandsMs: number, batchMs: number): void {
    if (batchMs > 0) this.#commandsPart += NEWEST * (commandsMs / batchMs - this.#commandsPart);
  }

  /** Back to the last commit. What needed no commit may have been answered in view of what is undone: it is refused too. */
  #refuseAll(jobs: readonly Job[]): void {
    try {
      this.#options.store.rollback();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#noteStorage(true);
    for (const job of jobs) job.refuse(storageFull());
  }

  #noteStorage(full: boolean): void {
    if (full === this.#full) return;
    this.#full = full;
    this.#options.onStorage?.(full);
  }

  /** Nobody's lock ends early because the wall clock was set forward. Gives what to do when it is undone. */
  #keepLocks(records: LogRecord[]): () => void {
    const at = this.now();
    const byMs = this.#time.aheadMs;
    if (byMs === 0) return () => {};
    const unsettle = this.#time.settle();
    const command = this.#options.onClockAhead?.(at - byMs, byMs);
    if (command === undefined) return unsettle;
    const { execute } = this.#options.engine;
    const run = (context: ExecutionContext) => execute(command, context).events;
    this.#run({ command: command as Command, by: CLOCK, run, answer: () => {}, refuse: () => {} }, records, at);
    return unsettle;
  }

  /**
   * Each with its instant: a batch of long commands is cut short, so that those waiting for it get their answers, and so is
   * one in whose midst the clock is set forward.
   */
  #runBatch(begin: number, records: LogRecord[], done: Job[]): void {
    const { store } = this.#options;
    const batchMs = Math.min(MOST_MS, Math.max(LEAST_MS, begin - this.#drainedAt));
    const until = begin + batchMs * Math.max(LEAST_FOR_COMMANDS, this.#commandsPart);
    let taken = 0;
    let events = 0;
    store.foresee(this.#arrived.map(({ command }) => command));
    this.#lineUp(this.waiting > this.#maxBatch || this.#waiting.size > 0);
    while (taken < this.#maxBatch && this.waiting > 0 && events < ENOUGH_EVENTS) {
      const at = this.now();
      if (this.#time.aheadMs > 0 || (taken > 0 && this.#time.readAt >= until)) break;
      const job = this.#nextJob(taken);
      if (job === undefined) break;
      taken += 1;
      const before = records.length;
      if (this.#run(job, records, at)) done.push(job);
      events += records[before]?.events.length ?? 0;
    }
    if (this.#waiting.size === 0) this.#arrived.splice(0, taken);
    // What was left over is not first in line when others come.
    this.#lineUp(true);
  }

  /** Who waits for what came of a batch gets it with the same commit: a task that is locked at once is written once. */
  #followUp(begin: number, records: LogRecord[], done: Job[]): void {
    for (let told = 0; told < records.length; ) {
      const news = records.slice(told);
      told = records.length;
      const hasRoom = this.waiting === 0;
      this.#options.onRan?.(news);
      if (hasRoom && this.waiting > 0) this.#runBatch(begin, records, done);
    }
  }

  /** In whose line each one waits that came since. Of one instance all wait in the same, whatever became of it meanwhile. */
  #lineUp(inTurn: boolean): void {
    if (!inTurn) return;
    const { state } = this.#options.store;
    for (const job of this.#arrived) {
      const { flow, processInstanceId } = belongingOf(job.command, state);
      const line = processInstanceId === undefined ? undefined : this.#lines.get(processInstanceId);
      this.#waiting.push(line?.flow ?? flow, job);
      if (line !== undefined) line.jobs += 1;
      else if (processInstanceId !== undefined) this.#lines.set(processInstanceId, { flow, jobs: 1 });
      job.processInstanceId = processInstanceId;
    }
    this.#arrived = [];
  }

  #nextJob(taken: number): Job | undefined {
    if (this.#waiting.size === 0) return this.#arrived[taken];
    const job = this.#waiting.next();
    const line = job?.processInstanceId === undefined ? undefined : this.#lines.get(job.processInstanceId);
    if (line !== undefined && job?.processInstanceId !== undefined) {
      line.jobs -= 1;
      if (line.jobs === 0) this.#lines.delete(job.processInstanceId);
    }
    return job;
  }

  /** False when the command was undone. Throws when the store failed. */
  #run(job: Job, records: LogRecord[], at: number): boolean {
    const { store, rolesOf } = this.#options;
    try {
      const { by: subject, request } = job;
      const context = this.#context;
      context.now = at;
      context.by = subject;
      context.roles = rolesOf?.(subject);
      context.request = request;
      context.answersOverAt = at - this.#jumpedMs();
      const events = job.run(context);
      if (events.length === 0) return true;
      const sequence = store.lastSequence + records.length + 1;
      const by = { kind: job.by.kind, id: job.by.id };
      records.push({ sequence, at, by, command: job.command.type, lastId: store.ids.last, events });
      return true;
    } catch (error) {
      if (error instanceof StoreFailure) throw error;
      this.#undo(records);
      if (error instanceof StorageFull) {
        job.refuse(storageFull());
        return false;
      }
      this.#options.onAssertion(job.command.type, error);
      const text = `Internal error while running ${job.command.type}; nothing was changed. The kernel's log has the details.`;
      job.refuse(new Unavailable('FAILED', text));
      return false;
    }
  }

  /** Back to the last commit, then forward again over what this batch had done before. */
  #undo(records: readonly LogRecord[]): void {
    const { store, engine } = this.#options;
    store.rollback();
    for (const record of records) {
      for (const event of record.events) engine.apply(store.state, event, record.at);
      store.ids.skipTo(record.lastId);
    }
  }
}

export function storageFull(): Unavailable {
  const text = 'The disk of the store is full; nothing was changed. Make room: the kernel goes on by itself.';
  return new Unavailable('STORAGE_FULL', text);
}
