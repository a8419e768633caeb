/** Reads what has happened inside a process instance from the records that changed it. */
import type { LogRecord } from '@procos/engine';
import type { ElementInstanceView, ProcessInstanceView, VariableView } from '../rows.ts';
import { projectElementInstances } from '../views/element-instances.ts';
import { projectVariables } from '../views/variables.ts';
import { type Inside, type InsideEvent, type InsideProjection, instanceOf, walk } from './inside.ts';

/** Every element instance that has ended. `records`: those of `keptIn`. */
export function endedElements(
  instance: ProcessInstanceView,
  records: Iterable<LogRecord>,
  modelOf: Inside['modelOf'],
): readonly ElementInstanceView[] {
  const inside = new Remembered(instance, modelOf);
  replay(inside, instance, records, projectElementInstances);
  return [...inside.elements.values()].filter(({ endedAt }) => endedAt !== null);
}

/** Every variable that was removed or has ended with its scope. */
export function endedVariables(
  instance: ProcessInstanceView,
  records: Iterable<LogRecord>,
  modelOf: Inside['modelOf'],
): readonly VariableView[] {
  const inside = new Remembered(instance, modelOf);
  replay(inside, instance, records, projectVariables);
  return [...inside.variables.values()].filter(({ live }) => !live);
}

function replay(
  inside: Inside,
  { id }: ProcessInstanceView,
  records: Iterable<LogRecord>,
  project: InsideProjection,
): void {
  for (const record of records) {
    walk(record, (event, position) => {
      if (instanceOf(event) === id) project(event as InsideEvent, record, inside, position);
    });
  }
}

/** Rows of one process instance, in memory. */
export class Remembered implements Inside {
  readonly elements: Map<number, ElementInstanceView> = new Map();
  readonly variables: Map<number, VariableView> = new Map();
  /** By scope and name, the one that is shown. */
  readonly #shown = new Map<number, Map<string, number>>();
  readonly modelOf: Inside['modelOf'];
  readonly #instance: ProcessInstanceView;

  constructor(instance: ProcessInstanceView, modelOf: Inside['modelOf']) {
    this.#instance = instance;
    this.modelOf = modelOf;
  }

  instance(): ProcessInstanceView {
    return this.#instance;
  }

  element(id: number): ElementInstanceView | undefined {
    return this.elements.get(id);
  }

  putElement(row: ElementInstanceView): void {
    this.elements.set(row.id, row);
  }

  variable(_instance: number, scopeId: number, name: string): VariableView | undefined {
    return this.variables.get(this.#shown.get(scopeId)?.get(name) ?? -1);
  }

  liveVariables(_instance: number, scopeId?: number): readonly VariableView[] {
    const ids = scopeId === undefined ? this.variables.keys() : (this.#shown.get(scopeId)?.values() ?? []);
    return [...ids].map((id) => this.variables.get(id)).filter((row) => row?.live === true) as VariableView[];
  }

  putVariable(row: VariableView): void {
    this.variables.set(row.id, row);
    const ofScope = this.#shown.get(row.scopeId);
    if (ofScope === undefined) this.#shown.set(row.scopeId, new Map([[row.name, row.id]]));
    else ofScope.set(row.name, row.id);
  }

  dropVariable(id: number): void {
    this.variables.delete(id);
  }
}
