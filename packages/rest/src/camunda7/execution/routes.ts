/** `/execution`: an instance or one of its element instances, with its own variables (clients fetch files here). */
import type { Subscription } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { NO_ID, parseId } from '../../ids.ts';
import { findScope } from '../../scopes.ts';
import { optionalText } from '../body.ts';
import { invalid, notFound, RestError, refuseForbidden, rejected } from '../errors.ts';
import { eventSubscription } from '../event-subscription/routes.ts';
import { writeIncidents } from '../incident/routes.ts';
import { listRoutes } from '../list-routes.ts';
import { readVariables } from '../typed-values.ts';
import { variableRoutes } from '../variable-routes.ts';
import { countExecutions, EXECUTIONS, type Execution, listExecutions, PLAIN } from './query.ts';

export function executionRoutes(route: Declare): void {
  const list = (call: Call) => listExecutions(call).map(write);
  const count = (call: Call) => countExecutions(call);
  listRoutes(route, '/execution', 'processInstance.read', {
    list,
    count,
    spec: {
      ...EXECUTIONS,
      parameters: { ...Object.fromEntries([...PLAIN].map((name) => [name, true])), ...EXECUTIONS.parameters },
    },
    posts: 'list and count',
  });
  route('GET', '/execution/:id', 'processInstance.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const scope = findScope(engine, parseId(id));
    const where = [{ column: 'id', op: '=', value: scope?.processInstanceId ?? NO_ID }] as const;
    const [instance] = engine.find('processInstances', { where });
    if (scope === undefined || instance === undefined) throw notFound(`Execution with id ${id} does not exist`);
    return write({ id: scope.scopeId, instance });
  });
  route('GET', '/execution/:id/messageSubscriptions/:name', 'subscription.read', (call) => {
    const { id = '', name = '' } = call.params as { readonly id?: string; readonly name?: string };
    const subscription = subscriptionOf(call, name);
    if (subscription === undefined)
      throw notFound(`Message event subscription for execution ${id} named ${name} does not exist`);
    return eventSubscription(subscription);
  });
  route('POST', '/execution/:id/messageSubscriptions/:name/trigger', 'message.correlate', triggerMessage);
  route('POST', '/execution/:id/signal', 'processInstance.signal', signal);
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

function write({ id, instance }: Pick<Execution, 'id' | 'instance'>): Record<string, unknown> {
  return { id: String(id), processInstanceId: String(instance.id), ended: false, tenantId: instance.tenantId };
}

function subscriptionOf({ engine, params }: Call, name?: string): Subscription | undefined {
  const where = [
    { column: 'elementInstanceId', op: '=', value: parseId(params['id'] ?? '') },
    { column: 'kind', op: '=', value: 'message' },
    ...(name === undefined ? [] : [{ column: 'name', op: '=', value: name } as const]),
  ] as const;
  return engine.find('subscriptions', { where })[0];
}

async function triggerMessage(call: Call): Promise<undefined> {
  const { id = '', name = '' } = call.params as { readonly id?: string; readonly name?: string };
  const subscription = subscriptionOf(call, name);
  const prefix = `Cannot trigger message ${name} for execution ${id}`;
  if (subscription === undefined)
    throw new RestError(
      500,
      'RestException',
      `${prefix}: Execution with id '${id}' does not have a subscription to it`,
    );
  return deliver(call, subscription, prefix);
}

/** A receive task goes on without its message; nothing else waits to be told so. */
async function signal(call: Call): Promise<undefined> {
  const id = call.params['id'] ?? '';
  const subscription = subscriptionOf(call);
  const element = subscription && call.engine.model(subscription.definitionId)?.elements[subscription.elementId];
  const prefix = `Cannot signal execution ${id}`;
  if (subscription === undefined || element?.type !== 'receiveTask')
    throw new RestError(400, 'RestException', `${prefix}: it is no receive task that waits`);
  return deliver(call, subscription, prefix);
}

async function deliver({ engine, body, by: subject }: Call, to: Subscription, prefix: string): Promise<undefined> {
  const { name, processInstanceId, elementInstanceId } = to;
  if (processInstanceId === null || elementInstanceId === null) return undefined;
  const outcome = await engine.submit(
    {
      type: 'correlateMessage',
      name,
      processInstanceId,
      elementInstanceId,
      variables: readVariables(body['variables']),
      all: false,
    },
    subject,
  );
  if (outcome.ok) return undefined;
  refuseForbidden(outcome.rejection);
  const status = outcome.rejection.code === 'INVALID_ARGUMENT' ? 400 : 500;
  throw new RestError(status, 'RestException', `${prefix}: ${outcome.rejection.message}`);
}
