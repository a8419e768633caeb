/** Camunda's list queries (GET parameters or POST body) as queries of the store, described by one table per resource. */
import type {
  Condition,
  Json,
  ProcessEngine,
  ProcessInstanceView,
  Query,
  Scalar,
  TableName,
  Tables,
} from '@procos/kernel';
import type { Call, JsonObject } from '../call.ts';
import { NO_ID, parseId } from '../ids.ts';
import { isObject } from '../safe-json.ts';
import { shown } from './body.ts';
import { parseDateParameter } from './dates.ts';
import { definitionIdOf } from './definitions.ts';
import { invalid, RestError, unsupported } from './errors.ts';

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
  readonly unsupported?: string;
  readonly sortBy: Readonly<Record<string, SortKey<Tables[T]>>>;
}

/** A column; or, for what is no column, what to sort these rows by. `parameters`: those of the order itself, in a body. */
export type SortKey<Row> =
  | (keyof Row & string)
  | ((engine: ProcessEngine, rows: readonly Row[], parameters: JsonObject) => (row: Row) => Scalar);

/** Parameters that say how to answer, not what to find. */
export const PRESENTATION: ReadonlySet<string> = new Set([
  'sortBy',
  'sortOrder',
  'sorting',
  'firstResult',
  'maxResults',
  'deserializeValues',
]);
/** Queries inside a query: of each, one of its parameters must hold. */
const ALTERNATIVES = 'orQueries';

interface Asked<Row> {
  readonly query: Query<Row>;
  readonly tests: readonly ((row: Row) => boolean)[];
  /** Absent: the query says it. */
  readonly order?: readonly Order<SortKey<Row>>[];
}

/** One order that a request wants. */
interface Order<Key> {
  readonly key: Key;
  readonly descending: boolean;
  readonly parameters: JsonObject;
}

/** A request, or a query inside the body of one. */
export type Asking = Pick<Call, 'engine' | 'query' | 'body'>;

/** The rows that the request asks for. */
export function list<T extends TableName>(call: Asking, spec: ListSpec<T>): readonly Tables[T][] {
  const { query, tests, order } = ask(call, spec);
  const range = { ...whole(call, 'firstResult', 'offset'), ...whole(call, 'maxResults', 'limit') };
  if (range.limit === 0) return [];
  if (tests.length === 0 && order === undefined) return call.engine.find(spec.table, { ...query, ...range });
  const found = call.engine.find(spec.table, query).filter((row) => tests.every((test) => test(row)));
  const rows = order === undefined ? found : sorted(call.engine, found, order);
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
  type Row = Tables[T];
  const filters = filtersOf(call.engine, parametersOf(call), spec);
  const where: Condition<Row>[] = [...(spec.base ?? []), ...filters.flatMap((filter) => filter.where ?? [])];
  const tests = filters.flatMap(({ test }) => test ?? []);
  for (const alternative of alternativesOf(call)) {
    const some = anyOf(call.engine, alternative, spec);
    if (some !== undefined) tests.push(some);
  }
  const sorting = ordering(call, spec.sortBy);
  const orderBy = sorting.flatMap(({ key, descending }) =>
    typeof key === 'function' ? [] : [{ column: key, descending }],
  );
  if (orderBy.length < sorting.length) return { query: { where }, tests, order: sorting };
  return { query: { where, ...(orderBy.length > 0 ? { orderBy } : {}) }, tests };
}

function filtersOf<T extends TableName>(
  engine: ProcessEngine,
  asked: ReadonlyMap<string, Json>,
  spec: ListSpec<T>,
): readonly Filter<Tables[T]>[] {
  const refused = new Set(spec.unsupported?.split(/\s+/));
  return Array.from(asked, ([name, value]) => {
    if (value === null || PRESENTATION.has(name) || name === ALTERNATIVES) return {};
    const read = Object.hasOwn(spec.parameters, name) ? spec.parameters[name] : undefined;
    if (read !== undefined) return read({ name, value, engine, asked });
    if (refused.has(name) && !isOff(value)) throw unsupported(`Query parameter '${name}'`);
    return {};
  });
}

function alternativesOf({ body }: Asking): readonly ReadonlyMap<string, Json>[] {
  const list = body[ALTERNATIVES] ?? [];
  if (!Array.isArray(list)) throw invalid(`Cannot read member '${ALTERNATIVES}' of the request: expected a list`);
  refuseMany(ALTERNATIVES, list);
  return (list as readonly Json[]).map((one) => {
    if (!isObject(one)) throw invalid(`Each of '${ALTERNATIVES}' must be an object`);
    return new Map(Object.entries(one));
  });
}

