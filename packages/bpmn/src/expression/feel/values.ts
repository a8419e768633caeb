/** Values on their way into FEEL (plain copies) and out of it (JSON, temporal values as ISO-8601 text). */
import { FeelDate, FeelDateTime, FeelDuration, FeelTime, isFunction, isRange } from 'feelin';
import type { Json } from '../../values.ts';
import { ExpressionFailure } from '../failure.ts';
import { boundedSize } from '../limits.ts';

/** A copy that feelin knows as lists and contexts: it takes only objects with the ordinary prototype for contexts. */
export function toFeelValue(value: Json): unknown {
  if (Array.isArray(value)) return value.map(toFeelValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, toFeelValue(entry)]));
}

/** The result as it may be stored; throws ExpressionFailure for functions, ranges, infinite numbers and too large values. */
export function fromFeelValue(value: unknown): Json {
  let size = 0;
  const convert = (part: unknown): Json => {
    size += typeof part === 'string' ? part.length : 1;
    boundedSize(size);
    if (Array.isArray(part)) return part.map(convert);
    const scalar = scalarOf(part);
    if (scalar !== undefined) return scalar;
    const entries = Object.entries(part as object);
    return Object.fromEntries(entries.map(([name, entry]) => [name, convert(entry)]));
  };
  return convert(value);
}

/** Undefined for contexts. */
function scalarOf(value: unknown): Json | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ExpressionFailure('The result is not a finite number');
    return value;
  }
  if (value instanceof FeelDateTime) return dateTimeText(value);
  if (value instanceof FeelDate || value instanceof FeelTime || value instanceof FeelDuration) return value.toString();
  if (isRange(value))
    throw new ExpressionFailure('The result is a range, which is not a value: did you mean a comparison?');
  if (typeof value !== 'object' || isFunction(value))
    throw new ExpressionFailure('The result is a function, which is not a value: call it with (…)');
  return undefined;
}

/** FEEL writes named zones as `@Europe/Berlin`; everyone else expects the offset. */
function dateTimeText(value: FeelDateTime): string {
  if (!value.iso.includes('@')) return value.iso;
  return value.unwrap().toZonedDateTime(value.timezone).toString({ timeZoneName: 'never' });
}
