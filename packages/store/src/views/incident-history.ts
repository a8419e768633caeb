/** View of incidents, open and past; counts the open ones of each process instance. */
import type { IncidentView } from '../rows.ts';
import { openIncidents } from '../tables/view-tables.ts';
import type { Projection, Views } from './views.ts';

export const projectIncidentHistory: Projection = (event, { at }, views) => {
  const { incidentHistory } = views;
  switch (event.type) {
    case 'incidentRaised': {
      const { tenantId: _tenantId, externalTaskId: _task, step: _step, ...incident } = event.incident;
      incidentHistory.put({ ...incident, resolvedAt: null, state: 'open' });
      countOpen(views, incident.processInstanceId, 1);
      break;
    }
    case 'incidentResolved':
      close(views, incidentHistory.get(event.incidentId), 'resolved', at);
      break;
    case 'incidentAnnotated': {
      const { annotation: _before, ...row } = incidentHistory.get(event.incidentId) ?? {};
      if ('id' in row)
        incidentHistory.put({ ...row, ...(event.annotation === null ? {} : { annotation: event.annotation }) });
      break;
    }
    case 'recoveryStarted': {
      const row = incidentHistory.get(event.incidentId);
      if (row !== undefined)
        incidentHistory.put({ ...row, recoveryId: event.recoveryId, recoveryAttempt: event.attempt });
      break;
    }
    case 'elementCompleted':
    case 'elementCanceled':
      for (const row of openOf(views, event.processInstanceId)) {
        if (row.elementInstanceId === event.elementInstanceId) close(views, row, 'deleted', at);
      }
      break;
    case 'processInstanceMigrated': {
      const { definitionId, bpmnProcessId, moved } = event;
      for (const row of openOf(views, event.processInstanceId)) {
        const elementId = (Object.hasOwn(moved, row.elementId) ? moved[row.elementId] : undefined) ?? row.elementId;
        incidentHistory.put({ ...row, definitionId, bpmnProcessId, elementId });
      }
      break;
    }
    case 'processInstanceCompleted':
    case 'processInstanceEnded':
      for (const row of openOf(views, event.processInstanceId)) close(views, row, 'deleted', at);
      break;
  }
};

function countOpen({ processInstances }: Views, processInstanceId: number, change: 1 | -1): void {
  const row = processInstances.get(processInstanceId);
  if (row !== undefined) processInstances.put({ ...row, incidents: row.incidents + change });
}

function close(views: Views, row: IncidentView | undefined, state: 'resolved' | 'deleted', at: number): void {
  if (row?.state !== 'open') return;
  views.incidentHistory.put({ ...row, state, resolvedAt: at });
  countOpen(views, row.processInstanceId, -1);
}

function openOf({ incidentHistory, processInstances }: Views, processInstanceId: number): readonly IncidentView[] {
  const some = (processInstances.get(processInstanceId)?.incidents ?? 0) > 0;
  return some ? [...incidentHistory.select(openIncidents, [processInstanceId])] : [];
}
