/** Incidents: raised where a model or its data failed, resolved when the step is tried again. */
import type { Step } from '../records/steps.ts';
import type { ElementInstance, IncidentKind } from '../state/entities.ts';
import type { Turn, Visit } from './turn.ts';

export function raiseIncident(
  at: Visit,
  incident: {
    readonly kind: IncidentKind;
    readonly message: string;
    readonly step: Step | null;
    readonly elementId?: string;
    readonly errorCode?: string;
    readonly label?: string;
    readonly configuration?: string;
  },
): number {
  const { turn, instance, self, model } = at;
  const id = turn.ids.next();
  turn.emit({
    type: 'incidentRaised',
    incident: {
      id,
      kind: incident.kind,
      processInstanceId: instance.id,
      elementInstanceId: self.id,
      elementId: incident.elementId ?? self.elementId,
      definitionId: instance.definitionId,
      bpmnProcessId: model.bpmnProcessId,
      tenantId: instance.tenantId,
      createdAt: turn.now,
      message: incident.message,
      // These have nothing to do with the work that the element itself waits for.
      externalTaskId: incident.kind === 'deadlock' || incident.kind === 'custom' ? null : self.externalTaskId,
      step: incident.step,
      ...(incident.errorCode === undefined ? {} : { errorCode: incident.errorCode }),
      ...(incident.label === undefined ? {} : { label: incident.label }),
      ...(incident.configuration === undefined ? {} : { configuration: incident.configuration }),
    },
  });
  return id;
}

/** Closes all incidents of an element instance (it goes on, or away). */
export function closeIncidents(turn: Turn, processInstanceId: number, element: ElementInstance): void {
  if (element.incidents.size === 0) return;
  for (const incidentId of [...element.incidents]) {
    turn.emit({ type: 'incidentResolved', incidentId, processInstanceId, elementInstanceId: element.id });
  }
}
