/** The whole kernel in one process under virtual time: one seed is one run, the same every time. */
import { createHash } from 'node:crypto';
import { type Command, DEFAULT_LIMITS, type LogRecord, type Outcome } from '@procos/engine';
import type { KernelLogLine } from '../../packages/kernel/src/kernel-port.ts';
import { SYSTEM_TOPIC_PREFIX, SYSTEM_WORKER_TOPICS } from '../../packages/kernel/src/policy/decide.ts';
import type { CoreStore } from '../../packages/store/src/core.ts';
import { History } from '../history.ts';
import * as invariants from '../invariants.ts';
import { Violation } from '../invariants.ts';
import { Chance } from '../random.ts';
import { liar, publisher, user, worker } from './clients.ts';
import { Disk, type Frame } from './disk.ts';
import { Leases } from './leases.ts';
import { Life } from './life.ts';
import { type Deploy, PROBE_LOCK, UNDECLARED } from './models.ts';
import { isUnavailable, Network, type Poll } from './network.ts';
import { Replica, stateDifference, viewDifference } from './replica.ts';
import { VirtualTime } from './time.ts';
import { Weather } from './weather.ts';

export interface Failure {
  readonly seed: number;
  readonly step: number;
  readonly invariant: string;
  readonly finding: string;
  readonly lastCommands: readonly string[];
}

export interface Run {
  readonly seed: number;
  /** Asked of the kernel by clients. */
  readonly commands: number;
  readonly records: number;
  readonly steps: number;
  readonly lives: number;
  /** Virtual time that passed, ms. */
  readonly tookMs: number;
  /** Over everything that happened; the same seed gives the same. */
  readonly hash: string;
  readonly failure: Failure | null;
}

const WORKERS = 6;
const LIARS = 2;
const USERS = 5;
/** Of so many seeds one has commands that yield after a few steps, and signals in slices of as many receivers. */
const YIELDING = 4;
const FEW_STEPS = { ...DEFAULT_LIMITS, stepsPerCommand: 25 };
/** Commands between two looks at everything. */
const LOOK_EVERY = 250;
/** Wake-ups that a kernel may have beside one per waiting request: alarm, waiters, locks of system calls, shutdown. */
const OWN_WAKE_UPS = 40;

export class Simulation {
  readonly seed: number;
  readonly time: VirtualTime = new VirtualTime();
  readonly chance: Chance;
  readonly weather: Weather;
  readonly network: Network;
  readonly history: History = new History();
  readonly replica: Replica = new Replica();
  readonly topics: string[] = [];
  readonly models: readonly Deploy[];
  open = true;
  life: Life | null = null;
  commands = 0;
  steps = 0;
  lives = 0;
  failure: Failure | null = null;
  readonly #disk = new Disk();
  readonly #hash = createHash('sha256');
  readonly #asked = new Map<string, Command>();
  readonly #onDisk = new Set<string>();
  readonly #recent: string[] = [];
  /** What has become durable, and when by monotonic time. */
  #frames: { readonly frame: Frame; readonly at: number }[] = [];
  readonly #leases = new Leases();
  #polls = 0;
  /** Given to the kernel of the moment and not answered, without those that wait for work. */
  #unanswered = 0;
  #lookAt = LOOK_EVERY;
  #stopped: (() => void) | null = null;

