/** Large instances are kept in parts: a row for each element instance and for the items and results of its loop. */
import type { Variable } from '@procos/bpmn';
import {
  type ElementInstance,
  type LoopState,
  type ProcessInstance,
  sizeOfInstance,
  takeChanged,
} from '@procos/engine';
import type { BackendTable } from './backend.ts';
import { decodeElement, decodeValues, encodeElement, encodeValues, isLarge } from './instance-codec.ts';
import type { Cells } from './spec.ts';
import { partsOfInstance } from './tables/state-tables.ts';

/** Parts that one element instance can have; its id times this is the id of its first part. */
const PER_ELEMENT = 16_384;
const ITEMS = 1;
const FIRST_RESULTS = 2;
/** Results in one part. */
const CHUNK = 1_024;
const AT_ONCE = 4_096;
/** Characters of a part, about. */
const PART = 128;

/** What was last written of a part: an element instance is `null`, values are compared one by one. */
type Written = Map<number, readonly (Variable | null)[] | null>;

export class InstanceParts {
  readonly #table: BackendTable;
  readonly #written = new WeakMap<ProcessInstance, Written>();

  constructor(table: BackendTable) {
    this.#table = table;
  }

  /** Writes what has changed since the last time, inside the transaction that writes the instance's own row. */
  write(instance: ProcessInstance): void {
    if (!isLarge(instance)) return;
    const before = this.#written.get(instance) ?? new Map();
    const now: Written = new Map();
    const parts: Cells[] = [];
    const put = (id: number, text: string) => void parts.push([id, instance.id, text]);
    this.#written.set(instance, now);
    for (const element of instance.elements.values()) {
      const id = element.id * PER_ELEMENT;
      if (takeChanged(element) || !before.has(id)) put(id, encodeElement(element));
      now.set(id, null);
      if (element.loop !== null) writeLoop(element, element.loop, { before, now, put });
    }
    this.#table.writeAll(parts);
    this.#table.removeAll([...before.keys()].filter((id) => !now.has(id)));
  }

  /** `known`: the instance as it was last seen, where it was. */
  remove(id: number, known: ProcessInstance | undefined): void {
    if (known !== undefined && !isLarge(known)) return;
    this.#table.removeAll(this.#idsOf(id));
  }

  /** The variables, and a little for each element instance and for the items of its loop. */
  weigh(instance: ProcessInstance): number {
    if (!isLarge(instance)) return 0;
    let parts = 0;
    for (const { loop } of instance.elements.values())
      parts += 1 + (loop?.items?.length ?? 0) + (loop?.results?.length ?? 0);
    return sizeOfInstance(instance) + parts * PART;
  }

  /** Brings a large instance that was read back together. */
  complete(instance: ProcessInstance): void {
    if (!isLarge(instance)) return;
    const written: Written = new Map();
    for (const partId of this.#idsOf(instance.id)) {
      const text = String(this.#table.read(partId)?.[2]);
      const elementId = Math.floor(partId / PER_ELEMENT);
      const part = partId - elementId * PER_ELEMENT;
      if (part === 0) {
        const element = decodeElement(text);
        // From now on its changes are noted.
        takeChanged(element);
        instance.elements.set(elementId, element);
        written.set(partId, null);
        continue;
      }
      const values = decodeValues(text);
      const loop = instance.elements.get(elementId)?.loop;
      const all = part === ITEMS ? (loop?.items as Variable[] | undefined) : loop?.results;
      for (const value of values) all?.push(value as Variable);
      written.set(partId, values);
    }
    this.#written.set(instance, written);
  }

  /** Ascending: element instances in the order of their ids, each before what belongs to it. */
  #idsOf(instanceId: number): readonly number[] {
    const ids: number[] = [];
    for (;;) {
      const found = this.#table.select(partsOfInstance, [instanceId], undefined, AT_ONCE, ids.length);
      for (const [id] of found) if (id !== undefined) ids.push(id);
      if (found.length < AT_ONCE) return ids;
    }
  }
}

interface Writing {
  readonly before: Written;
  readonly now: Written;
  readonly put: (id: number, text: string) => void;
}

function writeLoop({ id }: ElementInstance, { items, results }: LoopState, { before, now, put }: Writing): void {
  const change = (part: number, values: readonly (Variable | null)[]) => {
    const partId = id * PER_ELEMENT + part;
    const known = before.get(partId) ?? undefined;
    if (known !== values && !isSame(known, values)) put(partId, encodeValues(values));
    now.set(partId, values);
  };
  if (items !== null) change(ITEMS, items);
  for (let from = 0; from < (results?.length ?? 0); from += CHUNK)
    change(FIRST_RESULTS + from / CHUNK, results?.slice(from, from + CHUNK) ?? []);
}

function isSame(known: readonly (Variable | null)[] | undefined, values: readonly (Variable | null)[]): boolean {
  return (
    known !== undefined && known.length === values.length && known.every((value, index) => value === values[index])
  );
}
