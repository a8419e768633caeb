/**
 * Finds one page of what a search asks for, without looking through more than a bounded number of rows: what an index and the
 * store can answer they answer; what only rows can say is asked of few rows; and what would need more is refused.
 */
import { type Condition, type ProcessEngine, rowHolds, type Scalar, type TableName, type Tables } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { invalid } from '../errors.ts';
import { BOUNDS, type Bounds, tooMany } from './bounds.ts';
import { type Cursor, noCursor, writeCursor } from './cursor.ts';
import type { Field, Filter, Sieve, Values } from './filter.ts';
import { behind, compareStanding, type Ordered, type SortItem, turned } from './order.ts';
import { readSearch, refuseMany, refuseOthers, type SearchRequest } from './request.ts';

/** Rows read at once: at first, and then. */
const LEAST_CHUNK = 64;
const CHUNK = 1_000;

/** A column of the store, or what is looked up for each row. */
export type Sort<Row> = (keyof Row & string) | Values<Row>;

/** Rows found by one of these alone, each in the order of the identities; of each row the rest has to be looked at. */
export interface ByIndex<Row> {
  readonly by: readonly (readonly Condition<Row>[])[];
  readonly rest: readonly Condition<Row>[];
  /** Rows that all the conditions find, where an index knows; it counts to one more than may be scanned. */
  readonly counted?: number;
}

/** How the rows that the conditions ask for are found within bounds; throws a problem where they cannot be. */
export type Reach<Row> = (
  engine: ProcessEngine,
  where: readonly Condition<Row>[],
  bounds: Bounds,
) => 'byStore' | ByIndex<Row>;

interface Filtering<Row> {
  readonly filters: Readonly<Record<string, Field<Row>>>;
  /** Lists of further filters of which one must fit (`$or`). */
  readonly alternatives?: true;
}

export interface SearchSpec<T extends TableName> extends Filtering<Tables[T]> {
  readonly table: T;
  readonly sorts: Readonly<Record<string, Sort<Tables[T]>>>;
  readonly reach: Reach<Tables[T]>;
}

export interface PageInfo {
  readonly totalItems: number;
  readonly hasMoreTotalItems: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface Found<Row> {
  readonly rows: readonly Row[];
  readonly page: PageInfo;
}

/** Always asked, whatever the body says. */
export interface Within<Row> {
  readonly where?: readonly Condition<Row>[];
}

export function search<T extends TableName>(
  engine: ProcessEngine,
  body: JsonObject,
  spec: SearchSpec<T>,
  within: Within<Tables[T]> = {},
  bounds: Bounds = BOUNDS,
): Found<Tables[T]> {
  const request = readSearch(body, Object.keys(spec.sorts));
  const filters = readFilters(engine, request.filter, spec);
  const where = [...(within.where ?? []), ...filters.flatMap(({ where = [] }) => where)];
  const sieves = filters.flatMap(({ sieve }) => sieve ?? []);
  return new Search(engine, spec, { request, where, sieves, bounds }).run();
}

export function readFilters<Row>(
  engine: ProcessEngine,
  filter: JsonObject,
  spec: Filtering<Row>,
  path = 'filter',
): readonly Filter<Row>[] {
  const { filters, alternatives } = spec;
  refuseOthers(filter, [...Object.keys(filters), ...(alternatives ? ['$or'] : [])], path);
  return Object.entries(filter).flatMap(([name, asked]) => {
    if (asked === null) return [];
    const at = `${path}.${name}`;
    if (name === '$or' && alternatives) return [oneFits(readAlternatives(engine, asked, spec, at))];
    return filters[name]?.({ asked, path: at, engine, filter }) ?? [];
  });
}

function readAlternatives<Row>(
  engine: ProcessEngine,
  asked: unknown,
  { filters }: Filtering<Row>,
  path: string,
): readonly (readonly Filter<Row>[])[] {
  if (!Array.isArray(asked)) throw invalid(`'${path}' must be a list of filters, but is ${JSON.stringify(asked)}`);
  refuseMany(path, asked);
  return asked.map((one: unknown, at) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one))
      throw invalid(`'${path}[${at}]' must be an object, but is ${JSON.stringify(one)}`);
    return readFilters(engine, one as JsonObject, { filters }, `${path}[${at}]`);
  });
}

