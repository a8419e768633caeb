/** `/batch-operation-items/search`: what a batch is about, one by one. The list stands in the variables of its process, and after a first round in the record that started it. */
import type { Condition, ItemFailure, Json, ProcessEngine, ProcessInstanceView, Scalar } from '@procos/kernel';
import type { Call, JsonObject } from '../../call.ts';
import { keyOf, optionalKeyOf } from '../keys.ts';
import { BOUNDS, type Bounds, TooMuch } from '../search/bounds.ts';
import * as by from '../search/filter.ts';
import { distinct } from '../search/related.ts';
import { readSearch } from '../search/request.ts';
import { type Found, pageOf, readFilters, type Sort, sift, valuesOf } from '../search/search.ts';
import { OF_BATCHES, TYPES, WORDS } from './shown.ts';

type State = 'ACTIVE' | 'COMPLETED' | 'CANCELED' | 'FAILED';
const STATES = ['ACTIVE', 'COMPLETED', 'SKIPPED', 'CANCELED', 'FAILED'];

interface Item {
  /** Process instance or incident. */
  readonly id: number;
  readonly batchId: number;
  readonly type: string;
  readonly state: State;
  readonly errorMessage: string | null;
}

export interface ItemRow extends Item {
  /** null: there is nothing of it any more. */
  readonly processInstanceId: number | null;
}

const FILTERS: Readonly<Record<string, by.Field<ItemRow>>> = {
  batchOperationKey: by.key('batchId'),
  itemKey: by.key('id'),
  processInstanceKey: by.key('processInstanceId'),
  operationType: by.oneOf('type', WORDS),
  state: by.lookedWord<ItemRow>(
    () =>
      ({ state }) =>
        state,
    STATES,
  ),
};

const SORTS: Readonly<Record<string, Sort<ItemRow>>> = {
  batchOperationKey: 'batchId',
  itemKey: 'id',
  processInstanceKey: 'processInstanceId',
  processedDate: () => () => null,
  state: 'state',
};
/** One process instance may be an item of several batches: what else it is sorted by, these come last. */
const LAST: readonly Json[] = [{ field: 'batchOperationKey' }, { field: 'itemKey' }];

export function searchItems({ engine, body }: Pick<Call, 'engine' | 'body'>, bounds: Bounds = BOUNDS): Found<ItemRow> {
  const request = readSearch(sortedToTheEnd(body), Object.keys(SORTS));
  const filters = readFilters(engine, request.filter, { filters: FILTERS });
  const items = batchesOf(
    engine,
    filters.flatMap(({ where = [] }) => where),
    bounds,
  ).flatMap((batch) => itemsOf(engine, batch));
  if (items.length > bounds.scanned) throw tooMany(`${bounds.scanned} items`);
  const rows = sift(withInstances(engine, items), filters);
  return pageOf(rows, request, (all) => valuesOf(all, request.sort, SORTS, engine));
}

function sortedToTheEnd(body: JsonObject): JsonObject {
  const sort = body['sort'] ?? [];
  return Array.isArray(sort) ? { ...body, sort: [...sort, ...LAST] } : body;
}

const IN_BATCH: Readonly<Record<string, 'id' | 'businessKey'>> = { batchId: 'id', type: 'businessKey' };

function batchesOf(
  engine: ProcessEngine,
  conditions: readonly Condition<ItemRow>[],
  bounds: Bounds,
): readonly ProcessInstanceView[] {
  const asked = conditions.flatMap((condition) => {
    const column = IN_BATCH[condition.column];
    return column === undefined ? [] : [{ ...condition, column } as Condition<ProcessInstanceView>];
  });
  const found = engine.find('processInstances', { where: [...OF_BATCHES, ...asked], limit: bounds.costly + 1 });
  if (found.length > bounds.costly) throw tooMany(`${bounds.costly} batches`);
  return found;
}

function tooMany(what: string): TooMuch {
  return new TooMuch(`The filter leaves more than ${what} to look through: give batchOperationKey`);
}

