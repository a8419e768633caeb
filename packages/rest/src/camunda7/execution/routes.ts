/** `/execution/{id}`: an instance or one of its element instances, with its own variables (clients fetch files here). */
import type { Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { findScope } from '../../scopes.ts';
import { notFound } from '../errors.ts';
import { variableRoutes } from '../variable-routes.ts';

export function executionRoutes(route: Declare): void {
  route('GET', '/execution/:id', 'processInstance.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const scope = findScope(engine, parseId(id));
    if (scope === undefined) throw notFound(`Execution with id ${id} does not exist`);
    const where = [{ column: 'id', op: '=', value: scope.processInstanceId }] as const;
    const [instance] = engine.find('processInstances', { where });
    const processInstanceId = String(scope.processInstanceId);
    return { id, processInstanceId, ended: false, tenantId: instance?.tenantId ?? null };
  });
  variableRoutes(route, {
    path: '/execution/:id/localVariables',
    name: 'execution',
    subject: 'processInstance',
    local: true,
    find: (engine, id) => findScope(engine, parseId(id)),
    missing: (id) => `execution ${id} doesn't exist: execution is null`,
  });
}
