/** Writes events as one flat list: the number of the type, then the values of its fields. */
import type { EngineEvent, Variables } from '@procos/engine';
import {
  AS_IT_IS,
  COMMON_WORDS,
  type EventLayout,
  FLAG,
  ID,
  INSTANCE,
  INSTANT,
  type Kind,
  LAYOUTS,
  type Layout,
  VARIABLES,
  WORD,
  WORDS,
} from './layouts.ts';

/** Who sets a field of this name sets something else. */
const NOT_SETTABLE = '__proto__';

type Fields = Readonly<Record<string, unknown>>;

const layouts: ReadonlyMap<string, EventLayout> = new Map(LAYOUTS.map((layout) => [layout.type, layout]));
const commonWords: ReadonlyMap<string, number> = new Map(COMMON_WORDS.map((word, index) => [word, -1 - index]));

export class RecordWriter {
  readonly list: unknown[] = [];
  readonly #at: number;
  /** The process instance that was named last. */
  #instance: number;
  /** Texts so far, each with its number: 1, 2, 3, … */
  readonly #words = new Map<string, number>();

  /** Both whole (`isWhole`). */
  constructor(at: number, lastId: number) {
    this.#at = at;
    this.#instance = lastId;
  }

  event(event: EngineEvent): void {
    const layout = layouts.get(event.type);
    if (layout === undefined) {
      this.list.push(event);
      return;
    }
    const { length } = this.list;
    const instance = this.#instance;
    const words = this.#words.size;
    this.list.push(layout.code);
    if (this.#fields(event as unknown as Fields, layout.fields, length, 'type')) return;
    // Something does not fit: as if nothing of it had been written.
    this.list.length = length;
    this.#instance = instance;
    for (const [word, number] of this.#words) if (number > words) this.#words.delete(word);
    this.list.push(event);
  }

  word(value: unknown): boolean {
    if (typeof value !== 'string') return false;
    const known = this.#words.get(value) ?? commonWords.get(value);
    if (known === undefined) this.#words.set(value, this.#words.size + 1);
    this.list.push(known ?? value);
    return true;
  }

  /**
   * `mark`: where the number stands that is negative when fields follow that the layout does not name. False: something does not fit.
   * Most come in the order of the layout: while they are gone through, none has to be looked up by its name.
   */
  #fields(of: Fields, layout: Layout, mark: number, beside?: string): boolean {
    let written = 0;
    let size = 0;
    for (const name in of) {
      size += 1;
      const field = layout[written];
      if (field?.name !== name) continue;
      if (!this.#value(of[name], field.kind)) return false;
      written += 1;
    }
    for (; written < layout.length; written += 1) {
      const field = layout[written];
      if (field !== undefined && !this.#value(of[field.name], field.kind)) return false;
    }
    if (size === layout.length + (beside === undefined ? 0 : 1)) return true;
    const others: Record<string, unknown> = {};
    for (const name in of) {
      if (name === beside || isIn(layout, name)) continue;
      if (name === NOT_SETTABLE) return false;
      others[name] = of[name];
    }
    this.list[mark] = -Number(this.list[mark]);
    this.list.push(others);
    return true;
  }

  #value(value: unknown, kind: Kind | Layout): boolean {
    if (typeof kind !== 'number') {
      this.list.push(1);
      return isObject(value) && this.#fields(value, kind, this.list.length - 1);
    }
    switch (kind) {
      case INSTANCE:
        if (!this.#distance(value, this.#instance)) return false;
        this.#instance = (value as number | null) ?? this.#instance;
        return true;
      case ID:
        return this.#distance(value, this.#instance);
      case INSTANT:
        return this.#distance(value, this.#at);
      case WORD:
        if (value !== null) return this.word(value);
        this.list.push(0);
        return true;
      case WORDS:
        return Array.isArray(value) && this.#allWords(value);
      case VARIABLES:
        return isObject(value) && this.#variables(value as Variables);
      case FLAG:
        this.list.push(value === true ? 1 : 0);
        return typeof value === 'boolean';
      case AS_IT_IS:
        this.list.push(value);
        return value !== undefined;
    }
  }

  #distance(value: unknown, from: number): boolean {
    if (value !== null && !isWhole(value)) return false;
    this.list.push(value === null ? null : value - from);
    return true;
  }

  /** 0: none; one: itself. */
  #allWords(words: readonly unknown[]): boolean {
    const from = this.list.length;
    if (words.length === 0) this.list.push(0);
    for (const word of words) if (!this.word(word)) return false;
    if (words.length > 1) this.list.push(this.list.splice(from));
    return true;
  }

  /** How many; of each its name, type and value, or its name and all of it. */
  #variables(variables: Variables): boolean {
    const at = this.list.push(0) - 1;
    let count = 0;
    for (const name in variables) {
      const variable = variables[name];
      if (!isObject(variable) || name === NOT_SETTABLE || !this.word(name)) return false;
      count += 1;
      const isPlain = sizeOf(variable) === 2 && variable.value !== undefined;
      if (!isPlain) this.list.push(variable);
      else if (this.word(variable.type)) this.list.push(variable.value);
      else return false;
    }
    this.list[at] = count;
    return true;
  }
}

function isIn(layout: Layout, name: string): boolean {
  for (const field of layout) if (field.name === name) return true;
  return false;
}

/** Two of them have an exact distance. */
export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function sizeOf(of: object): number {
  let size = 0;
  for (const _ in of) size += 1;
  return size;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
