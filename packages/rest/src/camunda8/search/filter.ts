/** From a member of a search's filter to conditions of the store, or to a look at rows where the store has no such column. */
import type { Condition, DefinitionView, Json, ProcessEngine, Scalar } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { parseDate } from '../dates.ts';
import { invalid, notServed } from '../errors.ts';
import { readKey } from '../keys.ts';
import { DEFAULT_TENANT, tenantOf } from '../tenants.ts';
import { holdsFor, readTests, storePattern, type Test, type ValueReader } from './operators.ts';

/** What one member asks for. */
export interface Filter<Row> {
  readonly where?: readonly Condition<Row>[];
  readonly sieve?: Sieve<Row>;
}

/** Of some rows those that fit. `costly`: it reads the history of each of them. */
export interface Sieve<Row> {
  readonly costly?: true;
  readonly of: (rows: readonly Row[]) => readonly Row[];
}

/** A member as it came, and where it stands. */
export interface Member {
  readonly asked: Json;
  readonly path: string;
  readonly engine: ProcessEngine;
  /** All members, for those that say something together. */
  readonly filter: JsonObject;
}

export type Field<Row> = (member: Member) => Filter<Row>;
type Column<Row> = keyof Row & string;

/** The value of a row, looked up for many rows at once. */
export type Values<Row> = (rows: readonly Row[], engine: ProcessEngine) => (row: Row) => Scalar;

export const asText: ValueReader = (value, path) => {
  if (typeof value === 'string') return value;
  throw invalid(`'${path}' must be text, but is ${JSON.stringify(value)}`);
};

/** Identities, as numbers; of none for a key that nobody has. */
export const asKey: ValueReader = (value, path) => readKey(value, path);

export const asWhole: ValueReader = (value, path) => {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw invalid(`'${path}' must be a whole number, but is ${JSON.stringify(value)}`);
};

export const asFlag: ValueReader = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw invalid(`'${path}' must be true or false, but is ${JSON.stringify(value)}`);
};

/** ms since the epoch. */
export const asInstant: ValueReader = (value, path) => {
  const at = typeof value === 'string' ? parseDate(value) : undefined;
  if (at !== undefined) return at;
  throw invalid(`'${path}' must be a date with its offset, e.g. 2026-01-15T10:30:00Z, but is ${JSON.stringify(value)}`);
};

function asOneOf(values: readonly string[]): ValueReader {
  return (value, path) => {
    if (typeof value === 'string' && values.includes(value)) return value;
    throw invalid(`'${path}' must be one of ${values.join(', ')}, but is ${JSON.stringify(value)}`);
  };
}

const WORDS = { $eq: '=', $neq: '!=', $gt: '>', $gte: '>=', $lt: '<', $lte: '<=', $in: 'in', $notIn: 'notIn' } as const;

/** A column of the store that holds what Camunda shows. */
function column<Row>(name: Column<Row>, read: ValueReader): Field<Row> {
  return ({ asked, path }) => {
    const where: Condition<Row>[] = [];
    const looked: Test[] = [];
    for (const test of readTests(asked, path, read)) {
      if (test.op === '$like' && read !== asText) throw invalid(`'${path}.$like' is for text only`);
      const condition = conditionOf(name, test);
      if (condition === undefined) looked.push(test);
      else where.push(condition);
    }
    if (looked.length === 0) return { where };
    return { where, sieve: { of: (rows) => rows.filter((row) => holdsFor(looked, cell(row, name))) } };
  };
}

function cell<Row>(row: Row, name: Column<Row>): Scalar {
  return (row[name] ?? null) as Scalar;
}

function conditionOf<Row>(name: Column<Row>, test: Test): Condition<Row> | undefined {
  switch (test.op) {
    case '$exists':
      return { column: name, op: test.value ? 'notNull' : 'isNull' };
    case '$in':
    case '$notIn':
      return { column: name, op: WORDS[test.op], value: test.values };
    case '$like': {
      const pattern = storePattern(test.pattern);
      return pattern === undefined ? undefined : { column: name, op: 'like', value: pattern };
    }
    default:
      return { column: name, op: WORDS[test.op], value: test.value };
  }
}

export const key = <Row>(name: Column<Row>): Field<Row> => column(name, asKey);
export const text = <Row>(name: Column<Row>): Field<Row> => column(name, asText);
export const whole = <Row>(name: Column<Row>): Field<Row> => column(name, asWhole);
export const instant = <Row>(name: Column<Row>): Field<Row> => column(name, asInstant);

/** One of Camunda's words; each stands for some of ours. */
export function oneOf<Row>(name: Column<Row>, words: Readonly<Record<string, readonly Scalar[]>>): Field<Row> {
  return choice(words, (ours) => [among(name, ours)]);
}

