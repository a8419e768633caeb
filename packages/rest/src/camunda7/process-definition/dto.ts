/** A definition as Camunda shows it. */
import { historyDays, type ProcessEngine } from '@procos/kernel';
import { camundaDefinitionId, type ShownDefinition } from '../definitions.ts';

export function processDefinition(
  engine: ProcessEngine,
  definition: ShownDefinition,
): Record<string, unknown> & { readonly id: string } {
  const model = engine.model(definition.id);
  return {
    id: camundaDefinitionId(definition),
    key: definition.bpmnProcessId,
    category: null,
    description: null,
    name: definition.name,
    version: definition.version,
    resource: definition.resourceName,
    deploymentId: String(definition.deploymentId),
    diagram: null,
    suspended: definition.suspended,
    tenantId: definition.tenantId,
    versionTag: definition.versionTag,
    historyTimeToLive: historyDays(definition, model) ?? null,
    startableInTasklist: model?.startable ?? true,
  };
}