/** Whether one of the parameters holds; undefined: there are none. */
function anyOf<T extends TableName>(
  engine: ProcessEngine,
  asked: ReadonlyMap<string, Json>,
  spec: ListSpec<T>,
): ((row: Tables[T]) => boolean) | undefined {
  const filters = filtersOf(engine, asked, spec).filter(
    ({ where = [], test }) => where.length > 0 || test !== undefined,
  );
  if (filters.length === 0) return undefined;
  const ids = new Set<unknown>();
  for (const { where = [], test = () => true } of filters) {
    for (const row of engine.find(spec.table, { where: [...(spec.base ?? []), ...where] }))
      if (test(row)) ids.add((row as { readonly id: unknown }).id);
  }
  return (row) => ids.has((row as { readonly id: unknown }).id);
}

function sorted<Row>(
  engine: ProcessEngine,
  rows: readonly Row[],
  order: NonNullable<Asked<Row>['order']>,
): readonly Row[] {
  const keys = order.map(({ key, descending, parameters }) => {
    const keyOf = typeof key === 'function' ? key(engine, rows, parameters) : (row: Row) => row[key] as Scalar;
    return { keyOf, sign: descending ? -1 : 1 };
  });
  return rows.toSorted((a, b) => {
    for (const { keyOf, sign } of keys) {
      const difference = compareScalars(keyOf(a), keyOf(b));
      if (difference !== 0) return sign * difference;
    }
    return 0;
  });
}

/** How the request wants its rows ordered, by the keys that there are. Throws `RestError` 400 for others. */
export function ordering<Key>(call: Asking, keys: Readonly<Record<string, Key>>): readonly Order<Key>[] {
  return sortings(call).map(({ sortBy, sortOrder, parameters }) => {
    const key = Object.hasOwn(keys, sortBy) ? keys[sortBy] : undefined;
    if (key === undefined) throw invalid(`Cannot set query sortBy parameter to value ${sortBy}`);
    if (sortOrder !== 'asc' && sortOrder !== 'desc') {
      throw invalid(`Cannot set query sortOrder parameter to value ${sortOrder}`);
    }
    return { key, descending: sortOrder === 'desc', parameters };
  });
}

/** null first, as in the store. */
export function compareScalars(left: Scalar, right: Scalar): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}

/** All parameters of a request: those of the body count where both name one. */
export function parametersOf(call: Asking): ReadonlyMap<string, Json> {
  const merged = new Map<string, Json>(Object.entries(call.query));
  for (const [name, value] of Object.entries(call.body)) merged.set(name, value);
  return merged;
}

/** Orders, alternatives and conditions of one query: rows are looked at for each of them. */
const MOST = 100;

export function refuseMany(name: string, { length }: readonly unknown[]): void {
  if (length > MOST)
    throw invalid(`'${name}' has ${length} entries: at most ${MOST} are read. Ask in several requests`);
}

function isOff(value: Json): boolean {
  return value === false || value === 'false' || (Array.isArray(value) && value.length === 0);
}

export function sortings(
  call: Asking,
): readonly { readonly sortBy: string; readonly sortOrder: string; readonly parameters: JsonObject }[] {
  const fromBody = call.body['sorting'];
  const asked = Array.isArray(fromBody) ? (fromBody as readonly Json[]) : [call.query];
  refuseMany('sorting', asked);
  return asked.flatMap((item) => {
    const { sortBy, sortOrder, parameters } = (item ?? {}) as { readonly [name: string]: Json };
    if (sortBy === undefined && sortOrder === undefined) return [];
    if (typeof sortBy !== 'string' || typeof sortOrder !== 'string') {
      throw invalid('Only a single sorting parameter specified. sortBy and sortOrder required');
    }
    return [{ sortBy, sortOrder, parameters: parameters !== undefined && isObject(parameters) ? parameters : {} }];
  });
}

/** A parameter of paging, checked; absent where it is not given. */
export function whole<K extends string>(call: Asking, name: string, as: K): { readonly [key in K]?: number } {
  const value = call.query[name] ?? call.body[name] ?? null;
  if (value === null || value === '') return {};
  const number = typeof value === 'object' ? Number.NaN : Number(value);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw invalid(`Cannot set query parameter '${name}' to value '${shown(value)}': expected a whole number`);
  }
  return { [as]: number } as { readonly [key in K]?: number };
}

