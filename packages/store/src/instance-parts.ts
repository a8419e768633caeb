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

/** Parts that one element instance can have: its id times this is the id of its first part. `chunk`: results in one part. */
const USUAL = { parts: 16_384, chunk: 1_024 } as const;
/** From this element instance on that would be more than a number can hold: a store that was restored eight times is beyond it. */
const LARGE_ELEMENT = (Number.MAX_SAFE_INTEGER + 1) / USUAL.parts;
/** Of those; the ids of their parts are below 0. */
const LATER = { parts: 512, chunk: 32_768 } as const;
const ITEMS = 1;
const FIRST_RESULTS = 2;
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
      const id = partIdOf(element.id, 0);
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
      const { elementId, part } = placeOf(partId);
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

  /** Element instances in the order of their ids, each before what belongs to it. */
  #idsOf(instanceId: number): readonly number[] {
    const ids: number[] = [];
    for (;;) {
      const found = this.#table.select(partsOfInstance, [instanceId], undefined, AT_ONCE, ids.length);
      for (const [id] of found) if (id !== undefined) ids.push(id);
      if (found.length < AT_ONCE) return ids.length === 0 || ids[0]! > 0 ? ids : ids.sort(inOrder);
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
    const partId = partIdOf(id, part);
    const known = before.get(partId) ?? undefined;
    if (known !== values && !isSame(known, values)) put(partId, encodeValues(values));
    now.set(partId, values);
  };
  if (items !== null) change(ITEMS, items);
  const { chunk } = id < LARGE_ELEMENT ? USUAL : LATER;
  for (let from = 0; from < (results?.length ?? 0); from += chunk)
    change(FIRST_RESULTS + from / chunk, results?.slice(from, from + chunk) ?? []);
}

function partIdOf(elementId: number, part: number): number {
  return elementId < LARGE_ELEMENT ? elementId * USUAL.parts + part : -(elementId * LATER.parts + part);
}

function placeOf(partId: number): { readonly elementId: number; readonly part: number } {
  const { parts } = partId > 0 ? USUAL : LATER;
  const place = Math.abs(partId);
  return { elementId: Math.floor(place / parts), part: place % parts };
}

function inOrder(one: number, other: number): number {
  return one > 0 === other > 0 ? Math.abs(one) - Math.abs(other) : other - one;
}

function isSame(known: readonly (Variable | null)[] | undefined, values: readonly (Variable | null)[]): boolean {
  return (
    known !== undefined && known.length === values.length && known.every((value, index) => value === values[index])
  );
}
