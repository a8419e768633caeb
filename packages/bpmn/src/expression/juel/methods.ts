/** The methods that expressions may call, one table per kind of value; nothing outside these tables can be reached. */
import type { Json } from '../../values.ts';
import type { EvaluationContext } from '../contract.ts';
import { ExpressionFailure } from '../failure.ts';
import { boundedSize } from '../limits.ts';
import { replaceMatches, safePattern } from '../pattern.ts';
import { INSTANT, instantMethod } from './instant.ts';
import { type Method, type Methods, method, text, whole } from './method.ts';
import { TASK, VARIABLES } from './scope.ts';
import { NODE, OBJECT } from './spin.ts';
import {
  asInstant,
  Execution,
  entryOf,
  Instant,
  isList,
  isMap,
  type JsonMap,
  sameContent,
  toText,
  typeName,
  type Value,
} from './values.ts';

/** Calls `name` on `base`; throws ExpressionFailure when there is no such method or it does not take these arguments. */
export function callMethod(base: Value, name: string, args: readonly Value[], context: EvaluationContext): Value {
  const bound = bind(base, name, context);
  if (bound === undefined) throw new ExpressionFailure(noMethod(base, name));
  const [least, most] = bound.takes;
  if (args.length < least || args.length > most) {
    const expected = least === most ? `${least}` : `${least} to ${most}`;
    throw new ExpressionFailure(`Method '${name}' takes ${expected} argument(s), not ${args.length}`);
  }
  return bound.run(args, context);
}

interface Bound {
  readonly takes: readonly [number, number];
  readonly run: (args: readonly Value[], context: EvaluationContext) => Value;
}

function bind(base: Value, name: string, { zone }: EvaluationContext): Bound | undefined {
  if (base instanceof Execution) {
    const own = base.kind === 'task' ? bound(TASK, base, name) : undefined;
    return own ?? bound(VARIABLES, base, name) ?? getter((property) => base.properties.get(property), name);
  }
  if (base instanceof Instant) return bound(INSTANT, base, name);
  if (typeof base === 'string') {
    const instant = instantMethod(base, name, zone);
    if (instant !== undefined) return atInstant(instant, base, zone);
    return bound(TEXT, base, name) ?? bound(ANY, base, name);
  }
  if (typeof base === 'number') return bound(NUMBER, base, name) ?? bound(ANY, base, name);
  if (isList(base)) return bound(LIST, base, name) ?? bound(ANY, base, name);
  if (isMap(base))
    return bound(MAP, base, name) ?? bound(ANY, base, name) ?? getter((property) => entryOf(base, property), name);
  return bound(ANY, base, name);
}

/** `getTotal()` and `isOpen()` read a property, as on a Java bean. */
function getter(read: (property: string) => Json | undefined, name: string): Bound | undefined {
  const [, first, rest] = /^(?:get|is)(\p{Lu})(.*)$/u.exec(name) ?? [];
  const value = first === undefined ? undefined : read(first.toLowerCase() + rest);
  return value === undefined ? undefined : { takes: [0, 0], run: () => value };
}

function atInstant(found: Method<Instant>, base: string, zone: string): Bound | undefined {
  const instant = asInstant(base, zone);
  return instant && { takes: found.takes, run: (args, context) => found.run(instant, args, context) };
}

function bound<T>(methods: Methods<T>, base: T, name: string): Bound | undefined {
  const method = methods.get(name);
  return method && { takes: method.takes, run: (args, context) => method.run(base, args, context) };
}

function noMethod(base: Value, name: string): string {
  return `Method '${name}' is not available on a ${typeName(base)}`;
}

const ANY: Methods<Value> = new Map([
  ['equals', method<Value>(1, 1, (base, [other = null]) => sameContent(base, other))],
  ['toString', method<Value>(0, 0, (base) => toText(base))],
  // Camunda wraps JSON variables in Spin nodes; these read a plain value as such a node would.
  ...NODE,
]);