export function textOf({ name, value }: Parameter): string {
  if (typeof value === 'object') throw invalid(`Cannot set query parameter '${name}': expected text`);
  return String(value);
}

/** An instant, ms since the epoch. */
export function dateOf(parameter: Parameter): number {
  return parseDateParameter(parameter.name, textOf(parameter));
}

/** Comma-separated text of a query string, or a list of a body. */
export function textsOf({ name, value }: Parameter): readonly string[] {
  if (typeof value === 'string') return value.split(',').map((item) => item.trim());
  if (!Array.isArray(value) || value.some((item) => typeof item === 'object'))
    throw invalid(`Cannot set query parameter '${name}': expected a list of text`);
  return value.map(String);
}

export function flagOf({ name, value }: Parameter): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalid(`Cannot set query parameter '${name}' to value '${shown(value)}': expected true or false`);
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

/** The usual tenant parameters; `including` also finds what has no tenant. */
export function tenant<Row>(column: Column<Row>, including = ''): Record<string, ParameterReader<Row>> {
  return {
    tenantIdIn: (parameter) => {
      const also = parameter.asked.get(including);
      const value = [...textsOf(parameter), ...(also === true || also === 'true' ? [null] : [])];
      return { where: [{ column, op: 'in', value }] };
    },
    withoutTenantId: when<Row>({ column, op: 'isNull' }),
    ...(including === '' ? {} : { [including]: always }),
  };
}

/** An expression: Camunda takes none from outside, as it is set up by default. */
export const expression = <Row>(_parameter: Parameter): Filter<Row> => {
  throw new RestError(
    400,
    'BadUserRequestException',
    'Expressions are forbidden in adhoc queries. This behavior can be toggled in the process engine configuration',
  );
};

/** Finds nothing: this server has no such thing (cases, and what belongs to them). */
export const none = <Row extends { readonly id: number }>(): Filter<Row> => nothing<Row>();

export function isIn<Row>(column: Column<Row>, values: readonly Scalar[]): Filter<Row> {
  return { where: [{ column, op: 'in', value: values }] };
}

/** A test of the process instance that a row belongs to; each instance is looked up once. */
export function ofInstance<Row>(
  engine: ProcessEngine,
  column: Column<Row>,
  test: (instance: ProcessInstanceView | undefined) => boolean,
): Filter<Row> {
  const known = new Map<number, boolean>();
  return {
    test: (row) => {
      const id = row[column] as number;
      const before = known.get(id);
      if (before !== undefined) return before;
      const [instance] = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] });
      const holds = test(instance);
      known.set(id, holds);
      return holds;
    },
  };
}

/** The tenant parameters where the row has none, but its process instance. */
export function tenantOfInstance<Row>(column: Column<Row>): Record<string, ParameterReader<Row>> {
  return {
    tenantIdIn: (parameter) => {
      const asked = textsOf(parameter);
      return ofInstance(parameter.engine, column, (instance) => asked.includes(instance?.tenantId ?? ''));
    },
    withoutTenantId: (parameter) =>
      flagOf(parameter) ? ofInstance(parameter.engine, column, (instance) => instance?.tenantId === null) : {},
  };
}

/** To sort by something of the process instance. */
export function byInstance<Row>(column: Column<Row>, keyOf: (instance: ProcessInstanceView) => Scalar): SortKey<Row> {
  return (engine, rows) => {
    const ids = [...new Set(rows.map((row) => row[column] as number))];
    const found = engine.find('processInstances', { where: [{ column: 'id', op: 'in', value: ids }] });
    const values = new Map(found.map((instance) => [instance.id, keyOf(instance)]));
    return (row) => values.get(row[column] as number) ?? null;
  };
}

/** Rows of the definitions with a name that is, or is like, what is asked for. */
export const definitionNamed =
  <Row>(column: Column<Row>, op: '=' | 'like'): ParameterReader<Row> =>
  (parameter) => {
    const where = [{ column: 'name', op, value: textOf(parameter) }] as const;
    return isIn(
      column,
      parameter.engine.find('definitions', { where }).map(({ id }) => id),
    );
  };

/** How long from one instant to the other, ms; null while it has not ended. */
export function duration<Row extends { readonly startedAt: number; readonly endedAt: number | null }>(): SortKey<Row> {
  return () => (row) => (row.endedAt === null ? null : row.endedAt - row.startedAt);
}
