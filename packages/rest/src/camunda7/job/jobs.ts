/**
 * What Camunda calls jobs: the timers that are set, and the steps that failed for good and wait in an incident. The job of
 * such a step has the id of the incident.
 */
import type { Incident, ProcessEngine, Timer } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { formatDate } from '../dates.ts';
import { definitionIdText, definitionsOf } from '../definitions.ts';
import * as by from '../list-query.ts';

const TIMERS: by.ListSpec<'timers'> = {
  table: 'timers',
  parameters: {
    jobId: by.equalsId('id'),
    jobIds: by.amongIds('id'),
    processInstanceId: by.equalsId('processInstanceId'),
    processInstanceIds: by.amongIds('processInstanceId'),
    executionId: by.equalsId('elementInstanceId'),
    processDefinitionId: by.definition('definitionId'),
    activityId: by.equals('elementId'),
    timers: by.always,
    messages: by.never,
    withRetriesLeft: by.always,
    noRetriesLeft: by.never,
    withException: by.never,
    exceptionMessage: () => by.nothing(),
    failedActivityId: () => by.nothing(),
    active: by.when({ column: 'suspended', op: '=', value: false }),
    suspended: by.when({ column: 'suspended', op: '=', value: true }),
    executable: (parameter) =>
      by.flagOf(parameter) ? { where: [{ column: 'dueAt', op: '<=', value: parameter.engine.now() }] } : {},
    processDefinitionKey: (parameter) => {
      const where = [{ column: 'bpmnProcessId', op: '=', value: by.textOf(parameter) }] as const;
      return by.isIn(
        'definitionId',
        parameter.engine.find('definitions', { where }).map((row) => row.id),
      );
    },
  },
  unsupported:
    'jobDefinitionId dueDates createTimes priorityLowerThanOrEquals priorityHigherThanOrEquals tenantIdIn withoutTenantId includeJobsWithoutTenantId acquired',
  sortBy: {
    jobId: 'id',
    executionId: 'elementInstanceId',
    processInstanceId: 'processInstanceId',
    processDefinitionId: 'definitionId',
    jobDueDate: 'dueAt',
  },
};

const FAILED: by.ListSpec<'incidents'> = {
  table: 'incidents',
  // An incident of an external task is no job.
  base: [{ column: 'externalTaskId', op: 'isNull' }],
  parameters: {
    jobId: by.equalsId('id'),
    jobIds: by.amongIds('id'),
    processInstanceId: by.equalsId('processInstanceId'),
    processInstanceIds: by.amongIds('processInstanceId'),
    executionId: by.equalsId('elementInstanceId'),
    processDefinitionId: by.definition('definitionId'),
    processDefinitionKey: by.equals('bpmnProcessId'),
    activityId: by.equals('elementId'),
    failedActivityId: by.equals('elementId'),
    exceptionMessage: by.equals('message'),
    timers: by.never,
    messages: by.always,
    withRetriesLeft: by.never,
    noRetriesLeft: by.always,
    withException: by.always,
    executable: by.never,
    active: (parameter) => inSuspended(parameter, false),
    suspended: (parameter) => inSuspended(parameter, true),
  },
  unsupported: TIMERS.unsupported,
  sortBy: {
    jobId: 'id',
    executionId: 'elementInstanceId',
    processInstanceId: 'processInstanceId',
    processDefinitionId: 'definitionId',
    jobDueDate: 'createdAt',
  },
};

function inSuspended(parameter: by.Parameter, suspended: boolean): by.Filter<Incident> {
  if (!by.flagOf(parameter)) return {};
  return {
    test: ({ processInstanceId: value }) => {
      const where = [{ column: 'id', op: '=', value }] as const;
      return parameter.engine.find('processInstances', { where })[0]?.suspended === suspended;
    },
  };
}

