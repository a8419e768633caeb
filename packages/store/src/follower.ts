/** Brings the views up to the end of the record log; their cursor moves in the transaction that writes their rows. */
import type { Definition, LogRecord, Rows } from '@procos/engine';
import type { Backend } from './backend.ts';
import type { Health } from './health.ts';
import { Table } from './table.ts';
import * as tables from './tables/view-tables.ts';
import { projectDecisionInstances } from './views/decision-instances.ts';
import { projectDefinitions } from './views/definitions.ts';
import { projectElementInstances } from './views/element-instances.ts';
import { projectIncidentHistory } from './views/incident-history.ts';
import { projectProcessInstances } from './views/process-instances.ts';
import { projectVariables } from './views/variables.ts';
import type { Projection, Views } from './views/views.ts';
import { projectWarnings } from './views/warnings.ts';

const BATCH = 1_000;
/** Committed records kept at hand for the views; more are read back from the log. */
const AT_HAND = 4_000;
const CURSOR = 'viewCursor';
const LAST_ROW_ID = 'lastVariableViewId';

/** In this order: later ones may read what earlier ones wrote. */
const PROJECTIONS: readonly Projection[] = [
  projectDefinitions,
  projectProcessInstances,
  projectElementInstances,
  projectVariables,
  projectIncidentHistory,
  projectDecisionInstances,
  projectWarnings,
];

export class Follower {
  readonly #backend: Backend;
  readonly #health: Health;
  readonly #read: (after: number, limit: number) => readonly LogRecord[];
  readonly #views: Views;
  #cursor: number;
  #lastRowId: number;
  #atHand: LogRecord[] = [];

  constructor(
    backend: Backend,
    health: Health,
    definitions: Rows<number, Definition>,
    read: (after: number, limit: number) => readonly LogRecord[],
  ) {
    this.#backend = backend;
    this.#health = health;
    this.#read = read;
    this.#cursor = backend.value(CURSOR) ?? 0;
    this.#lastRowId = backend.value(LAST_ROW_ID) ?? 0;
    this.#views = {
      definitions: new Table(tables.definitionViews, backend.table(tables.definitionViews), health),
      processInstances: new Table(tables.processInstances, backend.table(tables.processInstances), health),
      elementInstances: new Table(tables.elementInstances, backend.table(tables.elementInstances), health),
      variables: new Table(tables.variables, backend.table(tables.variables), health),
      incidentHistory: new Table(tables.incidentHistory, backend.table(tables.incidentHistory), health),
      decisionInstances: new Table(tables.decisionInstances, backend.table(tables.decisionInstances), health),
      warnings: new Table(tables.warnings, backend.table(tables.warnings), health),
      modelOf: (definitionId) => definitions.get(definitionId)?.model,
      nextRowId: () => ++this.#lastRowId,
    };
  }

  /** These were just committed. */
  offer(records: readonly LogRecord[]): void {
    if (this.#atHand.length + records.length > AT_HAND) this.#atHand = [];
    else this.#atHand.push(...records);
  }

  followUp(lastSequence: number): void {
    while (this.#cursor < lastSequence) {
      const records = this.#next();
      const { definitions, processInstances, elementInstances, variables, incidentHistory } = this.#views;
      const { decisionInstances, warnings } = this.#views;
      const all = [
        definitions,
        processInstances,
        elementInstances,
        variables,
        incidentHistory,
        decisionInstances,
        warnings,
      ];
      const rowIdBefore = this.#lastRowId;
      try {
        this.#project(records);
      } catch (error) {
        for (const table of all) table.drop();
        this.#lastRowId = rowIdBefore;
        throw error;
      }
      const cursor = records.at(-1)!.sequence;
      this.#health.guard('writing the views', () =>
        this.#backend.transaction(() => {
          for (const table of all) table.write();
          this.#backend.setValue(CURSOR, cursor);
          this.#backend.setValue(LAST_ROW_ID, this.#lastRowId);
        }),
      );
      for (const table of all) table.settle();
      this.#cursor = cursor;
    }
    this.#atHand = [];
  }

  #next(): readonly LogRecord[] {
    const [first] = this.#atHand;
    if (first === undefined || first.sequence > this.#cursor + 1) return this.#read(this.#cursor, BATCH);
    const from = this.#cursor + 1 - first.sequence;
    return this.#atHand.slice(from, from + BATCH);
  }

  #project(records: readonly LogRecord[]): void {
    for (const record of records) {
      for (const event of record.events) {
        for (const project of PROJECTIONS) project(event, record, this.#views);
      }
    }
  }
}
