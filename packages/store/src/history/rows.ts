/** Rows of what happens inside process instances: of all that lives, and of what is over where it does not lie in the log. */
import type { EngineEvent, LogRecord } from '@procos/engine';
import type { ElementInstanceView, ProcessInstanceView, VariableView } from '../rows.ts';
import type { Table } from '../table.ts';
import { liveVariablesOfInstance, liveVariablesOfScope, variablesByName } from '../tables/view-tables.ts';
import { projectElementInstances } from '../views/element-instances.ts';
import { projectVariables } from '../views/variables.ts';
import { type Inside, type InsideEvent, instanceOf, MOST_RECORDS, type Passage, passageOf } from './inside.ts';
import { endedElements, endedVariables } from './replay.ts';

export interface InsideRowsNeeds {
  readonly processInstances: Table<ProcessInstanceView>;
  readonly elementInstances: Table<ElementInstanceView>;
  readonly variables: Table<VariableView>;
  readonly modelOf: Inside['modelOf'];
  /** A committed record. */
  readonly record: (sequence: number) => LogRecord;
}

export class InsideRows implements Inside {
  readonly #needs: InsideRowsNeeds;
  readonly modelOf: Inside['modelOf'];

  constructor(needs: InsideRowsNeeds) {
    this.#needs = needs;
    this.modelOf = needs.modelOf;
  }

  /** Before the events of a record are projected: which instances it goes on with, and how their history is kept. */
  enter(record: LogRecord): Passage {
    const passage = passageOf(record);
    for (const event of record.events) {
      if (event.type !== 'historyRemoved' || !('processInstanceId' in event.target)) continue;
      // Only a part of it goes: of rows.
      this.#giveRows(event.target.processInstanceId);
    }
    for (const id of passage.continued) {
      const instance = this.instance(id);
      if (instance?.keptIn === undefined) continue;
      const fits = passage.isReadAgain && instance.keptIn.length < MOST_RECORDS;
      if (fits) this.#needs.processInstances.put({ ...instance, keptIn: [...instance.keptIn, record.sequence] });
      else this.#giveRows(id);
    }
    return passage;
  }

  /** Of instances that begin and end in the record nothing needs a row. */
  project(event: EngineEvent, record: LogRecord, { brief }: Passage, position: number): void {
    const id = instanceOf(event);
    if (id === null || brief.has(id)) return;
    projectElementInstances(event as InsideEvent, record, this, position);
    projectVariables(event as InsideEvent, record, this, position);
  }

  /** These records are about to leave the log. */
  leave(records: readonly LogRecord[]): void {
    for (const { events } of records) {
      for (const event of events) {
        if (event.type === 'processInstanceCreated') this.#giveRows(event.processInstanceId);
        const id = instanceOf(event);
        if (id !== null) this.#giveRows(id);
      }
    }
  }

  /** From now on all that ends in the instance keeps its row, as what has ended until now gets one. */
  #giveRows(id: number): void {
    const { processInstances, elementInstances, variables, modelOf, record } = this.#needs;
    const instance = this.instance(id);
    if (instance?.keptIn === undefined) return;
    const { keptIn, ...rest } = instance;
    const records = keptIn.map(record);
    for (const row of endedElements(instance, records, modelOf)) elementInstances.put(row);
    for (const row of endedVariables(instance, records, modelOf)) variables.put(row);
    processInstances.put(rest);
  }

  instance(id: number): ProcessInstanceView | undefined {
    return this.#needs.processInstances.get(id);
  }

  element(id: number): ElementInstanceView | undefined {
    return this.#needs.elementInstances.get(id);
  }

  putElement(row: ElementInstanceView): void {
    const { elementInstances } = this.#needs;
    if (row.endedAt !== null && this.#liesInLog(row.processInstanceId)) elementInstances.delete(row.id);
    else elementInstances.put(row);
  }

  variable(processInstanceId: number, scopeId: number, name: string): VariableView | undefined {
    return this.#needs.variables.first(variablesByName, [processInstanceId, scopeId, name]);
  }

  liveVariables(processInstanceId: number, scopeId?: number): readonly VariableView[] {
    const { variables } = this.#needs;
    return scopeId === undefined
      ? [...variables.select(liveVariablesOfInstance, [processInstanceId])]
      : [...variables.select(liveVariablesOfScope, [processInstanceId, scopeId])];
  }

  putVariable(row: VariableView): void {
    const { variables } = this.#needs;
    if (!row.live && this.#liesInLog(row.processInstanceId)) variables.delete(row.id);
    else variables.put(row);
  }

  dropVariable(id: number): void {
    this.#needs.variables.delete(id);
  }

  #liesInLog(processInstanceId: number): boolean {
    return this.instance(processInstanceId)?.keptIn !== undefined;
  }
}
