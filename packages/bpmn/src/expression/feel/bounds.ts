/** Keeps FEEL loops within bounds: feelin has no step limit, and the lists and ranges come from data. */
import { FeelRange } from 'feelin';
import type { Json } from '../../values.ts';
import { ExpressionFailure } from '../failure.ts';

/** Most iterations of one expression, nested loops multiplied out. */
const MAX_ITERATIONS = 4_000_000;
/** Most elements that ranges such as `1..n` may be enumerated to in one expression. */
const MAX_RANGE_ELEMENTS = 200_000;

let rangeLimit = 0;
let rangeElementsLeft = 0;

const enumerate = FeelRange.prototype.map;
// The library enumerates a range into a list before a loop sees its first element: the only place to stop it is here.
FeelRange.prototype.map = function map<T>(this: FeelRange, each: (value: unknown) => T): T[] {
  const size = typeof this.start === 'number' && typeof this.end === 'number' ? Math.abs(this.end - this.start) + 1 : 0;
  rangeElementsLeft -= size;
  if (rangeElementsLeft < 0)
    throw new ExpressionFailure(
      `A range has too many elements: the ranges of this expression may have ${rangeLimit} in all`,
    );
  return enumerate.call(this, each as (value: unknown) => unknown) as T[];
};

/** Call before each evaluation. `depth` is how deeply loops and filters of the expression are nested. */
export function beginEvaluation(depth: number, values: readonly Json[]): void {
  const longest = depth < 2 ? 0 : Math.max(0, ...values.map(longestList));
  rangeLimit = Math.floor(Math.min(MAX_RANGE_ELEMENTS, MAX_ITERATIONS / Math.max(1, longest) ** (depth - 1)));
  rangeElementsLeft = rangeLimit;
  if (longest ** depth > MAX_ITERATIONS)
    throw new ExpressionFailure(
      `The expression nests ${depth} loops or filters over lists of up to ${longest} elements: more than ${MAX_ITERATIONS} steps`,
    );
}

function longestList(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items: readonly Json[] = Array.isArray(value) ? value : Object.values(value);
  let longest = Array.isArray(value) ? value.length : 0;
  for (const item of items) longest = Math.max(longest, longestList(item));
  return longest;
}
