/** View of incidents, open and past; counts the open ones of each process instance. */
import type { EventOf, LogRecord } from '@procos/engine';
import type { IncidentView } from '../rows.ts';
import { openIncidents } from '../tables/view-tables.ts';
import type { Projection, Views } from './views.ts';

export const projectIncidentHistory: Projection = {
  incidentRaised({ incident }, _record, views) {
    const { tenantId: _tenantId, externalTaskId: _task, step: _step, ...row } = incident;
    views.incidentHistory.put({ ...row, resolvedAt: null, state: 'open' });
    countOpen(views, row.processInstanceId, 1);
  },
  incidentResolved({ incidentId }, { at }, views) {
    close(views, views.incidentHistory.get(incidentId), 'resolved', at);
  },
  incidentAnnotated({ incidentId, annotation }, _record, { incidentHistory }) {
    const { annotation: _before, ...row } = incidentHistory.get(incidentId) ?? {};
    if ('id' in row) incidentHistory.put({ ...row, ...(annotation === null ? {} : { annotation }) });
  },
  recoveryStarted({ incidentId, recoveryId, attempt }, _record, { incidentHistory }) {
    const row = incidentHistory.get(incidentId);
    if (row !== undefined) incidentHistory.put({ ...row, recoveryId, recoveryAttempt: attempt });
  },
  elementCompleted: closeOfElement,
  elementCanceled: closeOfElement,
  processInstanceMigrated({ processInstanceId, definitionId, bpmnProcessId, moved }, _record, views) {
    for (const row of openOf(views, processInstanceId)) {
      const elementId = (Object.hasOwn(moved, row.elementId) ? moved[row.elementId] : undefined) ?? row.elementId;
      views.incidentHistory.put({ ...row, definitionId, bpmnProcessId, elementId });
    }
  },
  processInstanceCompleted: closeOfInstance,
  processInstanceEnded: closeOfInstance,
};

function closeOfElement(
  { processInstanceId, elementInstanceId }: EventOf<'elementCompleted' | 'elementCanceled'>,
  { at }: LogRecord,
  views: Views,
): void {
  for (const row of openOf(views, processInstanceId))
    if (row.elementInstanceId === elementInstanceId) close(views, row, 'deleted', at);
}

function closeOfInstance(
  { processInstanceId }: EventOf<'processInstanceCompleted' | 'processInstanceEnded'>,
  { at }: LogRecord,
  views: Views,
): void {
  for (const row of openOf(views, processInstanceId)) close(views, row, 'deleted', at);
}

function countOpen({ processInstances }: Views, processInstanceId: number, change: 1 | -1): void {
  const row = processInstances.get(processInstanceId);
  if (row !== undefined) processInstances.put({ ...row, incidents: row.incidents + change });
}

function close(views: Views, row: IncidentView | undefined, state: 'resolved' | 'deleted', at: number): void {
  if (row?.state !== 'open') return;
  views.incidentHistory.put({ ...row, state, resolvedAt: at });
  countOpen(views, row.processInstanceId, -1);
}

const NONE: readonly IncidentView[] = [];

function openOf({ incidentHistory, processInstances }: Views, processInstanceId: number): readonly IncidentView[] {
  const some = (processInstances.get(processInstanceId)?.incidents ?? 0) > 0;
  return some ? [...incidentHistory.select(openIncidents, [processInstanceId])] : NONE;
}
