/**
 * What Camunda calls jobs: the timers that are set, and the steps that failed for good and wait in an incident. The job of
 * such a step has the id of the incident.
 */
import { type Condition, type Incident, type Json, type ProcessEngine, sourceOf, type Timer } from '@procos/kernel';
import { parseId } from '../../ids.ts';
import { isObject } from '../../safe-json.ts';
import { formatDate, parseDateParameter } from '../dates.ts';
import { definitionIdText, definitionsOf, type ShownDefinition } from '../definitions.ts';
import { invalid } from '../errors.ts';
import {
  type Asking,
  type Parameter,
  PRESENTATION,
  parametersOf,
  sortings,
  textOf,
  textsOf,
  whole,
} from '../list-query.ts';
import * as of from '../memory-list.ts';
import { jobDefinitionId } from './definitions.ts';

export interface Job {
  readonly id: number;
  readonly kind: 'timer' | 'failed';
  readonly processInstanceId: number | null;
  readonly elementInstanceId: number | null;
  readonly elementId: string;
  readonly definition: ShownDefinition | undefined;
  readonly definitionId: number;
  readonly jobDefinitionId: string | null;
  /** null: it has failed, and waits for somebody. */
  readonly dueAt: number | null;
  /** Of a timer: since when the element that it belongs to has been active. */
  readonly createdAt: number | null;
  readonly suspended: boolean;
  readonly priority: number;
  readonly failure: string | null;
}

/** Timers have theirs always. */
const RETRIES = 3;
const retriesOf = ({ failure }: Job): number => (failure === null ? RETRIES : 0);

export const JOBS: of.MemorySpec<Job> = {
  parameters: {
    jobDefinitionId: of.is((job) => job.jobDefinitionId),
    processDefinitionKey: of.is(({ definition }) => definition?.bpmnProcessId ?? null),
    timers: of.when(({ kind }) => kind === 'timer'),
    messages: of.when(({ kind }) => kind === 'failed'),
    withRetriesLeft: of.when((job) => retriesOf(job) > 0),
    noRetriesLeft: of.when((job) => retriesOf(job) === 0),
    withException: of.when(({ failure }) => failure !== null),
    exceptionMessage: of.is(({ failure }) => failure),
    failedActivityId: of.is((job) => (job.failure === null ? null : job.elementId)),
    active: of.when(({ suspended }) => !suspended),
    suspended: of.when(({ suspended }) => suspended),
    executable: (parameter) => {
      const now = parameter.engine.now();
      return of.when<Job>((job) => job.dueAt !== null && job.dueAt <= now && !job.suspended)(parameter);
    },
    dueDates: instants(({ dueAt }) => dueAt),
    createTimes: instants(({ createdAt }) => createdAt),
    priorityLowerThanOrEquals: of.atMost(({ priority }) => priority),
    priorityHigherThanOrEquals: of.atLeast(({ priority }) => priority),
    // What is due is done at once: nobody holds it for a while.
    acquired: of.when(() => false),
    ...of.tenant(({ definition }) => definition?.tenantId ?? null, 'includeJobsWithoutTenantId'),
  },
  sortBy: {
    jobId: ({ id }) => id,
    executionId: ({ elementInstanceId }) => elementInstanceId,
    processInstanceId: ({ processInstanceId }) => processInstanceId,
    processDefinitionId: ({ definitionId }) => definitionId,
    processDefinitionKey: ({ definition }) => definition?.bpmnProcessId ?? null,
    jobPriority: ({ priority }) => priority,
    jobRetries: retriesOf,
    jobDueDate: ({ dueAt }) => dueAt,
    tenantId: ({ definition }) => definition?.tenantId ?? null,
  },
};

/** Parameters that the store looks up by itself. */
export const LOOKED_UP: Readonly<
  Record<
    string,
    (
      parameter: Parameter,
    ) => Condition<Pick<Timer, 'id' | 'processInstanceId' | 'elementInstanceId' | 'definitionId' | 'elementId'>>
  >
> = {
  jobId: (parameter) => ({ column: 'id', op: '=', value: parseId(textOf(parameter)) }),
  jobIds: (parameter) => ({ column: 'id', op: 'in', value: textsOf(parameter).map(parseId) }),
  processInstanceId: (parameter) => ({ column: 'processInstanceId', op: '=', value: parseId(textOf(parameter)) }),
  processInstanceIds: (parameter) => ({
    column: 'processInstanceId',
    op: 'in',
    value: textsOf(parameter).map(parseId),
  }),
  executionId: (parameter) => ({ column: 'elementInstanceId', op: '=', value: parseId(textOf(parameter)) }),
  processDefinitionId: (parameter) => {
    const text = textOf(parameter);
    return { column: 'definitionId', op: '=', value: parseId(text.slice(text.lastIndexOf(':') + 1)) };
  },
  activityId: (parameter) => ({ column: 'elementId', op: '=', value: textOf(parameter) }),
};

/** `[{operator: "gt" | "lt", value}]` of a body, `gt_DATE,lt_DATE` of a query string. */
function instants(get: (job: Job) => number | null): of.MemorySpec<Job>['parameters'][string] {
  return (parameter) => {
    const bounds = boundsOf(parameter).map(({ operator, value }) => {
      if (operator !== 'gt' && operator !== 'lt')
        throw invalid(`Invalid ${parameter.name} comparator specified: ${operator}`);
      return { sign: operator === 'gt' ? 1 : -1, at: parseDateParameter(parameter.name, value) };
    });
    return (job) => {
      const own = get(job);
      return own !== null && bounds.every(({ sign, at }) => sign * (own - at) > 0);
    };
  };
}

