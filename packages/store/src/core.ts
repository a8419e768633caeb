/** A store over any medium: write-back state, one transaction per commit, views that follow. */
import type { Command, LogRecord, ProcessInstanceId, State } from '@procos/engine';
import type { Backend, BlobHolder } from './backend.ts';
import { holdNamed, problemOfBlobs, StoredBlobs } from './blobs.ts';
import { Budget } from './budget.ts';
import { entryOf, logStart, noteRemoved, recordOf, verifyWhole } from './chain.ts';
import type { Anchor, Blobs, StoreDescription, VerifiableStore, Verification } from './contract.ts';
import { checkQuery } from './filter.ts';
import { Follower } from './follower.ts';
import type { Health } from './health.ts';
import { ELEMENT_INSTANCES, VARIABLES } from './history/kinds.ts';
import { Past } from './history/past.ts';
import type { Page, Query, TableName, Tables } from './query.ts';
import type { ElementInstanceView, VariableView } from './rows.ts';
import type { Spec } from './spec.ts';
import { CLOCK_PINNED_AT, createStateTables, ROOT_INSTANCE, type StateTables } from './state.ts';
import { QUERYABLE, VIEWS } from './tables/queryable.ts';

/** Identities below are kept free for names: 1 stands for PID 1. */
const FIRST_ID = 1_000;
/** Tables whose rows may be large. */
const BOUNDED: ReadonlySet<TableName> = new Set(['variables', 'decisionInstances', 'notes']);

export interface CoreOptions {
  /** Views of a store that is only read stay as they are. */
  readonly readOnly?: boolean;
  /** Told of every commit that is on the disk. */
  readonly anchor?: Anchor;
}

export class CoreStore implements VerifiableStore {
  readonly state: State;
  readonly blobs: Blobs;
  readonly description: StoreDescription;
  readonly ids: { last: number; next(): number; skipTo(last: number): void };
  readonly #backend: Backend;
  readonly #health: Health;
  readonly #tables: StateTables['all'];
  readonly #foresee: StateTables['foresee'];
  readonly #follower: Follower | null;
  readonly #anchor: Anchor | undefined;
  readonly #elementInstances: Past<ElementInstanceView>;
  readonly #variables: Past<VariableView>;
  #lastSequence = 0;
  #lastAt = 0;
  #lastHash = '';
  /** As of the last commit. */
  #committed: { lastId: number; rootInstanceId: ProcessInstanceId | null; clockPinnedAt: number | null };

