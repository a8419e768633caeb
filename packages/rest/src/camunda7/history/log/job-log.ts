/**
 * `/history/job-log`: what happened to timers, and to steps that failed for good. The job of such a step has the id of its
 * incident, as in `/job`: it begins with its failure.
 */
import { type EngineEvent, type LogRecord, type Step, sourceOf, type Timer } from '@procos/kernel';
import { type Call, type Declare, Raw } from '../../../call.ts';
import { formatDate } from '../../dates.ts';
import type { ShownDefinition } from '../../definitions.ts';
import { notFound } from '../../errors.ts';
import { type JobDefinition, jobDefinitionsOf } from '../../job/definitions.ts';
import { listRoutes } from '../../list-routes.ts';
import * as of from '../../memory-list.ts';
import { countLog, type Entry, findEntry, type Known, type LogSpec, listLog } from './reader.ts';
import { ofInstance } from './shared.ts';

type Happened = 'creation' | 'failure' | 'success' | 'deletion';

interface Job {
  readonly id: number;
  readonly definitionId: number;
  readonly processInstanceId: number | null;
  readonly elementInstanceId: number | null;
  readonly elementId: string;
  readonly step: Step | null;
  /** null: it has failed. */
  readonly dueAt: number | null;
  readonly priority: number;
}

interface JobEntry extends Entry {
  readonly happened: Happened;
  readonly job: Job;
  readonly failure: string | null;
  readonly definition: ShownDefinition | undefined;
  readonly source: JobDefinition | undefined;
  readonly shared: Readonly<Record<string, string | null>>;
}

const retriesOf = ({ job, happened }: JobEntry): number => (job.dueAt === null && happened === 'failure' ? 0 : 3);

const JOB_LOG: LogSpec<JobEntry> = {
  parameters: {
    logId: of.is(({ id }) => id),
    jobId: of.is(({ job }) => job.id),
    jobExceptionMessage: of.is(({ failure }) => failure),
    jobDefinitionId: of.is(({ source }) => source?.id ?? null),
    jobDefinitionType: of.is(({ source }) => source?.type ?? null),
    jobDefinitionConfiguration: of.is(({ source }) => source?.configuration ?? null),
    activityIdIn: of.isAmong(({ job }) => job.elementId),
    failedActivityIdIn: of.isAmong(({ job, happened }) => (happened === 'failure' ? job.elementId : null)),
    executionIdIn: of.isAmong(({ job }) => job.elementInstanceId),
    processInstanceId: of.is(({ processInstanceId }) => processInstanceId),
    processDefinitionId: of.is(({ shared }) => shared['processDefinitionId'] ?? null),
    processDefinitionKey: of.is(({ shared }) => shared['processDefinitionKey'] ?? null),
    deploymentId: of.is(({ definition }) => definition?.deploymentId ?? null),
    jobPriorityLowerThanOrEquals: of.atMost(({ job }) => job.priority),
    jobPriorityHigherThanOrEquals: of.atLeast(({ job }) => job.priority),
    // There is one host.
    hostname: of.none(),
    creationLog: of.when(({ happened }) => happened === 'creation'),
    failureLog: of.when(({ happened }) => happened === 'failure'),
    successLog: of.when(({ happened }) => happened === 'success'),
    deletionLog: of.when(({ happened }) => happened === 'deletion'),
    ...of.tenant(({ shared }) => shared['tenantId'] ?? null),
  },
  sortBy: {
    timestamp: ({ sequence }) => sequence,
    jobId: ({ job }) => job.id,
    jobDefinitionId: ({ source }) => source?.id ?? null,
    jobDueDate: ({ job }) => job.dueAt,
    jobRetries: retriesOf,
    jobPriority: ({ job }) => job.priority,
    activityId: ({ job }) => job.elementId,
    executionId: ({ job }) => job.elementInstanceId,
    processInstanceId: ({ processInstanceId }) => processInstanceId,
    processDefinitionId: ({ job }) => job.definitionId,
    processDefinitionKey: ({ shared }) => shared['processDefinitionKey'] ?? null,
    deploymentId: ({ definition }) => definition?.deploymentId ?? null,
    hostname: () => null,
    occurrence: ({ sequence }) => sequence,
    tenantId: ({ shared }) => shared['tenantId'] ?? null,
  },
  reader(known) {
    const jobs = new Jobs();
    const sources = new Map<number, readonly JobDefinition[]>();
    return (record) => jobs.read(record).map((told) => entry(record, told, known, sources));
  },
};

