/** How built-in functions are written down: typed parameters, several signatures, and what happens to arguments that do not fit. */
import { type FeelNumber, isNumber, toDouble, wholeNumber } from '../numbers.ts';
import type { Run } from '../run.ts';
import { type FeelTemporal, isTemporal } from '../temporal/values.ts';
import {
  type FeelContext,
  FeelFunction,
  type FeelList,
  FeelRange,
  type FeelValue,
  isContext,
  isList,
  kindOf,
} from '../values.ts';

/** A parameter: `accept` gives the argument as the function takes it, undefined where it does not fit. */
export interface Taking<T> {
  readonly name: string;
  readonly accept: (value: FeelValue) => T | undefined;
  /** May be left out; then the function gets undefined. */
  readonly isOptional: boolean;
  /** Takes all arguments that are left, as a list. */
  readonly isRest: boolean;
}

function taking<T>(name: string, accept: (value: FeelValue) => T | undefined): Taking<T> {
  return { name, accept, isOptional: false, isRest: false };
}

/** A list of one stands for its element (DMN 1.5, 10.3.2.9.4). */
function single<T>(accept: (value: FeelValue) => T | undefined): (value: FeelValue) => T | undefined {
  return (value) => accept(isList(value) && value.length === 1 ? (value[0] ?? null) : value);
}

export const any = (name: string): Taking<FeelValue> => taking(name, (value) => value);
export const text = (name: string): Taking<string> =>
  taking(
    name,
    single((value) => (typeof value === 'string' ? value : undefined)),
  );
export const number = (name: string): Taking<FeelNumber> =>
  taking(
    name,
    single((value) => (isNumber(value) ? value : undefined)),
  );
/** A whole number; digits behind the point are cut. */
export const whole = (name: string): Taking<number> =>
  taking(
    name,
    single((value) => (isNumber(value) ? wholeNumber(Math.trunc(toDouble(value)) + 0) : undefined)),
  );
export const truth = (name: string): Taking<boolean> =>
  taking(
    name,
    single((value) => (typeof value === 'boolean' ? value : undefined)),
  );
/** What is no list is a list of one; null is none. */
export const list = (name: string): Taking<FeelList> =>
  taking(name, (value) => (isList(value) ? value : value === null ? undefined : [value]));
export const context = (name: string): Taking<FeelContext> =>
  taking(
    name,
    single((value) => (isContext(value) ? value : undefined)),
  );
export const callback = (name: string): Taking<FeelFunction> =>
  taking(name, (value) => (value instanceof FeelFunction ? value : undefined));
export const range = (name: string): Taking<FeelRange> =>
  taking(
    name,
    single((value) => (value instanceof FeelRange ? value : undefined)),
  );
/** A value that has an order, as the ends of ranges. */
export const point = (name: string): Taking<FeelNumber | string | FeelTemporal> =>
  taking(
    name,
    single((value) => (isNumber(value) || typeof value === 'string' || isTemporal(value) ? value : undefined)),
  );

export function optional<T>(parameter: Taking<T>): Taking<T | undefined> {
  return { ...parameter, isOptional: true };
}

/** All arguments that are left, one at least; one that does not fit makes the call null. */
export function rest<T>(parameter: Taking<T>): Taking<readonly T[]> {
  return {
    name: parameter.name,
    isOptional: false,
    isRest: true,
    accept: (value) => {
      if (!isList(value)) return undefined;
      const accepted: T[] = [];
      for (const item of value) {
        const one = parameter.accept(item);
        if (one === undefined) return undefined;
        accepted.push(one);
      }
      return accepted;
    },
  };
}

type Values<P extends readonly Taking<unknown>[]> = {
  [Index in keyof P]: P[Index] extends Taking<infer T> ? T : never;
};

export interface Signature {
  readonly parameters: readonly Taking<unknown>[];
  readonly invoke: (args: readonly unknown[], run: Run) => FeelValue;
}

export function signature<const P extends readonly Taking<unknown>[]>(
  parameters: P,
  invoke: (args: Values<P>, run: Run) => FeelValue,
): Signature {
  return { parameters, invoke: invoke as Signature['invoke'] };
}

/** Functions go through their texts; so many characters cost one step. */
const CHARACTERS_PER_STEP = 1_000;

/** Marks an argument that was left out; no value of FEEL is equal to it. */
const ABSENT: FeelValue = new FeelRange(undefined, false, undefined, false);

/** The first signature that takes the arguments is called; null, with a warning, where their kinds fit none. */
export function define(name: string, ...signatures: readonly Signature[]): FeelFunction {
  return new FeelFunction({
    name,
    parameters: (signatures[0]?.parameters ?? []).map((parameter) => ({ name: parameter.name })),
    arrange: (args, names) => {
      for (const { parameters } of signatures) {
        const found = names === undefined ? byPosition(parameters, args) : byName(parameters, args, names);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    invoke: (args, run) => {
      let misfit = '';
      for (const { parameters, invoke } of signatures) {
        if (parameters.length !== args.length) continue;
        const given: unknown[] = [];
        const wrong = parameters.find((parameter, index) => {
          const arg = args[index] ?? null;
          if (typeof arg === 'string') run.spend(Math.floor(arg.length / CHARACTERS_PER_STEP));
          const value = arg === ABSENT ? undefined : parameter.accept(arg);
          given.push(value);
          return value === undefined && arg !== ABSENT;
        });
        if (wrong === undefined) return invoke(given, run);
        misfit ||= `the argument '${wrong.name}' of ${name} cannot be a ${kindOf(args[parameters.indexOf(wrong)] ?? null)}`;
      }
      return run.warn(misfit);
    },
  });
}

function byPosition(parameters: readonly Taking<unknown>[], args: FeelList): FeelList | undefined {
  const isRest = parameters.at(-1)?.isRest === true;
  if (args.length > parameters.length && !isRest) return undefined;
  const arranged: FeelValue[] = [];
  for (const [index, { isOptional, isRest }] of parameters.entries()) {
    if (isRest && index < args.length) arranged.push(args.slice(index));
    else if (index < args.length) arranged.push(args[index] ?? null);
    else if (isOptional) arranged.push(ABSENT);
    else return undefined;
  }
  return arranged;
}

function byName(
  parameters: readonly Taking<unknown>[],
  args: FeelList,
  names: readonly string[],
): FeelList | undefined {
  if (!names.every((name) => parameters.some((parameter) => parameter.name === name))) return undefined;
  const arranged: FeelValue[] = [];
  for (const { name, isOptional } of parameters) {
    const index = names.indexOf(name);
    if (index >= 0) arranged.push(args[index] ?? null);
    else if (isOptional) arranged.push(ABSENT);
    else return undefined;
  }
  return arranged;
}
