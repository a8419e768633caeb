/** Camunda's typed values to plain JavaScript and back. */
import type { LargeValue } from '@procos/protocol';
import { asLargeValue } from './large-values.ts';

/** `{type, value, valueInfo}` as it stands on the wire of `/engine-rest`. */
export interface TypedValue {
  readonly type?: string | null;
  readonly value?: unknown;
  readonly valueInfo?: Readonly<Record<string, unknown>> | null;
}
export type TypedValues = Readonly<Record<string, TypedValue>>;
export type PlainValues = Readonly<Record<string, unknown>>;

/**
 * One value: `Json` and JSON objects are parsed, `Date` becomes a `Date`, `Bytes` a `Uint8Array`; a `File` gives its
 * `{filename, mimeType, encoding}` (the bytes are not on the wire); a large value of any type its handle. What cannot be parsed stays as it came.
 */
export function toPlain(typed: TypedValue): unknown {
  const { value } = typed;
  const large = largeValueOf(typed);
  if (large !== undefined) return large;
  if (value === null || value === undefined) return isType(typed, 'File') ? (typed.valueInfo ?? null) : null;
  if (typeof value !== 'string') return value;
  if (isType(typed, 'Json') || (isType(typed, 'Object') && isJson(typed))) return parsed(value);
  if (isType(typed, 'Date')) {
    const date = new Date(value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
    return Number.isNaN(date.getTime()) ? value : date;
  }
  if (isType(typed, 'Bytes')) return Uint8Array.from(Buffer.from(value, 'base64'));
  return value;
}

/** All values of a map; the result has no prototype, so that a variable may have any name. */
export function toPlainValues(typed: TypedValues): Record<string, unknown> {
  const plain: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(typed)) plain[name] = toPlain(value);
  return plain;
}

function largeValueOf({ value, valueInfo }: TypedValue): LargeValue | undefined {
  const { blob, size, mimeType, filename } = valueInfo ?? {};
  if (value !== null || blob === undefined) return undefined;
  const type = typeof mimeType === 'string' ? { type: mimeType } : {};
  return asLargeValue({ blob, size, ...type, ...(typeof filename === 'string' ? { name: filename } : {}) });
}

/** The typed value that a plain value gets; lists and objects travel as `Json`, handles of large values as they are. Functions and symbols are refused. */
export function toTyped(value: unknown): TypedValue {
  if (value === null || value === undefined) return { type: 'Null', value: null };
  if (typeof value === 'boolean') return { type: 'Boolean', value };
  if (typeof value === 'string') return { type: 'String', value };
  if (typeof value === 'number') return typedNumber(value);
  if (typeof value === 'bigint') return { type: 'Long', value: String(value) };
  if (value instanceof Date) return { type: 'Date', value: value.toISOString().replace('Z', '+0000') };
  if (value instanceof Uint8Array) return { type: 'Bytes', value: Buffer.from(value).toString('base64') };
  if (asLargeValue(value) !== undefined) return { value };
  const text = typeof value === 'object' ? JSON.stringify(value) : undefined;
  if (text === undefined) throw new TypeError(`A ${typeof value} cannot be a process variable.`);
  return { type: 'Json', value: text };
}

/** All values of a map; members that are `undefined` are left out. */
export function toTypedValues(plain: PlainValues): Record<string, TypedValue> {
  const typed: Record<string, TypedValue> = Object.create(null);
  for (const [name, value] of Object.entries(plain)) if (value !== undefined) typed[name] = toTyped(value);
  return typed;
}

function typedNumber(value: number): TypedValue {
  if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be a process variable.`);
  if (!Number.isSafeInteger(value)) return { type: 'Double', value };
  return { type: value >= -2_147_483_648 && value <= 2_147_483_647 ? 'Integer' : 'Long', value };
}

function isType(typed: TypedValue, type: string): boolean {
  return typed.type?.toLowerCase() === type.toLowerCase();
}

function isJson(typed: TypedValue): boolean {
  return String(typed.valueInfo?.['serializationDataFormat'] ?? '').includes('json');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