function oneFits<Row>(alternatives: readonly (readonly Filter<Row>[])[]): Filter<Row> {
  if (alternatives.length === 0) return {};
  const costly = alternatives.some((filters) => filters.some(({ sieve }) => sieve?.costly));
  const of = (rows: readonly Row[]): readonly Row[] => {
    const fitting = new Set(alternatives.flatMap((filters) => sift(rows, filters)));
    return rows.filter((row) => fitting.has(row));
  };
  return { sieve: { ...(costly ? { costly } : {}), of } };
}

/** Those that all filters leave. */
export function sift<Row>(rows: readonly Row[], filters: readonly Filter<Row>[]): readonly Row[] {
  return filters.reduce((left, { where = [], sieve }) => {
    const held = left.filter((row) => where.every((condition) => rowHolds(condition, row)));
    return sieve === undefined || held.length === 0 ? held : sieve.of(held);
  }, rows);
}

interface Asked<Row> {
  readonly request: SearchRequest;
  readonly where: readonly Condition<Row>[];
  readonly sieves: readonly Sieve<Row>[];
  readonly bounds: Bounds;
}

class Search<T extends TableName> {
  readonly #engine: ProcessEngine;
  readonly #spec: SearchSpec<T>;
  readonly #request: SearchRequest;
  readonly #where: readonly Condition<Tables[T]>[];
  readonly #sieves: readonly Sieve<Tables[T]>[];
  readonly #bounds: Bounds;

  constructor(engine: ProcessEngine, spec: SearchSpec<T>, asked: Asked<Tables[T]>) {
    this.#engine = engine;
    this.#spec = spec;
    this.#request = asked.request;
    this.#where = asked.where;
    this.#sieves = asked.sieves;
    this.#bounds = asked.bounds;
  }

