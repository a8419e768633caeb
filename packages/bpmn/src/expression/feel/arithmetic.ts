/** `+ - * / **` and the minus (DMN 1.5, tables 55 to 60): null where the operands do not go together. */
import { boundedSize } from '../limits.ts';
import {
  addNumbers,
  decimalOf,
  divideNumbers,
  type FeelNumber,
  isNumber,
  multiplyNumbers,
  narrow,
  negateNumber,
  powerOf,
  subtractNumbers,
} from './numbers.ts';
import type { Run } from './run.ts';
import {
  addTemporal,
  divideTemporal,
  multiplyTemporal,
  negateDuration,
  subtractTemporal,
} from './temporal/arithmetic.ts';
import { isDuration, isTemporal } from './temporal/values.ts';
import { type FeelValue, kindOf } from './values.ts';

/** A power to 34 digits costs as much as this many steps: whole ones are products, others go over a logarithm. */
const POWER_STEPS = 50;
const ROOT_STEPS = 500;

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '**';

export function arithmetic(operator: ArithmeticOperator): (a: FeelValue, b: FeelValue, run: Run) => FeelValue {
  const onNumbers = NUMBERS[operator];
  const onOthers = OTHERS[operator];
  return (a, b, run) => {
    if (isNumber(a) && isNumber(b)) {
      if (operator === '**') run.spend(Number.isSafeInteger(b) ? POWER_STEPS : ROOT_STEPS);
      return onNumbers(a, b) ?? run.warn(beyond(operator, b));
    }
    return onOthers(a, b) ?? run.warn(`a ${kindOf(a)} ${operator} a ${kindOf(b)} has no result`);
  };
}

export function negate(value: FeelValue, run: Run): FeelValue {
  if (isNumber(value)) return negateNumber(value);
  if (isDuration(value)) return negateDuration(value);
  return run.warn(`a ${kindOf(value)} has no negative`);
}

const NUMBERS: Readonly<Record<ArithmeticOperator, (a: FeelNumber, b: FeelNumber) => FeelNumber | undefined>> = {
  '+': addNumbers,
  '-': subtractNumbers,
  '*': multiplyNumbers,
  '/': divideNumbers,
  '**': powerOf,
};

const OTHERS: Readonly<Record<ArithmeticOperator, (a: FeelValue, b: FeelValue) => FeelValue>> = {
  '+': (a, b) => {
    if (typeof a !== 'string' || typeof b !== 'string') return eitherTemporal(a, b) ? addTemporal(a, b) : null;
    boundedSize(a.length + b.length);
    return a + b;
  },
  '-': (a, b) => (eitherTemporal(a, b) ? subtractTemporal(a, b) : null),
  '*': (a, b) => (eitherTemporal(a, b) ? multiplyTemporal(a, b) : null),
  '/': (a, b) => own(eitherTemporal(a, b) ? divideTemporal(a, b) : null),
  '**': () => null,
};

function eitherTemporal(a: FeelValue, b: FeelValue): boolean {
  return isTemporal(a) || isTemporal(b);
}

/** Numbers that come from temporal values, in the form that all others have. */
export function own(value: FeelValue): FeelValue {
  return isNumber(value) ? (narrow(decimalOf(value)) ?? null) : value;
}

function beyond(operator: ArithmeticOperator, b: FeelNumber): string {
  if (operator === '/' && decimalOf(b).isZero()) return 'a division by zero has no result';
  return `the result of ${operator} is no number or beyond the range of numbers`;
}
