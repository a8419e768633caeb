/** View of process instances: from their creation to their end, and after. */
import { keptAlso, placesOf } from '../history/inside.ts';
import type { ProcessInstanceView } from '../rows.ts';
import type { Projection, Views } from './views.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
const NOTHING_KEPT = { keptIn: [] } as const;

export const projectProcessInstances: Projection = {
  processInstanceCreated(event, record, { processInstances }) {
    const kept = event.imported === undefined ? keptAlso(NOTHING_KEPT, record.sequence, placesOf(record)) : undefined;
    const row: Mutable<ProcessInstanceView> = {
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
    };
    if (event.tags !== undefined) row.tags = event.tags;
    if (kept?.keptIn !== undefined) row.keptIn = kept.keptIn;
    if (kept?.keptPlaces !== undefined) row.keptPlaces = kept.keptPlaces;
    processInstances.put(row);
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