const NUMBER: Methods<number> = new Map([
  ['intValue', method<number>(0, 0, (base) => Math.trunc(base))],
  ['longValue', method<number>(0, 0, (base) => Math.trunc(base))],
  ['doubleValue', method<number>(0, 0, (base) => base)],
]);

const TEXT: Methods<string> = new Map([
  ['length', method<string>(0, 0, (base) => base.length)],
  ['isEmpty', method<string>(0, 0, (base) => base === '')],
  ['isBlank', method<string>(0, 0, (base) => base.trim() === '')],
  ['equalsIgnoreCase', method<string>(1, 1, (base, [other = null]) => sameLetters(base, other))],
  ['contains', method<string>(1, 1, (base, [part = null]) => base.includes(text(part)))],
  ['startsWith', method<string>(1, 1, (base, [part = null]) => base.startsWith(text(part)))],
  ['endsWith', method<string>(1, 1, (base, [part = null]) => base.endsWith(text(part)))],
  ['indexOf', method<string>(1, 2, (base, [part = null, at = 0]) => base.indexOf(text(part), whole(at)))],
  ['lastIndexOf', method<string>(1, 1, (base, [part = null]) => base.lastIndexOf(text(part)))],
  ['toUpperCase', method<string>(0, 0, (base) => base.toUpperCase())],
  ['toLowerCase', method<string>(0, 0, (base) => base.toLowerCase())],
  ['trim', method<string>(0, 0, (base) => base.trim())],
  ['charAt', method<string>(1, 1, (base, [at = null]) => base.charAt(position(at, 0, base.length - 1)))],
  ['substring', method<string>(1, 2, (base, args) => substring(base, args))],
  ['concat', method<string>(1, 1, (base, [other = null]) => concat(base, text(other)))],
  ['replace', method<string>(2, 2, (base, [from = null, to = null]) => replace(base, text(from), text(to)))],
  ['matches', method<string>(1, 1, (base, [pattern = null]) => matchesWhole(base, text(pattern)))],
  [
    'replaceAll',
    method<string>(2, 2, (base, [pattern = null, to = null]) =>
      replaceMatches(base, safePattern(text(pattern), 'g', base.length), text(to)),
    ),
  ],
  [
    'replaceFirst',
    method<string>(2, 2, (base, [pattern = null, to = null]) =>
      replaceMatches(base, safePattern(text(pattern), '', base.length), text(to)),
    ),
  ],
  ['split', method<string>(1, 1, (base, [separator = null]) => split(base, text(separator)))],
  ['strip', method<string>(0, 0, (base) => base.trim())],
  ['compareTo', method<string>(1, 1, (base, [other = null]) => order(base, text(other)))],
  [
    'compareToIgnoreCase',
    method<string>(1, 1, (base, [other = null]) => order(base.toLowerCase(), text(other).toLowerCase())),
  ],
]);

const LIST: Methods<readonly Json[]> = new Map([
  ['size', method<readonly Json[]>(0, 0, (base) => base.length)],
  ['isEmpty', method<readonly Json[]>(0, 0, (base) => base.length === 0)],
  ['contains', method<readonly Json[]>(1, 1, (base, [item = null]) => indexIn(base, item) >= 0)],
  ['indexOf', method<readonly Json[]>(1, 1, (base, [item = null]) => indexIn(base, item))],
  ['get', method<readonly Json[]>(1, 1, (base, [at = null]) => base[position(at, 0, base.length - 1)] ?? null)],
  ['lastIndexOf', method<readonly Json[]>(1, 1, (base, [item = null]) => lastIndexIn(base, item))],
  ['containsAll', method<readonly Json[]>(1, 1, (base, [all = null]) => holdsAll(base, all))],
  ['subList', method<readonly Json[]>(2, 2, (base, [from = null, to = null]) => subList(base, from, to))],
  ['elements', method<readonly Json[]>(0, 0, (base) => base)],
]);

