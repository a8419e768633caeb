/** Reads what the writer has written; numbers and words that it cannot have written are refused. */
import type { EngineEvent } from '@procos/engine';
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

type Fields = Record<string, unknown>;

const layouts: EventLayout[] = [];
for (const layout of LAYOUTS) layouts[layout.code] = layout;

export class RecordReader {
  readonly #list: readonly unknown[];
  readonly #at: number;
  #next: number;
  #instance: number;
  readonly #words: string[] = [];

  /** `next`: where in the list to begin. */
  constructor(list: readonly unknown[], next: number, at: number, lastId: number) {
    this.#list = list;
    this.#next = next;
    this.#at = at;
    this.#instance = lastId;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#list.length;
  }

  event(): EngineEvent {
    const code = this.#take();
    if (typeof code !== 'number') return code as EngineEvent;
    const layout = layouts[Math.abs(code)];
    if (layout === undefined) throw new Error(`no event has the number ${code}`);
    const event = { type: layout.type };
    this.#fields(event, layout.fields, code < 0);
    return event as unknown as EngineEvent;
  }

  word(): string {
    return this.#wordOf(this.#take());
  }

  #take(): unknown {
    if (this.isAtEnd) throw new Error('it ends too early');
    return this.#list[this.#next++];
  }

  #fields(into: Fields, layout: Layout, withOthers: boolean): Fields {
    for (const { name, kind } of layout) into[name] = this.#value(kind);
    return withOthers ? Object.assign(into, this.#take()) : into;
  }

  #value(kind: Kind | Layout): unknown {
    const value = this.#take();
    switch (kind) {
      case INSTANCE:
        if (value === null) return null;
        this.#instance += Number(value);
        return this.#instance;
      case ID:
        return value === null ? null : this.#instance + Number(value);
      case INSTANT:
        return value === null ? null : this.#at + Number(value);
      case WORD:
        return value === 0 ? null : this.#wordOf(value);
      case WORDS:
        if (value === 0) return [];
        return Array.isArray(value) ? value.map((word) => this.#wordOf(word)) : [this.#wordOf(value)];
      case VARIABLES:
        return this.#variables(Number(value));
      case FLAG:
        return value === 1;
      case AS_IT_IS:
        return value;
      default:
        return this.#fields({}, kind, value === -1);
    }
  }

  #variables(count: number): Fields {
    const variables: Fields = {};
    for (let rest = count; rest > 0; rest -= 1) {
      const name = this.word();
      const first = this.#take();
      variables[name] = typeof first === 'object' ? first : { type: this.#wordOf(first), value: this.#take() };
    }
    return variables;
  }

  #wordOf(value: unknown): string {
    if (typeof value === 'string') {
      this.#words.push(value);
      return value;
    }
    const number = Number(value);
    const word = number > 0 ? this.#words[number - 1] : COMMON_WORDS[-1 - number];
    if (word === undefined) throw new Error(`no word has the number ${number}`);
    return word;
  }
}