  run(): Found<Tables[T]> {
    const reach = this.#spec.reach(this.#engine, this.#where, this.#bounds);
    const { by, rest, counted }: ByIndex<Tables[T]> = reach === 'byStore' ? { by: [this.#where], rest: [] } : reach;
    const columns = this.#columns();
    const isNatural = columns?.length === 1;
    const isAll = rest.length === 0 && this.#sieves.length === 0;
    if (columns !== undefined && isAll && (reach === 'byStore' || isNatural)) return this.#inStore(columns, by);
    const most = this.#bounds[this.#sieves.some(({ costly }) => costly) ? 'costly' : 'read'];
    if (this.#count(by, most + 1) <= most) {
      const rows = this.#kept(
        by.flatMap((where) => this.#engine.find(this.#spec.table, { where })),
        rest,
      );
      return pageOf(rows, this.#request, (all) => this.#valuesOf(all));
    }
    if (isNatural) return this.#walk(columns, { by, rest, ...(counted === undefined ? {} : { counted }) }, most);
    throw tooMany(most, 'They can only be looked through in the order of their keys');
  }

  /** The order in columns, the identity last; undefined where one of the fields has no column. */
  #columns(): readonly Ordered<Tables[T]>[] | undefined {
    const order: Ordered<Tables[T]>[] = [];
    for (const { field, descending } of this.#request.sort) {
      const sort = this.#spec.sorts[field];
      if (typeof sort !== 'string') return undefined;
      order.push({ column: sort, descending });
      if (sort === 'id') return order;
    }
    return [...order, { column: 'id' as never, descending: false }];
  }

  #kept(rows: readonly Tables[T][], rest: readonly Condition<Tables[T]>[]): readonly Tables[T][] {
    return sift(rows, [{ where: rest }, ...this.#sieves.map((sieve) => ({ sieve }))]);
  }

  #valuesOf(rows: readonly Tables[T][]): (row: Tables[T]) => readonly Scalar[] {
    return valuesOf(rows, this.#request.sort, this.#spec.sorts, this.#engine);
  }

  /** No more than `limit` are counted of each. */
  #count(by: ByIndex<Tables[T]>['by'], limit: number): number {
    return by.reduce((sum, where) => sum + this.#engine.count(this.#spec.table, { where, limit }), 0);
  }

  /** The first of all of them in this order. */
  #first(
    by: ByIndex<Tables[T]>['by'],
    beside: readonly Condition<Tables[T]>[],
    { orderBy, limit }: { readonly orderBy: readonly Ordered<Tables[T]>[]; readonly limit: number },
  ): readonly Tables[T][] {
    const { table } = this.#spec;
    const found = by.map((where) => this.#engine.find(table, { where: [...where, ...beside], orderBy, limit }));
    const [only] = found;
    if (found.length <= 1) return only ?? [];
    // Several are asked for only in the order of the identities.
    const sign = orderBy[0]?.descending === true ? -1 : 1;
    return found
      .flat()
      .sort((left, right) => sign * (left.id - right.id))
      .slice(0, limit);
  }

  /** Rows in the order of the columns from where the page begins; turned where it is the page before something. */
  #read(columns: readonly Ordered<Tables[T]>[], by: ByIndex<Tables[T]>['by'], limit: number): readonly Tables[T][] {
    const { from, after, before } = this.#request.page;
    const orderBy = before === undefined ? columns : turned(columns);
    const begin = before ?? after;
    const [only] = by;
    if (begin === undefined && only !== undefined && by.length === 1)
      return this.#engine.find(this.#spec.table, { where: only, orderBy, offset: from, limit });
    if (begin === undefined) return this.#first(by, [], { orderBy, limit: from + limit }).slice(from);
    const rows: Tables[T][] = [];
    try {
      for (const group of behind(orderBy, valuesFor(columns, begin))) {
        if (rows.length >= limit) break;
        rows.push(...this.#first(by, group, { orderBy, limit: limit - rows.length }));
      }
    } catch (error) {
      // A value of another type than its column: nobody was given such a cursor.
      if (error instanceof TypeError) throw noCursor('page');
      throw error;
    }
    return rows;
  }

  #inStore(columns: readonly Ordered<Tables[T]>[], by: ByIndex<Tables[T]>['by']): Found<Tables[T]> {
    const { limit, from, after, before } = this.#request.page;
    const rows = this.#read(columns, by, limit);
    const most = this.#bounds.scanned;
    const counted = this.#count(by, most + 1);
    const total = Math.min(counted, most);
    const shown = before === undefined ? rows : rows.toReversed();
    const first = before === undefined ? (after?.counted ?? from) : Math.max(0, before.counted - 1 - shown.length);
    return {
      rows: shown,
      page: pageInfo(shown, this.#request.sort, this.#valuesOf(shown), {
        first,
        total: Math.max(total, first + shown.length),
        hasMore: counted > most,
      }),
    };
  }

  /** Row after row in the order of their identities, until the page is full. */
  #walk(
    columns: readonly Ordered<Tables[T]>[],
    { by, rest, counted }: ByIndex<Tables[T]>,
    most: number,
  ): Found<Tables[T]> {
    const { limit, from, after, before } = this.#request.page;
    const orderBy = before === undefined ? columns : turned(columns);
    const wanted = from + limit + 1;
    const kept: Tables[T][] = [];
    let at: number | undefined = (before ?? after)?.id;
    let read = 0;
    let isEnd = false;
    for (let chunk = Math.max(LEAST_CHUNK, wanted); kept.length < wanted && !isEnd; chunk = CHUNK) {
      if (read >= most && kept.length >= from + limit) break;
      if (read >= most) throw tooMany(most, `Among the first ${most} there are not enough for a page`);
      const beside = at === undefined ? [] : (behind(orderBy, [at])[0] ?? []);
      const size = Math.min(chunk, CHUNK, most - read);
      const rows = this.#first(by, beside, { orderBy, limit: size });
      kept.push(...this.#kept(rows, rest));
      read += rows.length;
      isEnd = rows.length < size;
      at = rows.at(-1)?.id ?? at;
    }
    const rows = kept.slice(from, from + limit);
    const shown = before === undefined ? rows : rows.toReversed();
    const first = before === undefined ? (after?.counted ?? from) : Math.max(0, before.counted - 1 - shown.length);
    const seen = before === undefined ? (after?.counted ?? 0) + kept.length : before.counted;
    const counts =
      counted === undefined
        ? { total: seen, hasMore: before !== undefined || !isEnd }
        : { total: Math.max(seen, Math.min(counted, this.#bounds.scanned)), hasMore: counted > this.#bounds.scanned };
    return {
      rows: shown,
      page: pageInfo(shown, this.#request.sort, this.#valuesOf(shown), { first, ...counts }),
    };
  }
}

/** Cursors keep the identity beside the values. */
function valuesFor<Row>(columns: readonly Ordered<Row>[], { values, id }: Cursor): readonly Scalar[] {
  return columns.map(({ column }, at) => (column === 'id' ? id : (values[at] ?? null)));
}

export function valuesOf<Row>(
  rows: readonly Row[],
  sort: readonly SortItem[],
  sorts: Readonly<Record<string, Sort<Row>>>,
  engine: ProcessEngine,
): (row: Row) => readonly Scalar[] {
  const readers = sort.map(({ field }) => {
    const by = sorts[field];
    if (typeof by === 'function') return by(rows, engine);
    return (row: Row) => (by === undefined ? null : ((row[by] ?? null) as Scalar));
  });
  return (row) => readers.map((read) => read(row));
}

/** One page of rows that are all at hand. */
export function pageOf<Row extends { readonly id: number }>(
  rows: readonly Row[],
  { page, sort }: Pick<SearchRequest, 'page' | 'sort'>,
  values: (rows: readonly Row[]) => (row: Row) => readonly Scalar[],
): Found<Row> {
  const { limit, from, after, before } = page;
  const valuesIn = values(rows);
  const descending = sort.map((item) => item.descending);
  const keyed = rows.map((row) => ({ row, values: valuesIn(row), id: row.id }));
  keyed.sort((left, right) => compareStanding(descending, left, right));
  const placeOf = (cursor: Cursor, atOrBefore: boolean) => {
    const at = keyed.findIndex((one) => compareStanding(descending, one, cursor) >= (atOrBefore ? 1 : 0));
    return at < 0 ? keyed.length : at;
  };
  const end = before === undefined ? undefined : placeOf(before, false);
  const begin = end === undefined ? (after === undefined ? from : placeOf(after, true)) : Math.max(0, end - limit);
  const shown = keyed.slice(begin, end ?? begin + limit).map(({ row }) => row);
  const counts = { first: begin, total: rows.length, hasMore: false };
  return { rows: shown, page: pageInfo(shown, sort, valuesIn, counts) };
}

export function pageInfo<Row extends { readonly id: number }>(
  rows: readonly Row[],
  sort: readonly SortItem[],
  valuesIn: (row: Row) => readonly Scalar[],
  { first, total, hasMore }: { readonly first: number; readonly total: number; readonly hasMore: boolean },
): PageInfo {
  const cursorOf = (row: Row | undefined, counted: number) =>
    row === undefined ? null : writeCursor({ values: valuesIn(row), id: row.id, counted }, sort);
  return {
    totalItems: total,
    hasMoreTotalItems: hasMore,
    startCursor: cursorOf(rows[0], first + 1),
    endCursor: cursorOf(rows.at(-1), first + rows.length),
  };
}
