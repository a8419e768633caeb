/** View of process instances: from their creation to their end, and after. */
import type { ProcessInstanceView } from '../rows.ts';
import type { Projection } from './views.ts';

export const projectProcessInstances: Projection = (event, { at, by }, { processInstances }) => {
  function end(id: number, state: ProcessInstanceView['state'], reason: string | null): void {
    const row = processInstances.get(id);
    if (row !== undefined) processInstances.put({ ...row, state, reason, endedAt: at });
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
        startedAt: at,
        endedAt: null,
        startElementId: event.startElementId,
        rootId: event.rootId,
        parentId: event.parentId,
        parentElementInstanceId: event.parentElementInstanceId,
        reason: null,
        startedBy: `${by.kind}:${by.id}`,
        incidents: 0,
      });
      break;
    case 'processInstanceCompleted':
      end(event.processInstanceId, 'completed', null);
      break;
    case 'processInstanceEnded':
      end(event.processInstanceId, event.how, event.reason);
      break;
  }
};
