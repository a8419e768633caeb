/** A running instance as Camunda shows it. */
import type { ProcessInstanceView } from '@procos/kernel';
import type { Link } from '../links.ts';

export function processInstance(instance: ProcessInstanceView, links: readonly Link[] = []): Record<string, unknown> {
  return {
    links,
    id: String(instance.id),
    definitionId: `${instance.bpmnProcessId}:${instance.version}:${instance.definitionId}`,
    definitionKey: instance.bpmnProcessId,
    businessKey: instance.businessKey,
    caseInstanceId: null,
    ended: instance.state !== 'active',
    suspended: instance.suspended,
    tenantId: instance.tenantId,
  };
}
