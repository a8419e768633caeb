/** The body of a search: which page, in which order, by what filter. Whatever it cannot mean is refused. */
import type { JsonObject } from '../../call.ts';
import { invalid } from '../errors.ts';
import { Members } from '../members.ts';
import { type Cursor, readCursor } from './cursor.ts';
import type { SortItem } from './order.ts';

/** Rows of a page: where nothing is said, and at most. */
const LIMIT = { usual: 100, most: 10_000 } as const;
/** Rows that may be passed over. Who wants to see more goes on from a cursor. */
const MOST_PASSED = 50_000;

export interface PageRequest {
  readonly limit: number;
  /** Rows passed over. */
  readonly from: number;
  readonly after?: Cursor;
  readonly before?: Cursor;
}

export interface SearchRequest {
  readonly page: PageRequest;
  readonly sort: readonly SortItem[];
  readonly filter: JsonObject;
}

const NOTHING: JsonObject = Object.freeze(Object.create(null));

/** `sorts`: the fields by which it can be sorted. */
export function readSearch(body: JsonObject, sorts: readonly string[]): SearchRequest {
  refuseOthers(body, ['page', 'sort', 'filter'], '');
  const members = new Members(body);
  const items = members.list('sort');
  refuseMany('sort', items);
  const sort = items.map((item): SortItem => {
    const field = item.optionalOneOf('field', sorts);
    if (field === undefined) throw item.wrong('field', `one of ${sorts.join(', ')}`);
    // Clients of the first versions write it small.
    const order = item.optionalText('order')?.toUpperCase() ?? 'ASC';
    if (order !== 'ASC' && order !== 'DESC') throw item.wrong('order', 'one of ASC, DESC');
    return { field, descending: order === 'DESC' };
  });
  const page = members.optionalObject('page');
  if (page !== undefined) refuseOthers(page, ['from', 'limit', 'after', 'before'], 'page');
  return {
    page: readPage(new Members(page ?? NOTHING, 'page'), sort),
    sort,
    filter: members.optionalObject('filter') ?? NOTHING,
  };
}

function readPage(page: Members, sort: readonly SortItem[]): PageRequest {
  const limit = page.optionalWhole('limit', { least: 1, most: LIMIT.most }) ?? LIMIT.usual;
  const from = page.optionalWhole('from', { least: 0, most: MOST_PASSED });
  const after = page.optionalText('after');
  const before = page.optionalText('before');
  // Some clients cannot leave 'from' out.
  if ([from === 0 ? undefined : from, after, before].filter((one) => one !== undefined).length > 1)
    throw invalid("'page' must have one of 'from', 'after' and 'before', but has several");
  return {
    limit,
    from: from ?? 0,
    ...(after === undefined ? {} : { after: readCursor(after, sort, 'page.after') }),
    ...(before === undefined ? {} : { before: readCursor(before, sort, 'page.before') }),
  };
}

/** Orders and alternatives of one search: rows are looked at for each of them. */
const MOST = 100;

export function refuseMany(path: string, { length }: readonly unknown[]): void {
  if (length > MOST) throw invalid(`'${path}' must have at most ${MOST} entries, but has ${length}`);
}

/** A member that nobody reads would be a filter that does not filter. */
export function refuseOthers(object: JsonObject, known: readonly string[], path: string): void {
  for (const [name, value] of Object.entries(object)) {
    if (value === null || known.includes(name)) continue;
    const at = path === '' ? name : `${path}.${name}`;
    throw invalid(`'${at}' is not known here: use ${known.join(', ')}`);
  }
}
