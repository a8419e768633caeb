/** View of process instances: from their creation to their end, and after. */
import { isReadAgain } from '../history/inside.ts';
import type { ProcessInstanceView } from '../rows.ts';
import type { Projection, Views } from './views.ts';

export const projectProcessInstances: Projection = (event, record, { processInstances }) => {
  switch (event.type) {
    case 'processInstanceCreated':
      processInstances.put({
        id: event.processInstanceId,
        definitionId: event.definitionId,
        bpmnProcessId: event.bpmnProcessId,
        version: event.version,
        businessKey: event.businessKey,
        tenantId: event.tenantId,
        state: 'active',
        startedAt: event.imported?.startedAt ?? record.at,
        endedAt: null,
        startElementId: event.startElementId,
        rootId: event.rootId,
        parentId: event.parentId,
        parentElementInstanceId: event.parentElementInstanceId,
        reason: null,
        startedBy: event.imported?.startedBy ?? event.startedBy ?? `${record.by.kind}:${record.by.id}`,
        incidents: 0,
        suspended: false,
        startedIn: record.sequence,
        ...(event.tags === undefined ? {} : { tags: event.tags }),
        ...(isReadAgain(record) && event.imported === undefined ? { keptIn: [record.sequence] } : {}),
      });
      break;
    case 'processInstanceSuspended':
    case 'processInstanceResumed':
      change(processInstances, event.processInstanceId, { suspended: event.type === 'processInstanceSuspended' });
      break;
    case 'processInstanceMigrated': {
      const { definitionId, bpmnProcessId, version } = event;
      change(processInstances, event.processInstanceId, { definitionId, bpmnProcessId, version });
      break;
    }
    case 'processInstanceCompleted':
      change(processInstances, event.processInstanceId, { state: 'completed', reason: null, endedAt: record.at });
      break;
    case 'processInstanceEnded':
      change(processInstances, event.processInstanceId, {
        state: event.how,
        reason: event.reason,
        endedAt: record.at,
      });
      break;
  }
};

function change(processInstances: Views['processInstances'], id: number, changes: Partial<ProcessInstanceView>): void {
  const row = processInstances.get(id);
  if (row !== undefined) processInstances.put({ ...row, ...changes });
}
