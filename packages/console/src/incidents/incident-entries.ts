/** Open incidents with the names that people know: of the process, of the element. Pure. */
import type { ProcessRow } from '@procos/protocol';
import type { OpenIncident } from '../api/camunda.ts';

export interface IncidentEntry {
  readonly incidentId: string;
  readonly pid: string;
  readonly processName: string;
  readonly businessKey: string | null;
  readonly elementId: string;
  readonly elementName: string;
  readonly kind: string;
  readonly message: string;
  readonly createdAt: string;
}

/** Instances that are not among `running` are called by the key in their definition's id (`key:version:id`). */
export function incidentEntries(
  incidents: readonly OpenIncident[],
  running: readonly ProcessRow[],
): readonly IncidentEntry[] {
  const rows = new Map(running.map((row) => [row.processInstanceId, row]));
  return incidents.map((incident) => {
    const row = rows.get(incident.processInstanceId);
    const wait = row?.waitsAt.find(({ elementId }) => elementId === incident.activityId);
    return {
      incidentId: incident.id,
      pid: row?.pid ?? incident.processInstanceId,
      processName: row?.name ?? incident.processDefinitionId.split(':')[0] ?? incident.processDefinitionId,
      businessKey: row?.businessKey ?? null,
      elementId: incident.activityId,
      elementName: wait?.elementName ?? incident.activityId,
      kind: incident.incidentType,
      message: incident.incidentMessage ?? '',
      createdAt: instantOf(incident.incidentTimestamp),
    };
  });
}

/** Camunda's `+0000` is not what `Date` is bound to read: `+00:00` is. */
function instantOf(text: string): string {
  return text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
}
