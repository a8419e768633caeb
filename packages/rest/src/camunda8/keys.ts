/**
 * Keys: identities as Camunda 8 writes them, decimal text. One counter gives all of them (ADR 8), so a key is the number
 * that the Camunda 7 face shows as an id, and stays it over restarts.
 */
import type { Json } from '@procos/kernel';
import { NO_ID, parseId } from '../ids.ts';
import { invalid } from './errors.ts';

export function keyOf(id: number): string {
  return String(id);
}

export function optionalKeyOf(id: number | null | undefined): string | null {
  return id === null || id === undefined ? null : keyOf(id);
}

/** The identity of a key; `NO_ID` for one that nobody has. `name`: of the member or the path's part, for a refusal. */
export function readKey(value: Json | undefined, name: string): number {
  // Clients that know numbers of 64 bits may send one.
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text === 'string' && /^-?[0-9]{1,25}$/.test(text)) return parseId(text.replace(/^0+(?=\d)/, '')) || NO_ID;
  throw invalid(`'${name}' must be a key, 1 to 25 decimal digits as text, but is ${JSON.stringify(value)}`);
}
