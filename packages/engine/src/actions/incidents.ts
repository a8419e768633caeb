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
  },
): void {
  const { turn, instance, self, model } = at;
  turn.emit({
    type: 'incidentRaised',
    incident: {
      id: turn.ids.next(),
      kind: incident.kind,
      processInstanceId: instance.id,
      elementInstanceId: self.id,
      elementId: incident.elementId ?? self.elementId,
      definitionId: instance.definitionId,
      bpmnProcessId: model.bpmnProcessId,
      tenantId: instance.tenantId,
      createdAt: turn.now,
      message: incident.message,
      // Tokens that are stuck in a scope have nothing to do with the work that the scope itself waits for.
      externalTaskId: incident.kind === 'deadlock' ? null : self.externalTaskId,
      step: incident.step,
      ...(incident.errorCode === undefined ? {} : { errorCode: incident.errorCode }),
    },
  });
}

/** Closes all incidents of an element instance (it goes on, or away). */
export function closeIncidents(turn: Turn, processInstanceId: number, element: ElementInstance): void {
  for (const incidentId of [...element.incidents]) {
    turn.emit({ type: 'incidentResolved', incidentId, processInstanceId, elementInstanceId: element.id });
  }
}
