/** Equality, order and intervals (DMN 1.5, tables 53 and 54): null where two values cannot be compared. */
import { compareNumbers, isNumber } from './numbers.ts';
import type { Run } from './run.ts';
import type { Comparator } from './syntax.ts';
import { isTemporal, temporalCompare, temporalEquals } from './temporal/values.ts';
import {
  entryOf,
  FeelFunction,
  type FeelList,
  FeelRange,
  type FeelValue,
  isContext,
  isList,
  kindOf,
} from './values.ts';

export type Ternary = boolean | null;

/** Texts of this length cost a step to compare. */
const LONG_TEXT = 10_000;

/** Null for values of two kinds; null equals only null. */
export function equals(a: FeelValue, b: FeelValue, run: Run): Ternary {
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length !== b.length) return false;
    if (a.length > LONG_TEXT) run.spend(Math.ceil(a.length / LONG_TEXT));
    return a === b;
  }
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  if (a === null || b === null) return a === b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return a === b;
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0;
  if (typeof a !== 'object' || typeof b !== 'object') return null;
  if (isTemporal(a)) return isTemporal(b) ? temporalEquals(a, b) : null;
  if (a instanceof FeelFunction) return b instanceof FeelFunction ? a === b : null;
  return run.deeper(() => structuresEqual(a, b, run));
}

function structuresEqual(a: FeelValue, b: FeelValue, run: Run): Ternary {
  if (isList(a)) {
    if (!isList(b)) return null;
    run.spend(Math.min(a.length, b.length));
    return a.length === b.length && a.every((item, index) => equals(item, b[index] ?? null, run) === true);
  }
  if (a instanceof FeelRange) {
    if (!(b instanceof FeelRange)) return null;
    const sameEnds = (one: FeelValue | undefined, other: FeelValue | undefined) =>
      one === undefined || other === undefined ? one === other : equals(one, other, run) === true;
    const sameBounds = a.lowIncluded === b.lowIncluded && a.highIncluded === b.highIncluded;
    return sameBounds && sameEnds(a.low, b.low) && sameEnds(a.high, b.high);
  }
  if (!isContext(a) || !isContext(b)) return null;
  const names = Object.keys(a);
  run.spend(names.length);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const other = entryOf(b, name);
    return other !== undefined && equals(a[name] ?? null, other, run) === true;
  });
}

/** Negative, zero or positive; null for values that have no order or are of two kinds. */
export function order(a: FeelValue, b: FeelValue): number | null {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (typeof a === 'object' && a !== null && isTemporal(a) && isTemporal(b)) return temporalCompare(a, b);
  return null;
}

/** What an order says to a comparison. */
export const HOLDS: Readonly<Record<Comparator, (found: number) => boolean>> = {
  '=': (found) => found === 0,
  '!=': (found) => found !== 0,
  '<': (found) => found < 0,
  '<=': (found) => found <= 0,
  '>': (found) => found > 0,
  '>=': (found) => found >= 0,
};

export function compare(operator: Comparator, a: FeelValue, b: FeelValue, run: Run): Ternary {
  if (operator === '=' || operator === '!=') {
    const equal = equals(a, b, run);
    if (equal === null) return run.warn(`a ${kindOf(a)} cannot be compared with a ${kindOf(b)}`);
    return operator === '=' ? equal : !equal;
  }
  const found = order(a, b);
  if (found === null) return run.warn(`a ${kindOf(a)} has no order with a ${kindOf(b)}`);
  return HOLDS[operator](found);
}

/** Is the value inside? Null where the ends cannot be compared with it. */
export function isInside(value: FeelValue, range: FeelRange): Ternary {
  const { low, high } = range;
  const above = low === undefined ? 1 : order(value, low);
  const below = high === undefined ? -1 : order(value, high);
  if (above === null || below === null) return null;
  return (above > 0 || (above === 0 && range.lowIncluded)) && (below < 0 || (below === 0 && range.highIncluded));
}

/** What a test that is an expression says about an input: equal to it, inside of it, or an element of it. */
export function matches(input: FeelValue, found: FeelValue, run: Run): Ternary {
  if (found instanceof FeelRange)
    return isInside(input, found) ?? (input instanceof FeelRange ? equals(input, found, run) : null);
  if (isList(found)) return listHolds(found, input, run);
  return equals(input, found, run);
}

/** A list passes for its elements; compared with another list, as a whole too. */
function listHolds(list: FeelList, input: FeelValue, run: Run): Ternary {
  run.spend(list.length);
  if (isList(input) && equals(input, list, run) === true) return true;
  return list.some(
    (item) => equals(input, item, run) === true || (item instanceof FeelRange && isInside(input, item) === true),
  );
}

export function and(a: Ternary, b: Ternary): Ternary {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

export function or(a: Ternary, b: Ternary): Ternary {
  if (a === true || b === true) return true;
  return a === null || b === null ? null : false;
}

export function ternary(value: FeelValue): Ternary {
  return typeof value === 'boolean' ? value : null;
}
