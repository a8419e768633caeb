/** Open incidents with the names that people know: of the process, of the element. Pure. */
import type { IncidentEntry, ProcessRow } from '@procos/protocol';

export interface NamedIncident extends IncidentEntry {
  readonly processName: string;
  readonly businessKey: string | null;
  readonly elementName: string;
}

/** Instances that are not among `running` are called by the key of their process. */
export function namedIncidents(
  incidents: readonly IncidentEntry[],
  running: readonly ProcessRow[],
): readonly NamedIncident[] {
  const rows = new Map(running.map((row) => [row.pid, row]));
  return incidents.map((incident) => {
    const row = rows.get(incident.pid);
    const wait = row?.waitsAt.find(({ elementId }) => elementId === incident.elementId);
    return {
      ...incident,
      processName: row?.name ?? incident.bpmnProcessId,
      businessKey: row?.businessKey ?? null,
      elementName: wait?.elementName ?? incident.elementId,
    };
  });
}
