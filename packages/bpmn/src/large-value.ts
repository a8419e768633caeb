/** Values that are kept out of line: a variable then holds this handle in the place of its content. */
import type { Json, Variable, VariableType } from './values.ts';

/** What expressions, workers and queries see of such a value. */
export type LargeValue = {
  /** `sha256:` and the hash of the content in hexadecimal: its name in the store. */
  readonly blob: string;
  /** Bytes. */
  readonly size: number;
  /** Media type, e.g. `application/pdf`. */
  readonly type?: string;
  /** Of a file. */
  readonly name?: string;
};

const NAME = /^sha256:[0-9a-f]{64}$/;
export const TEXT_TYPE = 'text/plain; charset=utf-8';
export const JSON_TYPE = 'application/json';

export function isBlobName(text: unknown): text is string {
  return typeof text === 'string' && NAME.test(text);
}

/** undefined: it is an ordinary value. */
export function asLargeValue(value: Json | undefined): LargeValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { blob, size } = value as { readonly [name: string]: Json };
  return isBlobName(blob) && Number.isSafeInteger(size) ? (value as LargeValue) : undefined;
}

/** The variable that a handle by itself makes, e.g. one out of a list: what it was is told by its name and media type. */
function largeVariable(value: LargeValue): Variable {
  const { name, type } = value;
  if (name === undefined) return { type: typeOf(type), value };
  return { type: 'File', value, info: { filename: name, ...(type === undefined ? {} : { mimeType: type }) } };
}

function typeOf(mediaType: string | undefined): VariableType {
  if (mediaType === TEXT_TYPE) return 'String';
  return mediaType === JSON_TYPE ? 'Json' : 'Bytes';
}

/** undefined: it is an ordinary value. */
export function variableOfLarge(value: Json): Variable | undefined {
  const large = asLargeValue(value);
  return large && largeVariable(large);
}
