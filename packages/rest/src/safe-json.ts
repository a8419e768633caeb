/** Reads JSON from outside: bounded depth, no `__proto__`, null-prototype objects. */
import type { Json } from '@procos/kernel';

/** Nesting of arrays and objects that is accepted, in bodies and in `Json` variables. */
export const MAX_JSON_DEPTH = 64;

/** The text is not JSON that this server takes; the message says why. */
export class JsonRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonRefusal';
  }
}

/** Parses text; throws `JsonRefusal`. */
export function parseJson(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonRefusal(`Not well-formed JSON: ${(error as Error).message}`);
  }
  return seal(value, 0);
}

function seal(value: unknown, depth: number): Json {
  if (typeof value !== 'object' || value === null) return value as Json;
  if (depth >= MAX_JSON_DEPTH) throw new JsonRefusal(`JSON is nested deeper than ${MAX_JSON_DEPTH} levels`);
  if (Array.isArray(value)) return value.map((item) => seal(item, depth + 1));
  const sealed: Record<string, Json> = Object.create(null);
  for (const [name, item] of Object.entries(value)) {
    if (name === '__proto__') throw new JsonRefusal('JSON with a member named "__proto__" is not accepted');
    sealed[name] = seal(item, depth + 1);
  }
  return sealed;
}

export function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
