/** Numbers beside temporal values: exact products and quotients with decimals. */
import { Decimal } from 'decimal.js';

/** A safe integer is a plain number; what else there is may be a decimal. */
export type FeelNumber = number | Decimal;

/** FEEL's numbers: 34 digits, rounded half to even (DMN 1.5, 10.3.2.3.1). */
const Exact = Decimal.clone({ precision: 34, rounding: Decimal.ROUND_HALF_EVEN, maxE: 6176, minE: -6176 });

/** Decimal exponents beyond this leave every range of a duration. */
const MAX_EXPONENT = 60;

interface Fraction {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

export function isFeelNumber(value: unknown): value is FeelNumber {
  return typeof value === 'number' || Decimal.isDecimal(value);
}

/** The number if it is whole and safe. */
export function integerOf(value: unknown): number | undefined {
  if (!isFeelNumber(value)) return undefined;
  const number = typeof value === 'number' ? value : value.toNumber();
  if (!Number.isSafeInteger(number)) return undefined;
  return typeof value === 'number' || value.isInteger() ? number : undefined;
}

/** The product, cut towards zero; undefined where a factor leaves the range. */
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

/** The quotient of two whole numbers to 34 digits. */
export function ratio(dividend: bigint, divisor: bigint): FeelNumber {
  return plain(new Exact(dividend.toString()).div(new Exact(divisor.toString())));
}

/** `value / 10^digits`, exact to 34 digits. */
export function scaled(value: bigint, digits: number): FeelNumber {
  if (digits === 0 && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value);
  return plain(new Exact(`${value}e-${digits}`));
}

/** Numerator and denominator, exact; undefined for what is not finite or far outside any duration. */
export function fractionOf(value: FeelNumber): Fraction | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { numerator: BigInt(value), denominator: 1n };
  const decimal = new Exact(value);
  if (!decimal.isFinite()) return undefined;
  if (decimal.isZero()) return { numerator: 0n, denominator: 1n };
  if (Math.abs(decimal.e) > MAX_EXPONENT) return undefined;
  const digits = decimal.decimalPlaces();
  return { numerator: BigInt(decimal.toFixed(digits).replace('.', '')), denominator: 10n ** BigInt(digits) };
}

function plain(value: Decimal): FeelNumber {
  const number = value.toNumber();
  return value.isInteger() && Number.isSafeInteger(number) ? number : value;
}
