/** `/filter`: queries for tasks under a name, and what they find. */
import { isLike, type Json, type TaskFilter } from '@procos/kernel';
import type { Call, Declare, JsonObject } from '../../call.ts';
import { permit } from '../../gate.ts';
import { parseId } from '../../ids.ts';
import { optionalObject, optionalText } from '../body.ts';
import { invalid, notFound, RestError, rejected } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { tasksFor } from '../task/query.ts';
import { listTasks } from '../task/routes.ts';
import { asked } from './stored-query.ts';

type Row = TaskFilter;

const LIST: by.ListSpec<'filters'> = {
  table: 'filters',
  parameters: {
    filterId: by.equalsId('id'),
    resourceType: (parameter) => (by.textOf(parameter) === 'Task' ? {} : by.nothing<Row>()),
    name: by.equals('name'),
    nameLike: (parameter) => {
      const pattern = by.textOf(parameter);
      return { test: ({ name }) => isLike(name, pattern) };
    },
    owner: by.equals('owner'),
    itemCount: by.always,
  },
  sortBy: { filterId: 'id', name: 'name', owner: 'owner', resourceType: 'id' },
};

export function filterRoutes(route: Declare): void {
  listRoutes(route, '/filter', 'filter.read', {
    list: (call) => by.list(call, LIST).map((filter) => dto(call, filter)),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
  route('POST', '/filter/create', 'filter.change', async (call) => {
    const filter = readFilter(call);
    const outcome = await call.engine.submit({ type: 'setTaskFilter', filter }, call.by);
    if (!outcome.ok) throw rejected(outcome.rejection);
    return dto(call, { ...filter, id: outcome.value.filterId });
  });
  route('GET', '/filter/:id', 'filter.read', (call) => dto(call, find(call)));
  route('PUT', '/filter/:id', 'filter.change', async (call) => {
    const { id: filterId } = mine(call);
    const outcome = await call.engine.submit({ type: 'setTaskFilter', filterId, filter: readFilter(call) }, call.by);
    if (!outcome.ok) throw rejected(outcome.rejection);
    return undefined;
  });
  route('DELETE', '/filter/:id', 'filter.change', async (call) => {
    const filterId = call.repeated ? parseId(call.params['id'] ?? '') : mine(call).id;
    const outcome = await call.engine.submit({ type: 'removeTaskFilter', filterId }, call.by);
    if (!outcome.ok) throw rejected(outcome.rejection);
    return undefined;
  });
  for (const method of ['GET', 'POST'] as const) {
    route(method, '/filter/:id/list', 'userTask.read', (call) => listTasks(ask(call, range(call))));
    route(method, '/filter/:id/count', 'userTask.read', (call) => by.count(ask(call), tasksFor(call)));
    route(method, '/filter/:id/singleResult', 'userTask.read', singleResult);
  }
}

function singleResult(call: Call): unknown {
  const [task, other] = listTasks(ask(call, { maxResults: 2 }));
  if (other !== undefined) throw invalid('Filter must not return more than one result.');
  return task;
}

/** What it finds when whoever asks adds this. */
function ask(call: Call, more: JsonObject = {}): by.Asking & Pick<Call, 'kernel'> {
  return asked(call, find(call).query, { ...call.body, ...more });
}

/** The range is asked for in the query string, also with a body. */
function range({ query }: Call): JsonObject {
  const given = ['firstResult', 'maxResults'].filter((name) => query[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, String(query[name])]));
}

function find({ engine, params }: Call): TaskFilter {
  const id = params['id'] ?? '';
  const [filter] = engine.find('filters', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
  if (filter === undefined) throw notFound(`Filter with id '${id}' does not exist.`);
  return filter;
}

/** Somebody else's is changed only by who may do more. */
function mine(call: Call): TaskFilter {
  const filter = find(call);
  if (filter.owner !== null && filter.owner !== call.by.id) permit(call.kernel, call.request, 'filter.changeOthers');
  return filter;
}

function readFilter(call: Call): Omit<TaskFilter, 'id'> {
  const { body } = call;
  const resource = optionalText(body, 'resourceType') ?? 'Task';
  if (resource !== 'Task') throw invalid(`Filters are for the resourceType Task, not for ${resource}`);
  const name = optionalText(body, 'name') ?? '';
  if (name.trim() === '')
    throw new RestError(400, 'InvalidRequestException', 'The filter needs a name', { code: null });
  const query: Json = optionalObject(body, 'query') ?? {};
  // What it cannot be asked for is said now, not to everybody who asks it later.
  by.list({ ...asked(call, query, { maxResults: 0 }) }, tasksFor(call));
  return {
    name,
    owner: optionalText(body, 'owner') ?? null,
    query,
    properties: optionalObject(body, 'properties') ?? {},
  };
}

/** The number of tasks only where it is asked for. */
function dto(call: Call, { id, name, owner, query, properties }: TaskFilter): Record<string, unknown> {
  const counted = String(call.query['itemCount']) === 'true';
  return {
    id: String(id),
    resourceType: 'Task',
    name,
    owner,
    query,
    properties,
    ...(counted ? { itemCount: by.count(asked(call, query), tasksFor(call)).count } : {}),
  };
}
