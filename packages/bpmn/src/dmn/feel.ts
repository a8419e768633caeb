/** FEEL as decisions use it: names with blanks, functions as values, and every silent null as a warning. */
import { evaluate, FeelDate, FeelDateTime, FeelDuration, FeelTime, toFeel, unaryTest, type Warning } from 'feelin';
import { Temporal } from 'temporal-polyfill';
import { ExpressionFailure, failureText } from '../expression/failure.ts';
import { beginEvaluation } from '../expression/feel/bounds.ts';
import { FUNCTIONS } from '../expression/feel/functions.ts';
import { fromFeelValue } from '../expression/feel/values.ts';
import type { Json } from '../values.ts';

/** A value inside FEEL; JSON outside. */
export type Feel = unknown;
export type Scope = Readonly<Record<string, Feel>>;

/** A function of a model: its parameters are known by name. */
export type FeelCallable = ((...values: Feel[]) => Feel) & { readonly $args: readonly string[] };

export interface Clock {
  /** Instant, ms since the epoch, and IANA zone. */
  readonly now: number;
  readonly zone: string;
}

export class FeelRunner {
  readonly warnings: string[] = [];
  readonly #clock: Scope;

  constructor({ now, zone }: Clock) {
    const time = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
    this.#clock = {
      now: callable([], () => toFeel(time)),
      today: callable([], () => toFeel(time.toPlainDate())),
    };
  }

  /** Null with a warning where FEEL finds something wrong. */
  value(text: string, scope: Scope): Feel {
    return this.#run(text, () => evaluate(text, this.#names(scope)));
  }

  /** Does the value pass the tests? */
  passes(tests: string, value: Feel, scope: Scope): boolean {
    if (tests === '' || tests === '-') return true;
    return this.#run(tests, () => unaryTest(tests, { ...this.#names(scope), '?': value })) === true;
  }

  warn(message: string): null {
    this.warnings.push(message);
    return null;
  }

  /** JSON; null with a warning for what is no value (functions, ranges). */
  json(value: Feel): Json {
    try {
      return fromFeelValue(value);
    } catch (error) {
      return this.warn(failureText(error));
    }
  }

  #names(scope: Scope): Record<string, unknown> {
    return { ...FUNCTIONS, ...this.#clock, ...scope };
  }

  #run<T>(text: string, run: () => { readonly value: T; readonly warnings: readonly Warning[] }): T | null {
    try {
      beginEvaluation(0, []);
      const { value, warnings } = run();
      for (const { message } of warnings) this.warn(`"${shorten(text)}": ${message}`);
      return value;
    } catch (error) {
      if (error instanceof ExpressionFailure) throw error;
      return this.warn(`"${shorten(text)}": ${failureText(error)}`);
    }
  }
}

export function callable(parameters: readonly string[], run: (...values: Feel[]) => Feel): FeelCallable {
  return Object.assign(run, { $args: parameters });
}

const TEMPORAL = /^(date|time|dateTime|date and time|.*[dD]uration)$/;

/** A value from outside: text becomes a date, time or duration where its type says so. */
export function typedInput(value: Feel, typeRef: string | undefined): Feel {
  if (typeof value !== 'string' || typeRef === undefined || !TEMPORAL.test(baseType(typeRef))) return value;
  try {
    return evaluate(`@"${value.replace(/["\\]/g, '')}"`, {}).value ?? value;
  } catch {
    return value;
  }
}

/** The type of a value in FEEL's words. */
export function typeOf(value: Feel): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return typeof value;
  if (value instanceof FeelDateTime) return 'date and time';
  if (value instanceof FeelDate) return 'date';
  if (value instanceof FeelTime) return 'time';
  if (value instanceof FeelDuration)
    return /[YM](?!.*T)/.test(value.toString()) ? 'years and months duration' : 'days and time duration';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'function' ? 'function' : 'context';
}

/** DMN spells some of FEEL's types in one word, with or without a prefix. */
export function baseType(typeRef: string): string {
  const name = typeRef.replace(/^feel:/, '');
  switch (name) {
    case 'dateTime':
      return 'date and time';
    case 'dayTimeDuration':
      return 'days and time duration';
    case 'yearMonthDuration':
      return 'years and months duration';
    case 'integer':
    case 'long':
    case 'double':
      return 'number';
    default:
      return name;
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