  constructor(seed: number, models: readonly Deploy[]) {
    this.seed = seed;
    this.chance = new Chance(seed);
    this.weather = new Weather(this.chance, this.time);
    this.network = new Network(this.time, this.chance, (id, command, poll) => this.#deliver(id, command, poll));
    this.network.lossy = this.weather.lossy;
    this.models = models;
  }

  get store(): CoreStore {
    return this.replica.store;
  }

  get now(): number {
    return this.history.at;
  }

  /** Faults all the time, until so many commands were asked. */
  async endure(commands: number): Promise<void> {
    this.#boot();
    this.#populate();
    this.time.after(this.weather.pauseMs(), () => this.#blow());
    // Whoever is lost in a partition or a long sleep comes back: the bound is on steps, not on time.
    await this.runUntil(() => this.commands >= commands, commands * 40);
  }

  /** Runs wake-ups one by one, with every promise between them; false when the bound was reached first. */
  async runUntil(done: () => boolean, maxSteps: number, untilMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (let step = 0; step < maxSteps; step += 1) {
      if (this.failure !== null || done()) return true;
      if (!this.time.step(untilMs)) return done();
      this.steps += 1;
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#attempt(() => this.#afterStep());
    }
    return done();
  }

  fail(error: unknown): void {
    if (this.failure !== null) return;
    const known = error instanceof Violation;
    const finding = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
    const invariant = known ? error.invariant : 'nothingIsThrown';
    this.failure = { seed: this.seed, step: this.steps, invariant, finding, lastCommands: [...this.#recent] };
  }

  result(): Run {
    const { seed, commands, steps, lives, failure } = this;
    this.#hash.update(`${this.time.now} ${this.steps} ${failure?.finding ?? ''}`);
    const hash = this.#hash.digest('hex');
    return { seed, commands, records: this.history.sequence, steps, lives, tookMs: this.time.now, hash, failure };
  }

  /** Looks at everything there is; the faults of the disk rest meanwhile. */
  look(): void {
    const { calm } = this.weather;
    this.weather.calm = true;
    try {
      this.#absorb();
      const { store, history, life } = this;
      invariants.demand('nothingIsOrphaned', invariants.nothingIsOrphaned(store));
      invariants.demand('servedTasksAreServed', invariants.servedTasksAreServed(store));
      invariants.demand('nothingUndeclaredIsWork', invariants.nothingUndeclaredIsWork(store, UNDECLARED));
      invariants.demand('stateIsWhatTheLogTells', invariants.stateIsWhatTheLogTells(history, store));
      invariants.demand('viewsShowWhatLives', invariants.viewsShowWhatLives(history, store));
      invariants.demand('stateFollowsTheLog', stateDifference(this.#disk, this.replica.disk));
      invariants.demand(
        'stateSurvivesARestart',
        this.replica.differenceAfterRestart(this.#disk, history.instances.keys()),
      );
      if (life?.alive === true && life.store !== null && life.kernel !== null) {
        life.store.followUp();
        invariants.demand('viewsFollowTheLog', viewDifference(this.#disk.asSeen(), this.replica.disk.asSeen()));
      }
    } finally {
      this.weather.calm = calm;
    }
  }

  /** Requests that wait for work. */
  get polls(): number {
    return this.#polls;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  /** The chain of the whole log, read anew. */
  verify(): void {
    const verification = this.replica.store.verify();
    if (!verification.ok) throw new Violation('chainHolds', verification.problem);
  }

  /** Ends this life, as a person who pulls the plug or the memory killer of the system does. */
  kill(power: boolean): void {
    const { life } = this;
    if (life === null) return;
    life.cut();
    this.#restartSoon(power ? (unsynced) => this.chance.below(unsynced + 1) : (unsynced) => unsynced);
  }

  /** Resolves when the kernel of the moment has ended by itself. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
    });
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }

  #afterStep(): void {
    const { life } = this;
    if (life?.cutOff === true) this.kill(true);
    this.#absorb();
    if (life?.alive === true && life.clock.pending > this.#polls + OWN_WAKE_UPS)
      throw new Violation('waitersAreBounded', `${life.clock.pending} wake-ups for ${this.#polls} waiting requests`);
    if (this.commands < this.#lookAt) return;
    this.#lookAt += LOOK_EVERY;
    this.look();
  }

  #populate(): void {
    void this.#deployAll();
    for (let n = 0; n < WORKERS; n += 1) this.#go(worker(this, `worker${n}`));
    for (let n = 0; n < LIARS; n += 1) this.#go(liar(this, `liar${n}`));
    this.#go(publisher(this, 'publisher'));
    for (let n = 0; n < USERS; n += 1) this.#go(user(this, `user${n}`));
  }

  #go(client: Promise<void>): void {
    client.catch((error: unknown) => this.fail(error));
  }

  async #deployAll(): Promise<void> {
    for (const deploy of this.models) await this.network.askAgain('deployer', deploy, 8);
  }

  // The machine.

  #boot(): void {
    const life = new Life({
      disk: this.#disk,
      time: this.time,
      chance: this.chance,
      faults: this.weather.faults,
      limits: this.seed % YIELDING === 0 ? FEW_STEPS : DEFAULT_LIMITS,
      onDurable: (frame) => this.#frames.push({ frame, at: this.time.now }),
      onLine: (line) => this.#attempt(() => this.#readLog(line)),
      onEnded: (how) => this.#ended(how),
    });
    this.life = life;
    this.lives += 1;
    this.#leases.forget();
    this.#polls = 0;
    this.#unanswered = 0;
    try {
      life.start();
    } catch (error) {
      life.cut();
      if (!life.struck) throw error;
      this.#restartSoon((unsynced) => unsynced);
      return;
    }
    this.#absorb();
    const found = life.store?.lastSequence ?? 0;
    if (found !== this.history.sequence)
      throw new Violation(
        'acknowledgedSurvives',
        `after a start the log ends at ${found}, not at ${this.history.sequence}`,
      );
    invariants.demand('stateFollowsTheLog', stateDifference(this.#disk, this.replica.disk));
  }

  #ended(how: string): void {
    this.#note(`life ${this.lives} ended: ${how}`);
    this.#stopped?.();
    this.#stopped = null;
    if (this.life?.struck !== true && how !== 'exit code 0' && how !== 'exit code 1')
      this.fail(new Violation('nothingIsThrown', `the kernel ended without a fault of the disk: ${how}`));
    this.#restartSoon((unsynced) => this.chance.below(unsynced + 1));
  }

  #restartSoon(keep: (unsynced: number) => number): void {
    const { life } = this;
    this.life = null;
    if (life === null) return;
    this.#absorb();
    for (const frame of this.#disk.settle(keep)) this.#frames.push({ frame, at: this.time.now });
    this.time.after(50 + this.chance.below(2_000), () => this.#attempt(() => this.#boot()));
  }

  #readLog({ event, text, fields }: KernelLogLine): void {
    if (event === 'engine_assertion') throw new Violation('engineNeverFails', `${text} ${String(fields['stack'])}`);
    if (event === 'root_process_ended' || event === 'system_calls_stopped') throw new Violation('onePidOne', text);
  }

  #blow(): void {
    if (this.weather.calm) return;
    const blow = this.weather.blow();
    this.#note(blow);
    if (blow === 'kill' || blow === 'powerCut') this.kill(blow === 'powerCut');
    else if (blow === 'jump') this.time.jump(this.weather.jumpMs());
    else if (blow === 'freeze') this.time.freeze(this.chance.below(120_000));
    else if (blow === 'fullDisk') this.weather.fillDisk();
    else if (blow === 'shutdown')
      this.life?.kernel?.requestShutdown({ kind: 'user', id: 'operator' }, 'simulation').catch(() => {});
    else {
      this.network.partitioned = true;
      this.time.after(this.chance.below(30_000), () => {
        this.network.partitioned = false;
      });
    }
    this.time.after(this.weather.pauseMs(), () => this.#blow());
  }

  // Commands and what they cause.

  #deliver(
    id: string,
    command: Command,
    poll: (Poll & { readonly signal: AbortSignal }) | null,
  ): Promise<Outcome<unknown>> | null {
    const { life } = this;
    const engine = life?.kernel?.engine;
    if (life === null || engine === undefined || !life.alive) return null;
    this.commands += 1;
    this.#asked.set(id, command);
    this.#note(`${id} ${brief(command)}`);
    const by = { kind: 'worker', id } as const;
    let outcome: Promise<Outcome<unknown>>;
    if (poll !== null && command.type === 'fetchAndLock') {
      this.#polls += 1;
      outcome = engine.fetchAndLock(command, by, poll).finally(() => {
        if (this.life === life) this.#polls -= 1;
      });
    } else {
      this.#unanswered += 1;
      outcome = engine.submit(command, by).finally(() => {
        if (this.life === life) this.#unanswered -= 1;
      });
    }
    return outcome.then(
      (done) => this.#answered(life, id, command, done),
      (error: unknown) => {
        if (life.alive && !isUnavailable(error)) this.fail(error);
        throw error;
      },
    );
  }

  /** An answer is on its way out: what it promises must be true. */
  #answered(life: Life, id: string, command: Command, outcome: Outcome<unknown>): Outcome<unknown> {
    // A life that was cut off says nothing any more.
    if (!life.alive && life.cutOff) throw new Error('cut off');
    this.#attempt(() => {
      this.#absorb();
      this.#hash.update(`${id} ${outcome.ok}`);
      if (!outcome.ok) return;
      const finding = invariants.acknowledgedIsDurable(command.type, outcome.value, this.#onDisk.has(id));
      invariants.demand('acknowledgedIsDurable', finding);
    });
    return outcome;
  }

  /** Follows what has become durable since. */
  #absorb(): void {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    this.#frames = [];
    for (const { frame, at } of frames) {
      const { records, difference } = this.replica.follow(frame);
      invariants.demand('replayGivesTheState', difference);
      const touched = new Set<number>();
      for (const record of records) {
        invariants.demand('locksOutlastTheWall', this.#leases.take(record, at));
        this.#take(record, touched);
      }
      for (const id of touched) this.#lookAtInstance(id);
    }
  }

  #take(record: LogRecord, touched: Set<number>): void {
    const { id } = record.by;
    this.#hash.update(`${record.sequence} ${record.at} ${record.command} ${record.events.length} ${record.lastId}`);
    this.#onDisk.add(id);
    const command = this.#asked.get(id);
    if (command !== undefined)
      invariants.demand('reportsComeFromTheHolder', invariants.reportsComeFromTheHolder(this.history, command, record));
    invariants.follow(this.history, record);
    for (const event of record.events) {
      if ('processInstanceId' in event && event.processInstanceId !== null) touched.add(event.processInstanceId);
      if (event.type !== 'externalTaskCreated') continue;
      const { topic, processInstanceId } = event.task;
      touched.add(processInstanceId);
      if (isForWorkers(topic) && !this.topics.includes(topic)) this.topics.push(topic);
    }
  }

  #lookAtInstance(id: number): void {
    const { state } = this.store;
    const instance = state.instances.get(id);
    if (instance === undefined) return;
    invariants.demand('countersBalance', invariants.countersBalance(instance));
    invariants.demand('nothingStandsStill', invariants.nothingStandsStill(this.store, instance));
    invariants.demand('nothingIsMissing', invariants.nothingIsMissing(state, instance));
  }

  #note(what: string): void {
    this.#recent.push(`step ${this.steps}, ${this.time.now} ms: ${what}`);
    if (this.#recent.length > 10) this.#recent.shift();
  }
}

/** Not a system call, and not the prober's. */
function isForWorkers(topic: string): boolean {
  return topic !== PROBE_LOCK && (!topic.startsWith(SYSTEM_TOPIC_PREFIX) || SYSTEM_WORKER_TOPICS.has(topic));
}

function brief(command: Command): string {
  if (command.type === 'deploy') return `deploy ${command.name}`;
  const text = JSON.stringify(command);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
