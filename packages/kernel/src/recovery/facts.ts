/** What is known about something that went wrong: the inputs of the tables that choose its recovery. */
import { SYSTEM_PROCESS_PREFIX } from '@procos/bpmn';
import type { Incident } from '@procos/engine';
import type { IncidentView } from '@procos/store';

/** The process that every recovery is an instance of. */
export const RECOVERY_PROCESS = 'procos_system_error_recovery';

/** Variables of a recovery, under these names. */
export interface Facts {
  /** An incident of a user's process, an incident of a process of the system, or what the health check has found. */
  readonly kind: 'incident' | 'system' | 'health';
  /** bpmnProcessId. */
  readonly process: string | null;
  readonly version: number | null;
  readonly element: string | null;
  /** Of the external task that failed. */
  readonly topic: string | null;
  /** Kind of the incident, e.g. `failedExternalTask`. */
  readonly error: string | null;
  /** Of a business error that nobody caught; of what the health check has found, e.g. `disk_low`. */
  readonly code: string | null;
  readonly message: string;
  /** 1: nothing has been tried so far. */
  readonly attempt: number;
  /** Worker host that it is about. */
  readonly component: string | null;
}

export const NO_FACTS: Facts = {
  kind: 'incident',
  process: null,
  version: null,
  element: null,
  topic: null,
  error: null,
  code: null,
  message: '',
  attempt: 1,
  component: null,
};

/** `earlier`: the incidents of the same process instance, open or not. */
export function factsOf(
  incident: Incident,
  about: { readonly version: number | null; readonly topic: string | null; readonly earlier: readonly IncidentView[] },
): Facts {
  const { bpmnProcessId, elementId, kind, message, step } = incident;
  const thrown = step?.kind === 'throwError' ? step.error.code : null;
  return {
    kind: bpmnProcessId.startsWith(SYSTEM_PROCESS_PREFIX) ? 'system' : 'incident',
    process: bpmnProcessId,
    version: about.version,
    element: elementId,
    topic: about.topic,
    error: kind,
    code: incident.errorCode ?? thrown,
    message,
    attempt: attemptOf(incident, about.earlier),
    component: null,
  };
}

/**
 * One more than that of an incident whose recovery came before: at the same element instance, or at one of the same
 * element that was there before the recovery began. What fails beside it is no attempt of it. (Identities ascend.)
 */
function attemptOf(incident: Incident, earlier: readonly IncidentView[]): number {
  let attempt = 0;
  for (const { elementId, elementInstanceId, recoveryId, recoveryAttempt = 1 } of earlier) {
    if (recoveryId === undefined || elementId !== incident.elementId) continue;
    const isBefore = elementInstanceId === incident.elementInstanceId || recoveryId < incident.elementInstanceId;
    if (isBefore) attempt = Math.max(attempt, recoveryAttempt);
  }
  return attempt + 1;
}

/** One line for a person. */
export function summaryOf({ process, element, error, attempt, message }: Facts, pid: string, count: number): string {
  const more = count > 1 ? ` (and ${count - 1} more like it)` : '';
  return `${error} at ${element} of ${process}, process ${pid}${more}, attempt ${attempt}: ${message}`;
}
