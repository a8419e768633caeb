/** Reads members of a JSON body as leniently as Camunda does; what cannot be read is refused with 400. */
import type { Json } from '@procos/kernel';
import type { JsonObject } from '../call.ts';
import { isObject } from '../safe-json.ts';
import { invalid } from './errors.ts';

export function optionalText(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') throw wrongMember(name, 'text');
  return String(value);
}

export function optionalWhole(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrongMember(name, 'a whole number');
  return number;
}

export function optionalFlag(body: JsonObject, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw wrongMember(name, 'true or false');
}

export function optionalTexts(body: JsonObject, name: string): readonly string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.some((item) => typeof item === 'object'))
    throw wrongMember(name, 'a list of text');
  return value.map(String);
}

export function optionalList(body: JsonObject, name: string): readonly Json[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrongMember(name, 'a list');
  return value as readonly Json[];
}

export function optionalObject(body: JsonObject, name: string): JsonObject | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongMember(name, 'an object');
  return value as JsonObject;
}

/** A value that is not what it should be, for a message. */
export function shown(value: Json | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** One of a list, where it must be an object. Throws 400. */
export function objectIn(list: string, item: Json | undefined): JsonObject {
  if (isObject(item)) return item;
  throw invalid(`Cannot read member '${list}' of the request: expected a list of objects`);
}

function wrongMember(name: string, expected: string): Error {
  return invalid(`Cannot read member '${name}' of the request: expected ${expected}`);
}
