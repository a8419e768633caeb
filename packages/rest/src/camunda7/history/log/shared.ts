/** What the entries of all historic logs say of the process instance that they belong to. */
import type { ProcessInstanceView } from '@procos/kernel';

export function ofInstance(instance: ProcessInstanceView | undefined): Record<string, string | null> {
  return {
    processInstanceId: instance === undefined ? null : String(instance.id),
    processDefinitionKey: instance?.bpmnProcessId ?? null,
    processDefinitionId:
      instance === undefined ? null : `${instance.bpmnProcessId}:${instance.version}:${instance.definitionId}`,
    rootProcessInstanceId: instance === undefined ? null : String(instance.rootId),
    tenantId: instance?.tenantId ?? null,
  };
}
