/** `/execution/{id}`: an instance or one of its element instances, with its own variables (clients fetch files here). */
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { findScope } from '../../scopes.ts';
import { optionalText } from '../body.ts';
import { invalid, notFound, RestError, rejected } from '../errors.ts';
import { writeIncidents } from '../incident/routes.ts';
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
  route('POST', '/execution/:id/create-incident', 'incident.create', createIncident);
  variableRoutes(route, {
    path: '/execution/:id/localVariables',
    name: 'execution',
    subject: 'processInstance',
    local: true,
    find: (engine, id) => findScope(engine, parseId(id)),
    missing: (id) => `execution ${id} doesn't exist: execution is null`,
  });
}

async function createIncident({ engine, params, body, by }: Call): Promise<unknown> {
  const id = params['id'] ?? '';
  const label = optionalText(body, 'incidentType');
  if (label === undefined || label === '') throw invalid('incidentType is null');
  const scope = findScope(engine, parseId(id));
  if (scope === undefined)
    throw new RestError(
      400,
      'BadUserRequestException',
      `Cannot find an execution with executionId '${id}': execution is null`,
    );
  const configuration = optionalText(body, 'configuration');
  const outcome = await engine.submit(
    {
      type: 'raiseIncident',
      processInstanceId: scope.processInstanceId,
      elementInstanceId: scope.scopeId,
      label,
      message: optionalText(body, 'message') ?? '',
      ...(configuration === undefined ? {} : { configuration }),
    },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  const where = [{ column: 'id', op: '=', value: outcome.value.incidentId }] as const;
  return writeIncidents(engine, engine.find('incidents', { where }))[0];
}
