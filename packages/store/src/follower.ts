/** Brings the views up to the end of the record log; their cursor moves in the transaction that writes their rows. */
import type { Definition, EngineEvent, LogRecord, Rows, State } from '@procos/engine';
import type { Backend } from './backend.ts';
import type { Health } from './health.ts';
import { isLong, placesOf, walk } from './history/inside.ts';
import { readFew } from './history/records.ts';
import { InsideRows } from './history/rows.ts';
import type { Identified, Spec } from './spec.ts';
import { Table } from './table.ts';
import * as tables from './tables/view-tables.ts';
import { projectDecisionInstances } from './views/decision-instances.ts';
import { projectDefinitions } from './views/definitions.ts';
import { projectIncidentHistory } from './views/incident-history.ts';
import { projectProcessInstances } from './views/process-instances.ts';
import { projectRemovedHistory } from './views/removed-history.ts';
import type { Projection, Views } from './views/views.ts';
import { projectWarnings } from './views/warnings.ts';

const BATCH = 1_000;
/** Committed records kept at hand for the views; more are read back from the log. */
const AT_HAND = 4_000;
/** So many that have gathered are written together with a commit; or fewer that are as much work as so many events, for a commit keeps everybody waiting. */
const WITH_A_COMMIT = { records: 512, events: 5_000 } as const;
/**
 * So few do where it saves next to nothing to wait for more: of what began in them an eighth goes on at most, and has its rows written
 * again. Who waits for the commit then waits for fewer rows.
 */
const OVER = { records: 192, forEachOpen: 8 } as const;
/** An event in a record that is not read again leaves rows of its own. */
const EVENTS_PER_LONG_EVENT = 6;
/**
 * What goes on at once in a next command (a long one that was cut) is awaited up to so much work, 40,000 events of records that are not read again: most of what it has begun it will
 * also end, which then gets no rows, or one instead of a row that changes.
 */
const WHILE_IT_GOES_ON = 40_000 * EVENTS_PER_LONG_EVENT;
const CURSOR = 'viewCursor';
const LAST_ROW_ID = 'lastVariableViewId';

/** In this order: later ones may read what earlier ones wrote. */
const VIEWS: readonly Projection[] = [
  projectDefinitions,
  projectProcessInstances,
  projectIncidentHistory,
  projectDecisionInstances,
  projectWarnings,
  projectRemovedHistory,
];

type Project = (event: EngineEvent, record: LogRecord, views: Views) => void;
const NONE: readonly Project[] = [];
/** By type of event: most are none of the business of most views. */
const PROJECTIONS = new Map<string, readonly Project[]>();
for (const view of VIEWS)
  for (const [type, project] of Object.entries(view))
    PROJECTIONS.set(type, [...(PROJECTIONS.get(type) ?? NONE), project as Project]);

export interface FollowerNeeds {
  readonly backend: Backend;
  readonly health: Health;
  readonly definitions: Rows<number, Definition>;
  readonly decisions: State['decisions'];
  /** The last identity of the store that a row of a view can refer to. */
  readonly storedUpTo: number;
  /** Committed records after a sequence. */
  readonly read: (after: number, limit: number) => readonly LogRecord[];
}

export class Follower {
  readonly #backend: Backend;
  readonly #health: Health;
  readonly #read: FollowerNeeds['read'];
  readonly #views: Views;
  readonly #inside: InsideRows;
  readonly #tables: readonly Table<never>[];
  #cursor: number;
  #lastRowId: number;
  #atHand: LogRecord[] = [];
  #workAtHand = 0;
  /** Of those at hand: timers by which a command goes on that was cut, and which are due at once. */
  readonly #goesOn = new Set<number>();
  /** Of the instances that began in records at hand those that have not ended, and how many have. */
  readonly #open = new Set<number>();
  #over = 0;
  /** The last of the records that are projected and not yet settled. */
  #pending: LogRecord | null = null;
  /** As of the last transaction. */
  #settledRowId: number;
  /** A projection has failed: no more ahead of queries, which then say so. */
  #broken = false;

