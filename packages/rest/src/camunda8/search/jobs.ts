/** Jobs as they are searched and shown: those that there are, and those that are over (see `jobs-over.ts`). */
import type { ExternalTask, ProcessEngine, Scalar } from '@procos/kernel';
import type { ModelElement } from '../../models.ts';
import { dateOf, optionalDateOf } from '../dates.ts';
import { kindOf, listenerEventOf, retriesOf } from '../job/activated.ts';
import { workerNameOf } from '../job/worker-ids.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import * as by from './filter.ts';
import { byIndex } from './reach.ts';
import { instancesOf } from './related.ts';
import type { SearchSpec, Sort } from './search.ts';

/** What became of a job that is over. */
export interface Over {
  readonly state: 'COMPLETED' | 'CANCELED' | 'ERROR_THROWN';
  /** ms since the epoch; null: nothing in the log tells. */
  readonly endedAt: number | null;
  readonly errorCode: string | null;
  /** null: it was nothing that can be denied, or nothing was said. */
  readonly isDenied: boolean | null;
  readonly deniedReason: string | null;
}

export interface JobRow extends ExternalTask {
  /** Absent: there is a job. */
  readonly over?: Over;
}

type Row = JobRow;

export const STATES = [
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

const FILTERS: Readonly<Record<string, by.Field<Row>>> = {
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
};

const SORTS: Readonly<Record<string, Sort<Row>>> = {
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
  endTime: () => endOf,
  errorCode: () => said('errorCode'),
  deniedReason: () => said('deniedReason'),
  isDenied: () => said('isDenied'),
};

/** Of those that there are: nothing of them has ended. */
export const JOBS = {
  table: 'externalTasks',
  filters: {
    ...FILTERS,
    endTime: by.absent<Row>(by.asInstant),
    lastUpdateTime: by.absent<Row>(by.asInstant),
    errorCode: by.absent<Row>(),
    deniedReason: by.absent<Row>(),
    isDenied: by.absent<Row>(by.asFlag),
  },
  sorts: SORTS,
  reach: byIndex('externalTasks', ['processInstanceId', 'workerId']),
} as unknown as SearchSpec<'externalTasks'>;

/** Of all, where those that are over are at hand. */
export const ALL_JOBS: { readonly filters: typeof FILTERS; readonly sorts: typeof SORTS } = {
  filters: {
    ...FILTERS,
    endTime: by.looked<Row>(() => endOf, by.asInstant),
    lastUpdateTime: by.looked<Row>(() => endOf, by.asInstant),
    errorCode: by.looked<Row>(() => said('errorCode'), by.asText),
    deniedReason: by.looked<Row>(() => said('deniedReason'), by.asText),
    isDenied: by.looked<Row>(() => said('isDenied'), by.asFlag),
  },
  sorts: SORTS,
};

function endOf({ over }: Row): number | null {
  return over?.endedAt ?? null;
}

function said(what: 'errorCode' | 'deniedReason' | 'isDenied'): (row: Row) => Scalar {
  return ({ over }) => over?.[what] ?? null;
}

/** The end of the lock, while somebody has it; ms since the epoch. */
function deadlineOf({ workerId, availableAt, over }: Row): number | null {
  return workerId === null || over !== undefined ? null : availableAt;
}

/** A worker has said that it failed, and nobody has taken it up again. */
function hasFailed({ retries, errorMessage, workerId, over }: Row): boolean {
  if (over !== undefined) return false;
  return retries === 0 || (errorMessage !== null && workerId === null);
}

export function stateOf(row: Row): (typeof STATES)[number] {
  if (row.over !== undefined) return row.over.state;
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
    errorCode: row.over?.errorCode ?? null,
    isDenied: row.over?.isDenied ?? null,
    deniedReason: row.over?.deniedReason ?? null,
    customHeaders: headersOf(engine, row),
    deadline: optionalDateOf(deadlineOf(row)),
    endTime: optionalDateOf(endOf(row)),
    creationTime: dateOf(row.createdAt),
    lastUpdateTime: optionalDateOf(endOf(row)),
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
