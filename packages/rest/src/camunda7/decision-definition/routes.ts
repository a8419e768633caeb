/** `/decision-definition`: list, one by id or key, its XML, evaluate. */
import type { DecisionDefinition, DecisionModel, Json } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { NO_ID, parseId } from '../../ids.ts';
import { diagramOf } from '../deployed-files.ts';
import { notFound, RestError } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { readVariables, writeVariables } from '../typed-values.ts';

const LIST: by.ListSpec<'decisions'> = {
  table: 'decisions',
  parameters: {
    decisionDefinitionId: (parameter) => by.isIn('id', [decisionIdOf(by.textOf(parameter))]),
    decisionDefinitionIdIn: (parameter) => by.isIn('id', by.textsOf(parameter).map(decisionIdOf)),
    name: by.equals('name'),
    nameLike: by.like('name'),
    deploymentId: by.equalsId('deploymentId'),
    deployedAfter: by.instant('deployedAt', '>'),
    deployedAt: by.instant('deployedAt', '='),
    key: by.equals('decisionId'),
    keyLike: by.like('decisionId'),
    version: by.equalsNumber('version'),
    latestVersion: (parameter) => {
      if (!by.flagOf(parameter)) return {};
      const latest = new Map<string, DecisionDefinition>();
      for (const row of parameter.engine.find('decisions', { orderBy: [{ column: 'version' }] }))
        latest.set(`${row.tenantId ?? ''} ${row.decisionId}`, row);
      return by.isIn(
        'id',
        [...latest.values()].map(({ id }) => id),
      );
    },
    resourceName: by.equals('resourceName'),
    resourceNameLike: by.like('resourceName'),
    versionTag: by.equals('versionTag'),
    versionTagLike: by.like('versionTag'),
    decisionRequirementsDefinitionId: (parameter) => by.isIn('id', idsOfGraph(parameter, 'id')),
    decisionRequirementsDefinitionKey: (parameter) => by.isIn('id', idsOfGraph(parameter, 'key')),
    withoutDecisionRequirementsDefinition: by.whenRow((row) => graphOf(row) === undefined),
    category: by.none,
    categoryLike: by.none,
    ...by.tenant('tenantId', 'includeDecisionDefinitionsWithoutTenantId'),
  },
  sortBy: {
    category: () => () => null,
    decisionRequirementsDefinitionKey: () => (row) => graphOf(row)?.key ?? null,
    key: 'decisionId',
    id: 'id',
    name: 'name',
    version: 'version',
    deploymentId: 'deploymentId',
    deployTime: 'deployedAt',
    tenantId: 'tenantId',
    versionTag: 'versionTag',
  },
};

type Finder = (call: Call) => DecisionDefinition;

export function decisionDefinitionRoutes(route: Declare): void {
  listRoutes(route, '/decision-definition', 'decision.read', {
    list: (call) => by.list(call, LIST).map(decisionDefinition),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
  ofOne(route, '/decision-definition/:id', byId);
  ofOne(route, '/decision-definition/key/:key', byKey);
  ofOne(route, '/decision-definition/key/:key/tenant-id/:tenantId', byKey);
}

function ofOne(route: Declare, path: string, find: Finder): void {
  route('GET', path, 'decision.read', (call) => decisionDefinition(find(call)));
  route('GET', `${path}/diagram`, 'decision.read', (call) => {
    const decision = find(call);
    return diagramOf(call.engine, decision, decision.decisionId);
  });
  route('GET', `${path}/xml`, 'decision.read', (call) => {
    const definition = find(call);
    return { id: camundaDecisionId(definition), dmnXml: xmlOf(call, definition) };
  });
  route('POST', `${path}/evaluate`, 'decision.evaluate', (call) => evaluate(call, find(call)));
}

/** A list of rule results, each a map of outputs. */
async function evaluate({ engine, body, by: subject }: Call, { id, decisionId }: DecisionDefinition): Promise<unknown> {
  const outcome = await engine.submit(
    { type: 'evaluateDecision', decision: { decisionDefinitionId: id }, variables: readVariables(body['variables']) },
    subject,
  );
  if (!outcome.ok) {
    throw new RestError(500, 'RestException', `Cannot evaluate decision ${decisionId}: ${outcome.rejection.message}`);
  }
  return outcome.value.ruleResults.map((result) => writeVariables(typed(result)));
}

function typed(result: Readonly<Record<string, Json>>) {
  return readVariables(Object.fromEntries(Object.entries(result).map(([name, value]) => [name, { value }])));
}

function byId({ engine, params }: Call): DecisionDefinition {
  const text = params['id'] ?? '';
  const [found] = engine.find('decisions', { where: [{ column: 'id', op: '=', value: decisionIdOf(text) }] });
  if (found === undefined) throw notFound(`No matching decision definition with id ${text}`);
  return found;
}

function byKey({ engine, params }: Call): DecisionDefinition {
  const { key = '', tenantId } = params as { readonly key?: string; readonly tenantId?: string };
  const [newest] = engine.find('decisions', {
    where: [
      { column: 'decisionId', op: '=', value: key },
      tenantId === undefined ? { column: 'tenantId', op: 'isNull' } : { column: 'tenantId', op: '=', value: tenantId },
    ],
    orderBy: [{ column: 'version', descending: true }],
    limit: 1,
  });
  if (newest !== undefined) return newest;
  const tenant = tenantId === undefined ? 'no tenant-id' : `tenant-id: ${tenantId}`;
  throw new RestError(404, 'RestException', `No matching decision definition with key: ${key} and ${tenant}`);
}

export function camundaDecisionId({ decisionId, version, id }: DecisionDefinition): string {
  return `${decisionId}:${version}:${id}`;
}

/**
 * The requirements graph that a decision is part of: its file, when that has more than one decision. A graph has no row
 * of its own here; its id is made of its key and the deployment.
 */
export function graphOf(definition: DecisionDefinition): { readonly id: string; readonly key: string } | undefined {
  const { id: key, decisions } = definition.model as unknown as DecisionModel;
  return decisions.length > 1 ? { id: `${key}:${definition.deploymentId}`, key } : undefined;
}

/** Ids of the decision definitions in the graphs that the parameter names. */
export function idsOfGraph(parameter: by.Parameter, member: 'id' | 'key'): readonly number[] {
  const asked = by.textOf(parameter);
  const all = parameter.engine.find('decisions');
  return all.filter((one) => graphOf(one)?.[member] === asked).map(({ id }) => id);
}

export function decisionIdOf(text: string): number {
  return parseId(text.slice(text.lastIndexOf(':') + 1));
}

export function decisionDefinition(definition: DecisionDefinition): Record<string, unknown> {
  return {
    id: camundaDecisionId(definition),
    key: definition.decisionId,
    category: null,
    name: definition.name,
    version: definition.version,
    resource: definition.resourceName,
    deploymentId: String(definition.deploymentId),
    tenantId: definition.tenantId,
    decisionRequirementsDefinitionId: graphOf(definition)?.id ?? null,
    decisionRequirementsDefinitionKey: graphOf(definition)?.key ?? null,
    historyTimeToLive: null,
    versionTag: definition.versionTag,
  };
}

export function xmlOf({ engine }: Call, { deploymentId, resourceName }: DecisionDefinition): string {
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId ?? NO_ID }] });
  const resource = deployment?.resources.find(({ name }) => name === resourceName);
  if (resource === undefined)
    throw new RestError(500, 'RestException', `resource ${resourceName} of deployment ${deploymentId} is missing`);
  return resource.content;
}
