/** `/jobs/search`: work that there is now. A job that was done or canceled is over, and its element instance tells of it. */
import type { ExternalTask, ProcessEngine } from '@procos/kernel';
import type { ModelElement } from '../../models.ts';
import { dateOf, optionalDateOf } from '../dates.ts';
import { kindOf, listenerEventOf, retriesOf } from '../job/activated.ts';
import { workerNameOf } from '../job/worker-ids.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import * as by from './filter.ts';
import { byIndex } from './reach.ts';
import { instancesOf } from './related.ts';
import type { SearchSpec } from './search.ts';

type Row = ExternalTask;

const STATES = [
  'CANCELED',
  'COMPLETED',
  'CREATED',
  'ERROR_THROWN',
  'FAILED',
  'MIGRATED',
  'RETRIES_UPDATED',
  'TIMED_OUT',
] as const;
const KINDS = ['BPMN_ELEMENT', 'EXECUTION_LISTENER', 'TASK_LISTENER', 'AD_HOC_SUB_PROCESS'];
const LISTENER_EVENTS = ['ASSIGNING', 'CANCELING', 'COMPLETING', 'CREATING', 'END', 'START', 'UNSPECIFIED', 'UPDATING'];

export const JOBS: SearchSpec<'externalTasks'> = {
  table: 'externalTasks',
  filters: {
    jobKey: by.key('id'),
    type: by.text('topic'),
    processInstanceKey: by.key('processInstanceId'),
    processDefinitionKey: by.key('definitionId'),
    processDefinitionId: by.text('bpmnProcessId'),
    elementInstanceKey: by.key('elementInstanceId'),
    elementId: by.text('elementId'),
    errorMessage: by.text('errorMessage'),
    creationTime: by.instant('createdAt'),
    tenantId: by.tenant('tenantId'),
    worker: by.looked<Row>(
      () =>
        ({ workerId }) =>
          workerNameOf(workerId),
      by.asText,
    ),
    retries: by.looked<Row>(() => retriesOf, by.asWhole),
    deadline: by.looked<Row>(() => deadlineOf, by.asInstant),
    state: by.lookedWord<Row>(() => stateOf, STATES),
    kind: by.lookedWord<Row>(() => kindOf, KINDS),
    listenerEventType: by.lookedWord<Row>(() => listenerEventOf, LISTENER_EVENTS),
    hasFailedWithRetriesLeft: by.looked<Row>(() => hasFailedWithRetriesLeft, by.asFlag),
    endTime: by.absent(by.asInstant),
    lastUpdateTime: by.absent(by.asInstant),
    errorCode: by.absent(),
    deniedReason: by.absent(),
    isDenied: by.absent(by.asFlag),
  },
  sorts: {
    jobKey: 'id',
    type: 'topic',
    processInstanceKey: 'processInstanceId',
    processDefinitionKey: 'definitionId',
    processDefinitionId: 'bpmnProcessId',
    elementInstanceKey: 'elementInstanceId',
    elementId: 'elementId',
    errorMessage: 'errorMessage',
    tenantId: 'tenantId',
    worker:
      () =>
      ({ workerId }) =>
        workerNameOf(workerId),
    retries: () => retriesOf,
    deadline: () => deadlineOf,
    state: () => stateOf,
    kind: () => kindOf,
    listenerEventType: () => listenerEventOf,
    hasFailedWithRetriesLeft: () => hasFailedWithRetriesLeft,
    endTime: () => () => null,
    errorCode: () => () => null,
    deniedReason: () => () => null,
    isDenied: () => () => null,
  },
  reach: byIndex('externalTasks', ['processInstanceId', 'workerId']),
};

/** The end of the lock, while somebody has it; ms since the epoch. */
function deadlineOf({ workerId, availableAt }: Row): number | null {
  return workerId === null ? null : availableAt;
}

/** A worker has said that it failed, and nobody has taken it up again. */
function hasFailed({ retries, errorMessage, workerId }: Row): boolean {
  return retries === 0 || (errorMessage !== null && workerId === null);
}

function stateOf(row: Row): (typeof STATES)[number] {
  return hasFailed(row) ? 'FAILED' : 'CREATED';
}

function hasFailedWithRetriesLeft(row: Row): boolean {
  return hasFailed(row) && retriesOf(row) > 0;
}

export function writeJobs(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const instanceOf = instancesOf(engine, rows);
  return rows.map((row) => ({
    jobKey: keyOf(row.id),
    type: row.topic,
    worker: workerNameOf(row.workerId),
    state: stateOf(row),
    kind: kindOf(row),
    listenerEventType: listenerEventOf(row),
    retries: retriesOf(row),
    hasFailedWithRetriesLeft: hasFailedWithRetriesLeft(row),
    errorMessage: row.errorMessage,
    errorCode: null,
    isDenied: null,
    deniedReason: null,
    customHeaders: headersOf(engine, row),
    deadline: optionalDateOf(deadlineOf(row)),
    endTime: null,
    creationTime: dateOf(row.createdAt),
    lastUpdateTime: null,
    elementId: row.elementId,
    elementInstanceKey: keyOf(row.elementInstanceId),
    processInstanceKey: keyOf(row.processInstanceId),
    rootProcessInstanceKey: keyOf(instanceOf(row.processInstanceId)?.rootId ?? row.processInstanceId),
    processDefinitionKey: keyOf(row.definitionId),
    processDefinitionId: row.bpmnProcessId,
    tenantId: tenantOf(row.tenantId),
  }));
}

/** What the worker is told beside the variables. */
function headersOf(engine: ProcessEngine, { headers, errand, definitionId, elementId }: Row): unknown {
  if (errand !== null) return errand.headers;
  const element = engine.model(definitionId)?.elements[elementId];
  return headers ?? { ...element?.properties, ...workOf(element)?.headers };
}

function workOf(
  element: ModelElement | undefined,
): { readonly headers?: Readonly<Record<string, string>> } | undefined {
  if (element?.type === 'userTask') return element.user.job;
  if (element !== undefined && 'work' in element) return element.work;
  return element !== undefined && 'event' in element && element.event.kind === 'message'
    ? element.event.work
    : undefined;
}
