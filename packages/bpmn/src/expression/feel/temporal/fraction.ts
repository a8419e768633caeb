/** Exact products and quotients of whole numbers (nanoseconds, months) with FEEL's numbers. */
import type { Decimal } from 'decimal.js';
import { decimalOf, FeelDecimal, type FeelNumber, narrow } from '../numbers.ts';

/** Decimal exponents beyond this leave every range of a duration. */
const MAX_EXPONENT = 60;

interface Fraction {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

/** The product, cut towards zero; undefined where the factor leaves the range. */
export function times(value: bigint, factor: FeelNumber): bigint | undefined {
  const fraction = fractionOf(factor);
  return fraction === undefined ? undefined : (value * fraction.numerator) / fraction.denominator;
}

/** The quotient, cut towards zero; undefined for zero and where the divisor leaves the range. */
export function over(value: bigint, divisor: FeelNumber): bigint | undefined {
  const fraction = fractionOf(divisor);
  if (fraction === undefined || fraction.numerator === 0n) return undefined;
  return (value * fraction.denominator) / fraction.numerator;
}

/** The quotient of two whole numbers to 34 digits; the divisor is not zero. */
export function ratio(dividend: bigint, divisor: bigint): FeelNumber {
  return plain(new FeelDecimal(`${dividend}`).div(new FeelDecimal(`${divisor}`)));
}

/** `value / 10^digits`, exact to 34 digits. */
export function scaled(value: bigint, digits: number): FeelNumber {
  return plain(new FeelDecimal(`${value}e-${digits}`));
}

/** Numerator and denominator, exact; undefined for what is not finite or far outside any duration. */
export function fractionOf(value: FeelNumber): Fraction | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { numerator: BigInt(value), denominator: 1n };
  const decimal = decimalOf(value);
  if (!decimal.isFinite()) return undefined;
  if (decimal.isZero()) return { numerator: 0n, denominator: 1n };
  if (Math.abs(decimal.e) > MAX_EXPONENT) return undefined;
  const digits = decimal.decimalPlaces();
  return { numerator: BigInt(decimal.toFixed(digits).replace('.', '')), denominator: 10n ** BigInt(digits) };
}

function plain(value: Decimal): FeelNumber {
  return narrow(value) ?? value;
}
