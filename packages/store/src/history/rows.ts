/** Rows of what happens inside process instances: of all that lives, and of what is over where it does not lie in the log. */
import type { EngineEvent, EventOf, HistoryTarget, LogRecord, UserTask } from '@procos/engine';
import type { ElementInstanceView, EndedVisitsView, ProcessInstanceView, VariableView } from '../rows.ts';
import type { Table } from '../table.ts';
import { liveVariablesOfInstance, liveVariablesOfScope, ofInstance, variablesByName } from '../tables/view-tables.ts';
import { projectElementInstances } from '../views/element-instances.ts';
import { projectVariables } from '../views/variables.ts';
import {
  endingIn,
  type Inside,
  type InsideEvent,
  instanceOf,
  keptAlso,
  type Passage,
  passagesOf,
  placesTaken,
} from './inside.ts';
import { endedElements, endedVariables, Remembered } from './replay.ts';
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
  /** Of the records that are projected. */
  #passages: readonly Passage[] = [];
  /** Process instances of which nothing but their own row is needed from now on. */
  #closing: ReadonlySet<number> = new Set();
  /** Those that also begin in these records and have rows, once these are known. */
  #passing: ReadonlySet<number> = new Set();
  #remembered = new Map<number, Remembered>();
  /** Those that begin in these records. */
  #created: ReadonlySet<number> = new Set();
  /** Element instances that have begun in these records and not ended: of those that also begin there only bodies of loops. */
  #begun = new Map<number, EventOf<'elementActivated'>>();
  readonly modelOf: Inside['modelOf'];

  constructor(needs: InsideRowsNeeds) {
    this.#needs = needs;
    this.#tally = new Tally(needs.endedVisits, needs.modelOf);
    this.modelOf = needs.modelOf;
  }

  /** Before several records are projected: what they change of what was there before them is read and removed together. */
  begin(records: readonly LogRecord[]): void {
    const { processInstances, variables } = this.#needs;
    const passages = passagesOf(records);
    const continued = new Set(passages.flatMap((passage) => [...passage.continued]));
    processInstances.bring(continued);
    const { closing, passing, created } = endingIn(passages, (id) => placesTaken(this.instance(id) ?? {}));
    this.#passages = passages;
    this.#closing = closing;
    this.#passing = passing;
    this.#created = created;
    this.#remembered = new Map();
    this.#begun = new Map();
    // Where the last time failed half-way.
    this.#tally.forget();
    this.#bringEnding(records, continued);
    const over = passages.flatMap(({ ended }) => [...ended]).filter((id) => continued.has(id));
    const [left, others] = [over.filter((id) => closing.has(id)), over.filter((id) => !closing.has(id))];
    variables.deleteFound(ofInstance, [], left);
    variables.bringFound(liveVariablesOfInstance, [], others);
  }

  /** What ends in the records and has rows: element instances, and the variables of their scopes. */
  #bringEnding(records: readonly LogRecord[], continued: ReadonlySet<number>): void {
    const elements: number[] = [];
    const scopes = new Map<number, number[]>();
    for (const { events } of records)
      for (const event of events) {
        if (event.type !== 'elementCompleted' && event.type !== 'elementCanceled') continue;
        const { processInstanceId, elementInstanceId, elementId, hadVariables } = event;
        if (!continued.has(processInstanceId) || this.#passing.has(processInstanceId)) continue;
        const isClosing = this.#closing.has(processInstanceId);
        if (!isClosing || this.#loops(processInstanceId, elementId)) elements.push(elementInstanceId);
        if (isClosing || hadVariables !== true) continue;
        const ofInstance = scopes.get(processInstanceId);
        if (ofInstance === undefined) scopes.set(processInstanceId, [elementInstanceId]);
        else ofInstance.push(elementInstanceId);
      }
    const { elementInstances, variables } = this.#needs;
    elementInstances.bring(elements);
    for (const [id, ended] of scopes) variables.bringFound(liveVariablesOfScope, [id], ended);
  }

  #loops(processInstanceId: number, elementId: string): boolean {
    const instance = this.instance(processInstanceId);
    const element = instance && this.modelOf(instance.definitionId)?.elements[elementId];
    return element !== undefined && 'loop' in element;
  }

  /** Before the events of the record at `index` are projected: how the history of those that it goes on with is kept. */
  enter(record: LogRecord, index: number): void {
    const passage = this.#passages[index];
    if (passage === undefined) return;
    if (passage.removes)
      for (const event of record.events) {
        // What goes are rows, at most so many at once.
        if (event.type === 'historyRemoved') for (const id of removedFrom(event.target)) this.#giveRows(id);
      }
    for (const id of passage.continued) {
      const instance = this.instance(id);
      if (instance?.keptIn === undefined) continue;
      const kept = keptAlso(instance, record.sequence, passage.places);
      if (kept !== undefined) this.#needs.processInstances.put({ ...instance, ...kept });
      else this.#giveRows(id);
    }
  }

  /** What is inside those that leave needs no row: it is only counted. */
  project(event: EngineEvent, record: LogRecord, position: number): void {
    const id = instanceOf(event);
    if (id === null) return;
    if (this.#closing.has(id)) {
      this.#count(event, id);
      return;
    }
    const inside = this.#insideOf(id);
    projectElementInstances(event as InsideEvent, record, inside, position);
    projectVariables(event as InsideEvent, record, inside, position);
  }

  #insideOf(id: number): Inside {
    if (!this.#passing.has(id)) return this;
    const known = this.#remembered.get(id);
    const instance = known === undefined ? this.instance(id) : undefined;
    if (instance === undefined) return known ?? this;
    const inside = new Remembered(instance, this.modelOf);
    this.#remembered.set(id, inside);
    return inside;
  }

  /** After the last record of several. */
  finish(): void {
    for (const { elements, variables } of this.#remembered.values()) {
      for (const row of elements.values()) this.#needs.elementInstances.add(row);
      for (const row of variables.values()) this.#needs.variables.add(row);
    }
    this.#remembered = new Map();
    this.#passing = new Set();
    this.#tally.put();
  }

  #count(event: EngineEvent, processInstanceId: number): void {
    const { type } = event;
    if (type === 'elementActivated' && event.elementInstanceId !== processInstanceId) {
      if (event.role === 'body' || !this.#created.has(processInstanceId))
        this.#begun.set(event.elementInstanceId, event);
    }
    if (type !== 'elementCompleted' && type !== 'elementCanceled') return;
    const { elementInstanceId, elementId } = event;
    const instance = this.instance(processInstanceId);
    if (instance === undefined || elementInstanceId === processInstanceId) return;
    const isCanceled = type === 'elementCanceled';
    const begun = this.#begun.size === 0 ? undefined : this.#begun.get(elementInstanceId);
    let isBody = begun?.role === 'body';
    if (begun === undefined && !this.#created.has(processInstanceId)) {
      // Of a loop only the row tells the whole from one of its rounds.
      if (this.#loops(processInstanceId, elementId))
        isBody = this.element(elementInstanceId)?.elementType === 'multiInstanceBody';
      this.#needs.elementInstances.delete(elementInstanceId);
    }
    if (begun !== undefined) this.#begun.delete(elementInstanceId);
    this.#tally.count(instance, { elementId, isBody, isCanceled }, 1);
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
    const { keptIn, keptPlaces: _places, ...rest } = instance;
    processInstances.put(rest);
    // Nothing of it was counted, and all of it gets rows in the end.
    if (this.#passing.has(id)) return;
    const records = keptIn.map(record);
    for (const row of endedElements(instance, records, modelOf)) {
      elementInstances.put(row);
      this.#tally.add(row, -1);
    }
    for (const row of endedVariables(instance, records, modelOf)) variables.put(row);
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
