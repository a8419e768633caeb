/** The methods that expressions may call, one table per kind of value; nothing outside these tables can be reached. */
import type { Json } from '../../values.ts';
import type { EvaluationContext } from '../contract.ts';
import { ExpressionFailure } from '../failure.ts';
import { boundedSize } from '../limits.ts';
import { replaceMatches, safePattern } from '../pattern.ts';
import {
  Execution,
  entryOf,
  Instant,
  isList,
  isMap,
  type JsonMap,
  sameContent,
  toJson,
  toNumber,
  toText,
  typeName,
  type Value,
} from './values.ts';

interface Method<T> {
  /** Fewest and most arguments. */
  readonly takes: readonly [number, number];
  readonly run: (base: T, args: readonly Value[], context: EvaluationContext) => Value;
}
type Methods<T> = ReadonlyMap<string, Method<T>>;

/** Calls `name` on `base`; throws ExpressionFailure when there is no such method or it does not take these arguments. */
export function callMethod(base: Value, name: string, args: readonly Value[], context: EvaluationContext): Value {
  const bound = bind(base, name);
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

function bind(base: Value, name: string): Bound | undefined {
  if (base instanceof Execution) return bound(EXECUTION, base, name);
  if (base instanceof Instant) return bound(INSTANT, base, name);
  if (typeof base === 'string') return bound(TEXT, base, name) ?? bound(ANY, base, name);
  if (typeof base === 'number') return bound(NUMBER, base, name) ?? bound(ANY, base, name);
  if (isList(base)) return bound(LIST, base, name) ?? bound(ANY, base, name);
  if (isMap(base)) return bound(MAP, base, name) ?? bound(ANY, base, name);
  return bound(ANY, base, name);
}

function bound<T>(methods: Methods<T>, base: T, name: string): Bound | undefined {
  const method = methods.get(name);
  return method && { takes: method.takes, run: (args, context) => method.run(base, args, context) };
}

function noMethod(base: Value, name: string): string {
  if (base instanceof Execution && name.startsWith('set'))
    return `Method '${name}' is not available: expressions read variables and do not set them; use an output mapping`;
  return `Method '${name}' is not available on a ${typeName(base)}`;
}

function method<T>(least: number, most: number, run: Method<T>['run']): Method<T> {
  return { takes: [least, most], run };
}

const ANY: Methods<Value> = new Map([
  ['equals', method<Value>(1, 1, (base, [other = null]) => sameContent(base, other))],
  ['toString', method<Value>(0, 0, (base) => toText(base))],
  // Camunda wraps JSON variables in Spin nodes; these read a plain value as such a node would.
  ['value', method<Value>(0, 0, (base) => base)],
  ['stringValue', method<Value>(0, 0, (base) => spin(base, 'string'))],
  ['numberValue', method<Value>(0, 0, (base) => spin(base, 'number'))],
  ['boolValue', method<Value>(0, 0, (base) => spin(base, 'boolean'))],
  ['isNull', method<Value>(0, 0, (base) => base === null)],
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
  ['indexOf', method<string>(1, 1, (base, [part = null]) => base.indexOf(text(part)))],
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
  ['split', method<string>(1, 1, (base, [separator = null]) => split(base, text(separator)))],
]);

const LIST: Methods<readonly Json[]> = new Map([
  ['size', method<readonly Json[]>(0, 0, (base) => base.length)],
  ['isEmpty', method<readonly Json[]>(0, 0, (base) => base.length === 0)],
  ['contains', method<readonly Json[]>(1, 1, (base, [item = null]) => indexIn(base, item) >= 0)],
  ['indexOf', method<readonly Json[]>(1, 1, (base, [item = null]) => indexIn(base, item))],
  ['get', method<readonly Json[]>(1, 1, (base, [at = null]) => base[position(at, 0, base.length - 1)] ?? null)],
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
  ['hasProp', method<JsonMap>(1, 1, (base, [name = null]) => Object.hasOwn(base, toText(name)))],
  ['prop', method<JsonMap>(1, 1, (base, [name = null]) => spinProp(base, toText(name)))],
]);

const EXECUTION: Methods<Execution> = new Map([
  ['getVariable', method<Execution>(1, 1, (_, [name = null], context) => context.lookup(toText(name)) ?? null)],
  ['hasVariable', method<Execution>(1, 1, (_, [name = null], context) => context.lookup(toText(name)) !== undefined)],
  ['setVariable', method<Execution>(2, 2, (_, args, context) => setVariable(args, context, false))],
  ['setVariableLocal', method<Execution>(2, 2, (_, args, context) => setVariable(args, context, true))],
  ...(
    [
      ['getId', 'id'],
      ['getProcessInstanceId', 'processInstanceId'],
      ['getBusinessKey', 'businessKey'],
      ['getProcessBusinessKey', 'processBusinessKey'],
      ['getProcessDefinitionId', 'processDefinitionId'],
      ['getCurrentActivityId', 'currentActivityId'],
      ['getCurrentActivityName', 'currentActivityName'],
      ['getTenantId', 'tenantId'],
      ['getName', 'name'],
      ['getAssignee', 'assignee'],
      ['getTaskDefinitionKey', 'taskDefinitionKey'],
      ['getPriority', 'priority'],
      ['getDueDate', 'dueDate'],
      ['getFollowUpDate', 'followUpDate'],
      ['getCreateTime', 'createTime'],
      ['getExecutionId', 'executionId'],
    ] as const
  ).map(([name, property]): [string, Method<Execution>] => [
    name,
    method<Execution>(0, 0, (base) => base.properties.get(property) ?? null),
  ]),
]);

function setVariable([name = null, value = null]: readonly Value[], context: EvaluationContext, local: boolean): null {
  if (context.setVariable === undefined)
    throw new ExpressionFailure('An expression sets variables only in a listener or in a task with an expression');
  context.setVariable(toText(name), toJson(value), local);
  return null;
}

const UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const;

const INSTANT: Methods<Instant> = new Map([
  ...UNITS.flatMap((unit): [string, Method<Instant>][] => {
    const name = unit.charAt(0).toUpperCase() + unit.slice(1);
    return [
      [`plus${name}`, method<Instant>(1, 1, (base, [by = null]) => new Instant(base.time.add({ [unit]: whole(by) })))],
      [
        `minus${name}`,
        method<Instant>(1, 1, (base, [by = null]) => new Instant(base.time.subtract({ [unit]: whole(by) }))),
      ],
    ];
  }),
  ['withTimeAtStartOfDay', method<Instant>(0, 0, (base) => new Instant(base.time.startOfDay()))],
  ['toDate', method<Instant>(0, 0, (base) => base)],
  ['getTime', method<Instant>(0, 0, (base) => base.time.epochMilliseconds)],
  ['getMillis', method<Instant>(0, 0, (base) => base.time.epochMilliseconds)],
  ['toString', method<Instant>(0, 0, (base) => toText(base))],
]);

function spin(base: Value, type: 'string' | 'number' | 'boolean'): Value {
  if (typeName(base) === type) return base;
  throw new ExpressionFailure(`The value is a ${typeName(base)}, not a ${type}`);
}

function spinProp(base: JsonMap, name: string): Json {
  const value = entryOf(base, name);
  if (value === undefined) throw new ExpressionFailure(`Unable to find '${name}'`);
  return value;
}

function text(value: Value): string {
  if (value === null) throw new ExpressionFailure('The argument is null where text is expected');
  return toText(value);
}

function whole(value: Value): number {
  const number = toNumber(value);
  if (!Number.isSafeInteger(number)) throw new ExpressionFailure(`A whole number is expected, not ${number}`);
  return number;
}

function position(value: Value, least: number, most: number): number {
  const at = whole(value);
  if (at < least || at > most) throw new ExpressionFailure(`Index ${at} is out of range`);
  return at;
}

function indexIn(list: readonly Json[], item: Value): number {
  return list.findIndex((candidate) => sameContent(candidate, item));
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

function split(base: string, separator: string): string[] {
  if (/[\\.$|?*+()[\]{}^]/.test(separator) || separator === '')
    throw new ExpressionFailure("Method 'split' takes plain text as separator, not a regular expression");
  const parts = base.split(separator);
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}