interface Told {
  readonly happened: Happened;
  readonly job: Job;
  readonly failure?: string;
}

/** The jobs that there are, as the records tell. */
class Jobs {
  readonly #jobs = new Map<number, Job>();
  /** Of each element instance. */
  readonly #ofElement = new Map<number, Set<number>>();

  read({ events }: LogRecord): readonly Told[] {
    const told: Told[] = [];
    for (const event of events) this.#next(event, events, told);
    return told;
  }

  #next(event: EngineEvent, all: readonly EngineEvent[], told: Told[]): void {
    switch (event.type) {
      case 'timerScheduled':
        told.push({ happened: 'creation', job: this.#add(event.timer) });
        break;
      case 'timerTriggered': {
        const job = this.#jobs.get(event.timerId);
        if (job === undefined) break;
        // What fails for good goes on as another job, which tells of it.
        if (!all.some((other) => raises(other, job)))
          told.push({ happened: failsAgain(all, job) ? 'failure' : 'success', job });
        if (event.next === undefined) this.#drop(job);
        else this.#add({ ...job, dueAt: event.next.dueAt });
        break;
      }
      case 'timerCanceled': {
        const job = this.#jobs.get(event.timerId);
        if (job !== undefined) this.#end(job, 'deletion', told);
        break;
      }
      case 'timerChanged':
      case 'timerPrioritySet': {
        const job = this.#jobs.get(event.timerId);
        const { dueAt = job?.dueAt ?? null, priority = job?.priority ?? 0 } = { dueAt: undefined, ...event };
        if (job !== undefined) this.#add({ ...job, dueAt, priority });
        break;
      }
      case 'incidentRaised': {
        const { incident } = event;
        if (incident.externalTaskId !== null || incident.step === null) break;
        const job = this.#add({ ...incident, dueAt: null, priority: 0 });
        told.push({ happened: 'failure', job, failure: incident.message });
        break;
      }
      case 'incidentResolved': {
        const job = this.#jobs.get(event.incidentId);
        if (job === undefined) break;
        if (all.some((other) => raises(other, job))) this.#drop(job);
        else this.#end(job, 'success', told);
        break;
      }
      case 'elementCompleted':
      case 'elementCanceled':
        this.#endAll(event.elementInstanceId, told);
        break;
      case 'processInstanceCompleted':
      case 'processInstanceEnded':
        this.#endAll(event.processInstanceId, told);
        break;
    }
  }

  #add({ id, definitionId, processInstanceId, elementInstanceId, elementId, step, dueAt, priority }: Job | Timer): Job {
    const job = { id, definitionId, processInstanceId, elementInstanceId, elementId, step, dueAt, priority };
    this.#jobs.set(id, job);
    if (elementInstanceId === null) return job;
    const others = this.#ofElement.get(elementInstanceId);
    if (others === undefined) this.#ofElement.set(elementInstanceId, new Set([id]));
    else others.add(id);
    return job;
  }

  #drop({ id, elementInstanceId }: Job): void {
    this.#jobs.delete(id);
    const others = elementInstanceId === null ? undefined : this.#ofElement.get(elementInstanceId);
    others?.delete(id);
    if (elementInstanceId !== null && others?.size === 0) this.#ofElement.delete(elementInstanceId);
  }

  #end(job: Job, happened: Happened, told: Told[]): void {
    this.#drop(job);
    told.push({ happened, job });
  }

  /** Jobs end with their element; no event of their own says so. */
  #endAll(elementInstanceId: number, told: Told[]): void {
    for (const id of [...(this.#ofElement.get(elementInstanceId) ?? [])]) {
      const job = this.#jobs.get(id);
      if (job !== undefined) this.#end(job, 'deletion', told);
    }
  }
}