export interface Job {
  readonly id: number;
  readonly kind: 'timer' | 'failed';
  readonly processInstanceId: number | null;
  readonly elementInstanceId: number | null;
  readonly definitionId: number;
  /** Of a failed one, since when it has failed. */
  readonly dueAt: number;
  readonly suspended: boolean;
  readonly priority: number;
  readonly failure: { readonly elementId: string; readonly message: string } | null;
}

const SORT: Readonly<Record<string, (job: Job) => number | null>> = {
  jobId: ({ id }) => id,
  executionId: ({ elementInstanceId }) => elementInstanceId,
  processInstanceId: ({ processInstanceId }) => processInstanceId,
  processDefinitionId: ({ definitionId }) => definitionId,
  jobDueDate: ({ dueAt }) => dueAt,
};

/** The jobs that the request asks for, of both kinds together in the order that it asks for. */
export function listJobs(asking: by.Asking): readonly Job[] {
  const { from = 0 } = by.whole(asking, 'firstResult', 'from');
  const { most } = by.whole(asking, 'maxResults', 'most');
  const { firstResult: _first, maxResults: _most, ...query } = asking.query;
  // Of each as many as could be shown.
  const range = most === undefined ? {} : { maxResults: String(from + most) };
  const both = { ...asking, query: { ...query, ...range }, body: without(asking.body) };
  const timers = by.list(both, TIMERS).map(timerJob);
  const failed = by.list(both, FAILED).flatMap((incident) => (incident.step === null ? [] : [failedJob(incident)]));
  const jobs = timers.length === 0 || failed.length === 0 ? [...timers, ...failed] : merged(asking, timers, failed);
  return jobs.slice(from, most === undefined ? undefined : from + most);
}

export function countJobs(asking: by.Asking): { readonly count: number } {
  const failed = by.list({ ...asking, query: { ...asking.query } }, FAILED).filter(({ step }) => step !== null);
  return { count: by.count(asking, TIMERS).count + failed.length };
}

function merged(asking: by.Asking, timers: readonly Job[], failed: readonly Job[]): readonly Job[] {
  const [first] = Array.isArray(asking.body['sorting']) ? (asking.body['sorting'] as JsonObject[]) : [asking.query];
  const value = SORT[String(first?.['sortBy'] ?? 'jobId')] ?? SORT['jobId']!;
  const sign = first?.['sortOrder'] === 'desc' ? -1 : 1;
  return [...timers, ...failed].sort((a, b) => sign * ((value(a) ?? 0) - (value(b) ?? 0)) || a.id - b.id);
}

function without(body: JsonObject): JsonObject {
  const { firstResult: _first, maxResults: _most, ...rest } = body;
  return rest;
}

function timerJob(timer: Timer): Job {
  return { ...timer, kind: 'timer', failure: null };
}

function failedJob(incident: Incident): Job {
  const { elementId, message, createdAt: dueAt } = incident;
  return { ...incident, kind: 'failed', dueAt, suspended: false, priority: 0, failure: { elementId, message } };
}

export function writeJobs(engine: ProcessEngine, jobs: readonly Job[]): readonly unknown[] {
  const definitions = definitionsOf(engine, jobs);
  return jobs.map((job) => ({
    id: String(job.id),
    jobDefinitionId: null,
    dueDate: job.kind === 'timer' ? formatDate(job.dueAt) : null,
    processInstanceId: job.processInstanceId === null ? null : String(job.processInstanceId),
    executionId: job.elementInstanceId === null ? null : String(job.elementInstanceId),
    processDefinitionId: definitionIdText(definitions, job),
    processDefinitionKey: definitions.get(job.definitionId)?.bpmnProcessId ?? null,
    retries: job.failure === null ? 3 : 0,
    exceptionMessage: job.failure?.message ?? null,
    failedActivityId: job.failure?.elementId ?? null,
    suspended: job.suspended,
    priority: job.priority,
    tenantId: definitions.get(job.definitionId)?.tenantId ?? null,
    createTime: null,
    batchId: null,
  }));
}
