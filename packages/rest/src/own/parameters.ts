/** Reads query parameters and body members of `/api`; what cannot be read is refused with 400. */
import type { Json } from '@procos/kernel';
import type { Call, JsonObject } from '../call.ts';
import { isObject } from '../safe-json.ts';
import { ApiRefusal } from './errors.ts';

export interface Range {
  readonly limit: number;
  readonly offset: number;
}

const MOST_ROWS = 1_000;

export function rangeOf(call: Call, defaultLimit = 100): Range {
  const limit = Math.min(whole(call, 'limit') ?? defaultLimit, MOST_ROWS);
  return { limit, offset: whole(call, 'offset') ?? 0 };
}

export function textParameter({ query }: Call, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw wrong(`Query parameter ${name} is given twice: give it once.`);
  return value;
}

export function flagParameter(call: Call, name: string): boolean {
  const text = textParameter(call, name) ?? 'false';
  if (text !== 'true' && text !== 'false') throw wrong(`Query parameter ${name} is "${text}": give true or false.`);
  return text === 'true';
}

function whole(call: Call, name: string): number | undefined {
  const text = textParameter(call, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw wrong(`Query parameter ${name} is "${text}": give a whole number from 0.`);
  return Number(text);
}

export function requiredText(body: JsonObject, name: string): string {
  const value = optionalText(body, name);
  if (value === undefined || value === '') throw wrong(`Member ${name} is missing: give a text.`);
  return value;
}

export function optionalText(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrong(`Member ${name} must be a text.`);
  return value;
}

export function optionalFlag(body: JsonObject, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw wrong(`Member ${name} must be true or false.`);
  return value;
}

/** A whole number from 1. */
export function optionalWhole(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    throw wrong(`Member ${name} must be a whole number from 1.`);
  return value;
}

export function optionalObject(body: JsonObject, name: string): { readonly [name: string]: Json } {
  const value = body[name];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw wrong(`Member ${name} must be an object.`);
  return value;
}

export function wrong(message: string): ApiRefusal {
  return new ApiRefusal(400, 'INVALID_ARGUMENT', message);
}
