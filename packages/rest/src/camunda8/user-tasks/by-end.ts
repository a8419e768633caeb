/** User tasks in the order in which they ended, read from the log: for a page of the last ones, where all of them are too many. */
import type { EventOf, LogRecord, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import { type Bounds, TooMuch } from '../search/bounds.ts';
import type { Filter } from '../search/filter.ts';
import { placeOf } from '../search/log-places.ts';
import { compareStanding, type Standing } from '../search/order.ts';
import { distinct } from '../search/related.ts';
import type { SearchRequest } from '../search/request.ts';
import { type Found, pageInfo, sift } from '../search/search.ts';
import { conditionsOf, ofElement } from './element-conditions.ts';
import { overRows, type TaskRow } from './task-rows.ts';

/** Records read at once. */
const CHUNK = 250;

type Ended = EventOf<'elementCompleted' | 'elementCanceled'>;

export interface Wanted {
  readonly filters: readonly Filter<TaskRow>[];
  readonly states: readonly string[];
  readonly bounds: Bounds;
}

/** One sort: by the date of completion. Refuses where the page is not full before the bound. */
export function pageByEnd(engine: ProcessEngine, request: SearchRequest, wanted: Wanted): Found<TaskRow> {
  const { limit, from, after, before } = request.page;
  const { bounds } = wanted;
  const isDescending = request.sort[0]?.descending === true;
  const begin = after ?? before;
  const turn = before === undefined ? 1 : -1;
  const compare = (left: Standing, right: Standing) => turn * compareStanding([isDescending], left, right);
  const backward = isDescending === (before === undefined);
  const rows: TaskRow[] = [];
  /** How many of them no record that follows can come between. */
  let settled = 0;
  let isEnd = false;
  for (const { records, isLast, edge } of chunks(engine, backward, begin?.values[0], bounds.records)) {
    rows.push(
      ...tasksIn(engine, records, wanted).filter((row) => begin === undefined || compare(standing(row), begin) > 0),
    );
    rows.sort((left, right) => compare(standing(left), standing(right)));
    settled = isLast ? rows.length : rows.filter(({ endedAt }) => endedAt !== edge).length;
    isEnd = isLast;
    if (settled > from + limit) break;
    if (rows.length > bounds.costly) break;
  }
  if (settled < from + limit && !(isEnd && engine.firstSequence === 1))
    throw new TooMuch(
      `Among ${bounds.records} records of the log there are not enough user tasks for a page: narrow the filter, e.g. by processInstanceKey or processDefinitionKey, or ask for fewer`,
    );
  const page = rows.slice(0, settled).slice(from, from + limit);
  const shown = before === undefined ? page : page.toReversed();
  const first = before === undefined ? (after?.counted ?? from) : Math.max(0, before.counted - 1 - shown.length);
  const counts = {
    first,
    total: before === undefined ? (after?.counted ?? 0) + settled : before.counted,
    hasMore: before !== undefined || !isEnd,
  };
  return { rows: shown, page: pageInfo(shown, request.sort, ({ endedAt }) => [endedAt], counts) };
}

function standing({ id, endedAt }: TaskRow): Standing {
  return { id, values: [endedAt] };
}

interface Chunk {
  readonly records: readonly LogRecord[];
  /** No more records follow. */
  readonly isLast: boolean;
  /** Instant of the record at the far end: others of that instant may follow. */
  readonly edge: number;
}

/** Records from the end of the log back, or from its beginning; `at`: from that instant on. */
function* chunks(engine: ProcessEngine, backward: boolean, at: unknown, most: number): Generator<Chunk> {
  const { firstSequence, lastSequence } = engine;
  const start =
    typeof at === 'number'
      ? placeOf(engine, at, backward ? 'last up to' : 'first from')
      : backward
        ? lastSequence
        : firstSequence;
  for (let read = 0; read < most; read += CHUNK) {
    const size = Math.min(CHUNK, most - read);
    const near = backward ? Math.max(firstSequence, start - read - size + 1) : start + read;
    const count = backward ? start - read - near + 1 : size;
    const records = count <= 0 ? [] : engine.records(near - 1, count);
    const isLast = backward ? near <= firstSequence : near + size > lastSequence;
    yield { records, isLast, edge: (backward ? records[0] : records.at(-1))?.at ?? 0 };
    if (isLast) return;
  }
}

/** User tasks that have ended in these records and are wanted. */
function tasksIn(
  engine: ProcessEngine,
  records: readonly LogRecord[],
  { filters, states }: Wanted,
): readonly TaskRow[] {
  const ended = records.flatMap(({ events }) => events.filter(isEnded));
  const instances = new Map<number, ProcessInstanceView>();
  const value = distinct(ended.map(({ processInstanceId }) => processInstanceId));
  for (const row of engine.find('processInstances', { where: [{ column: 'id', op: 'in', value }] }))
    instances.set(row.id, row);
  const ofTasks = ended.filter(({ processInstanceId, elementId }) => {
    const instance = instances.get(processInstanceId);
    return instance !== undefined && engine.model(instance.definitionId)?.elements[elementId]?.type === 'userTask';
  });
  if (ofTasks.length === 0) return [];
  const elements = engine.find('elementInstances', {
    where: [
      { column: 'processInstanceId', op: 'in', value: distinct(ofTasks.map((event) => event.processInstanceId)) },
      { column: 'id', op: 'in', value: ofTasks.map((event) => event.elementInstanceId) },
      ...ofElement(conditionsOf(filters)),
    ],
  });
  const rows = overRows(engine, elements).filter(({ state }) => states.includes(state));
  return sift(rows, filters);
}

function isEnded(event: LogRecord['events'][number]): event is Ended {
  return event.type === 'elementCompleted' || event.type === 'elementCanceled';
}
