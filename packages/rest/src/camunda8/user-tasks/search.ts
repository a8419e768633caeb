/** `/user-tasks/search`: what people have to do, and what they have done. */
import type { Condition, ElementInstanceView, ProcessEngine, Tables } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { BOUNDS, type Bounds, TooMuch } from '../search/bounds.ts';
import { ELEMENT_INSTANCES } from '../search/element-instances.ts';
import * as by from '../search/filter.ts';
import { holdsFor, wantedStates } from '../search/operators.ts';
import { hasAll, readTags, readWanted } from '../search/process-instances.ts';
import { byIndex } from '../search/reach.ts';
import { instancesOf } from '../search/related.ts';
import { readSearch, type SearchRequest } from '../search/request.ts';
import {
  type Found,
  pageOf,
  readFilters,
  type SearchSpec,
  type Sort,
  search,
  sift,
  valuesOf,
} from '../search/search.ts';
import { shownText } from '../search/variables.ts';
import { pageByEnd, type Wanted } from './by-end.ts';
import { conditionsOf, ofElement } from './element-conditions.ts';
import { elementOf, openRow, overRows, type TaskRow } from './task-rows.ts';

const STATES = [
  'CREATING',
  'CREATED',
  'ASSIGNING',
  'UPDATING',
  'COMPLETING',
  'COMPLETED',
  'CANCELING',
  'CANCELED',
  'FAILED',
] as const;

type Fields = Readonly<Record<string, by.Field<TaskRow>>>;

const FILTERS: Fields = {
  userTaskKey: by.key('id'),
  processInstanceKey: by.key('processInstanceId'),
  processDefinitionKey: by.key('definitionId'),
  processDefinitionId: by.text('bpmnProcessId'),
  elementInstanceKey: by.key('elementInstanceId'),
  elementId: by.text('elementId'),
  name: by.text('name'),
  assignee: by.text('assignee'),
  candidateUser: by.someOf('candidateUsers'),
  candidateGroup: by.someOf('candidateGroups'),
  priority: by.whole('priority'),
  creationDate: by.instant('createdAt'),
  completionDate: by.instant('endedAt'),
  dueDate: by.instant('dueAt'),
  followUpDate: by.instant('followUpAt'),
  tenantId: by.tenant('tenantId'),
  processInstanceVariables: (member) => withVariables(member, ({ processInstanceId }) => processInstanceId),
  localVariables: (member) => withVariables(member, ({ elementInstanceId }) => elementInstanceId),
  tags: (member) => {
    const wanted = readTags(member);
    if (wanted.length === 0) return {};
    const of = (rows: readonly TaskRow[]) => {
      const instanceOf = instancesOf(member.engine, rows);
      return rows.filter(({ processInstanceId }) => hasAll(instanceOf(processInstanceId)?.tags, wanted));
    };
    return { sieve: { of } };
  },
  // Read before: it says where to look.
  state: () => ({}),
};

const SORTS: Readonly<Record<string, Sort<TaskRow>>> = {
  // Both are given in the order of the log.
  creationDate: 'id',
  completionDate: 'endedAt',
  followUpDate: 'followUpAt',
  dueDate: 'dueAt',
  priority: 'priority',
  name: 'name',
};

/** Of those that have a row: nothing of them has ended. */
const OPEN = {
  table: 'userTasks',
  filters: { ...FILTERS, completionDate: by.absent<TaskRow>(by.asInstant) },
  sorts: { ...SORTS, completionDate: () => () => null },
  reach: byIndex('userTasks', ['processInstanceId', 'assignee']),
} as unknown as SearchSpec<'userTasks'>;