/** As `oneOf`, where several columns say it. */
export function choice<Row, T>(
  words: Readonly<Record<string, readonly T[]>>,
  conditions: (ours: readonly T[], words: readonly string[]) => readonly Condition<Row>[],
): Field<Row> {
  const all = Object.keys(words);
  return ({ asked, path }) => {
    const tests = readTests(asked, path, asOneOf(all));
    if (tests.length === 0) return {};
    const chosen = all.filter((word) => holdsFor(tests, word));
    return {
      where: conditions(
        chosen.flatMap((word) => words[word] ?? []),
        chosen,
      ),
    };
  };
}

export function among<Row>(name: Column<Row>, values: readonly Scalar[]): Condition<Row> {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return { column: name, op: '=', value: only };
  return { column: name, op: 'in', value: values };
}

/** What no column holds: looked up for the rows that the other members leave. */
export function looked<Row>(
  values: Values<Row>,
  read: ValueReader,
  options: { readonly costly?: true } = {},
): Field<Row> {
  return ({ asked, path, engine }) => {
    const tests = readTests(asked, path, read);
    if (tests.length === 0) return {};
    const of = (rows: readonly Row[]): readonly Row[] => {
      const find = values(rows, engine);
      return rows.filter((row) => holdsFor(tests, find(row)));
    };
    return { sieve: { ...options, of } };
  };
}

/** One of these words, looked up. */
export function lookedWord<Row>(values: Values<Row>, words: readonly string[]): Field<Row> {
  return looked(values, asOneOf(words));
}

/** What the definition says: there are few of them, and rows are found by the identity of theirs. */
export function ofDefinition<Row>(
  name: Column<Row>,
  value: (definition: DefinitionView) => Scalar,
  read: ValueReader = asText,
): Field<Row> {
  return ({ asked, path, engine }) => {
    const tests = readTests(asked, path, read);
    if (tests.length === 0) return {};
    const fitting = engine.find('definitions').filter((definition) => holdsFor(tests, value(definition)));
    return {
      where: [
        among(
          name,
          fitting.map(({ id }) => id),
        ),
      ],
    };
  };
}

/** Tenants by their names in Camunda 8; that of the column is null for the default one. */
export function tenant<Row>(name: Column<Row>): Field<Row> {
  const byName = looked<Row>(() => (row) => tenantOf(row[name] as string | null), asText);
  const byValue = column(name, (value, path) => (value === DEFAULT_TENANT ? null : asText(value, path)));
  return (member) => {
    const tests = readTests(member.asked, member.path, asText);
    return (tests.every(({ op }) => op in IS) ? byValue : byName)(member);
  };
}

/** Those that do not ask for an order or for a part of the text. */
const IS = { $eq: true, $neq: true, $in: true, $notIn: true };

/** Of one column of a list of texts: one of them fits. */
export function someOf<Row>(name: Column<Row>): Field<Row> {
  return ({ asked, path }) => {
    const tests = readTests(asked, path, asText);
    if (tests.length === 0) return {};
    const where = tests.flatMap((test): Condition<Row>[] => {
      if (test.op === '$eq') return [{ column: name, op: 'hasAny', value: [String(test.value)] }];
      return test.op === '$in' ? [{ column: name, op: 'hasAny', value: test.values.map(String) }] : [];
    });
    if (where.length === tests.length) return { where };
    const of = (rows: readonly Row[]) =>
      rows.filter((row) => {
        const list = row[name] as readonly string[];
        const [test] = tests;
        if (test?.op === '$exists' && tests.length === 1) return list.length > 0 === test.value;
        if (test?.op === '$neq') return list.every((one) => holdsFor(tests, one));
        return test?.op === '$notIn'
          ? list.every((one) => holdsFor(tests, one))
          : list.some((one) => holdsFor(tests, one));
      });
    return { sieve: { of } };
  };
}

/** A member that Camunda knows and nothing here can have: whatever is asked for, only what has no value fits. */
export function absent<Row extends { readonly id: number }>(read: ValueReader = asText): Field<Row> {
  return ({ asked, path }) => {
    const tests = readTests(asked, path, read);
    return holdsFor(tests, null) ? {} : { where: [{ column: 'id', op: 'in', value: [] } as unknown as Condition<Row>] };
  };
}

/** A member that is always true here, or always false. */
export function fixed<Row extends { readonly id: number }>(value: Scalar, read: ValueReader): Field<Row> {
  return ({ asked, path }) => {
    const tests = readTests(asked, path, read);
    return holdsFor(tests, value)
      ? {}
      : { where: [{ column: 'id', op: 'in', value: [] } as unknown as Condition<Row>] };
  };
}

export function fixedWord<Row extends { readonly id: number }>(value: string, words: readonly string[]): Field<Row> {
  return fixed(value, asOneOf(words));
}

/** A member that Camunda knows and this server does not serve. */
export function unserved<Row>(): Field<Row> {
  return ({ path }) => {
    throw notServed(`'${path}'`);
  };
}
