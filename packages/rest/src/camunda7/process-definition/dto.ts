/** A definition as Camunda shows it. */
import type { DefinitionView, ProcessEngine } from '@procos/kernel';
import { camundaDefinitionId } from '../definitions.ts';

/** Days; null when the model says nothing, or not in days. */
function daysToLive(text: string | undefined): number | null {
  const days = /^(?:P(\d+)D|(\d+))$/.exec(text ?? '');
  return days === null ? null : Number(days[1] ?? days[2]);
}

export function processDefinition(
  engine: ProcessEngine,
  definition: DefinitionView,
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
    historyTimeToLive: daysToLive(model?.historyTimeToLive),
    startableInTasklist: model?.startable ?? true,
  };
}
