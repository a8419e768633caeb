/** View of process instances: from their creation to their end, and after. */
import { keptAlso, placesOf } from '../history/inside.ts';
import type { ProcessInstanceView } from '../rows.ts';
import type { Projection, Views } from './views.ts';

export const projectProcessInstances: Projection = {
  processInstanceCreated(event, record, { processInstances }) {
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
      ...(event.imported === undefined ? keptAlso({ keptIn: [] }, record.sequence, placesOf(record)) : {}),
    });
  },
  processInstanceSuspended: ({ processInstanceId }, _record, views) =>
    change(views, processInstanceId, { suspended: true }),
  processInstanceResumed: ({ processInstanceId }, _record, views) =>
    change(views, processInstanceId, { suspended: false }),
  processInstanceMigrated({ processInstanceId, definitionId, bpmnProcessId, version }, _record, views) {
    change(views, processInstanceId, { definitionId, bpmnProcessId, version });
  },
  processInstanceCompleted: ({ processInstanceId }, { at }, views) =>
    change(views, processInstanceId, { state: 'completed', reason: null, endedAt: at }),
  processInstanceEnded: ({ processInstanceId, how, reason }, { at }, views) =>
    change(views, processInstanceId, { state: how, reason, endedAt: at }),
};

function change({ processInstances }: Views, id: number, changes: Partial<ProcessInstanceView>): void {
  const row = processInstances.get(id);
  if (row !== undefined) processInstances.put({ ...row, ...changes });
}
