/** `/process-definition`: list, one by id or key, its XML, start. */
import type { DefinitionView, ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { NO_ID, parseId } from '../../ids.ts';
import { asBatch, atOnce } from '../batch/carry-out.ts';
import { camundaDefinitionId, definitionIdOf, findDefinition, type ShownDefinition } from '../definitions.ts';
import { diagramOf } from '../deployed-files.ts';
import { removeDefinitions } from '../deployment/remove.ts';
import { notFound, RestError } from '../errors.ts';
import { openOfType } from '../incident/types.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { someInstances } from '../selection.ts';
import { calledDefinitions } from './called.ts';
import { processDefinition } from './dto.ts';
import { deployedStartForm, renderedStartForm, startForm, startFormVariables } from './forms.ts';
import { restartOf, setHistoryTimeToLive, suspendByKey, suspendDefinitions } from './operations.ts';
import { start } from './start.ts';
import { activityStatistics, definitionStatistics } from './statistics.ts';

/** What the model says by `isStartableInTasklist`. */
function startable(wanted: boolean): by.ParameterReader<DefinitionView> {
  return ({ value, engine }) =>
    String(value) === 'true' ? { test: ({ id }) => (engine.model(id)?.startable ?? true) === wanted } : {};
}

/** Definitions with an open incident whose column is (like) the value. */
function withIncident(column: 'id' | 'message', op: '=' | 'like' = '='): by.ParameterReader<DefinitionView> {
  return (parameter) => {
    const value = by.textOf(parameter);
    const where = [
      column === 'id' ? ({ column, op: '=', value: parseId(value) } as const) : ({ column, op, value } as const),
    ];
    const found = parameter.engine.find('incidents', { where });
    return by.isIn('id', [...new Set(found.map(({ definitionId }) => definitionId))]);
  };
}

const LIST: by.ListSpec<'definitions'> = {
  table: 'definitions',
  parameters: {
    processDefinitionId: by.definition('id'),
    processDefinitionIdIn: by.definitions('id'),
    name: by.equals('name'),
    nameLike: by.like('name'),
    deploymentId: by.equalsId('deploymentId'),
    deployedAfter: by.instant('deployedAt', '>'),
    deployedAt: by.instant('deployedAt', '='),
    key: by.equals('bpmnProcessId'),
    keysIn: by.among('bpmnProcessId'),
    keyLike: by.like('bpmnProcessId'),
    version: by.equalsNumber('version'),
    latestVersion: by.when({ column: 'latest', op: '=', value: true }),
    resourceName: by.equals('resourceName'),
    resourceNameLike: by.like('resourceName'),
    active: by.when({ column: 'suspended', op: '=', value: false }),
    suspended: by.when({ column: 'suspended', op: '=', value: true }),
    versionTag: by.equals('versionTag'),
    versionTagLike: by.like('versionTag'),
    withoutVersionTag: by.when({ column: 'versionTag', op: 'isNull' }),
    startableInTasklist: startable(true),
    notStartableInTasklist: startable(false),
    startablePermissionCheck: by.always,
    incidentId: withIncident('id'),
    incidentType: (parameter) => by.isIn('id', [...new Set(openOfType(parameter).map((row) => row.definitionId))]),
    incidentMessage: withIncident('message'),
    incidentMessageLike: withIncident('message', 'like'),
    // Models have no category here, and name nobody who alone may start them.
    category: by.none,
    categoryLike: by.none,
    startableBy: by.none,
    ...by.tenant('tenantId', 'includeProcessDefinitionsWithoutTenantId'),
  },
  sortBy: {
    category: () => () => null,
    key: 'bpmnProcessId',
    id: 'id',
    name: 'name',
    version: 'version',
    deploymentId: 'deploymentId',
    deployTime: 'deployedAt',
    tenantId: 'tenantId',
    versionTag: 'versionTag',
  },
};

const REMOVAL = { query: ['cascade', 'skipCustomListeners'] };

/** How a path names a definition. */
type Finder = (call: Call) => ShownDefinition;

export function processDefinitionRoutes(route: Declare): void {
  listRoutes(route, '/process-definition', 'processDefinition.read', {
    list: (call) => by.list(call, LIST).map((definition) => processDefinition(call.engine, definition)),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
  route('GET', '/process-definition/statistics', 'processDefinition.read', definitionStatistics, {
    query: ['failedJobs', 'incidents', 'incidentsForType', 'rootIncidents'],
  });
  route('GET', '/process-definition/:id/static-called-process-definitions', 'processDefinition.read', (call) =>
    calledDefinitions(call, byId(call)),
  );
  route('PUT', '/process-definition/suspended', 'processDefinition.update', suspendByKey);
  route('POST', '/process-definition/:id/restart', 'processInstance.create', (call) =>
    atOnce(call, restartOf(call, byId(call)), someInstances(call)),
  );
  route('POST', '/process-definition/:id/restart-async', 'processInstance.create', (call) =>
    asBatch(call, restartOf(call, byId(call)), someInstances(call)),
  );
  route(
    'DELETE',
    '/process-definition/:id',
    'processDefinition.delete',
    (call) => removeDefinitions(call, [call.repeated ? definitionIdOf(call.params['id'] ?? '') : byId(call).id]),
    REMOVAL,
  );
  for (const path of ['/process-definition/key/:key', '/process-definition/key/:key/tenant-id/:tenantId'])
    route('DELETE', path, 'processDefinition.delete', (call) => removeDefinitions(call, allOfKey(call)), REMOVAL);
  ofOne(route, '/process-definition/:id', byId, startById);
  ofOne(route, '/process-definition/key/:key', byKey, byKey);
  ofOne(route, '/process-definition/key/:key/tenant-id/:tenantId', byKey, byKey);
}

function ofOne(route: Declare, path: string, find: Finder, toStart: Finder): void {
  route('GET', path, 'processDefinition.read', (call) => processDefinition(call.engine, find(call)));
  route('GET', `${path}/xml`, 'processDefinition.read', (call) => {
    const definition = find(call);
    return { id: camundaDefinitionId(definition), bpmn20Xml: xmlOf(call.engine, definition) };
  });
  route('GET', `${path}/statistics`, 'processDefinition.read', (call) => activityStatistics(call, find(call)), {
    query: ['failedJobs', 'incidents', 'incidentsForType'],
  });
  route('GET', `${path}/startForm`, 'processDefinition.read', (call) => startForm(call, find(call)));
  route('GET', `${path}/form-variables`, 'processDefinition.read', (call) => startFormVariables(call, find(call)), {
    query: ['variableNames'],
  });
  route('GET', `${path}/deployed-start-form`, 'processDefinition.read', (call) => deployedStartForm(call, find(call)));
  route('GET', `${path}/rendered-form`, 'processDefinition.read', (call) => renderedStartForm(call, find(call)));
  route('GET', `${path}/diagram`, 'processDefinition.read', (call) => {
    const definition = find(call);
    return diagramOf(call.engine, definition, definition.bpmnProcessId);
  });
  route('POST', `${path}/start`, 'processInstance.create', (call) => start(call, toStart(call)));
  route('POST', `${path}/submit-form`, 'processInstance.create', (call) => start(call, toStart(call), true));
  route('PUT', `${path}/suspended`, 'processDefinition.update', (call) => suspendDefinitions(call, [find(call)]));
  route('PUT', `${path}/history-time-to-live`, 'processDefinition.update', (call) =>
    setHistoryTimeToLive(call, find(call)),
  );
}

function byId({ engine, params }: Call): ShownDefinition {
  const id = params['id'] ?? '';
  const definition = findDefinition(engine, id);
  if (definition === undefined) throw notFound(`No matching definition with id ${id}`);
  return definition;
}

/** Starting says it differently: Camunda wraps every engine error of a start as 500. */
function startById({ engine, params }: Call): ShownDefinition {
  const id = params['id'] ?? '';
  const definition = findDefinition(engine, id);
  if (definition !== undefined) return definition;
  const why = `no deployed process definition found with id '${id}': processDefinition is null`;
  throw new RestError(500, 'RestException', `Cannot instantiate process definition ${id}: ${why}`);
}

function byKey({ engine, params }: Call): ShownDefinition {
  const { key = '', tenantId } = params as { readonly key?: string; readonly tenantId?: string };
  const definition = engine.latestDefinition(key, tenantId ?? null);
  if (definition === undefined) {
    const tenant = tenantId === undefined ? 'no tenant-id' : `tenant-id: ${tenantId}`;
    throw new RestError(404, 'RestException', `No matching process definition with key: ${key} and ${tenant}`);
  }
  return definition;
}

/** Every version. */
function allOfKey({ engine, params, repeated }: Call): readonly number[] {
  const { key = '', tenantId = null } = params as { readonly key?: string; readonly tenantId?: string };
  const where = [
    { column: 'bpmnProcessId', op: '=', value: key },
    { column: 'tenantId', op: '=', value: tenantId },
  ] as const;
  const found = engine.find('definitions', { where });
  if (found.length === 0 && !repeated) throw notFound(`No process definition found with key '${key}'`);
  return found.map(({ id }) => id);
}

export function xmlOf(engine: ProcessEngine, definition: ShownDefinition): string {
  const id = definition.deploymentId ?? NO_ID;
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: id }] });
  const resource = deployment?.resources.find(({ name }) => name === definition.resourceName);
  if (resource === undefined) {
    throw new RestError(500, 'RestException', `resource ${definition.resourceName} of deployment ${id} is missing`);
  }
  return resource.content;
}
