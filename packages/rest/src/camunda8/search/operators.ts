/** What a filter says about one value: plain, or by Camunda 8's operators. */
import { compareCells, isLike, type Json, type Scalar } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { isObject } from '../../safe-json.ts';
import { invalid } from '../errors.ts';

/** All operators of all fields: a field that Camunda compares plainly may be asked by them here, too. */
const OPERATORS = ['$eq', '$neq', '$exists', '$in', '$notIn', '$like', '$gt', '$gte', '$lt', '$lte'] as const;
type Operator = (typeof OPERATORS)[number];

export type Test =
  | { readonly op: '$eq' | '$neq' | '$gt' | '$gte' | '$lt' | '$lte'; readonly value: Scalar }
  | { readonly op: '$in' | '$notIn'; readonly values: readonly Scalar[] }
  | { readonly op: '$exists'; readonly value: boolean }
  /** `*`: any text; `?`: one character; `\` before one of them: itself. `plain`: for `plain` text, in the words of the store. */
  | { readonly op: '$like'; readonly pattern: string; readonly plain: string };

/** Reads one value of a field, or refuses it; `path` is where it stands in the body. */
export type ValueReader = (value: Json, path: string) => Scalar;

/** All must hold; none: nothing was asked. */
export function readTests(asked: Json | undefined, path: string, read: ValueReader): readonly Test[] {
  if (asked === undefined || asked === null) return [];
  if (!isObject(asked)) return [{ op: '$eq', value: read(asked, path) }];
  return Object.entries(asked).flatMap(([name, value]) => {
    const at = `${path}.${name}`;
    if (!isOperator(name)) throw invalid(`'${at}' is no operator: use one of ${OPERATORS.join(', ')}`);
    // The published Java client sends both lists with every filter, empty where it asks for none of them.
    return value === null || isEmptyList(value) ? [] : [readTest(name, value, at, read)];
  });
}

function isEmptyList(value: Json): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isOperator(name: string): name is Operator {
  return (OPERATORS as readonly string[]).includes(name);
}

function readTest(op: Operator, value: Json, path: string, read: ValueReader): Test {
  switch (op) {
    case '$exists':
      if (typeof value !== 'boolean') throw invalid(`'${path}' must be true or false, but is ${JSON.stringify(value)}`);
      return { op, value };
    case '$in':
    case '$notIn':
      if (!Array.isArray(value)) throw invalid(`'${path}' must be a list, but is ${JSON.stringify(value)}`);
      return { op, values: (value as readonly Json[]).map((one, at) => read(one, `${path}[${at}]`)) };
    case '$like':
      if (typeof value !== 'string') throw invalid(`'${path}' must be text, but is ${JSON.stringify(value)}`);
      return { op, pattern: value, plain: translate(value, PLAIN).pattern };
    default:
      return { op, value: read(value, path) };
  }
}

/** By the rules of the store: null is a value like any other, but is not in any order and like nothing. */
export function holdsFor(tests: readonly Test[], value: Scalar): boolean {
  return tests.every((test) => holds(test, value));
}

function holds(test: Test, value: Scalar): boolean {
  switch (test.op) {
    case '$eq':
      return value === test.value;
    case '$neq':
      return value !== test.value;
    case '$exists':
      return (value !== null) === test.value;
    case '$in':
      return test.values.includes(value);
    case '$notIn':
      return !test.values.includes(value);
    case '$like':
      return typeof value === 'string' && isLike(plain(value), test.plain);
    default:
      return isInOrder(test.op, value, test.value);
  }
}

function isInOrder(op: '$gt' | '$gte' | '$lt' | '$lte', value: Scalar, bound: Scalar): boolean {
  if (value === null || bound === null) return false;
  const difference = compareCells(Number(value) === value ? value : String(value), bound as string | number);
  if (op === '$gt') return difference > 0;
  if (op === '$gte') return difference >= 0;
  return op === '$lt' ? difference < 0 : difference <= 0;
}

/** The same in the words of the store; undefined where it has none: a literal `%` or `_`. */
export function storePattern(pattern: string): string | undefined {
  const translated = translate(pattern);
  return /[%_]/.test(translated.literal) ? undefined : translated.pattern;
}

/** Stand for the two characters that mean something to the store, where they mean themselves. */
const PLAIN: Readonly<Record<string, string>> = { '%': '\uE000', _: '\uE001' };

function plain(text: string): string {
  return text.replace(/[%_]/g, (character) => PLAIN[character] ?? character);
}

function translate(
  pattern: string,
  stand: Readonly<Record<string, string>> = {},
): { pattern: string; literal: string } {
  let translated = '';
  let literal = '';
  for (const [, escaped, character = ''] of pattern.matchAll(/\\([\s\S])|([\s\S])/gu)) {
    if (escaped === undefined && character === '*') translated += '%';
    else if (escaped === undefined && character === '?') translated += '_';
    else {
      const itself = escaped ?? character;
      literal += itself;
      translated += stand[itself] ?? itself;
    }
  }
  return { pattern: translated, literal };
}

/** Which of the `states` the filter of a search asks for. */
export function wantedStates(body: JsonObject, states: readonly string[]): readonly string[] {
  const filter = body['filter'];
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return states;
  const tests = readTests((filter as JsonObject)['state'], 'filter.state', (value, path) => {
    if (typeof value === 'string' && states.includes(value)) return value;
    throw invalid(`'${path}' must be one of ${states.join(', ')}, but is ${JSON.stringify(value)}`);
  });
  return states.filter((state) => holdsFor(tests, state));
}