  constructor(
    backend: Backend,
    health: Health,
    description: Omit<StoreDescription, 'sizeBytes'>,
    options: CoreOptions = {},
  ) {
    this.#backend = backend;
    this.#health = health;
    this.#anchor = options.anchor;
    this.description = { ...description, sizeBytes: () => backend.sizeBytes() };
    this.#committed = {
      lastId: FIRST_ID - 1,
      rootInstanceId: backend.value(ROOT_INSTANCE),
      clockPinnedAt: backend.value(CLOCK_PINNED_AT),
    };
    const [last] = backend.log.read(backend.log.lastSequence() - 1, 1);
    if (last !== undefined) {
      this.#lastSequence = last.sequence;
      this.#lastAt = last.at;
      this.#lastHash = last.hash;
      this.#committed.lastId = recordOf(last).lastId;
    }
    const readOnly = options.readOnly === true;
    const storedUpTo = readOnly ? Number.POSITIVE_INFINITY : this.#committed.lastId;
    const { state, all, foresee } = createStateTables(backend, health, storedUpTo);
    this.#tables = all;
    this.#foresee = foresee;
    const { rootInstanceId, clockPinnedAt } = this.#committed;
    this.state = { ...state, singletons: { rootInstanceId, clockPinnedAt } };
    const ids = {
      last: this.#committed.lastId,
      next() {
        ids.last += 1;
        return ids.last;
      },
      skipTo(last: number) {
        ids.last = Math.max(ids.last, last);
      },
    };
    this.ids = ids;
    this.#follower = readOnly
      ? null
      : new Follower({
          backend,
          health,
          definitions: state.definitions,
          decisions: state.decisions,
          storedUpTo,
          read: (after, limit) => this.records(after, limit),
        });
    const past = {
      backend,
      read: (after: number, limit: number) => this.records(after, limit),
      sequences: () => ({ first: this.firstSequence, last: backend.log.lastSequence() }),
      modelOf: (definitionId: number) => state.definitions.get(definitionId)?.model,
    };
    this.#elementInstances = new Past(ELEMENT_INSTANCES, past);
    this.#variables = new Past(VARIABLES, past);
    this.blobs = new StoredBlobs({ backend, health, isHeld: (holder, name) => this.#holds(holder, name) });
  }

  get firstSequence(): number {
    return logStart(this.#backend);
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  get lastAt(): number {
    return this.#lastAt;
  }

  commit(records: readonly LogRecord[]): void {
    this.#health.assertUsable();
    this.#assertNext(records);
    const { rootInstanceId, clockPinnedAt } = this.state.singletons;
    let lastHash = this.#lastHash;
    this.#follower?.prepare();
    try {
      this.#health.guard('committing', () =>
        this.#backend.transaction('durable', () => {
          for (const record of records) {
            const entry = entryOf(record, lastHash);
            this.#backend.log.append(entry);
            holdNamed(this.#backend.blobs, record, entry.body);
            lastHash = entry.hash;
          }
          for (const table of this.#tables) table.write();
          if (rootInstanceId !== this.#committed.rootInstanceId) this.#backend.setValue(ROOT_INSTANCE, rootInstanceId);
          if (clockPinnedAt !== this.#committed.clockPinnedAt) this.#backend.setValue(CLOCK_PINNED_AT, clockPinnedAt);
          this.#follower?.write();
        }),
      );
    } catch (error) {
      this.#follower?.forget();
      throw error;
    }
    this.#follower?.settle();
    const last = records.at(-1);
    if (last !== undefined) {
      const { sequence } = last;
      this.#health.guard('noting how far it has come', () => this.#anchor?.note({ sequence, hash: lastHash }));
    }
    this.#committed = { lastId: last?.lastId ?? this.#committed.lastId, rootInstanceId, clockPinnedAt };
    for (const table of this.#tables) table.settle(this.#committed.lastId);
    this.#lastSequence = last?.sequence ?? this.#lastSequence;
    this.#lastAt = last?.at ?? this.#lastAt;
    this.#lastHash = lastHash;
    this.#follower?.offer(records);
  }

  foresee(commands: readonly Command[]): void {
    this.#foresee(commands);
  }

  rollback(): void {
    this.#health.assertUsable();
    for (const table of this.#tables) table.drop();
    this.ids.last = this.#committed.lastId;
    this.state.singletons.rootInstanceId = this.#committed.rootInstanceId;
    this.state.singletons.clockPinnedAt = this.#committed.clockPinnedAt;
  }

  records(after: number, limit: number): readonly LogRecord[] {
    return this.#health.guard('reading the log', () => this.#backend.log.read(after, limit).map(recordOf));
  }

  trimLog(before: number, atMost: number): number {
    this.followUp();
    const start = this.firstSequence;
    return this.#health.guard('removing old records', () => {
      // One more than may go: the last record is never removed.
      const entries = this.#backend.log.read(start - 1, atMost + 1);
      const old = entries.slice(0, -1).filter(({ at }) => at < before);
      const last = old.at(-1);
      if (last === undefined) return 0;
      this.#follower?.leave(old.map(recordOf));
      try {
        this.#backend.transaction('derived', () => {
          this.#follower?.write();
          this.#backend.log.removeBefore(last.sequence + 1);
          noteRemoved(this.#backend, last);
        });
      } catch (error) {
        this.#follower?.forget();
        throw error;
      }
      this.#follower?.settle();
      return old.length;
    });
  }

  followUp(): void {
    this.#health.assertUsable();
    this.#follower?.followUp(this.#lastSequence);
  }

  checkpoint(): void {
    this.followUp();
    this.#health.guard('writing back the log', () => {
      this.#backend.checkpoint();
      this.#anchor?.sync();
    });
  }

  find<T extends TableName>(name: T, query?: Query<Tables[T]>): readonly Tables[T][] {
    return this.#find(name, query, BOUNDED.has(name) ? new Budget() : undefined);
  }

  #find<T extends TableName>(name: T, query: Query<Tables[T]> | undefined, budget?: Budget): readonly Tables[T][] {
    const spec: Spec<Tables[T]> = QUERYABLE[name];
    const checked = checkQuery(spec, query);
    if (VIEWS.has(name)) this.followUp();
    return this.#health.guard(`querying ${name}`, () => {
      const past = this.#pastOf(name);
      if (past !== undefined) return past.find(checked, budget);
      const rows = this.#backend.table(spec).find(checked, budget);
      return rows.map((cells) => spec.decode(cells));
    });
  }

  count<T extends TableName>(name: T, query?: Query<Tables[T]>): number {
    const spec: Spec<Tables[T]> = QUERYABLE[name];
    const checked = checkQuery(spec, query);
    if (VIEWS.has(name)) this.followUp();
    const rows = this.#pastOf(name) ?? this.#backend.table(spec);
    return this.#health.guard(`counting ${name}`, () => rows.count(checked));
  }

  /** Where a table has not a row for everything that it answers for. */
  #pastOf<T extends TableName>(name: T): Past<Tables[T]> | undefined {
    const past: { readonly [name in TableName]?: unknown } = {
      elementInstances: this.#elementInstances,
      variables: this.#variables,
    };
    return past[name] as Past<Tables[T]> | undefined;
  }

  page<T extends TableName>(name: T, query?: Query<Tables[T]>): Page<Tables[T]> {
    const { offset: _offset, limit: _limit, ...all } = query ?? {};
    return { rows: this.find(name, query), total: this.count(name, all) };
  }

  verify(): Verification {
    return this.#health.guard('verifying', () => {
      const problem = this.#backend.check() ?? problemOfBlobs(this.#backend.blobs);
      return problem === null ? verifyWhole(this.#backend) : { ok: false, sequence: 0, problem };
    });
  }

  close(): void {
    const tidy = this.#health.usable && this.#follower !== null;
    this.#health.end('The store is closed.');
    this.#backend.close(tidy);
    this.#anchor?.close();
  }

  /** PID 1 never ends: of what it has named only what is there now counts. */
  #holds({ kind, id }: BlobHolder, name: string): boolean {
    if (kind === 'message') return this.state.messages.get(id) !== undefined;
    if (this.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] }).length === 0) return false;
    if (id !== this.state.singletons.rootInstanceId) return true;
    const where = [{ column: 'processInstanceId', op: '=', value: id }] as const;
    const rows = [...this.#find('variables', { where }), ...this.state.notes.ofInstance(id)];
    return rows.some((row) => JSON.stringify(row).includes(name));
  }

  #assertNext(records: readonly LogRecord[]): void {
    let sequence = this.#lastSequence;
    let at = this.#lastAt;
    for (const record of records) {
      if (record.sequence !== sequence + 1 || record.at < at) {
        throw new Error(`Record ${record.sequence} at ${record.at} does not follow record ${sequence} at ${at}.`);
      }
      sequence = record.sequence;
      at = record.at;
    }
  }
}
