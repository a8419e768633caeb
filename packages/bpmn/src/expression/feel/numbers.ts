/** FEEL's numbers: decimals of 34 digits (DMN 1.5, 10.3.2.3.1). A JS number stands for the decimal of its shortest text. */
import { Decimal } from 'decimal.js';

/** Decimal128 of IEEE 754: 34 digits, half to even. Text is always plain, without exponent. */
export const FeelDecimal: typeof Decimal = Decimal.clone({
  precision: 34,
  rounding: Decimal.ROUND_HALF_EVEN,
  maxE: 6144,
  minE: -6143,
  toExpNeg: -9e15,
  toExpPos: 9e15,
  defaults: true,
});

/** Everything that a JS number can hold exactly is one; the others are decimals. Never infinite inside an expression. */
export type FeelNumber = number | Decimal;

/** As a decimal, rounded to 34 digits. */
export function decimalOf(value: FeelNumber): Decimal {
  return typeof value === 'number' ? new FeelDecimal(value) : value;
}

/** The nearest JS number; infinite beyond its range. */
export function toDouble(value: FeelNumber): number {
  return typeof value === 'number' ? value : value.toNumber();
}

export function isNumber(value: unknown): value is FeelNumber {
  return typeof value === 'number' || value instanceof Decimal;
}

/** The value as a JS number when that loses nothing; undefined when it is not a finite number. */
export function narrow(value: Decimal): FeelNumber | undefined {
  if (!value.isFinite()) return undefined;
  const double = value.toNumber();
  if (Number.isFinite(double) && value.eq(double)) return double === 0 ? 0 : double;
  return value;
}

/** A literal or a text such as `-1.5` or `12e3`; undefined when it is no number or beyond the range. */
export function readNumber(text: string): FeelNumber | undefined {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,9})?$/.test(text)) return undefined;
  return narrow(new FeelDecimal(text).toSignificantDigits(34));
}

export function numberText(value: FeelNumber): string {
  return Number.isSafeInteger(value) ? String(value) : decimalOf(value).toString();
}

/** Powers of ten that JS numbers hold exactly, so that a division by one is rounded correctly. */
const POWERS: readonly number[] = Array.from({ length: 23 }, (_, places) => 10 ** places);
/** Digits behind the point up to which JS numbers are computed with as scaled whole numbers. */
const MAX_PLACES = 10;
/** No two decimals of fewer than 16 digits have the same nearest JS number: what has fewer is computed exactly. */
const EXACT = 1e15;

/** Digits behind the point of a short decimal; -1 for longer ones. */
function placesOf(value: number): number {
  for (let places = 0; places <= MAX_PLACES; places++) {
    const power = POWERS[places] ?? 1;
    const scaled = Math.round(value * power);
    if (Math.abs(scaled) >= EXACT) return -1;
    if (scaled / power === value) return places;
  }
  return -1;
}

export function addNumbers(a: FeelNumber, b: FeelNumber): FeelNumber | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
      const sum = a + b;
      if (Number.isSafeInteger(sum)) return sum;
    } else {
      const [places, others] = [placesOf(a), placesOf(b)];
      const power = POWERS[Math.max(places, others)] ?? 1;
      const [left, right] = [Math.round(a * power), Math.round(b * power)];
      const sum = left + right;
      const isExact = Math.abs(left) < EXACT && Math.abs(right) < EXACT && Math.abs(sum) < EXACT;
      if (places >= 0 && others >= 0 && isExact) return sum / power;
    }
  }
  return narrow(decimalOf(a).plus(decimalOf(b)));
}

export function subtractNumbers(a: FeelNumber, b: FeelNumber): FeelNumber | undefined {
  return addNumbers(a, negateNumber(b));
}

export function multiplyNumbers(a: FeelNumber, b: FeelNumber): FeelNumber | undefined {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    const product = a * b;
    // Adding 0 turns -0 into 0.
    if (Number.isSafeInteger(product)) return product + 0;
  } else if (typeof a === 'number' && typeof b === 'number') {
    const [left, right] = [placesOf(a), placesOf(b)];
    const product = Math.round(a * (POWERS[left] ?? 0)) * Math.round(b * (POWERS[right] ?? 0));
    if (left >= 0 && right >= 0 && Math.abs(product) < EXACT) return product / (POWERS[left + right] ?? 1) + 0;
  }
  return narrow(decimalOf(a).times(decimalOf(b)));
}

/** Undefined for a division by zero. */
export function divideNumbers(a: FeelNumber, b: FeelNumber): FeelNumber | undefined {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a) && Number.isSafeInteger(b) && b !== 0) {
    const quotient = a / b;
    if (Number.isSafeInteger(quotient)) return quotient + 0;
  }
  return narrow(decimalOf(a).div(decimalOf(b)));
}

export function powerOf(a: FeelNumber, b: FeelNumber): FeelNumber | undefined {
  return narrow(decimalOf(a).pow(decimalOf(b)));
}

export function negateNumber(value: FeelNumber): FeelNumber {
  if (typeof value === 'number') return value === 0 ? 0 : -value;
  return value.neg();
}

export function compareNumbers(a: FeelNumber, b: FeelNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  return decimalOf(a).cmp(decimalOf(b));
}

/** A whole number as a JS number; undefined for others and for those that JS cannot count by. */
export function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
