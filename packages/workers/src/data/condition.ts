/** Conditions of the `filter` transformation. */
import { type Inputs, invalid, isObject } from '../handler.ts';
import { read, show } from './path.ts';

const OPERATORS: Readonly<Record<string, (value: unknown, wanted: unknown) => boolean>> = {
  eq: same,
  ne: (value, wanted) => !same(value, wanted),
  gt: (value, wanted) => ordered(value, wanted, (a, b) => a > b),
  gte: (value, wanted) => ordered(value, wanted, (a, b) => a >= b),
  lt: (value, wanted) => ordered(value, wanted, (a, b) => a < b),
  lte: (value, wanted) => ordered(value, wanted, (a, b) => a <= b),
  in: (value, wanted) => Array.isArray(wanted) && wanted.some((one) => same(value, one)),
  contains: (value, wanted) =>
    Array.isArray(value) ? value.some((one) => same(one, wanted)) : show(value).includes(show(wanted)),
  starts_with: (value, wanted) => show(value).startsWith(show(wanted)),
  ends_with: (value, wanted) => show(value).endsWith(show(wanted)),
  exists: (value, wanted) => (value !== undefined && value !== null) === (wanted ?? true),
};
const SIGNS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '==': 'eq',
  '!=': 'ne',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
};

/** Throws a failure that is not retried when the condition cannot be understood. */
export function matches(item: unknown, condition: unknown): boolean {
  if (!isObject(condition)) throw invalid("A condition of transformation 'filter' must be an object.");
  if (Array.isArray(condition['all'])) return condition['all'].every((one) => matches(item, one));
  if (Array.isArray(condition['any'])) return condition['any'].some((one) => matches(item, one));
  if ('not' in condition) return !matches(item, condition['not']);
  return simple(item, condition);
}

function simple(item: unknown, condition: Inputs): boolean {
  const given = String(condition['operator'] ?? 'eq');
  const name = SIGNS[given] ?? given;
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (operator === undefined || typeof condition['field'] !== 'string') {
    throw invalid(`A condition needs 'field' and an operator of ${Object.keys(OPERATORS).join(', ')}.`);
  }
  return operator(read(item, condition['field']), condition['value']);
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

/** Only numbers with numbers and text with text have an order. */
function ordered(a: unknown, b: unknown, holds: (a: string | number, b: string | number) => boolean): boolean {
  if (typeof a === 'number' && typeof b === 'number') return holds(a, b);
  return typeof a === 'string' && typeof b === 'string' && holds(a, b);
}
