/**
 * `/jobs/search`: those that there are stand in the store, those that are over in the log. A page in the order of the keys
 * reads the log no further than it must; any other order, and a filter that names process instances, reads all of their part
 * of it. Others have their turn in between.
 */
import type { Condition, ExternalTask, LogRecord, ProcessEngine } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { BOUNDS, type Bounds, TooMuch } from './bounds.ts';
import type { Cursor } from './cursor.ts';
import type { Filter } from './filter.ts';
import { ALL_JOBS, JOBS, type JobRow, STATES, stateOf } from './jobs.ts';
import { Ends } from './jobs-over.ts';
import { jobPlaces } from './jobs-places.ts';
import { giverOf } from './log-places.ts';
import { wantedStates } from './operators.ts';
import { readSearch, type SearchRequest } from './request.ts';
import { type Found, pageInfo, pageOf, readFilters, search, sift, valuesOf } from './search.ts';

/** Records that are read before others have their turn. */
const PORTION = 200;

export type Asking = Pick<Call, 'engine' | 'body'> & {
  readonly reply: { readonly raw: { readonly destroyed: boolean } };
};

interface Wanted {
  readonly filters: readonly Filter<JobRow>[];
  readonly states: readonly string[];
  readonly bounds: Bounds;
  readonly hasHungUp: () => boolean;
}

export async function searchJobs({ engine, body, reply }: Asking, bounds: Bounds = BOUNDS): Promise<Found<JobRow>> {
  const states = wantedStates(body, STATES);
  if (!OVER.some((state) => states.includes(state))) return search(engine, body, JOBS, {}, bounds);
  const request = readSearch(body, Object.keys(ALL_JOBS.sorts));
  const filters = readFilters(engine, request.filter, ALL_JOBS);
  const wanted = { filters, states, bounds, hasHungUp: () => reply.raw.destroyed };
  const [sort, ...others] = request.sort;
  const isByKey = others.length === 0 && (sort === undefined || sort.field === 'jobKey');
  return isByKey ? pageByKey(engine, request, wanted) : pageOfAll(engine, request, wanted);
}

const OVER = ['COMPLETED', 'CANCELED', 'ERROR_THROWN'];

async function pageOfAll(engine: ProcessEngine, request: SearchRequest, wanted: Wanted): Promise<Found<JobRow>> {
  const rows = new Map(
    living(engine, wanted, { backward: false, most: Infinity }).map((row) => [row.id as number, row]),
  );
  for await (const { rows: found, isLast } of overJobs(engine, wanted, { backward: false })) {
    for (const row of found) rows.set(row.id, row);
    if (!isLast && rows.size > wanted.bounds.read) throw tooMany(wanted.bounds.read, 'jobs');
  }
  return pageOf([...rows.values()], request, (all) => valuesOf(all, request.sort, ALL_JOBS.sorts, engine));
}

async function pageByKey(engine: ProcessEngine, request: SearchRequest, wanted: Wanted): Promise<Found<JobRow>> {
  const { limit, from, after, before } = request.page;
  const backward = (request.sort[0]?.descending === true) === (before === undefined);
  const begin = after ?? before;
  const needed = from + limit + 1;
  const isBehind = ({ id }: JobRow) => begin === undefined || (backward ? id < begin.id : id > begin.id);
  // First those that there are: what ends meanwhile is found again among those that are over.
  const rows = new Map<number, JobRow>();
  const live = living(engine, wanted, { backward, most: needed, ...(begin && { begin }) });
  for (const row of live) rows.set(row.id, row);
  let settled: readonly JobRow[] = [];
  let isEnd = false;
  for await (const { rows: found, edge, isLast } of overJobs(engine, wanted, { backward, ...(begin && { begin }) })) {
    for (const row of found) if (isBehind(row)) rows.set(row.id, row);
    const sorted = [...rows.values()].sort((left, right) => (backward ? right.id - left.id : left.id - right.id));
    // No job that follows can come between these.
    settled = isLast ? sorted : sorted.filter(({ id }) => (backward ? id > edge : id <= edge));
    isEnd = isLast && live.length < needed;
    if (!isEnd) settled = settled.slice(0, needed);
    if (settled.length >= needed) break;
  }
  const page = settled.slice(from, from + limit);
  const shown = before === undefined ? page : page.toReversed();
  const first = before === undefined ? (after?.counted ?? from) : Math.max(0, before.counted - 1 - shown.length);
  const counts = {
    first,
    total: before === undefined ? (after?.counted ?? 0) + settled.length : before.counted,
    hasMore: before !== undefined || !isEnd,
  };
  const values = valuesOf(shown, request.sort, ALL_JOBS.sorts, engine);
  return { rows: shown, page: pageInfo(shown, request.sort, values, counts) };
}

