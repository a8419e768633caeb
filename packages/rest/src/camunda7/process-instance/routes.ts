/** `/process-instance`: list, one, end it, its variables, its tree of activity instances. */
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { findScope } from '../../scopes.ts';
import { notFound, rejected } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { variableRoutes } from '../variable-routes.ts';
import { activityInstances } from './activity-instances.ts';
import { processInstance } from './dto.ts';
import { processInstanceOperationRoutes } from './operations.ts';
import { findActive, RUNNING } from './query.ts';

export function processInstanceRoutes(route: Declare): void {
  const list = (call: Call) => by.list(call, RUNNING).map((instance) => processInstance(instance));
  const count = (call: Call) => by.count(call, RUNNING);
  listRoutes(route, '/process-instance', 'processInstance.read', {
    list,
    count,
    spec: RUNNING,
    posts: 'list and count',
  });
  route('GET', '/process-instance/:id', 'processInstance.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const instance = findActive(engine, id);
    if (instance === undefined) throw notFound(`Process instance with id ${id} does not exist`);
    return processInstance(instance);
  });
  route('GET', '/process-instance/:id/activity-instances', 'processInstance.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const instance = findActive(engine, id);
    if (instance === undefined) throw notFound(`Process instance with id ${id} does not exist`);
    return activityInstances(engine, instance);
  });
  route('DELETE', '/process-instance/:id', 'processInstance.cancel', remove, {
    query: ['skipCustomListeners', 'failIfNotExists'],
  });
  processInstanceOperationRoutes(route);
  variableRoutes(route, {
    path: '/process-instance/:id/variables',
    name: 'process instance',
    subject: 'processInstance',
    local: false,
    find: (engine, id) => findScope(engine, parseId(id)),
    missing: (id) => `execution ${id} doesn't exist: execution is null`,
  });
}

async function remove({ engine, params, query, by: subject }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const skipListeners = query['skipCustomListeners'] === 'true';
  const outcome = await engine.submit(
    { type: 'cancelProcessInstance', processInstanceId: parseId(id), skipListeners },
    subject,
  );
  if (outcome.ok) return undefined;
  if (outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  if (query['failIfNotExists'] === 'false') return undefined;
  throw notFound(`Process instance with id ${id} does not exist`);
}
