/** All that a driver knows of one store over the lives of its kernels, and the invariants that must hold after each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { CommandOf, CommandType, LogRecord } from '@procos/engine';
import { BATCH_PROCESS } from '@procos/kernel';
import { openSqliteStore, type Store, StoreRefusal } from '@procos/store';
import { History } from '../history.ts';
import * as invariants from '../invariants.ts';
import { demand, type Finding, Violation } from '../invariants.ts';
import type { Chance } from '../random.ts';
import { type Client, createClients, workUntilEnded } from './clients.ts';
import { KernelProcess, type StartOptions } from './kernel-process.ts';
import { ORDER, REMINDER } from './models.ts';

/** Until everything that can end has, once there are no more faults; it takes a second or two. */
const FINISH_MS = 120_000;
const CHUNK = 1_000;
const OURS: ReadonlySet<string> = new Set([ORDER, REMINDER]);
/** Those of the system that somebody has asked for. */
const ERRANDS: ReadonlySet<string> = new Set(['procos_system_backup', BATCH_PROCESS]);

export class Life {
  readonly directory: string;
  readonly clients: readonly Client[];
  readonly #ownsDirectory: boolean;
  readonly #history = new History();
  /** Subjects whose records the log holds. */
  readonly #onDisk = new Set<string>();
  readonly #seen = new Map<Client, number>();
  #started = 0;
  #last: LogRecord | undefined;

  constructor(directory?: string, clients: readonly Client[] = createClients()) {
    this.directory = directory ?? mkdtempSync(join(tmpdir(), 'procos-torture-'));
    this.#ownsDirectory = directory === undefined;
    this.clients = clients;
  }

