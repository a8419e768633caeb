/** Variables of the engine to the plain values that a worker or a test sees, and back: as over the wire, without the wire. */
import { inferVariable, type Json, type Variable } from '@procos/bpmn';
import { asLargeValue, type PlainValues, toTyped } from '@procos/client';
import type { Variables } from '@procos/kernel';

/** Dates become a `Date`, bytes a `Uint8Array`, JSON objects are parsed, a large value is its handle, a file what is known of it. */
export function plainOf({ type, value, info }: Variable): unknown {
  if (asLargeValue(value) !== undefined) return value;
  if (type === 'File') return info ?? null;
  if (typeof value !== 'string') return value;
  if (type === 'Date') return new Date(value);
  if (type === 'Bytes') return Uint8Array.from(Buffer.from(value, 'base64'));
  if (type === 'Object' && info?.serializationDataFormat?.includes('json')) return parsed(value);
  return value;
}

/** The result has no prototype, so that a variable may have any name. */
export function plainValues(variables: Variables): Record<string, unknown> {
  const plain: Record<string, unknown> = Object.create(null);
  for (const [name, variable] of Object.entries(variables)) plain[name] = plainOf(variable);
  return plain;
}

/** Throws a `TypeError` for what cannot be a process variable. Members that are `undefined` are left out. */
export function variablesOf(plain: PlainValues): Variables {
  const variables: Record<string, Variable> = Object.create(null);
  for (const [name, value] of Object.entries(plain)) if (value !== undefined) variables[name] = variableOf(value);
  return variables;
}

function variableOf(plain: unknown): Variable {
  const { type, value } = toTyped(plain);
  if (type === 'Date') return { type, value: (plain as Date).toISOString() };
  if (type === 'Bytes') return { type, value: value as string };
  return inferVariable(type === 'Json' ? (JSON.parse(value as string) as Json) : (plain as Json));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
