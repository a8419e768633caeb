/** FEEL's numbers keep the laws of decimals of 34 digits, whichever way they are computed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  addNumbers,
  compareNumbers,
  decimalOf,
  divideNumbers,
  FeelDecimal,
  type FeelNumber,
  multiplyNumbers,
  narrow,
  numberText,
  readNumber,
  subtractNumbers,
} from './numbers.ts';

/** JS numbers of every size, whole ones near the bounds of exactness, and decimals that no JS number can hold. */
const numbers: fc.Arbitrary<FeelNumber> = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.maxSafeInteger(),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53, 0.1, 0.2, 1e300, 5e-324),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  // Amounts as they are in practice.
  fc
    .tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 12 }))
    .map(([digits, places]) => Number(`${digits}e-${places}`) + 0),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 34n), max: 10n ** 34n }), fc.integer({ min: -60, max: 60 }))
    .map(([digits, exponent]) => readNumber(`${digits}e${exponent}`) ?? 0),
);

const text = (value: FeelNumber | undefined) => (value === undefined ? undefined : numberText(value));

describe('numbers', () => {
  for (const [name, compute, exact] of [
    ['+', addNumbers, (a: FeelNumber, b: FeelNumber) => new FeelDecimal(String(a)).plus(String(b))],
    ['-', subtractNumbers, (a: FeelNumber, b: FeelNumber) => new FeelDecimal(String(a)).minus(String(b))],
    ['*', multiplyNumbers, (a: FeelNumber, b: FeelNumber) => new FeelDecimal(String(a)).times(String(b))],
    ['/', divideNumbers, (a: FeelNumber, b: FeelNumber) => new FeelDecimal(String(a)).div(String(b))],
  ] as const)
    it(`${name} is the decimal operation on what the numbers read as`, () => {
      fc.assert(
        fc.property(numbers, numbers, (a, b) => {
          const wanted = exact(a, b);
          const found = compute(a, b);
          if (wanted.isFinite()) assert.equal(text(found), wanted.isZero() ? '0' : wanted.toString());
          else assert.equal(found, undefined);
        }),
        { numRuns: 3_000 },
      );
    });

  it('a number is a JS number exactly when that loses nothing, so that equal numbers are of one form', () => {
    fc.assert(
      fc.property(numbers, (value) => {
        const decimal = decimalOf(value);
        const isExact = Number.isFinite(decimal.toNumber()) && decimal.eq(decimal.toNumber());
        assert.equal(typeof narrow(decimal) === 'number', isExact);
      }),
      { numRuns: 2_000 },
    );
  });

  it('order is total: one of <, =, > holds, it is transitive, and equality is the same text', () => {
    fc.assert(
      fc.property(numbers, numbers, numbers, (a, b, c) => {
        assert.equal(Math.sign(compareNumbers(a, b)) + Math.sign(compareNumbers(b, a)), 0);
        if (compareNumbers(a, b) <= 0 && compareNumbers(b, c) <= 0) assert.ok(compareNumbers(a, c) <= 0);
        assert.equal(compareNumbers(a, b) === 0, text(a) === text(b));
      }),
      { numRuns: 3_000 },
    );
  });

  it('text is read back as the same number', () => {
    fc.assert(
      fc.property(numbers, (value) =>
        assert.equal(compareNumbers(readNumber(numberText(value)) ?? Number.NaN, value), 0),
      ),
      { numRuns: 2_000 },
    );
  });

  it('0.1 + 0.2 = 0.3, a third has 34 digits, half to even, and no number is -0', () => {
    assert.equal(addNumbers(0.1, 0.2), 0.3);
    assert.equal(text(divideNumbers(1, 3)), `0.${'3'.repeat(34)}`);
    assert.equal(text(addNumbers(readNumber('1000000000000000000000000000000000') ?? 0, 0.5)), `1${'0'.repeat(33)}`);
    assert.ok(Object.is(multiplyNumbers(-1, 0), 0));
    assert.ok(Object.is(divideNumbers(0, -5), 0));
    assert.equal(divideNumbers(1, 0), undefined);
  });
});
