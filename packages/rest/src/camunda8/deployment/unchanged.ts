/** Camunda 8 makes no new version of files that are deployed already, byte for byte and under the same names. */
import type { DeployedResource, Deployment, ProcessEngine } from '@procos/kernel';

/** Deployments searched, newest first, for a file that defines nothing. */
const DEPLOYMENTS_SEARCHED = 200;

/** Files that define something. */
const MODEL = /\.(?:bpmn|dmn|xml)$/i;

/** Where each of the files was deployed; undefined: at least one is new, or there is a newer version of what it defines. */
export function deployedAs(
  engine: ProcessEngine,
  resources: readonly DeployedResource[],
  tenantId: string | null,
): readonly Deployment[] | undefined {
  const found: Deployment[] = [];
  for (const resource of resources) {
    const deployment = whereIs(engine, resource, tenantId);
    if (deployment === undefined) return undefined;
    found.push(deployment);
  }
  return found;
}

function whereIs(engine: ProcessEngine, resource: DeployedResource, tenantId: string | null): Deployment | undefined {
  const where = [
    { column: 'resourceName', op: '=', value: resource.name },
    { column: 'tenantId', op: '=', value: tenantId },
  ] as const;
  const defined = [...engine.find('definitions', { where }), ...engine.find('decisions', { where })];
  // What it once defined may have been deleted: then it is new again.
  if (defined.length === 0) return MODEL.test(resource.name) ? undefined : lastWith(engine, resource, tenantId);
  const deploymentId = Math.max(...defined.map((one) => one.deploymentId));
  const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
  if (!deployment?.resources.some((one) => isSame(one, resource))) return undefined;
  const ofFile = (one: { readonly deploymentId: number }) => one.deploymentId === deploymentId;
  const definitions = engine.find('definitions', { where }).filter(ofFile);
  const decisions = engine.find('decisions', { where }).filter(ofFile);
  const areLatest =
    definitions.every(({ latest }) => latest) &&
    decisions.every(({ id, decisionId }) => latestDecision(engine, decisionId, tenantId) === id);
  return areLatest ? deployment : undefined;
}

function latestDecision(engine: ProcessEngine, decisionId: string, tenantId: string | null): number | undefined {
  const rows = engine.find('decisions', {
    where: [
      { column: 'decisionId', op: '=', value: decisionId },
      { column: 'tenantId', op: '=', value: tenantId },
    ],
    orderBy: [{ column: 'version', descending: true }],
    limit: 1,
  });
  return rows[0]?.id;
}

/** The newest deployment with a file of that name, if it is this very file. */
function lastWith(engine: ProcessEngine, resource: DeployedResource, tenantId: string | null): Deployment | undefined {
  const newest = engine.find('deployments', {
    where: [{ column: 'tenantId', op: '=', value: tenantId }],
    orderBy: [{ column: 'id', descending: true }],
    limit: DEPLOYMENTS_SEARCHED,
  });
  const last = newest.find(({ resources }) => resources.some(({ name }) => name === resource.name));
  return last?.resources.some((one) => isSame(one, resource)) ? last : undefined;
}

function isSame(one: DeployedResource, other: DeployedResource): boolean {
  return one.name === other.name && one.content === other.content && one.bytes === other.bytes;
}
