/** What a loop goes through: lists, and ranges of whole numbers or of dates, upwards and downwards (DMN 1.5, 10.3.2.14). */
import { wholeNumber } from './numbers.ts';
import type { Run } from './run.ts';
import { FeelDate } from './temporal/date.ts';
import { FeelRange, type FeelValue, isList } from './values.ts';

/** Undefined for null, and for ranges whose elements cannot be counted. Any other value is a list of one. */
export function elementsOf(value: FeelValue, run: Run): Iterable<FeelValue> | undefined {
  if (isList(value)) return value;
  if (value === null) return undefined;
  if (!(value instanceof FeelRange)) return [value];
  const { low = null, high = null, lowIncluded, highIncluded } = value;
  return elementsBetween(low, high, run, lowIncluded, highIncluded);
}

/** `from..to`; undefined where the ends are neither whole numbers nor dates. */
export function elementsBetween(
  from: FeelValue,
  to: FeelValue,
  run: Run,
  fromIncluded = true,
  toIncluded = true,
): Iterable<FeelValue> | undefined {
  const isDates = from instanceof FeelDate && to instanceof FeelDate;
  const start = isDates ? from.epochDay : wholeNumber(from);
  const end = isDates ? to.epochDay : wholeNumber(to);
  if (start === undefined || end === undefined) return undefined;
  const step = start <= end ? 1 : -1;
  const first = fromIncluded ? start : start + step;
  const count = Math.max(0, Math.abs(end - first) + (toIncluded ? 1 : 0));
  if ((end - first) * step < 0) return [];
  run.spendRange(count);
  return counted(first, step, count, isDates);
}

function* counted(first: number, step: number, count: number, isDates: boolean): Generator<FeelValue> {
  for (let index = 0; index < count; index++) {
    const number = first + index * step;
    yield isDates ? FeelDate.ofEpochDay(number) : number;
  }
}