export function searchUserTasks(
  { engine, body }: Pick<Call, 'engine' | 'body'>,
  bounds: Bounds = BOUNDS,
): Found<TaskRow> {
  const states = wantedStates(body, STATES);
  if (!states.includes('COMPLETED') && !states.includes('CANCELED')) {
    const nothing = states.includes('CREATED') ? {} : { where: [by.among<Tables['userTasks']>('id', [])] };
    const { rows, page } = search(engine, body, OPEN, nothing);
    return { rows: rows.map(openRow), page };
  }
  const request = readSearch(body, Object.keys(SORTS));
  const filters = readFilters(engine, request.filter, { filters: FILTERS });
  const [sort, ...others] = request.sort;
  const isByEnd = sort?.field === 'completionDate' && others.length === 0 && !states.includes('CREATED');
  try {
    return searchAll(engine, request, { filters, states, bounds });
  } catch (error) {
    if (isByEnd && error instanceof TooMuch) return pageByEnd(engine, request, { filters, states, bounds });
    throw error;
  }
}

/** Those that are over with the others, all at hand. */
function searchAll(engine: ProcessEngine, request: SearchRequest, { filters, states, bounds }: Wanted): Found<TaskRow> {
  const open = states.includes('CREATED') ? openRows(engine, filters, bounds.instances) : [];
  const over = overRows(engine, elementsOf(engine, filters, bounds)).filter(({ state }) => states.includes(state));
  const rows = sift([...open, ...over], filters);
  return pageOf(rows, request, (all) => valuesOf(all, request.sort, SORTS, engine));
}

function openRows(engine: ProcessEngine, filters: Wanted['filters'], most: number): readonly TaskRow[] {
  const where = conditionsOf(filters).filter(({ column }) => column !== 'endedAt' && column !== 'state');
  const found = engine.find('userTasks', { where: where as never, limit: most + 1 });
  return atMost(most, found).map(openRow);
}

function elementsOf(engine: ProcessEngine, filters: Wanted['filters'], bounds: Bounds): readonly ElementInstanceView[] {
  const most = bounds.instances;
  const conditions = conditionsOf(filters);
  const named = conditions.find(({ column, op }) => column === 'id' && (op === '=' || op === 'in'));
  const where: Condition<ElementInstanceView>[] = [
    { column: 'elementType', op: '=', value: 'userTask' },
    { column: 'endedAt', op: 'notNull' },
    ...ofElement(conditions),
  ];
  if (named !== undefined) {
    const ids = (named.op === 'in' ? named.value : [(named as { readonly value: number }).value]) as readonly number[];
    where.push(
      by.among(
        'id',
        atMost(most, ids).flatMap((id) => elementOf(engine, id) ?? []),
      ),
    );
  }
  ELEMENT_INSTANCES.reach(engine, where, bounds);
  return atMost(most, engine.find('elementInstances', { where, limit: most + 1 }));
}

function atMost<T>(most: number, found: readonly T[]): readonly T[] {
  if (found.length <= most) return found;
  throw new TooMuch(
    `The filter leaves more than ${most} user tasks to read, with those that are over: narrow it, e.g. by state CREATED, processInstanceKey or processDefinitionKey`,
  );
}

function withVariables({ asked, path, engine }: by.Member, scopeOf: (row: TaskRow) => number): by.Filter<TaskRow> {
  const wanted = readWanted(asked, path);
  if (wanted.length === 0) return {};
  const of = (rows: readonly TaskRow[]) => {
    const isOpen = rows.every(({ endedAt }) => endedAt === undefined || endedAt === null);
    const found = engine.find('variables', {
      where: [
        { column: 'processInstanceId', op: 'in', value: rows.map(({ processInstanceId }) => processInstanceId) },
        { column: 'name', op: 'in', value: wanted.map(({ name }) => name) },
        ...(isOpen ? [{ column: 'live', op: '=', value: true } as const] : []),
      ],
    });
    const fitting = wanted.map(({ name, tests }) => {
      const ones = found.filter((one) => one.name === name && holdsFor(tests, shownText(engine, one)));
      return new Set(ones.map(({ scopeId }) => scopeId));
    });
    return rows.filter((row) => fitting.every((scopes) => scopes.has(scopeOf(row))));
  };
  return { sieve: { of } };
}
