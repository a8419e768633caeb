/** Functions on numbers (DMN 1.5, 10.3.4.5). */
import { Decimal } from 'decimal.js';
import { decimalOf, type FeelNumber, isNumber, narrow } from '../numbers.ts';
import type { Run } from '../run.ts';
import { absDuration } from '../temporal/arithmetic.ts';
import { isDuration } from '../temporal/values.ts';
import type { FeelFunction, FeelValue } from '../values.ts';
import { any, define, number, optional, signature, whole } from './define.ts';

/** The scales of decimal128. */
const MIN_SCALE = -6111;
const MAX_SCALE = 6176;
/** One exponential or logarithm to 34 digits costs as much as this many steps. */
const TRANSCENDENT_STEPS = 500;

export const NUMERIC_FUNCTIONS: readonly FeelFunction[] = [
  define(
    'decimal',
    signature([number('n'), whole('scale')], ([n, scale], run) =>
      rounded('decimal', n, scale, Decimal.ROUND_HALF_EVEN, run),
    ),
  ),
  rounding('floor', Decimal.ROUND_FLOOR, true),
  rounding('ceiling', Decimal.ROUND_CEIL, true),
  rounding('round up', Decimal.ROUND_UP, false),
  rounding('round down', Decimal.ROUND_DOWN, false),
  rounding('round half up', Decimal.ROUND_HALF_UP, false),
  rounding('round half down', Decimal.ROUND_HALF_DOWN, false),
  define(
    'abs',
    signature([any('n')], ([n], run) => {
      if (isNumber(n)) return narrow(decimalOf(n).abs()) ?? null;
      return isDuration(n) ? absDuration(n) : run.warn("the argument 'n' of abs is neither a number nor a duration");
    }),
  ),
  define(
    'modulo',
    signature([number('dividend'), number('divisor')], ([dividend, divisor], run) => {
      const by = decimalOf(divisor);
      run.spend(magnitude(dividend) + magnitude(divisor));
      if (by.isZero()) return run.warn('modulo: a division by zero has no result');
      // dividend - divisor * floor(dividend / divisor): the sign is the divisor's.
      const remainder = decimalOf(dividend).mod(by);
      const isOther = !remainder.isZero() && remainder.isNegative() !== by.isNegative();
      return result('modulo', isOther ? remainder.plus(by) : remainder, run);
    }),
  ),
  transcendent('sqrt', (n) => (n.isNegative() && !n.isZero() ? undefined : n.sqrt())),
  transcendent('log', (n) => (n.gt(0) ? n.ln() : undefined)),
  transcendent('exp', (n) => n.exp()),
  parity('odd', 1),
  parity('even', 0),
];

/** The scale may be left out where the standard says so. */
function rounding(name: string, mode: Decimal.Rounding, isScaleOptional: boolean): FeelFunction {
  const round = ([n, scale]: readonly [FeelNumber, number | undefined], run: Run) =>
    rounded(name, n, scale ?? 0, mode, run);
  return isScaleOptional
    ? define(name, signature([number('n'), optional(whole('scale'))], round))
    : define(name, signature([number('n'), whole('scale')], round));
}

function rounded(name: string, n: FeelNumber, scale: number, mode: Decimal.Rounding, run: Run): FeelValue {
  if (scale < MIN_SCALE || scale > MAX_SCALE)
    return run.warn(`${name}: a scale has to lie between ${MIN_SCALE} and ${MAX_SCALE}`);
  const decimal = decimalOf(n);
  if (scale >= 0) return decimal.decimalPlaces() <= scale ? n : result(name, decimal.toDecimalPlaces(scale, mode), run);
  // Places left of the point: digits are moved over it and back, which changes none of them.
  const moved = shifted(decimal, scale);
  return result(name, shifted(moved.toDecimalPlaces(0, mode), -scale), run);
}

function shifted(value: Decimal, places: number): Decimal {
  return value.times(decimalOf(10).pow(places));
}

function result(name: string, value: Decimal, run: Run): FeelValue {
  return narrow(value) ?? run.warn(`${name}: the result is beyond the range of numbers`);
}

function transcendent(name: string, compute: (n: Decimal) => Decimal | undefined): FeelFunction {
  return define(
    name,
    signature([number('number')], ([n], run) => {
      run.spend(TRANSCENDENT_STEPS);
      const found = compute(decimalOf(n));
      return found === undefined ? run.warn(`${name} has no result for this number`) : result(name, found, run);
    }),
  );
}

/** A remainder takes longer for numbers that are far apart. */
function magnitude(n: FeelNumber): number {
  return typeof n === 'number' ? 0 : Math.ceil(Math.abs(n.e) / 10);
}

function parity(name: string, rest: number): FeelFunction {
  return define(
    name,
    signature([number('number')], ([n], run) => {
      run.spend(magnitude(n));
      return decimalOf(n).mod(2).abs().eq(rest);
    }),
  );
}
