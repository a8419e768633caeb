/** Camunda's list queries (GET parameters or POST body) as queries of the store, described by one table per resource. */
import type { Condition, Json, ProcessEngine, Query, Scalar, TableName, Tables } from '@procos/kernel';
import type { Call } from '../call.ts';
import { NO_ID, parseId } from '../ids.ts';
import { parseDateParameter } from './dates.ts';
import { definitionIdOf } from './definitions.ts';
import { invalid, unsupported } from './errors.ts';

/** What one parameter asks for: conditions of the store, and what must be looked at row by row. */
export interface Filter<Row> {
  readonly where?: readonly Condition<Row>[];
  readonly test?: (row: Row) => boolean;
}

export interface Parameter {
  readonly name: string;
  readonly value: Json;
  readonly engine: ProcessEngine;
  /** All parameters of the request, for those whose meaning depends on another. */
  readonly asked: ReadonlyMap<string, Json>;
}

export type ParameterReader<Row> = (parameter: Parameter) => Filter<Row>;

export interface ListSpec<T extends TableName> {
  readonly table: T;
  /** Always asked. */
  readonly base?: readonly Condition<Tables[T]>[];
  readonly parameters: Readonly<Record<string, ParameterReader<Tables[T]>>>;
  /** Space-separated: parameters that Camunda knows and this server does not serve yet; used, they are refused. */
  readonly unsupported: string;
  readonly sortBy: Readonly<Record<string, keyof Tables[T] & string>>;
}

/** Parameters that say how to answer, not what to find. */
const PRESENTATION = new Set(['sortBy', 'sortOrder', 'sorting', 'firstResult', 'maxResults', 'deserializeValues']);

interface Asked<Row> {
  readonly query: Query<Row>;
  readonly tests: readonly ((row: Row) => boolean)[];
}

/** A request, or a query inside the body of one. */
export type Asking = Pick<Call, 'engine' | 'query' | 'body'>;

/** The rows that the request asks for. */
export function list<T extends TableName>(call: Asking, spec: ListSpec<T>): readonly Tables[T][] {
  const { query, tests } = ask(call, spec);
  const range = { ...whole(call, 'firstResult', 'offset'), ...whole(call, 'maxResults', 'limit') };
  if (range.limit === 0) return [];
  if (tests.length === 0) return call.engine.find(spec.table, { ...query, ...range });
  const rows = call.engine.find(spec.table, query).filter((row) => tests.every((test) => test(row)));
  const from = range.offset ?? 0;
  return rows.slice(from, range.limit === undefined ? undefined : from + range.limit);
}

/** `{count}` of what the request asks for. */
export function count<T extends TableName>(call: Asking, spec: ListSpec<T>): { readonly count: number } {
  const { query, tests } = ask(call, spec);
  if (tests.length === 0) return { count: call.engine.count(spec.table, query) };
  return { count: call.engine.find(spec.table, query).filter((row) => tests.every((test) => test(row))).length };
}

function ask<T extends TableName>(call: Asking, spec: ListSpec<T>): Asked<Tables[T]> {
  const where: Condition<Tables[T]>[] = [...(spec.base ?? [])];
  const tests: ((row: Tables[T]) => boolean)[] = [];
  const refused = new Set(spec.unsupported.split(/\s+/));
  const asked = parametersOf(call);
  for (const [name, value] of asked) {
    if (value === null || PRESENTATION.has(name)) continue;
    const read = spec.parameters[name];
    if (read === undefined) {
      if (refused.has(name) && !isOff(value)) throw unsupported(`Query parameter '${name}'`);
      continue;
    }
    const filter = read({ name, value, engine: call.engine, asked });
    where.push(...(filter.where ?? []));
    if (filter.test) tests.push(filter.test);
  }
  const orderBy = sortings(call).map(({ sortBy, sortOrder }) => {
    const column = spec.sortBy[sortBy];
    if (column === undefined) throw invalid(`Cannot set query sortBy parameter to value ${sortBy}`);
    if (sortOrder !== 'asc' && sortOrder !== 'desc') {
      throw invalid(`Cannot set query sortOrder parameter to value ${sortOrder}`);
    }
    return { column, descending: sortOrder === 'desc' };
  });
  return { query: { where, ...(orderBy.length > 0 ? { orderBy } : {}) }, tests };
}

function parametersOf(call: Asking): ReadonlyMap<string, Json> {
  const merged = new Map<string, Json>(Object.entries(call.query));
  for (const [name, value] of Object.entries(call.body)) merged.set(name, value);
  return merged;
}

function isOff(value: Json): boolean {
  return value === false || value === 'false' || (Array.isArray(value) && value.length === 0);
}

