/** JSON as the engine holds it, and the typed variables that the Camunda 7 face needs. */
import { variableOfLarge } from './large-value.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** `T` where all of it is JSON; an interface is, too, though it has no index signature. */
type AsJson<T> = T extends Json
  ? T
  : T extends (...given: never[]) => unknown
    ? never
    : T extends object
      ? { readonly [name in keyof T]: AsJson<T[name]> }
      : never;

/** The compiler refuses what has anything in it that JSON cannot hold. */
export function jsonOf<T>(value: T & AsJson<T>): Json {
  return value as unknown as Json;
}

/** Camunda's value types (REST spelling). `Object` and `Xml` are held as text, `Json` as the parsed value, `Bytes`/`File` as base64. */
export type VariableType =
  | 'Null'
  | 'Boolean'
  | 'Short'
  | 'Integer'
  | 'Long'
  | 'Double'
  | 'Number'
  | 'String'
  | 'Date'
  | 'Bytes'
  | 'File'
  | 'Object'
  | 'Json'
  | 'Xml';

export interface ValueInfo {
  readonly objectTypeName?: string;
  readonly serializationDataFormat?: string;
  readonly filename?: string;
  readonly mimeType?: string;
  readonly encoding?: string;
  readonly transient?: boolean;
}

/** A variable with its type. Instants (`Date`) are ISO-8601 text with offset. A large value of any type is a `LargeValue`. */
export interface Variable {
  readonly type: VariableType;
  readonly value: Json;
  readonly info?: ValueInfo;
}

/** The type that an untyped JSON value gets: whole numbers are Integer or Long by size, lists and maps are Json, handles what they were. */
export function inferVariable(value: Json | undefined): Variable {
  if (value === null || value === undefined) return { type: 'Null', value: null };
  if (typeof value === 'boolean') return { type: 'Boolean', value };
  if (typeof value === 'string') return { type: 'String', value };
  if (typeof value === 'number') return { type: numberType(value), value };
  return variableOfLarge(value) ?? { type: 'Json', value };
}

function numberType(value: number): VariableType {
  if (!Number.isInteger(value)) return 'Double';
  if (value >= -2_147_483_648 && value <= 2_147_483_647) return 'Integer';
  return Number.isSafeInteger(value) ? 'Long' : 'Double';
}
