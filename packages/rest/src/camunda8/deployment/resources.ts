/** Deployed files by the key of what they define, or by their own. */
import type { CommandOf, DeployedResource, Deployment, ProcessEngine } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { notFound, notServed, type Problem, rejected } from '../errors.ts';
import { formHead, versionsOf } from '../form/forms.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { fileKeyOf, type ResourceKey } from './file-keys.ts';
import { requirementsOf, versionOf } from './rows.ts';

/** In the words of REST. */
export interface ResourceAnswer {
  readonly resourceName: string;
  readonly version: number;
  readonly versionTag: string | null;
  readonly resourceId: string;
  readonly tenantId: string;
  readonly resourceKey: string;
}

export interface Found {
  readonly answer: ResourceAnswer;
  readonly deployment: Deployment;
  readonly resource: DeployedResource;
}

/** `text`: the key as it was given. */
export function findResource(engine: ProcessEngine, key: ResourceKey, text: string): Found {
  const found =
    key.kind === 'file'
      ? fileOf(engine, key.deploymentId, key.at)
      : key.kind === 'requirements'
        ? requirements(engine, key.decisionDefinitionId)
        : (processOf(engine, key.id) ?? decisionOf(engine, key.id));
  if (found === undefined) throw noResource(text);
  return found;
}

function processOf(engine: ProcessEngine, id: number): Found | undefined {
  const [row] = engine.find('definitions', { where: [{ column: 'id', op: '=', value: id }] });
  if (row === undefined) return undefined;
  const { resourceName, version, versionTag, bpmnProcessId, deploymentId } = row;
  return ofFile(engine, deploymentId, {
    resourceName,
    version,
    versionTag,
    resourceId: bpmnProcessId,
    resourceKey: keyOf(id),
  });
}

function decisionOf(engine: ProcessEngine, id: number): Found | undefined {
  const [row] = engine.find('decisions', { where: [{ column: 'id', op: '=', value: id }] });
  if (row === undefined) return undefined;
  const { resourceName, version, versionTag, decisionId, deploymentId } = row;
  return ofFile(engine, deploymentId, {
    resourceName,
    version,
    versionTag,
    resourceId: decisionId,
    resourceKey: keyOf(id),
  });
}

function requirements(engine: ProcessEngine, decisionDefinitionId: number): Found | undefined {
  const [row] = engine.find('decisions', { where: [{ column: 'id', op: '=', value: decisionDefinitionId }] });
  if (row === undefined) return undefined;
  const { deploymentId, resourceName } = row;
  const where = [{ column: 'deploymentId', op: '=', value: deploymentId }] as const;
  const of = requirementsOf(engine.find('decisions', { where }).filter((one) => one.resourceName === resourceName));
  if (of === undefined) return undefined;
  return ofFile(engine, deploymentId, {
    resourceName,
    version: of.version,
    versionTag: null,
    resourceId: of.id,
    resourceKey: of.key,
  });
}

function fileOf(engine: ProcessEngine, deploymentId: number, at: number): Found | undefined {
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  const resource = deployment?.resources[at];
  if (deployment === undefined || resource === undefined) return undefined;
  const resourceKey = fileKeyOf(deploymentId, at);
  const { formId, versionTag = null } = formHead(resource) ?? {};
  const version =
    formId === undefined
      ? versionOf(engine, deployment, resource.name)
      : (versionsOf(engine, formId, deployment.tenantId).find(({ formKey }) => formKey === resourceKey)?.version ?? 1);
  const { name: resourceName } = resource;
  const tenantId = tenantOf(deployment.tenantId);
  const answer = { resourceName, version, versionTag, resourceId: formId ?? resourceName, tenantId, resourceKey };
  return { answer, deployment, resource };
}

function ofFile(
  engine: ProcessEngine,
  deploymentId: number,
  answer: Omit<ResourceAnswer, 'tenantId'>,
): Found | undefined {
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  const resource = deployment?.resources.find(({ name }) => name === answer.resourceName);
  if (deployment === undefined || resource === undefined) return undefined;
  return { answer: { ...answer, tenantId: tenantOf(deployment.tenantId) }, deployment, resource };
}

/** A process definition, or the decisions of a file; another file only with its deployment, where that has no other. */
export async function deleteResource(asked: Asked, key: ResourceKey, text: string): Promise<void> {
  const { engine, by, repeated } = asked;
  // It has had its answer, which the engine knows, whatever is submitted.
  const command = repeated ? ({ type: 'removeDefinitions', definitionIds: [] } as const) : removal(engine, key, text);
  const outcome = await engine.submit(command, by);
  if (!outcome.ok) throw outcome.rejection.code === 'NOT_FOUND' ? noResource(text) : rejected(outcome.rejection);
}

function removal(
  engine: ProcessEngine,
  key: ResourceKey,
  text: string,
): CommandOf<'removeDefinitions' | 'removeDecisions' | 'removeDeployment'> {
  const { deployment, resource } = findResource(engine, key, text);
  if (key.kind === 'definition' && engine.definition(key.id) !== undefined)
    return { type: 'removeDefinitions', definitionIds: [key.id] };
  const where = [{ column: 'deploymentId', op: '=', value: deployment.id }] as const;
  const decided = engine.find('decisions', { where }).filter(({ resourceName }) => resourceName === resource.name);
  if (decided.length > 0) return { type: 'removeDecisions', decisionDefinitionIds: decided.map(({ id }) => id) };
  const others = deployment.resources.length - 1;
  if (others > 0)
    throw notServed(`Deleting one form or file of deployment ${deployment.id}, which has ${others} others,`);
  return { type: 'removeDeployment', deploymentId: deployment.id };
}

function noResource(key: string): Problem {
  return notFound(`There is no resource with key ${key}`);
}