function raises(event: EngineEvent, { elementInstanceId }: Job): boolean {
  return (
    event.type === 'incidentRaised' &&
    event.incident.elementInstanceId === elementInstanceId &&
    event.incident.step !== null &&
    event.incident.externalTaskId === null
  );
}

/** It is set again because it has failed. */
function failsAgain(events: readonly EngineEvent[], job: Job): boolean {
  const before = failuresOf(job.step);
  return events.some(
    (event) =>
      event.type === 'timerScheduled' &&
      event.timer.elementInstanceId === job.elementInstanceId &&
      failuresOf(event.timer.step) > before,
  );
}

function failuresOf(step: Step | null): number {
  return step !== null && 'failures' in step ? (step.failures ?? 0) : 0;
}

function entry(
  { sequence, at }: LogRecord,
  {
    happened,
    job,
    failure = null,
  }: { readonly happened: Happened; readonly job: Job; readonly failure?: string | null },
  known: Known,
  sources: Map<number, readonly JobDefinition[]>,
): JobEntry {
  const { definitionId, processInstanceId, elementId, step } = job;
  const definition = known.engine.definition(definitionId);
  const all = sources.get(definitionId) ?? (definition === undefined ? [] : jobDefinitionsOf(known.engine, definition));
  sources.set(definitionId, all);
  const source = all.find((one) => one.elementId === elementId && one.from === sourceOf(step));
  const instance = processInstanceId === null ? undefined : known.instance(processInstanceId);
  const shared = { ...ofInstance(instance), ...(instance === undefined ? ofDefinition(definition) : {}) };
  return {
    id: `${sequence}.${job.id}.${happened}`,
    at,
    sequence,
    processInstanceId,
    happened,
    job,
    failure,
    definition,
    source,
    shared,
  };
}

/** Of a timer that begins instances. */
function ofDefinition(definition: ShownDefinition | undefined): Record<string, string | null> {
  if (definition === undefined) return {};
  const { bpmnProcessId, version, id, tenantId } = definition;
  return { processDefinitionKey: bpmnProcessId, processDefinitionId: `${bpmnProcessId}:${version}:${id}`, tenantId };
}

export function jobLogRoutes(route: Declare): void {
  const list = async (call: Call) => (await listLog(call, JOB_LOG)).map(write);
  const count = (call: Call) => countLog(call, JOB_LOG);
  listRoutes(route, '/history/job-log', 'history.read', { list, count, spec: JOB_LOG, posts: 'list and count' });
  route('GET', '/history/job-log/:id', 'history.read', async (call) => write(await find(call)));
  // Plain text; 204 when it has not failed. There is no stack: expressions have none.
  route('GET', '/history/job-log/:id/stacktrace', 'history.read', async (call) => {
    const { failure } = await find(call);
    return failure === null ? undefined : new Raw('text/plain', failure);
  });
}

async function find(call: Call): Promise<JobEntry> {
  const id = call.params['id'] ?? '';
  const found = await findEntry(call, JOB_LOG, id);
  if (found === undefined) throw notFound(`Historic job log with id ${id} does not exist`);
  return found;
}

function write(one: JobEntry): Record<string, unknown> {
  const { job, happened, failure, source, definition } = one;
  return {
    ...one.shared,
    id: one.id,
    timestamp: formatDate(one.at),
    removalTime: null,
    jobId: String(job.id),
    jobDueDate: job.dueAt === null ? null : formatDate(job.dueAt),
    jobRetries: retriesOf(one),
    jobPriority: job.priority,
    jobExceptionMessage: failure,
    failedActivityId: happened === 'failure' ? job.elementId : null,
    jobDefinitionId: source?.id ?? null,
    jobDefinitionType: source?.type ?? null,
    jobDefinitionConfiguration: source?.configuration ?? null,
    activityId: job.elementId,
    executionId: job.elementInstanceId === null ? null : String(job.elementInstanceId),
    deploymentId: definition === undefined ? null : String(definition.deploymentId),
    hostname: null,
    batchId: null,
    creationLog: happened === 'creation',
    failureLog: happened === 'failure',
    successLog: happened === 'success',
    deletionLog: happened === 'deletion',
  };
}
