/** `/deployment`: deploy files, list what was deployed, read it back. */
import { bytesOf, type DeployedResource, type Deployment, type ProcessEngine } from '@procos/kernel';
import { type Call, type Declare, Raw } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalText, optionalTexts } from '../body.ts';
import { formatDate } from '../dates.ts';
import { notFound } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { createDeployment, deployed } from './create.ts';
import { removeDeployment } from './remove.ts';

const LIST: by.ListSpec<'deployments'> = {
  table: 'deployments',
  parameters: {
    id: by.equalsId('id'),
    name: by.equals('name'),
    nameLike: by.like('name'),
    source: by.equals('source'),
    withoutSource: by.when({ column: 'source', op: 'isNull' }),
    after: by.instant('deployedAt', '>'),
    before: by.instant('deployedAt', '<'),
    ...by.tenant('tenantId', 'includeDeploymentsWithoutTenantId'),
  },
  sortBy: { id: 'id', name: 'name', deploymentTime: 'deployedAt', tenantId: 'tenantId' },
};

export function deploymentRoutes(route: Declare): void {
  listRoutes(route, '/deployment', 'deployment.read', {
    list: (call) => by.list(call, LIST).map(deploymentDto),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
  route('POST', '/deployment/create', 'deployment.create', createDeployment);
  // Nobody but the engine itself has classes for what is deployed.
  route('GET', '/deployment/registered', 'deployment.read', () => []);
  route('POST', '/deployment/:id/redeploy', 'deployment.create', redeploy);
  route('GET', '/deployment/:id', 'deployment.read', ({ engine, params }) => {
    const deployment = find(engine, params['id'] ?? '');
    if (deployment === undefined) throw notFound(`Deployment with id '${params['id']}' does not exist`);
    return deploymentDto(deployment);
  });
  route('DELETE', '/deployment/:id', 'deployment.delete', removeDeployment, {
    query: ['cascade', 'skipCustomListeners'],
  });
  route('GET', '/deployment/:id/resources', 'deployment.read', ({ engine, params }) => {
    const deployment = find(engine, params['id'] ?? '');
    if (deployment === undefined || deployment.resources.length === 0) {
      throw notFound(`Deployment resources for deployment id '${params['id']}' do not exist.`);
    }
    return deployment.resources.map((resource, at) => resourceDto(deployment, resource, at));
  });
  route('GET', '/deployment/:id/resources/:resourceId', 'deployment.read', (call) => {
    const { deployment, resource, at } = findResource(call);
    return resourceDto(deployment, resource, at);
  });
  route('GET', '/deployment/:id/resources/:resourceId/data', 'deployment.read', (call) => {
    const { resource } = findResource(call);
    const { name } = resource;
    const fileName = name.slice(name.lastIndexOf('/') + 1);
    return new Raw('application/octet-stream', bytesOf(resource), {
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
    });
  });
}

/** All its files, or those that are named by `resourceIds` and `resourceNames`, as a new deployment of the same name. */
function redeploy(call: Call): Promise<unknown> {
  const { engine, params, body } = call;
  const id = params['id'] ?? '';
  const deployment = find(engine, id);
  if (deployment === undefined) throw notFound(`Deployment with id '${id}' does not exist`);
  const ids = optionalTexts(body, 'resourceIds') ?? [];
  const names = optionalTexts(body, 'resourceNames') ?? [];
  const isNamed = ({ name }: DeployedResource, at: number): boolean =>
    ids.includes(idOfResource(deployment, at)) || names.includes(name);
  const all = ids.length + names.length === 0;
  const resources = deployment.resources.filter((resource, at) => all || isNamed(resource, at));
  const unknown = [
    ...ids.filter((one) => !deployment.resources.some((_, at) => idOfResource(deployment, at) === one)),
    ...names.filter((one) => !deployment.resources.some(({ name }) => name === one)),
  ];
  if (unknown.length > 0)
    throw notFound(`No resources with ids or names ${unknown.join(', ')} found in deployment with id '${id}'`);
  const { name, tenantId } = deployment;
  const source = optionalText(body, 'source') ?? deployment.source;
  return deployed(call, { name, source, tenantId, resources, skipUnchanged: false });
}

function find(engine: ProcessEngine, id: string): Deployment | undefined {
  return engine.find('deployments', { where: [{ column: 'id', op: '=', value: parseId(id) }] })[0];
}

interface FoundResource {
  readonly deployment: Deployment;
  readonly resource: DeployedResource;
  readonly at: number;
}

function findResource({ engine, params }: Call): FoundResource {
  const { id = '', resourceId = '' } = params as { readonly id?: string; readonly resourceId?: string };
  const deployment = find(engine, id);
  const at =
    deployment?.resources.findIndex((_resource, index) => idOfResource(deployment, index) === resourceId) ?? -1;
  const resource = deployment?.resources[at];
  if (deployment === undefined || resource === undefined) {
    throw notFound(`Deployment resource with resource id '${resourceId}' for deployment id '${id}' does not exist.`);
  }
  return { deployment, resource, at };
}

/** Resources have no identity of their own: the deployment's and their place in it. */
function idOfResource(deployment: Deployment, at: number): string {
  return `${deployment.id}.${at}`;
}

function resourceDto(deployment: Deployment, resource: DeployedResource, at: number): Record<string, unknown> {
  return { id: idOfResource(deployment, at), name: resource.name, deploymentId: String(deployment.id) };
}

function deploymentDto(deployment: Deployment): Record<string, unknown> {
  return {
    links: [],
    id: String(deployment.id),
    name: deployment.name,
    source: deployment.source,
    deploymentTime: formatDate(deployment.deployedAt),
    tenantId: deployment.tenantId,
  };
}
