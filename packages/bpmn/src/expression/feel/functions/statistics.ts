/** Functions that make one value of a list, given as a list or as the arguments (DMN 1.5, 10.3.4.4). */
import type { Decimal } from 'decimal.js';
import { order } from '../compare.ts';
import {
  addNumbers,
  decimalOf,
  divideNumbers,
  type FeelNumber,
  isNumber,
  multiplyNumbers,
  narrow,
} from '../numbers.ts';
import type { Run } from '../run.ts';
import { addTemporal } from '../temporal/arithmetic.ts';
import { isDuration } from '../temporal/values.ts';
import type { FeelFunction, FeelList, FeelValue } from '../values.ts';
import { any, define, list, rest, signature } from './define.ts';

export const STATISTIC_FUNCTIONS: readonly FeelFunction[] = [
  extreme('min', -1),
  extreme('max', 1),
  overList('sum', (items, run) => sumOf('sum', items, run)),
  overList('mean', (items, run) => {
    const sum = sumOf('mean', items, run);
    return isNumber(sum) ? (divideNumbers(sum, items.length) ?? null) : null;
  }),
  overNumbers('product', (numbers) => {
    let product: FeelNumber | undefined = 1;
    for (const one of numbers) product = product === undefined ? undefined : multiplyNumbers(product, one);
    return numbers.length === 0 ? null : (product ?? null);
  }),
  overNumbers('median', (numbers) => {
    const ordered = inOrder(numbers);
    const middle = Math.floor(ordered.length / 2);
    const [low, high] = [ordered[middle - 1], ordered[middle]];
    if (high === undefined) return null;
    return ordered.length % 2 === 1
      ? high
      : (narrow(
          decimalOf(low ?? high)
            .plus(decimalOf(high))
            .div(2),
        ) ?? null);
  }),
  overNumbers('stddev', (numbers, run) => {
    if (numbers.length < 2) return run.warn('stddev takes two numbers at least');
    const mean = decimalsSum(numbers).div(numbers.length);
    const squares = numbers.map((one) => decimalOf(one).minus(mean).pow(2));
    const variance = squares.reduce((sum, one) => sum.plus(one), decimalOf(0)).div(numbers.length - 1);
    return narrow(variance.sqrt()) ?? null;
  }),
  overNumbers('mode', (numbers) => {
    const counts = new Map<string, { readonly value: FeelNumber; count: number }>();
    for (const value of inOrder(numbers)) {
      const key = decimalOf(value).toString();
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { value, count: 1 });
      else known.count += 1;
    }
    let most = 0;
    for (const { count } of counts.values()) most = Math.max(most, count);
    return [...counts.values()].filter(({ count }) => count === most).map(({ value }) => value);
  }),
];

type OverList = (items: FeelList, run: Run) => FeelValue;

function overList(name: string, compute: OverList): FeelFunction {
  const counted: OverList = (items, run) => {
    run.spend(items.length);
    return compute(items, run);
  };
  return define(
    name,
    signature([list('list')], ([items], run) => counted(items, run)),
    signature([rest(any('n'))], ([items], run) => counted(items, run)),
  );
}

function overNumbers(name: string, compute: (numbers: readonly FeelNumber[], run: Run) => FeelValue): FeelFunction {
  return overList(name, (items, run) =>
    items.every(isNumber) ? compute(items, run) : run.warn(`${name} takes numbers only`),
  );
}

/** The sum of numbers, or of durations of one kind. */
function sumOf(name: string, items: FeelList, run: Run): FeelValue {
  const [first, ...others] = items;
  if (first === undefined) return null;
  if (!isNumber(first) && !(name === 'sum' && isDuration(first))) return run.warn(`${name} takes numbers only`);
  let sum: FeelValue = first;
  for (const item of others) {
    if (isNumber(sum) && isNumber(item)) sum = addNumbers(sum, item) ?? null;
    else sum = isDuration(sum) && isDuration(item) ? addTemporal(sum, item) : null;
    if (sum === null) return run.warn(`${name} takes numbers only`);
  }
  return sum;
}

function extreme(name: string, sign: 1 | -1): FeelFunction {
  return overList(name, (items, run) => {
    let [found = null] = items;
    for (const item of items) {
      const difference = order(item, found);
      if (difference === null) return run.warn(`${name} takes values of one kind that have an order`);
      if (difference * sign > 0) found = item;
    }
    return found;
  });
}

function inOrder(numbers: readonly FeelNumber[]): readonly FeelNumber[] {
  return numbers.toSorted((a, b) => order(a, b) ?? 0);
}

function decimalsSum(numbers: readonly FeelNumber[]): Decimal {
  return numbers.reduce<Decimal>((sum, one) => sum.plus(decimalOf(one)), decimalOf(0));
}
