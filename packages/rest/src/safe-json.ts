/** Reads JSON from outside: bounded depth and number of names, no `__proto__`, no infinity, null-prototype objects. */
import { excessOf, type Json, MAX_JSON_DEPTH } from '@procos/kernel';

/** Names of members that are accepted in one text, all objects together: each costs many times its length in memory. */
export const MAX_JSON_NAMES = 100_000;
/** Of lists, empty ones too: a body of nothing but those would take 50 times its length. So many pairs of coordinates fit into a body. */
const MAX_JSON_LISTS = 250_000;

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

function refuseTooMuch(text: string): void {
  const excess = excessOf(text, MAX_JSON_NAMES, MAX_JSON_LISTS);
  if (excess === 'depth') throw new JsonRefusal(`JSON is nested deeper than ${MAX_JSON_DEPTH} levels`, 422);
  if (excess === 'names') throw new JsonRefusal(`JSON has more than ${MAX_JSON_NAMES} members or objects`, 422);
  if (excess === 'lists') throw new JsonRefusal(`JSON has more than ${MAX_JSON_LISTS} lists`, 422);
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