  constructor({ backend, health, definitions, decisions, storedUpTo, read }: FollowerNeeds) {
    this.#backend = backend;
    this.#health = health;
    this.#read = read;
    this.#cursor = backend.value(CURSOR) ?? 0;
    this.#lastRowId = backend.value(LAST_ROW_ID) ?? 0;
    this.#settledRowId = this.#lastRowId;
    const all: Table<never>[] = [];
    function open<Row extends Identified>(spec: Spec<Row>): Table<Row> {
      const table = new Table(spec, backend.table(spec), health, storedUpTo);
      all.push(table as unknown as Table<never>);
      return table;
    }
    this.#tables = all;
    this.#views = {
      definitions: open(tables.definitionViews),
      processInstances: open(tables.processInstances),
      incidentHistory: open(tables.incidentHistory),
      decisionInstances: open(tables.decisionInstances),
      warnings: open(tables.warnings),
      elementInstances: open(tables.elementInstances),
      variables: open(tables.variables),
      endedVisits: open(tables.endedVisits),
      requiredBy: (decisionDefinitionId, decisionId) => {
        const by = decisions.get(decisionDefinitionId);
        return decisions
          .ofDeployment(by?.deploymentId ?? 0)
          .find((one) => one.decisionId === decisionId && one.resourceName === by?.resourceName);
      },
      nextRowId: () => ++this.#lastRowId,
    };
    this.#inside = new InsideRows({
      processInstances: this.#views.processInstances,
      elementInstances: this.#views.elementInstances,
      variables: this.#views.variables,
      endedVisits: this.#views.endedVisits,
      modelOf: (definitionId) => definitions.get(definitionId)?.model,
      record: (sequence) => this.#recordOf(sequence),
    });
  }

  /** These were just committed. */
  offer(records: readonly LogRecord[]): void {
    if (this.#atHand.length + records.length > AT_HAND) this.#letGo(this.#atHand.length);
    else {
      this.#atHand.push(...records);
      this.#workAtHand += workOf(records);
      for (const { events } of records) {
        const [first, last] = [events[0], events.at(-1)];
        if (first?.type === 'timerTriggered') this.#goesOn.delete(first.timerId);
        if (last?.type === 'timerScheduled' && last.timer.step?.kind === 'continueTurn')
          this.#goesOn.add(last.timer.id);
        this.#noteOpen(events);
      }
    }
  }

  #noteOpen(events: readonly EngineEvent[]): void {
    // The last that has begun: most end before another one begins.
    let begun: number | undefined;
    for (const event of events) {
      const { type } = event;
      if (type === 'processInstanceCreated') {
        if (begun !== undefined) this.#open.add(begun);
        begun = event.processInstanceId;
      } else if (type === 'processInstanceCompleted' || type === 'processInstanceEnded') {
        if (event.processInstanceId === begun) begun = undefined;
        else if (!this.#open.delete(event.processInstanceId)) continue;
        this.#over += 1;
      }
    }
    if (begun !== undefined) this.#open.add(begun);
  }

  /** The first so many of those at hand. */
  #letGo(count: number): void {
    this.#workAtHand -= workOf(this.#atHand.splice(0, count));
    if (this.#atHand.length > 0) return;
    this.#goesOn.clear();
    this.#open.clear();
    this.#over = 0;
  }

  #isEnough(): boolean {
    const { length } = this.#atHand;
    const goesOn = this.#goesOn.size > 0;
    if (length >= WITH_A_COMMIT.records) return true;
    if (this.#workAtHand >= (goesOn ? WHILE_IT_GOES_ON : WITH_A_COMMIT.events)) return true;
    return !goesOn && this.#over > 0 && length >= OVER.records && length >= this.#open.size * OVER.forEachOpen;
  }

  /** Before a commit: projects what has gathered, so that its rows go to the disk in the same transaction and sync. */
  prepare(): void {
    if (this.#broken || !this.#isEnough()) return;
    try {
      this.#project(this.#next());
    } catch {
      this.#broken = true;
    }
  }

  /** Inside a transaction: what was projected. */
  write(): void {
    if (this.#pending === null) return;
    for (const table of this.#tables) table.write();
    this.#backend.setValue(CURSOR, this.#pending.sequence);
    this.#backend.setValue(LAST_ROW_ID, this.#lastRowId);
  }

  /** The transaction is done. */
  settle(): void {
    if (this.#pending === null) return;
    const { sequence, lastId } = this.#pending;
    for (const table of this.#tables) table.settle(lastId);
    this.#cursor = sequence;
    this.#settledRowId = this.#lastRowId;
    this.#pending = null;
    const first = this.#atHand[0]?.sequence ?? sequence + 1;
    this.#letGo(Math.max(0, sequence + 1 - first));
  }

  /** The transaction was undone: what was projected is projected again later. */
  forget(): void {
    for (const table of this.#tables) table.drop();
    this.#lastRowId = this.#settledRowId;
    this.#pending = null;
  }

  followUp(lastSequence: number): void {
    while (this.#cursor < lastSequence) {
      this.#project(this.#next());
      try {
        this.#health.guard('writing the views', () => this.#backend.transaction('derived', () => this.write()));
      } catch (error) {
        this.forget();
        throw error;
      }
      this.settle();
    }
    this.#letGo(this.#atHand.length);
  }

  /** The first records of the log are about to leave it: rows take over what only they hold. Views must be up to date; `write` and `settle` follow. */
  leave(records: readonly LogRecord[]): void {
    this.#inside.leave(records);
    this.#pending = this.#recordOf(this.#cursor);
  }

  #next(): readonly LogRecord[] {
    const [first] = this.#atHand;
    if (first === undefined || first.sequence > this.#cursor + 1) return readFew(this.#read, this.#cursor, BATCH);
    const from = this.#cursor + 1 - first.sequence;
    return this.#atHand.slice(from, from + BATCH);
  }

  #recordOf(sequence: number): LogRecord {
    const first = this.#atHand[0]?.sequence ?? 0;
    const record = this.#atHand[sequence - first] ?? this.#read(sequence - 1, 1)[0];
    if (record?.sequence !== sequence) throw new Error(`there is no record ${sequence}`);
    return record;
  }

  #project(records: readonly LogRecord[]): void {
    const last = records.at(-1);
    if (last === undefined) throw new Error(`there is no record after ${this.#cursor}`);
    try {
      this.#inside.begin(records);
      for (const [index, record] of records.entries()) {
        this.#inside.enter(record, index);
        walk(record, (event, position) => {
          for (const project of PROJECTIONS.get(event.type) ?? NONE) project(event, record, this.#views);
          this.#inside.project(event, record, position);
        });
      }
      this.#inside.finish();
      this.#pending = last;
    } catch (error) {
      this.forget();
      throw error;
    }
  }
}

/** What projecting them takes, in events of short records. */
function workOf(records: readonly LogRecord[]): number {
  return records.reduce(
    (work, record) =>
      work + record.events.length * (isLong(record) && placesOf(record) === undefined ? EVENTS_PER_LONG_EVENT : 1),
    0,
  );
}
