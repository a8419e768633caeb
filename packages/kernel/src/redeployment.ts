/** An earlier version deployed anew: the files of its deployment that belong to it. */
import type { DecisionModel, ProcessModel } from '@procos/bpmn';
import type { DecisionDefinition, DeployedResource, RequestKey, Subject } from '@procos/engine';
import type { DefinitionView } from '@procos/store';
import { KEPT_DEPLOYMENT, SHIPPED_DEPLOYMENT } from './policy/decide.ts';
import type { DeployOutcome, DeployRequest, ProcessEngine } from './process-engine.ts';

/**
 * Deploys the version anew, so that it is the latest one; of a process of the system with its rights. It has the name of
 * the deployment that it takes the place of: what is deployed under this name later is compared with it.
 */
export function redeploy(
  engine: ProcessEngine,
  definition: DefinitionView,
  by: Subject,
  key?: RequestKey,
): Promise<DeployOutcome> {
  return engine.deploy(redeployment(engine, definition), by, key);
}

/** What deploys the version anew. */
export function redeployment(engine: ProcessEngine, definition: DefinitionView): DeployRequest {
  const { bpmnProcessId, resourceName, tenantId } = definition;
  const replaced = deploymentOf(engine, engine.latestDefinition(bpmnProcessId, tenantId) ?? definition);
  const name = replaced?.name ?? resourceName;
  return {
    name: name === SHIPPED_DEPLOYMENT || name === KEPT_DEPLOYMENT ? resourceName : name,
    source: deploymentOf(engine, definition)?.source ?? null,
    tenantId,
    resources: filesFor(engine, definition),
    skipUnchanged: false,
  };
}

/** Deploys the version of a decision anew, with the others of its file. */
export function redeployDecision(
  engine: ProcessEngine,
  decision: DecisionDefinition,
  by: Subject,
  key?: RequestKey,
): Promise<DeployOutcome> {
  return engine.deploy(redeploymentOfDecision(engine, decision), by, key);
}

/** What deploys the version of a decision anew. */
export function redeploymentOfDecision(engine: ProcessEngine, decision: DecisionDefinition): DeployRequest {
  const { resourceName, tenantId } = decision;
  return {
    name: resourceName,
    source: deploymentOf(engine, decision)?.source ?? null,
    tenantId,
    resources: filesForDecision(engine, decision),
    skipUnchanged: false,
  };
}

/** Its own file, and those that this imports. */
export function filesForDecision(engine: ProcessEngine, decision: DecisionDefinition): readonly DeployedResource[] {
  const all = deploymentOf(engine, decision)?.resources ?? [];
  const { imported = [] } = decision.model as unknown as DecisionModel;
  const files = all.filter(({ name }) => /\.dmn$/i.test(name));
  return imported.length > 0 ? files : files.filter(({ name }) => name === decision.resourceName);
}

/**
 * Its own model, and what is no model (forms). Other models and decisions of the deployment go along only where this model
 * asks for exactly those: they would get a new version, too.
 */
export function filesFor(engine: ProcessEngine, definition: DefinitionView): readonly DeployedResource[] {
  const all = deploymentOf(engine, definition)?.resources ?? [];
  const model = engine.model(definition.id);
  if (model !== undefined && bindsToDeployment(model)) return all;
  return all.filter(({ name }) => name === definition.resourceName || !/\.(bpmn|xml|dmn)$/i.test(name));
}

function bindsToDeployment(model: ProcessModel): boolean {
  return Object.values(model.elements).some(
    (element) =>
      ('called' in element && element.called.binding === 'deployment') ||
      ('decision' in element && element.decision.binding === 'deployment'),
  );
}

function deploymentOf(engine: ProcessEngine, { deploymentId }: { readonly deploymentId: number }) {
  return engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] })[0];
}
