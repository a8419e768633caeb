/** One callable method of a kind of value; tables of them are all that expressions can reach. */
import type { EvaluationContext } from '../contract.ts';
import { ExpressionFailure } from '../failure.ts';
import { toNumber, toText, type Value } from './values.ts';

export interface Method<T> {
  /** Fewest and most arguments. */
  readonly takes: readonly [number, number];
  readonly run: (base: T, args: readonly Value[], context: EvaluationContext) => Value;
}

export type Methods<T> = ReadonlyMap<string, Method<T>>;

export function method<T>(least: number, most: number, run: Method<T>['run']): Method<T> {
  return { takes: [least, most], run };
}

/** An argument where text is needed. */
export function text(value: Value): string {
  if (value === null) throw new ExpressionFailure('The argument is null where text is expected');
  return toText(value);
}

/** An argument where a whole number is needed. */
export function whole(value: Value): number {
  const number = toNumber(value);
  if (!Number.isSafeInteger(number)) throw new ExpressionFailure(`A whole number is expected, not ${number}`);
  return number;
}
