/** View of process instances: from their creation to their end, and after. */
import { isReadAgain } from '../history/inside.ts';
import type { ProcessInstanceView } from '../rows.ts';
import type { Projection } from './views.ts';

export const projectProcessInstances: Projection = (event, record, { processInstances }) => {
  const { at, by, sequence } = record;
  function end(id: number, state: ProcessInstanceView['state'], reason: string | null): void {
    change(id, { state, reason, endedAt: at });
  }
  function change(id: number, changes: Partial<ProcessInstanceView>): void {
    const row = processInstances.get(id);
    if (row !== undefined) processInstances.put({ ...row, ...changes });
  }

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
        startedAt: event.imported?.startedAt ?? at,
        endedAt: null,
        startElementId: event.startElementId,
        rootId: event.rootId,
        parentId: event.parentId,
        parentElementInstanceId: event.parentElementInstanceId,
        reason: null,
        startedBy: event.imported?.startedBy ?? event.startedBy ?? `${by.kind}:${by.id}`,
        incidents: 0,
        suspended: false,
        startedIn: sequence,
        ...(event.tags === undefined ? {} : { tags: event.tags }),
        ...(isReadAgain(record) && event.imported === undefined ? { keptIn: [sequence] } : {}),
      });
      break;
    case 'processInstanceSuspended':
    case 'processInstanceResumed':
      change(event.processInstanceId, { suspended: event.type === 'processInstanceSuspended' });
      break;
    case 'processInstanceMigrated': {
      const { definitionId, bpmnProcessId, version } = event;
      change(event.processInstanceId, { definitionId, bpmnProcessId, version });
      break;
    }
    case 'processInstanceCompleted':
      end(event.processInstanceId, 'completed', null);
      break;
    case 'processInstanceEnded':
      end(event.processInstanceId, event.how, event.reason);
      break;
  }
};
