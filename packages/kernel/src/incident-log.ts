/** Incidents are written to the kernel's log: an operator may look there first. */
import type { LogRecord } from '@procos/engine';
import type { KernelLog } from './log.ts';

export function logIncidents(records: readonly LogRecord[], log: KernelLog): void {
  for (const { events } of records) {
    for (const event of events) {
      if (event.type !== 'incidentRaised') continue;
      const { id, kind, processInstanceId, elementId, bpmnProcessId, message } = event.incident;
      const about = { kind, process: bpmnProcessId, element: elementId, correlation_id: processInstanceId };
      const where = `Incident in ${bpmnProcessId} ${processInstanceId} at ${elementId}`;
      log.warn('incident_raised', `${where}: ${message}`, { incident_id: id, ...about });
    }
  }
}
