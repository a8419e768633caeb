/** FEEL's values: JSON as it is, and beside it decimals, temporal values, ranges and functions. */
import { Decimal } from 'decimal.js';
import type { Json } from '../../values.ts';
import { ExpressionFailure } from '../failure.ts';
import { boundedSize } from '../limits.ts';
import { type FeelNumber, isNumber, toDouble } from './numbers.ts';
import type { Run } from './run.ts';
import type { Comparator, FeelType } from './syntax.ts';
import { FeelDateTime } from './temporal/date-time.ts';
import { type FeelTemporal, isTemporal } from './temporal/values.ts';

export interface FeelContext {
  readonly [name: string]: FeelValue;
}

export type FeelList = readonly FeelValue[];
export type FeelValue =
  | null
  | boolean
  | string
  | FeelNumber
  | FeelTemporal
  | FeelRange
  | FeelFunction
  | FeelList
  | FeelContext;

/** An interval; an end of undefined is unbounded, as in `(> 5)`. */
export class FeelRange {
  readonly kind = 'range';
  readonly low: FeelValue | undefined;
  readonly high: FeelValue | undefined;
  readonly lowIncluded: boolean;
  readonly highIncluded: boolean;

  constructor(low: FeelValue | undefined, lowIncluded: boolean, high: FeelValue | undefined, highIncluded: boolean) {
    this.low = low;
    this.high = high;
    this.lowIncluded = lowIncluded;
    this.highIncluded = highIncluded;
  }

  /** What `(operator value)` means; undefined for `!=`, which is no interval. */
  static half(operator: Comparator, value: FeelValue): FeelRange | undefined {
    switch (operator) {
      case '=':
        return new FeelRange(value, true, value, true);
      case '<':
      case '<=':
        return new FeelRange(undefined, false, value, operator === '<=');
      case '>':
      case '>=':
        return new FeelRange(value, operator === '>=', undefined, false);
      case '!=':
        return undefined;
    }
  }
}

export interface Parameter {
  readonly name: string;
  readonly type?: FeelType;
}

/** Built in, defined in an expression, or a knowledge model or service of a decision model. */
export class FeelFunction {
  readonly kind = 'function';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: FeelType | undefined;
  /** The argument list that these names and this number of arguments make; undefined where the function takes no such. */
  readonly arrange: (args: FeelList, names: readonly string[] | undefined) => FeelList | undefined;
  readonly invoke: (args: FeelList, run: Run) => FeelValue;

  constructor(
    definition: Pick<FeelFunction, 'name' | 'parameters' | 'invoke'> &
      Partial<Pick<FeelFunction, 'arrange' | 'result'>>,
  ) {
    this.name = definition.name;
    this.parameters = definition.parameters;
    this.invoke = definition.invoke;
    this.result = definition.result;
    this.arrange = definition.arrange ?? ((args, names) => arrange(this.parameters, args, names));
  }
}

/** By position all arguments must be there; by name, what is missing is null. */
function arrange(
  parameters: readonly Parameter[],
  args: FeelList,
  names: readonly string[] | undefined,
): FeelList | undefined {
  if (names === undefined) return args.length === parameters.length ? args : undefined;
  if (!names.every((name) => parameters.some((parameter) => parameter.name === name))) return undefined;
  return parameters.map(({ name }) => args[names.indexOf(name)] ?? null);
}

export function isList(value: FeelValue): value is FeelList {
  return Array.isArray(value);
}

/** Maps are contexts, whatever prototype they came with; objects of the classes of this folder are not. */
export function isContext(value: FeelValue): value is FeelContext {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** An entry of a context; undefined when it has none of this name. Nothing is inherited. */
export function entryOf(context: FeelContext, name: string): FeelValue | undefined {
  return Object.hasOwn(context, name) ? context[name] : undefined;
}

/** A context that may be filled: any name is safe, `__proto__` too. */
export function newContext(entries: Iterable<readonly [string, FeelValue]> = []): Record<string, FeelValue> {
  const context: Record<string, FeelValue> = Object.create(null);
  for (const [name, value] of entries) context[name] = value;
  return context;
}

export type Kind =
  | 'null'
  | 'boolean'
  | 'string'
  | 'number'
  | 'list'
  | 'context'
  | 'range'
  | 'function'
  | FeelTemporal['kind'];

export function kindOf(value: FeelValue): Kind {
  switch (typeof value) {
    case 'boolean':
    case 'string':
    case 'number':
      return typeof value as Kind;
    default:
      if (value === null) return 'null';
      if (isList(value)) return 'list';
      if (value instanceof Decimal) return 'number';
      return isContext(value) ? 'context' : (value as FeelTemporal | FeelRange | FeelFunction).kind;
  }
}

/** The result as it may be stored; throws ExpressionFailure for functions, ranges, infinite numbers and too large values. */
export function toJson(value: FeelValue): Json {
  let size = 0;
  const convert = (part: FeelValue): Json => {
    size += typeof part === 'string' ? part.length : 1;
    boundedSize(size);
    if (part === null || typeof part === 'boolean' || typeof part === 'string') return part;
    if (isNumber(part)) return finite(toDouble(part));
    if (isList(part)) return part.map(convert);
    if (part instanceof FeelDateTime) return part.toIso();
    if (isTemporal(part)) return part.toString();
    if (part instanceof FeelRange)
      throw new ExpressionFailure('The result is a range, which is not a value: did you mean a comparison?');
    if (part instanceof FeelFunction)
      throw new ExpressionFailure('The result is a function, which is not a value: call it with (…)');
    return Object.fromEntries(Object.entries(part).map(([name, entry]) => [name, convert(entry)]));
  };
  return convert(value);
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new ExpressionFailure('The result is not a finite number');
  return value === 0 ? 0 : value;
}