interface Way {
  readonly backward: boolean;
  readonly begin?: Cursor;
}

/** Jobs that there are, in the order of their keys. */
function living(
  engine: ProcessEngine,
  { filters, states, bounds }: Wanted,
  { backward, begin, most }: Way & { readonly most: number },
): readonly JobRow[] {
  if (!states.includes('CREATED') && !states.includes('FAILED')) return [];
  const conditions = filters.flatMap(({ where = [] }) => where) as readonly Condition<ExternalTask>[];
  const where = JOBS.reach(engine, conditions, bounds) === 'byStore' ? conditions : [];
  const orderBy = [{ column: 'id', descending: backward }] as const;
  const kept: JobRow[] = [];
  let at: number | undefined = begin?.id;
  for (let read = 0; kept.length < most; ) {
    if (read >= bounds.read) throw tooMany(bounds.read, 'jobs');
    const limit = Math.min(1_000, bounds.read - read);
    const beyond: Condition<ExternalTask>[] =
      at === undefined ? [] : [{ column: 'id', op: backward ? '<' : '>', value: at as ExternalTask['id'] }];
    const rows = engine.find('externalTasks', { where: [...where, ...beyond], orderBy, limit });
    kept.push(...sift(rows as readonly JobRow[], filters));
    read += rows.length;
    at = rows.at(-1)?.id;
    if (rows.length < limit) break;
  }
  return kept.slice(0, most === Infinity ? undefined : most);
}

interface Portion {
  readonly rows: readonly JobRow[];
  /** Of the jobs up to this key all are known; backward, of those beyond it. */
  readonly edge: number;
  readonly isLast: boolean;
}

/** Jobs that are over and wanted, in the order of their keys; refuses what would read too much. */
async function* overJobs(
  engine: ProcessEngine,
  { filters, states, bounds, hasHungUp }: Wanted,
  { backward, begin }: Way,
): AsyncGenerator<Portion> {
  const ends = new Ends(engine);
  const conditions = filters.flatMap(({ where = [] }) => where);
  // The others are of what has become of it.
  const lasting = conditions.filter(({ column }) => column !== 'errorMessage');
  const places = jobPlaces(engine, conditions, bounds);
  const start = begin === undefined ? undefined : giverOf(engine, begin.id);
  let read = 0;
  for (const records of portions(engine, places, { backward, ...(start === undefined ? {} : { start }) })) {
    read += records.length;
    for (const record of records) ends.note(record);
    const created = records.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === 'externalTaskCreated' ? [event.task] : [])),
    );
    const over = sift(created as readonly JobRow[], [{ where: lasting }]).filter(
      ({ id }) => engine.externalTask(id) === undefined,
    );
    const rows = ends.rowsOf(over).filter((row) => states.includes(stateOf(row)));
    const edge = records.at(backward ? 0 : -1)?.lastId ?? (backward ? Number.MAX_SAFE_INTEGER : 0);
    yield { rows: sift(rows, filters), edge, isLast: false };
    if (ends.searched > bounds.ends) throw tooMany(bounds.ends, 'jobs whose ends lie far from their beginnings');
    if (read >= bounds.walked) throw tooMany(bounds.walked, 'records of the log');
    if (hasHungUp()) return;
    await new Promise(setImmediate);
  }
  yield { rows: [], edge: 0, isLast: true };
}

function* portions(
  engine: ProcessEngine,
  { first, last, only }: ReturnType<typeof jobPlaces>,
  { backward, start }: { readonly backward: boolean; readonly start?: number },
): Generator<readonly LogRecord[]> {
  if (only !== undefined) {
    const sequences = only.filter((one) => start === undefined || (backward ? one <= start : one >= start));
    for (let at = 0; at < sequences.length; at += PORTION)
      yield sequences
        .slice(at, at + PORTION)
        .flatMap((one) => engine.records(one - 1, 1).filter(({ sequence }) => sequence === one));
    return;
  }
  const from = Math.max(first, engine.firstSequence);
  const to = Math.min(last, engine.lastSequence);
  if (backward)
    for (let at = Math.min(to, start ?? to); at >= from; at -= PORTION) {
      const begin = Math.max(from, at - PORTION + 1);
      yield engine.records(begin - 1, at - begin + 1);
    }
  else
    for (let at = Math.max(from, start ?? from); at <= to; at += PORTION)
      yield engine.records(at - 1, Math.min(PORTION, to - at + 1));
}

function tooMany(most: number, what: string): TooMuch {
  return new TooMuch(
    `The search would look through more than ${most} ${what}: narrow the filter, e.g. by processInstanceKey, elementInstanceKey, a creationTime from which on, or the state CREATED or FAILED, or take the order of the keys`,
  );
}
