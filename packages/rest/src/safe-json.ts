/** Reads JSON from outside: bounded depth and number of names, no `__proto__`, no infinity, null-prototype objects. */
import type { Json } from '@procos/kernel';

/** Nesting of arrays and objects that is accepted, in bodies and in `Json` variables. */
export const MAX_JSON_DEPTH = 64;

/** Names of members that are accepted in one text, all objects together: each costs many times its length in memory. */
export const MAX_JSON_NAMES = 100_000;

/** The text is not JSON that this server takes; the message says why. 422: it is JSON, and too much of it. */
export class JsonRefusal extends Error {
  readonly status: 400 | 422;
  constructor(message: string, status: JsonRefusal['status'] = 400) {
    super(message);
    this.name = 'JsonRefusal';
    this.status = status;
  }
}

/** Parses text; throws `JsonRefusal`. */
export function parseJson(text: string): Json {
  refuseTooMuch(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonRefusal(`Not well-formed JSON: ${(error as Error).message}`);
  }
  return seal(value);
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = [0x5b, 0x7b, 0x5d, 0x7d];

/** Before anything is made of it: what is nested a million deep takes a hundred times its length. */
function refuseTooMuch(text: string): void {
  let depth = 0;
  let names = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        if (depth > MAX_JSON_DEPTH) throw new JsonRefusal(`JSON is nested deeper than ${MAX_JSON_DEPTH} levels`, 422);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COLON:
        names += 1;
        if (names > MAX_JSON_NAMES) throw new JsonRefusal(`JSON has more than ${MAX_JSON_NAMES} members`, 422);
        break;
    }
  }
}

/** Where the string that begins at `from` ends; the end of the text when it does not. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

/** Half a surrogate pair, as a text cut in the middle of a character ends in, becomes U+FFFD: UTF-8, and so the store, has none. */
function seal(value: unknown): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    throw new JsonRefusal('JSON with a number beyond 1.8e308 is not accepted: it would be kept as another one');
  if (typeof value !== 'object' || value === null) return value as Json;
  if (Array.isArray(value)) return value.map((item) => seal(item));
  const sealed: Record<string, Json> = Object.create(null);
  for (const [name, item] of Object.entries(value)) {
    if (name === '__proto__') throw new JsonRefusal('JSON with a member named "__proto__" is not accepted');
    sealed[name.toWellFormed()] = seal(item);
  }
  return sealed;
}

export function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
