/** Requirements graphs: files with more than one decision. They are no rows of their own, but read from the decisions. */
import type { DecisionDefinition, DecisionModel, ProcessEngine } from '@procos/kernel';
import { graphOf } from '../decision-definition/routes.ts';
import * as of from '../memory-list.ts';

export interface Graph {
  readonly id: string;
  readonly key: string;
  readonly name: string | null;
  readonly version: number;
  readonly resourceName: string;
  readonly deploymentId: number;
  readonly tenantId: string | null;
  readonly latest: boolean;
  readonly decisions: readonly DecisionDefinition[];
}

/** Oldest first. */
export function allGraphs(engine: ProcessEngine): readonly Graph[] {
  const files = new Map<string, DecisionDefinition[]>();
  for (const decision of engine.find('decisions')) {
    const graph = graphOf(decision);
    if (graph === undefined) continue;
    const id = `${graph.id} ${decision.resourceName}`;
    files.set(id, [...(files.get(id) ?? []), decision]);
  }
  const versions = new Map<string, Graph[]>();
  for (const decisions of files.values()) {
    const [first] = decisions;
    const { id = '', key = '' } = (first && graphOf(first)) ?? {};
    if (first === undefined) continue;
    const { tenantId, deploymentId, resourceName } = first;
    const name = (first.model as unknown as DecisionModel).name;
    const of = `${tenantId ?? ''} ${key}`;
    const before = versions.get(of) ?? [];
    const graph = {
      id,
      key,
      name,
      version: before.length + 1,
      resourceName,
      deploymentId,
      tenantId,
      latest: true,
      decisions,
    };
    versions.set(of, [...before.map((one) => ({ ...one, latest: false })), graph]);
  }
  return [...versions.values()].flat();
}

export const GRAPHS: of.MemorySpec<Graph> = {
  parameters: {
    decisionRequirementsDefinitionId: of.is(({ id }) => id),
    decisionRequirementsDefinitionIdIn: of.isAmong(({ id }) => id),
    name: of.is(({ name }) => name),
    nameLike: of.isLike(({ name }) => name),
    deploymentId: of.is(({ deploymentId }) => deploymentId),
    key: of.is(({ key }) => key),
    keyLike: of.isLike(({ key }) => key),
    category: of.none(),
    categoryLike: of.none(),
    version: of.is(({ version }) => version),
    latestVersion: of.when(({ latest }) => latest),
    resourceName: of.is(({ resourceName }) => resourceName),
    resourceNameLike: of.isLike(({ resourceName }) => resourceName),
    ...of.tenant(({ tenantId }) => tenantId, 'includeDecisionRequirementsDefinitionsWithoutTenantId'),
  },
  sortBy: {
    id: ({ id }) => id,
    key: ({ key }) => key,
    name: ({ name }) => name,
    version: ({ version }) => version,
    deploymentId: ({ deploymentId }) => deploymentId,
    category: () => null,
    tenantId: ({ tenantId }) => tenantId,
  },
};

export function decisionRequirementsDefinition(graph: Graph): Record<string, unknown> {
  return {
    id: graph.id,
    key: graph.key,
    category: null,
    name: graph.name,
    version: graph.version,
    resource: graph.resourceName,
    deploymentId: String(graph.deploymentId),
    tenantId: graph.tenantId,
  };
}