  [Symbol.dispose](): void {
    if (this.#ownsDirectory) rmSync(this.directory, { recursive: true, force: true });
  }

  /** Commands acknowledged so far, over all clients. */
  get acknowledged(): number {
    return this.clients.reduce((sum, { journal }) => sum + journal.length, 0);
  }

  /**
   * Nobody uses the store: everything that was promised must be in it. Reads beside the write-ahead log and changes
   * nothing, so that the next start has to recover by itself.
   */
  examine(): void {
    const store = this.#open();
    if (store === null) return;
    try {
      this.#examineLog(store);
      this.#examineJournals();
      this.#examineState(store);
    } finally {
      store.close();
    }
  }

  /** A kernel without faults: with good clients every instance comes to its end, then the system goes down in order. */
  async finish(chance: Chance, options: Omit<StartOptions, 'directory'> = {}): Promise<void> {
    const starting = KernelProcess.start({ ...options, directory: this.directory });
    const kernel = await starting.catch((error: Error) => {
      throw new Violation('startsAgain', error.message);
    });
    if (this.#history.rootId !== null && kernel.rootInstanceId !== this.#history.rootId)
      throw new Violation('onePidOne', `PID 1 was ${this.#history.rootId}, it is ${kernel.rootInstanceId}`);
    const working = workUntilEnded(this.clients, kernel, chance, (role) => role !== 'starter');
    try {
      await nothingIsStuck(kernel);
      const { code, err } = await kernel.shutDown();
      if (code !== 0) throw new Violation('systemGoesDown', `exit code ${code} ${err}`);
    } finally {
      await kernel.kill();
      await working;
    }
    this.examine();
    this.#examineEnd();
  }

  /** Null when there is no store yet and nothing was promised. */
  #open(): Store | null {
    try {
      return openSqliteStore({ directory: this.directory, readOnly: true });
    } catch (error) {
      if (!(error instanceof StoreRefusal)) throw error;
      if (this.acknowledged === 0 && this.#history.sequence === 0) return null;
      throw new Violation('storeOpens', error.message);
    }
  }

  #examineLog(store: Store): void {
    const history = this.#history;
    const [last] = store.records(history.sequence - 1, 1);
    if (this.#last !== undefined && !isDeepStrictEqual(last, this.#last))
      throw new Violation('whatWasThereStays', `record ${history.sequence} is not what it was at the last look`);
    for (;;) {
      const records = store.records(history.sequence, CHUNK);
      for (const record of records) this.#follow(record);
      if (records.length < CHUNK) return;
    }
  }

  #follow(record: LogRecord): void {
    const { id } = record.by;
    this.#onDisk.add(id);
    const command = this.#clientOf(id)?.asked.get(id);
    if (command !== undefined && record.command === command.type) {
      const request = command as { [T in CommandType]: CommandOf<T> }[CommandType];
      demand('reportsComeFromTheHolder', invariants.reportsComeFromTheHolder(this.#history, request, record));
    }
    for (const event of record.events)
      if (event.type === 'processInstanceCreated' && OURS.has(event.bpmnProcessId)) this.#started += 1;
    invariants.follow(this.#history, record);
    this.#last = record;
  }

  #clientOf(by: string): Client | undefined {
    const name = by.slice(0, by.indexOf('/'));
    return this.clients.find((client) => client.name === name);
  }

  #examineJournals(): void {
    for (const client of this.clients) {
      for (const { by, command, value } of client.journal.slice(this.#seen.get(client) ?? 0))
        demand('acknowledgedSurvives', invariants.acknowledgedIsDurable(command.type, value, this.#onDisk.has(by)));
      this.#seen.set(client, client.journal.length);
      const done = client.refused.find((by) => this.#onDisk.has(by));
      if (done !== undefined)
        throw new Violation('refusedChangesNothing', `${done} was refused, but it is on the disk`);
    }
    demand('tasksCompleteOnce', tasksCompleteOnce(this.clients));
  }

  #examineState(store: Store): void {
    const history = this.#history;
    demand('stateIsWhatTheLogTells', invariants.stateIsWhatTheLogTells(history, store));
    demand('nothingIsOrphaned', invariants.nothingIsOrphaned(store));
    for (const id of history.instances.keys()) {
      const instance = store.state.instances.get(id);
      if (instance === undefined) throw new Violation('stateIsWhatTheLogTells', `instance ${id} is gone`);
      demand('countersBalance', invariants.countersBalance(instance));
      demand('nothingStandsStill', invariants.nothingStandsStill(store, instance));
      demand('nothingIsMissing', invariants.nothingIsMissing(store.state, instance));
    }
  }

  /** After the end: the chain of the whole log, the views, and every instance that was ever started. */
  #examineEnd(): void {
    const store = openSqliteStore({ directory: this.directory });
    try {
      const verification = store.verify();
      if (!verification.ok) throw new Violation('chainHolds', verification.problem);
      demand('viewsShowWhatLives', invariants.viewsShowWhatLives(this.#history, store));
      const completed = [...OURS].reduce((sum, bpmnProcessId) => {
        const where = [
          { column: 'bpmnProcessId', op: '=', value: bpmnProcessId },
          { column: 'state', op: '=', value: 'completed' },
        ] as const;
        return sum + store.count('processInstances', { where });
      }, 0);
      if (completed !== this.#started)
        throw new Violation('everyInstanceEnds', `${this.#started} were started, ${completed} have completed`);
    } finally {
      store.close();
    }
  }
}

async function nothingIsStuck(kernel: KernelProcess): Promise<void> {
  const end = performance.now() + FINISH_MS;
  for (;;) {
    const active = await kernel.find('processInstances', [{ column: 'state', op: '=', value: 'active' }], 1_000);
    const open = active
      .map(({ bpmnProcessId }) => String(bpmnProcessId))
      .filter((id) => OURS.has(id) || ERRANDS.has(id));
    if (open.length === 0) return;
    if (performance.now() > end)
      throw new Violation('nothingIsStuck', `${open.length} instances do not end, e.g. of ${open[0]}`);
    await sleep(20);
  }
}

/** As the clients were told, whatever the log says. */
function tasksCompleteOnce(clients: readonly Client[]): Finding {
  const completed = new Map<string, string>();
  for (const { by, command } of clients.flatMap(({ journal }) => journal)) {
    const task =
      command.type === 'completeExternalTask'
        ? `external task ${command.externalTaskId}`
        : command.type === 'completeUserTask'
          ? `user task ${command.userTaskId}`
          : null;
    if (task === null) continue;
    const earlier = completed.get(task);
    if (earlier !== undefined) return `${task} was completed by ${earlier} and by ${by}`;
    completed.set(task, by);
  }
  return null;
}
