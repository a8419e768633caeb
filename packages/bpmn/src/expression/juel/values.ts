/** Values of the expression language and its coercions (null is 0, empty text and false; numeric text is a number). */
import { Temporal } from 'temporal-polyfill';
import type { Json } from '../../values.ts';
import { ExpressionFailure } from '../failure.ts';

/** `execution` or `task`: readable properties and functions, none of them a value that may be stored. */
export class Execution {
  readonly kind: 'execution' | 'task';
  readonly properties: ReadonlyMap<string, Json>;

  constructor(kind: Execution['kind'], properties: Readonly<Record<string, Json>>) {
    this.kind = kind;
    this.properties = new Map(Object.entries(properties));
  }
}

/** A point in time with its zone, from `now()` and `dateTime()`. */
export class Instant {
  readonly time: Temporal.ZonedDateTime;

  constructor(time: Temporal.ZonedDateTime) {
    this.time = time;
  }
}

export type JsonMap = { readonly [name: string]: Json };
export type Value = Json | Execution | Instant;

export function isMap(value: Value): value is JsonMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Execution) &&
    !(value instanceof Instant)
  );
}

export function isList(value: Value): value is readonly Json[] {
  return Array.isArray(value);
}

/** Own entries only: `constructor` or `__proto__` are names like any other. */
export function entryOf(map: JsonMap, name: string): Json | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

export function typeName(value: Value): string {
  if (value === null) return 'null';
  if (value instanceof Execution) return value.kind;
  if (value instanceof Instant) return 'date';
  if (isList(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value;
}

export function toNumber(value: Value): number {
  if (value === null || value === '') return 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value))
    return Number(value);
  throw cannotCoerce(value, 'number');
}

export function toBoolean(value: Value): boolean {
  if (value === null || value === '') return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toLowerCase() === 'true';
  throw cannotCoerce(value, 'boolean');
}

export function toText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Execution) throw cannotCoerce(value, 'string');
  if (value instanceof Instant) return instantText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The result as it may be stored. */
export function toJson(value: Value): Json {
  if (value instanceof Instant) return instantText(value);
  if (value instanceof Execution)
    throw new ExpressionFailure(`'${value.kind}' is not a value: name one of its properties`);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new ExpressionFailure('the result is not a finite number');
  return value;
}

/** `==`: numbers and numeric text by value, booleans, text, lists and maps by content; null equals only null. */
export function equal(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left === null || right === null) return false;
  if (typeof left === 'number' || typeof right === 'number') return toNumber(left) === toNumber(right);
  if (typeof left === 'boolean' || typeof right === 'boolean') return toBoolean(left) === toBoolean(right);
  const instants = twoInstants(left, right);
  if (instants !== undefined) return instants[0] === instants[1];
  if (typeof left === 'string' || typeof right === 'string') return toText(left) === toText(right);
  return sameContent(left, right);
}

/** Java's `equals`: the same kind and the same content, without coercion. */
export function sameContent(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left instanceof Instant && right instanceof Instant)
    return left.time.epochMilliseconds === right.time.epochMilliseconds;
  if (isList(left) && isList(right))
    return left.length === right.length && left.every((item, index) => sameContent(item, right[index] ?? null));
  if (isMap(left) && isMap(right)) {
    const names = Object.keys(left);
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => Object.hasOwn(right, name) && sameContent(left[name] ?? null, right[name] ?? null))
    );
  }
  return false;
}

/** Negative, zero or positive; undefined when one side is null (every order comparison is then false). */
export function compare(left: Value, right: Value): number | undefined {
  if (left === null || right === null) return undefined;
  if (typeof left === 'number' || typeof right === 'number') return toNumber(left) - toNumber(right);
  const instants = twoInstants(left, right);
  if (instants !== undefined) return instants[0] - instants[1];
  if (typeof left === 'string' || typeof right === 'string') {
    const [a, b] = [toText(left), toText(right)];
    return a < b ? -1 : Number(a > b);
  }
  throw new ExpressionFailure(`Cannot compare ${typeName(left)} with ${typeName(right)}`);
}

const INSTANT_TEXT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** A date, or text that names an instant (so are date variables kept); undefined for all else. */
export function asInstant(value: Value, zone: string): Instant | undefined {
  if (value instanceof Instant) return value;
  if (typeof value !== 'string' || !INSTANT_TEXT.test(value)) return undefined;
  try {
    return new Instant(Temporal.Instant.from(value).toZonedDateTimeISO(zone));
  } catch {
    return undefined;
  }
}

/** Their instants, ms, when one side is a date and the other is one too or names one. */
function twoInstants(left: Value, right: Value): readonly [number, number] | undefined {
  if (!(left instanceof Instant) && !(right instanceof Instant)) return undefined;
  const [one, other] = [asInstant(left, 'UTC'), asInstant(right, 'UTC')];
  return one === undefined || other === undefined
    ? undefined
    : [one.time.epochMilliseconds, other.time.epochMilliseconds];
}

function instantText(value: Instant): string {
  return value.time.toString({ timeZoneName: 'never', fractionalSecondDigits: 3 });
}

function cannotCoerce(value: Value, target: string): ExpressionFailure {
  const shown = typeof value === 'string' ? ` '${value.slice(0, 80)}'` : '';
  return new ExpressionFailure(`Cannot coerce ${typeName(value)}${shown} to ${target}`);
}