const MAP: Methods<JsonMap> = new Map([
  ['get', method<JsonMap>(1, 1, (base, [name = null]) => entryOf(base, toText(name)) ?? null)],
  ['getOrDefault', method<JsonMap>(2, 2, (base, [name = null, other = null]) => entryOf(base, toText(name)) ?? other)],
  ['containsKey', method<JsonMap>(1, 1, (base, [name = null]) => Object.hasOwn(base, toText(name)))],
  ['containsValue', method<JsonMap>(1, 1, (base, [item = null]) => indexIn(Object.values(base), item) >= 0)],
  ['size', method<JsonMap>(0, 0, (base) => Object.keys(base).length)],
  ['isEmpty', method<JsonMap>(0, 0, (base) => Object.keys(base).length === 0)],
  ['keys', method<JsonMap>(0, 0, (base) => Object.keys(base))],
  ['keySet', method<JsonMap>(0, 0, (base) => Object.keys(base))],
  ['values', method<JsonMap>(0, 0, (base) => Object.values(base))],
  ...OBJECT,
]);

/** Some kind of value has a method of this name. */
export function callable(name: string): boolean {
  return [ANY, NUMBER, TEXT, LIST, MAP, INSTANT, VARIABLES, TASK].some((methods) => methods.has(name));
}

function position(value: Value, least: number, most: number): number {
  const at = whole(value);
  if (at < least || at > most) throw new ExpressionFailure(`Index ${at} is out of range`);
  return at;
}

function indexIn(list: readonly Json[], item: Value): number {
  return list.findIndex((candidate) => sameContent(candidate, item));
}

function lastIndexIn(list: readonly Json[], item: Value): number {
  return list.findLastIndex((candidate) => sameContent(candidate, item));
}

function holdsAll(list: readonly Json[], all: Value): boolean {
  if (!isList(all)) throw new ExpressionFailure('A list is expected');
  return all.every((item) => indexIn(list, item) >= 0);
}

function subList(list: readonly Json[], from: Value, to: Value): readonly Json[] {
  const end = position(to, 0, list.length);
  return list.slice(position(from, 0, end), end);
}

function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function sameLetters(base: string, other: Value): boolean {
  return typeof other === 'string' && base.toLowerCase() === other.toLowerCase();
}

function substring(base: string, [from = null, to = base.length]: readonly Value[]): string {
  const end = position(to, 0, base.length);
  return base.slice(position(from, 0, end), end);
}

function concat(base: string, other: string): string {
  boundedSize(base.length + other.length);
  return base + other;
}

/** Every occurrence, taken literally. */
function replace(base: string, from: string, to: string): string {
  const parts = base.split(from);
  boundedSize(base.length + (parts.length + 1) * to.length);
  return from === '' ? base.replaceAll('', () => to) : parts.join(to);
}

/** As in Java, the pattern has to match all of the text. */
function matchesWhole(base: string, pattern: string): boolean {
  return safePattern(`^(?:${pattern})$`, '', base.length).test(base);
}

/** As in Java, the separator is a pattern, and empty parts at the end are dropped. */
function split(base: string, separator: string): string[] {
  if (separator === '') throw new ExpressionFailure("Method 'split' needs a separator");
  if (/^[\\.$|?*+()[\]{}^]$/.test(separator))
    throw new ExpressionFailure(
      `Method 'split' takes a pattern, in which '${separator}' has a meaning of its own: write '\\\\${separator}'`,
    );
  const parts = base.split(separatorOf(separator, base.length));
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}

function separatorOf(pattern: string, textLength: number): string | RegExp {
  if (!/[\\.$|?*+()[\]{}^]/.test(pattern)) return pattern;
  return /^\\[^\p{L}\p{N}]$/u.test(pattern) ? pattern.slice(1) : safePattern(pattern, '', textLength);
}
