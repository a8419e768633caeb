/** Counts what has ended and lies in the log, by element: few rows, changed once for many records. */
import { hash } from 'node:crypto';
import type { ProcessModel } from '@procos/bpmn';
import type { ElementInstanceView, EndedVisitsView, ProcessInstanceView } from '../rows.ts';
import type { Table } from '../table.ts';

/** Rows of one definition: its id times this is the id of the first. */
const PER_DEFINITION = 2 ** 20;
/** Of one element: whether it is the body of a loop, and how it ended. */
const PER_ELEMENT = 4;
/** From here on that would be more than a number can hold: a store that was restored once is beyond it. */
export const LARGE_DEFINITION: number = (Number.MAX_SAFE_INTEGER + 1) / PER_DEFINITION;
/** Hexadecimal digits of a hash, for 50 bits: two of 10,000 elements meet once in 20 million stores. */
const DIGITS = 13;

/** Definitions whose places are remembered. */
const MOST_DEFINITIONS = 1_000;

/** What is alike is counted together. */
export interface Ended {
  readonly elementId: string;
  readonly isBody: boolean;
  readonly isCanceled: boolean;
}

export class Tally {
  readonly #table: Table<EndedVisitsView>;
  readonly #modelOf: (definitionId: number) => ProcessModel | undefined;
  /** By id of the row, since rows were put last. */
  readonly #changes = new Map<number, { readonly first: () => EndedVisitsView; by: number }>();
  /** By definition: the id of the first row of each element of its model. */
  readonly #firstIds = new Map<number, ReadonlyMap<string, number>>();

  constructor(table: Table<EndedVisitsView>, modelOf: (definitionId: number) => ProcessModel | undefined) {
    this.#table = table;
    this.#modelOf = modelOf;
  }

  count(of: Pick<ProcessInstanceView, 'definitionId' | 'bpmnProcessId'>, ended: Ended, by: 1 | -1): void {
    const { definitionId, bpmnProcessId } = of;
    const { elementId, isBody, isCanceled } = ended;
    const firstId = this.#firstIdsOf(definitionId).get(elementId);
    if (firstId === undefined) throw new Error(`definition ${definitionId} has no ${elementId}`);
    const id = firstId + (isBody ? 2 : 0) + (isCanceled ? 1 : 0);
    const known = this.#changes.get(id);
    if (known !== undefined) {
      known.by += by;
      return;
    }
    const first = (): EndedVisitsView => {
      const element = this.#modelOf(definitionId)?.elements[elementId];
      return {
        id,
        definitionId,
        bpmnProcessId,
        elementId,
        elementName: element?.name ?? null,
        elementType: isBody ? 'multiInstanceBody' : (element?.type ?? 'task'),
        outcome: isCanceled ? 'canceled' : 'completed',
        count: 0,
      };
    };
    this.#changes.set(id, { first, by });
  }

  add(row: ElementInstanceView, by: 1 | -1): void {
    const { elementId, elementType, outcome } = row;
    this.count(row, { elementId, isBody: elementType === 'multiInstanceBody', isCanceled: outcome === 'canceled' }, by);
  }

  /** Puts what was counted into the rows; which there are follows from the counts alone. */
  put(): void {
    for (const [id, { first, by }] of this.#changes) {
      const row = this.#table.get(id) ?? first();
      const count = row.count + by;
      if (count > 0) this.#table.put({ ...row, count });
      else if (row.count > 0) this.#table.delete(id);
    }
    this.#changes.clear();
  }

  forget(): void {
    this.#changes.clear();
  }

  #firstIdsOf(definitionId: number): ReadonlyMap<string, number> {
    let firstIds = this.#firstIds.get(definitionId);
    if (firstIds === undefined) {
      const ids = Object.keys(this.#modelOf(definitionId)?.elements ?? {}).slice(0, PER_DEFINITION / PER_ELEMENT);
      firstIds = new Map(ids.map((elementId, place) => [elementId, firstIdOf(definitionId, place)]));
      if (this.#firstIds.size >= MOST_DEFINITIONS) this.#firstIds.clear();
      this.#firstIds.set(definitionId, firstIds);
    }
    return firstIds;
  }
}

/** Below 0 where there is no room for both numbers. */
function firstIdOf(definitionId: number, place: number): number {
  if (definitionId < LARGE_DEFINITION) return definitionId * PER_DEFINITION + place * PER_ELEMENT;
  const digits = hash('sha256', `${definitionId} ${place}`, 'hex').slice(0, DIGITS);
  return -(Math.floor(Number.parseInt(digits, 16) / PER_ELEMENT) + 1) * PER_ELEMENT;
}