/** How far it is: its variables, and the chunk that is being worked through. */
function itemsOf(engine: ProcessEngine, batch: ProcessInstanceView): readonly Item[] {
  const { id, businessKey, state } = batch;
  const mine = { column: 'processInstanceId', op: '=', value: id } as const;
  const names = { column: 'name', op: 'in', value: ['items', 'attempt', 'position', 'failures'] } as const;
  const where = [mine, { column: 'scopeId', op: '=', value: id }, names] as const;
  const variables = engine.find('variables', { where });
  const kept = (name: string): Json => variables.find((one) => one.name === name)?.value ?? null;
  const round = numbers(kept('items'));
  const isFirst = Number(kept('attempt') ?? 1) <= 1;
  const position = Number(kept('position') ?? 0);
  const { next = 0, failed = [] } = engine.find('externalTasks', { where: [mine] })[0]?.progress ?? {};
  // While a round has no chunk behind it, these are of the round before.
  const reasons = new Map(failuresIn(kept('failures')).map(({ item, reason }) => [item, reason]));
  const reasonsNow = new Map(failed.map(({ item, reason }) => [round[position + item] ?? -1, reason]));
  const before = new Set(round.slice(0, position));
  const now = new Set(round.slice(position, position + next));
  const again = new Set(isFirst ? [] : round);
  const stateOf = (item: number): State => {
    if (now.has(item)) return reasonsNow.has(item) ? 'FAILED' : 'COMPLETED';
    if (before.has(item)) return reasons.has(item) ? 'FAILED' : 'COMPLETED';
    // The list of a later round is of those that had failed.
    if (!isFirst) return again.has(item) ? 'FAILED' : 'COMPLETED';
    return state === 'active' ? 'ACTIVE' : 'CANCELED';
  };
  const all = isFirst ? round : startList(engine, batch, round);
  return all.map((item) => {
    const itemState = stateOf(item);
    const errorMessage = itemState === 'FAILED' ? (reasonsNow.get(item) ?? reasons.get(item) ?? null) : null;
    return { id: item, batchId: id, type: businessKey ?? '', state: itemState, errorMessage };
  });
}

/** Where the record that started it has left the log, only what had failed is known by its name. */
function startList(engine: ProcessEngine, { id, startedIn }: ProcessInstanceView, round: readonly number[]) {
  if (startedIn === undefined) return round;
  for (const { sequence, events } of engine.records(startedIn - 1, 1))
    for (const event of sequence === startedIn ? events : [])
      if (event.type === 'variablesSet' && event.scopeId === id && event.variables['items'] !== undefined)
        return numbers(event.variables['items'].value);
  return round;
}

function numbers(value: Json): readonly number[] {
  return Array.isArray(value) ? (value as readonly number[]) : [];
}

function failuresIn(value: Json): readonly ItemFailure[] {
  return Array.isArray(value) ? (value as unknown as readonly ItemFailure[]) : [];
}

/** Items are process instances, or incidents of some. */
function withInstances(engine: ProcessEngine, items: readonly Item[]): readonly ItemRow[] {
  const incidents = distinct(items.filter(({ type }) => type === 'resolveIncident').map(({ id }) => id));
  const instanceOf = new Map<number, number>();
  for (let at = 0; at < incidents.length; at += AT_ONCE) {
    const where = [{ column: 'id', op: 'in', value: incidents.slice(at, at + AT_ONCE) }] as const;
    for (const { id, processInstanceId } of engine.find('incidentHistory', { where }))
      instanceOf.set(id, processInstanceId);
  }
  return items.map((item) => ({
    ...item,
    processInstanceId: item.type === 'resolveIncident' ? (instanceOf.get(item.id) ?? null) : item.id,
  }));
}

const AT_ONCE = 1_000;

export function writeItems(engine: ProcessEngine, rows: readonly ItemRow[]): readonly unknown[] {
  const value = distinct(rows.map(({ processInstanceId }) => processInstanceId));
  const found = engine.find('processInstances', { where: [{ column: 'id', op: 'in', value }] });
  const roots = new Map<number | null, Scalar>(found.map(({ id, rootId }) => [id, rootId]));
  return rows.map((row) => ({
    operationType: TYPES[row.type as keyof typeof TYPES],
    batchOperationKey: keyOf(row.batchId),
    itemKey: keyOf(row.id),
    processInstanceKey: keyOf(row.processInstanceId ?? row.id),
    rootProcessInstanceKey: optionalKeyOf((roots.get(row.processInstanceId) as number | undefined) ?? null),
    state: row.state,
    processedDate: null,
    errorMessage: row.errorMessage,
  }));
}
