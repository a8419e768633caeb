/** Variables as bytes, on both faces: what an upload makes of them, and what they give. */
import {
  asLargeValue,
  handleOf,
  type ProcessEngine,
  TEXT_TYPE,
  type Variable,
  type VariableType,
} from '@procos/kernel';
import { blobSource, inlineSource, type Source, type Taken } from './bytes.ts';
import { parseJson } from './safe-json.ts';

/** So many bytes have a base64 text that is still inside a variable. */
export function inlineBytes(variableSize: number): number {
  return Math.floor(Math.max(0, variableSize - 2) / 4) * 3;
}

/** Of what bytes can be made. */
export type ByteType = Extract<VariableType, 'Bytes' | 'File' | 'String' | 'Json' | 'Xml'>;
export const BYTE_TYPES: readonly ByteType[] = ['Bytes', 'File', 'String', 'Json', 'Xml'];

/** Text that is small is read and may be refused (`JsonRefusal`, `TypeError`); what is kept out of line is not looked at. */
export function variableOf(
  taken: Taken,
  type: ByteType,
  info: { readonly filename?: string; readonly mimeType?: string; readonly encoding?: string },
): Variable {
  const bare = Object.keys(info).length === 0 ? { type } : { type, info };
  if ('blob' in taken) return { ...bare, value: handleOf(bare, taken.blob) };
  const { inline } = taken;
  if (type === 'Bytes' || type === 'File') return { ...bare, value: inline.toString('base64') };
  const text = new TextDecoder('utf-8', { fatal: true }).decode(inline);
  return { ...bare, value: type === 'Json' ? parseJson(text) : text };
}

/** undefined: the value is not one that is made of bytes, or its content is gone. */
export function sourceOf({ largeValues }: ProcessEngine, { type, value }: Variable): Source | undefined {
  const handle = asLargeValue(value);
  if (handle !== undefined) {
    const blob = largeValues.find(handle.blob);
    return blob && blobSource(largeValues, blob);
  }
  if (type === 'Bytes' || type === 'File')
    return inlineSource(Buffer.from(typeof value === 'string' ? value : '', 'base64'));
  if (type === 'Json') return inlineSource(Buffer.from(JSON.stringify(value)));
  return typeof value === 'string' ? inlineSource(Buffer.from(value)) : undefined;
}

/** What it calls itself: the media type of a file, or the one that its type has. */
export function mediaTypeOf({ type, value, info }: Variable): string {
  const own = info?.mimeType ?? asLargeValue(value)?.type;
  if (type === 'File' || type === 'Bytes') return own ?? 'application/octet-stream';
  if (type === 'Json') return 'application/json';
  return type === 'Xml' ? 'application/xml' : (own ?? TEXT_TYPE);
}
