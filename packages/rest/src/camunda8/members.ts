/** Reads members of a JSON body; what cannot be read is refused with its name, what was there and what is expected. */
import type { Json } from '@procos/kernel';
import type { JsonObject } from '../call.ts';
import { isObject } from '../safe-json.ts';
import { parseDate } from './dates.ts';
import { invalid, type Problem } from './errors.ts';
import { readKey } from './keys.ts';
import { readTenant } from './tenants.ts';

export interface WholeRange {
  readonly least?: number;
  readonly most?: number;
}

/** `null` is as good as absent everywhere. */
export class Members {
  readonly #object: JsonObject;
  readonly #path: string;

  /** `path`: where the object stands in the body, for refusals. */
  constructor(object: JsonObject, path = '') {
    this.#object = object;
    this.#path = path;
  }

  /** As it came; undefined for null. */
  raw(name: string): Json | undefined {
    return this.#object[name] ?? undefined;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** The name with the place of the object before it. */
  where(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  optionalText(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(name, 'text');
  }

  /** Not empty. */
  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined || value === '') throw this.wrong(name, 'text that is not empty');
    return value;
  }

  /** Numbers may come as text, as of 64 bits some clients send them. */
  optionalWhole(name: string, { least = -Infinity, most = Infinity }: WholeRange = {}): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least && number <= most) return number;
    throw this.wrong(name, wholeWords(least, most));
  }

  whole(name: string, range: WholeRange = {}): number {
    const value = this.optionalWhole(name, range);
    if (value === undefined) throw this.wrong(name, wholeWords(range.least ?? -Infinity, range.most ?? Infinity));
    return value;
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.wrong(name, 'true or false');
  }

  optionalTexts(name: string): readonly string[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as readonly string[];
    throw this.wrong(name, 'a list of text');
  }

  optionalObject(name: string): JsonObject | undefined {
    const value = this.raw(name);
    if (value === undefined || isObject(value)) return value;
    throw this.wrong(name, 'an object');
  }

  /** Members of an object inside. */
  optionalMembers(name: string): Members | undefined {
    const object = this.optionalObject(name);
    return object && new Members(object, this.where(name));
  }

  members(name: string): Members {
    const found = this.optionalMembers(name);
    if (found === undefined) throw this.wrong(name, 'an object');
    return found;
  }

  /** Members of every object of a list; empty when there is none. */
  list(name: string): readonly Members[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (!Array.isArray(value) || !value.every((item) => isObject(item))) throw this.wrong(name, 'a list of objects');
    return value.map((item, at) => new Members(item as JsonObject, `${this.where(name)}[${at}]`));
  }

  /** `NO_ID` for a key that nobody has. */
  optionalKey(name: string): number | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : readKey(value, this.where(name));
  }

  key(name: string): number {
    return readKey(this.#object[name], this.where(name));
  }

  optionalDate(name: string): number | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    const at = parseDate(text);
    if (at === undefined) throw this.wrong(name, 'a date with its offset, e.g. 2026-01-15T10:30:00.000Z');
    return at;
  }

  optionalOneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.raw(name);
    const found = values.find((one) => one === value);
    if (value !== undefined && found === undefined) throw this.wrong(name, `one of ${values.join(', ')}`);
    return found;
  }

  /** null: the default one. */
  tenant(): string | null {
    return readTenant(this.raw('tenantId'), this.where('tenantId'));
  }

  wrong(name: string, expected: string): Problem {
    const value = this.#object[name];
    const found = value === undefined ? 'is missing' : `is ${shown(value)}`;
    return invalid(`'${this.where(name)}' must be ${expected}, but ${found}`);
  }
}

const SHOWN = 100;

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}

function wholeWords(least: number, most: number): string {
  if (most !== Infinity) return `a whole number from ${least} to ${most}`;
  return least === -Infinity ? 'a whole number' : `a whole number, ${least} or more`;
}