function sortings(call: Asking): readonly { readonly sortBy: string; readonly sortOrder: string }[] {
  const fromBody = call.body['sorting'];
  const asked = Array.isArray(fromBody) ? (fromBody as readonly Json[]) : [call.query];
  return asked.flatMap((item) => {
    const { sortBy, sortOrder } = (item ?? {}) as { readonly sortBy?: Json; readonly sortOrder?: Json };
    if (sortBy === undefined && sortOrder === undefined) return [];
    if (typeof sortBy !== 'string' || typeof sortOrder !== 'string') {
      throw invalid('Only a single sorting parameter specified. sortBy and sortOrder required');
    }
    return [{ sortBy, sortOrder }];
  });
}

/** A parameter of paging, checked; absent where it is not given. */
export function whole<K extends string>(call: Asking, name: string, as: K): { readonly [key in K]?: number } {
  const value = call.query[name] ?? call.body[name] ?? null;
  if (value === null || value === '') return {};
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw invalid(`Cannot set query parameter '${name}' to value '${String(value)}': expected a whole number`);
  }
  return { [as]: number } as { readonly [key in K]?: number };
}

export function textOf({ name, value }: Parameter): string {
  if (typeof value === 'object') throw invalid(`Cannot set query parameter '${name}': expected text`);
  return String(value);
}

/** Comma-separated text of a query string, or a list of a body. */
export function textsOf({ name, value }: Parameter): readonly string[] {
  if (typeof value === 'string') return value.split(',').map((item) => item.trim());
  if (!Array.isArray(value)) throw invalid(`Cannot set query parameter '${name}': expected a list`);
  return value.map(String);
}

export function flagOf({ name, value }: Parameter): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalid(`Cannot set query parameter '${name}' to value '${String(value)}': expected true or false`);
}

/** Nothing can match. */
export const nothing = <Row extends { readonly id: number }>(): Filter<Row> => ({
  where: [{ column: 'id', op: '=', value: NO_ID } as Condition<Row>],
});

type Column<Row> = keyof Row & string;

export const equals =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op: '=', value: textOf(parameter) }] });

export const equalsNumber =
  <Row>(column: Column<Row>, op: '=' | '>=' | '<=' = '='): ParameterReader<Row> =>
  (parameter) => {
    const value = Number(textOf(parameter));
    if (!Number.isSafeInteger(value))
      throw invalid(`Cannot set query parameter '${parameter.name}': expected a whole number`);
    return { where: [{ column, op, value }] };
  };

export const like =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op: 'like', value: textOf(parameter) }] });

export const among =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op: 'in', value: textsOf(parameter) }] });

export const notAmong =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op: 'notIn', value: textsOf(parameter) }] });

export const equalsId =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op: '=', value: parseId(textOf(parameter)) }] });

export const amongIds =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op: 'in', value: textsOf(parameter).map(parseId) }] });

export const definition =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op: '=', value: definitionIdOf(textOf(parameter)) }] });

export const definitions =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op: 'in', value: textsOf(parameter).map(definitionIdOf) }] });

/** A date bound. Camunda's `before` and `after` are exclusive in runtime queries and inclusive in history: say which. */
export const instant =
  <Row>(column: Column<Row>, op: '<' | '<=' | '>' | '>=' | '='): ParameterReader<Row> =>
  (parameter) => ({ where: [{ column, op, value: parseDateParameter(parameter.name, textOf(parameter)) }] });

/** `true` asks this; `false` asks nothing. */
export const when =
  <Row>(...where: readonly Condition<Row>[]): ParameterReader<Row> =>
  (parameter) =>
    flagOf(parameter) ? { where } : {};

/** `true` asks nothing of what cannot be otherwise here; `false` neither. */
export const always = <Row>(parameter: Parameter): Filter<Row> => {
  flagOf(parameter);
  return {};
};

/** `true` finds nothing: this server has no such thing. */
export const never = <Row extends { readonly id: number }>(parameter: Parameter): Filter<Row> =>
  flagOf(parameter) ? nothing<Row>() : {};

/** `true` tests row by row; `false` asks nothing. */
export const whenRow =
  <Row>(test: (row: Row) => boolean): ParameterReader<Row> =>
  (parameter) =>
    flagOf(parameter) ? { test } : {};

/** The usual two tenant parameters. */
export function tenant<Row>(column: Column<Row>): Record<'tenantIdIn' | 'withoutTenantId', ParameterReader<Row>> {
  return { tenantIdIn: among(column), withoutTenantId: when<Row>({ column, op: 'isNull' }) };
}

export function isIn<Row>(column: Column<Row>, values: readonly Scalar[]): Filter<Row> {
  return { where: [{ column, op: 'in', value: values }] };
}
