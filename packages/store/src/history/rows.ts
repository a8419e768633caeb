/** Rows of what happens inside process instances: of all that lives, and of what is over where it does not lie in the log. */
import type { EngineEvent, EventOf, HistoryTarget, LogRecord, UserTask } from '@procos/engine';
import type { ElementInstanceView, EndedVisitsView, ProcessInstanceView, VariableView } from '../rows.ts';
import type { Table } from '../table.ts';
import { liveVariablesOfInstance, liveVariablesOfScope, variablesByName } from '../tables/view-tables.ts';
import { projectElementInstances } from '../views/element-instances.ts';
import { projectVariables } from '../views/variables.ts';
import { type Inside, type InsideEvent, instanceOf, MOST_RECORDS, type Window, windowOf } from './inside.ts';
import { endedElements, endedVariables } from './replay.ts';
import { Tally } from './tally.ts';

export interface InsideRowsNeeds {
  readonly processInstances: Table<ProcessInstanceView>;
  readonly elementInstances: Table<ElementInstanceView>;
  readonly variables: Table<VariableView>;
  readonly endedVisits: Table<EndedVisitsView>;
  readonly modelOf: Inside['modelOf'];
  /** A committed record. */
  readonly record: (sequence: number) => LogRecord;
}

export class InsideRows implements Inside {
  readonly #needs: InsideRowsNeeds;
  readonly #tally: Tally;
  #window: Window = { passages: [], brief: new Set() };
  /** Element instances of brief process instances that have begun and not ended. */
  readonly #begun = new Map<number, EventOf<'elementActivated'>>();
  readonly modelOf: Inside['modelOf'];

  constructor(needs: InsideRowsNeeds) {
    this.#needs = needs;
    this.#tally = new Tally(needs.endedVisits, needs.modelOf);
    this.modelOf = needs.modelOf;
  }

  /** Before several records are projected. */
  begin(records: readonly LogRecord[]): void {
    this.#window = windowOf(records);
    this.#begun.clear();
    this.#bring(records);
  }

  /** What these records change of what was there before them is read together. */
  #bring(records: readonly LogRecord[]): void {
    const { processInstances, elementInstances, variables } = this.#needs;
    const { passages, brief } = this.#window;
    processInstances.bring(passages.flatMap(({ continued }) => [...continued]));
    const elements: number[] = [];
    for (const [index, { events }] of records.entries()) {
      if (this.#isBrief(passages[index])) continue;
      for (const event of events)
        if (
          (event.type === 'elementCompleted' || event.type === 'elementCanceled') &&
          !brief.has(event.processInstanceId)
        )
          elements.push(event.elementInstanceId);
    }
    elementInstances.bring(elements);
    const over = passages.flatMap(({ ended }) => [...ended]).filter((id) => !brief.has(id));
    variables.bringFound(liveVariablesOfInstance, [], over);
  }

  /** All that it is about begins and ends in these records. */
  #isBrief(passage: Window['passages'][number] | undefined): boolean {
    const { brief } = this.#window;
    for (const id of passage?.created ?? []) if (!brief.has(id)) return false;
    for (const id of passage?.continued ?? []) if (!brief.has(id)) return false;
    return true;
  }

  /** Before the events of the record at `index` are projected: how the history of those that it goes on with is kept. */
  enter(record: LogRecord, index: number): void {
    const passage = this.#window.passages[index];
    if (passage === undefined) return;
    if (passage.removes)
      for (const event of record.events) {
        // What goes are rows, at most so many at once.
        if (event.type === 'historyRemoved') for (const id of removedFrom(event.target)) this.#giveRows(id);
      }
    for (const id of passage.continued) {
      const instance = this.instance(id);
      if (instance?.keptIn === undefined) continue;
      const fits = passage.isReadAgain && instance.keptIn.length < MOST_RECORDS;
      if (fits) this.#needs.processInstances.put({ ...instance, keptIn: [...instance.keptIn, record.sequence] });
      else this.#giveRows(id);
    }
  }

  /** Of instances that begin and end in these records nothing needs a row: it is only counted. */
  project(event: EngineEvent, record: LogRecord, position: number): void {
    const id = instanceOf(event);
    if (id === null) return;
    if (this.#window.brief.has(id)) {
      this.#countBrief(event, id);
      return;
    }
    projectElementInstances(event as InsideEvent, record, this, position);
    projectVariables(event as InsideEvent, record, this, position);
  }

  /** After the last record of several. */
  finish(): void {
    this.#tally.put();
  }

  /** Nothing of what was projected since counts. */
  forget(): void {
    this.#tally.forget();
  }

  #countBrief(event: EngineEvent, processInstanceId: number): void {
    if (event.type === 'elementActivated' && event.elementInstanceId !== processInstanceId)
      this.#begun.set(event.elementInstanceId, event);
    if (event.type !== 'elementCompleted' && event.type !== 'elementCanceled') return;
    const begun = this.#begun.get(event.elementInstanceId);
    const instance = this.instance(processInstanceId);
    if (begun === undefined || instance === undefined) return;
    this.#begun.delete(event.elementInstanceId);
    const { elementId, role } = begun;
    this.#tally.count(
      instance,
      { elementId, isBody: role === 'body', isCanceled: event.type === 'elementCanceled' },
      1,
    );
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
    for (const { events } of records)
      for (const event of events) if (event.type === 'userTaskCreated') this.#keepTask(event.task);
    this.#tally.put();
  }

  /** Nothing else will tell how it was. */
  #keepTask({ elementInstanceId, name, dueAt, followUpAt, priority, candidateUsers, candidateGroups }: UserTask): void {
    const { elementInstances } = this.#needs;
    const row = elementInstances.get(elementInstanceId);
    if (row === undefined) return;
    const created = { name, dueAt, followUpAt, priority, candidateUsers, candidateGroups };
    elementInstances.put({ ...row, task: { ...created, ...row.task } });
  }

  /** From now on all that ends in the instance keeps its row, as what has ended until now gets one. */
  #giveRows(id: number): void {
    const { processInstances, elementInstances, variables, modelOf, record } = this.#needs;
    const instance = this.instance(id);
    if (instance?.keptIn === undefined) return;
    const { keptIn, ...rest } = instance;
    const records = keptIn.map(record);
    for (const row of endedElements(instance, records, modelOf)) {
      elementInstances.put(row);
      this.#tally.add(row, -1);
    }
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
    if (row.endedAt === null || !this.#liesInLog(row.processInstanceId)) elementInstances.put(row);
    else {
      elementInstances.delete(row.id);
      this.#tally.add(row, 1);
    }
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

function removedFrom(target: HistoryTarget): readonly number[] {
  if ('processInstanceIds' in target) return target.processInstanceIds;
  return 'processInstanceId' in target ? [target.processInstanceId] : [];
}