function boundsOf({ name, value }: Parameter): readonly { readonly operator: string; readonly value: string }[] {
  const list: readonly Json[] =
    typeof value === 'string' ? value.split(',') : Array.isArray(value) ? (value as Json[]) : [];
  return list.map((one) => {
    if (typeof one === 'string')
      return { operator: one.slice(0, one.indexOf('_')), value: one.slice(one.indexOf('_') + 1) };
    if (!isObject(one)) throw invalid(`Each of '${name}' needs operator and value`);
    return { operator: String(one['operator']), value: String(one['value']) };
  });
}

/** The jobs that the request asks for, of both kinds together in the order that it asks for. */
export function listJobs(call: Asking): readonly Job[] {
  const { from = 0 } = whole(call, 'firstResult', 'from');
  const { most } = whole(call, 'maxResults', 'most');
  // Of each kind no more than could be shown, where nothing has to be looked at one by one.
  const plain = isPlain(call) && sortings(call).length === 0 && most !== undefined;
  return of.listIn(call, candidates(call, plain ? from + most : undefined), JOBS);
}

export function countJobs(call: Asking): { readonly count: number } {
  if (!isPlain(call)) return of.countIn(call, candidates(call), JOBS);
  const where = lookUps(call);
  return { count: call.engine.count('timers', { where: where as Condition<Timer>[] }) + failed(call, where).length };
}

function isPlain(call: Asking): boolean {
  return Array.from(parametersOf(call)).every(
    ([name, value]) => value === null || PRESENTATION.has(name) || Object.hasOwn(LOOKED_UP, name),
  );
}

function lookUps(call: Asking): readonly Condition<Pick<Timer, 'id'>>[] {
  const asked = parametersOf(call);
  return Array.from(asked).flatMap(([name, value]) => {
    const read = value === null || !Object.hasOwn(LOOKED_UP, name) ? undefined : LOOKED_UP[name];
    return read === undefined
      ? []
      : [read({ name, value, engine: call.engine, asked }) as Condition<Pick<Timer, 'id'>>];
  });
}

function failed({ engine }: Asking, where: ReturnType<typeof lookUps>): readonly Incident[] {
  // An incident of an external task is no job.
  const conditions = [{ column: 'externalTaskId', op: 'isNull' } as const, ...(where as Condition<Incident>[])];
  return engine.find('incidents', { where: conditions }).filter(({ step }) => step !== null);
}

function candidates(call: Asking, limit?: number): readonly Job[] {
  const { engine } = call;
  const where = lookUps(call);
  const timers = engine.find('timers', {
    where: where as Condition<Timer>[],
    ...(limit === undefined ? {} : { limit }),
  });
  const incidents = failed(call, where);
  const definitions = definitionsOf(engine, [...timers, ...incidents]);
  const begun = beginnings(engine, timers);
  return [
    ...timers.map((timer) => timerJob(timer, definitions.get(timer.definitionId), begun)),
    ...incidents.map((incident) => failedJob(incident, definitions.get(incident.definitionId))),
  ].map((job) => ({ ...job, jobDefinitionId: definedBy(engine, job) }));
}

type Undefined = Omit<Job, 'jobDefinitionId'> & { readonly from: 'event' | 'before' | 'after' };

function timerJob(
  timer: Timer,
  definition: ShownDefinition | undefined,
  begun: ReadonlyMap<number, number>,
): Undefined {
  const { elementInstanceId } = timer;
  const createdAt = elementInstanceId === null ? definition?.deployedAt : begun.get(elementInstanceId);
  return {
    ...timer,
    kind: 'timer',
    definition,
    createdAt: createdAt ?? null,
    failure: null,
    from: sourceOf(timer.step),
  };
}

function failedJob(incident: Incident, definition: ShownDefinition | undefined): Undefined {
  const { message: failure, step } = incident;
  return {
    ...incident,
    kind: 'failed',
    definition,
    dueAt: null,
    suspended: false,
    priority: 0,
    failure,
    from: sourceOf(step),
  };
}

/** A step that fails where the model has no asynchronous continuation has no job definition. */
function definedBy(engine: ProcessEngine, { definitionId, elementId, from }: Undefined): string | null {
  const element = engine.model(definitionId)?.elements[elementId];
  if (element === undefined || (from !== 'event' && element.async?.[from] !== true)) return null;
  return jobDefinitionId({ definitionId, elementId, from });
}

function beginnings(engine: ProcessEngine, timers: readonly Timer[]): ReadonlyMap<number, number> {
  const value = [...new Set(timers.flatMap(({ elementInstanceId }) => elementInstanceId ?? []))];
  const found = engine.find('elementInstances', { where: [{ column: 'id', op: 'in', value }] });
  return new Map(found.map(({ id, startedAt }) => [id, startedAt]));
}

export function writeJobs(engine: ProcessEngine, jobs: readonly Job[]): readonly unknown[] {
  const definitions = definitionsOf(engine, jobs);
  return jobs.map((job) => ({
    id: String(job.id),
    jobDefinitionId: job.jobDefinitionId,
    dueDate: job.dueAt === null ? null : formatDate(job.dueAt),
    processInstanceId: job.processInstanceId === null ? null : String(job.processInstanceId),
    executionId: job.elementInstanceId === null ? null : String(job.elementInstanceId),
    processDefinitionId: definitionIdText(definitions, job),
    processDefinitionKey: job.definition?.bpmnProcessId ?? null,
    retries: retriesOf(job),
    exceptionMessage: job.failure,
    failedActivityId: job.failure === null ? null : job.elementId,
    suspended: job.suspended,
    priority: job.priority,
    tenantId: job.definition?.tenantId ?? null,
    createTime: job.createdAt === null ? null : formatDate(job.createdAt),
    batchId: null,
  }));
}
