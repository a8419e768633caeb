/** What is done to jobs by hand: suspend, set another time or priority, evaluate the time anew, take away. */
import type { CommandOf, Outcome } from '@procos/kernel';
import { type Call, Raw } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalFlag, optionalText, optionalWhole } from '../body.ts';
import { parseDate } from '../dates.ts';
import { findDefinition } from '../definitions.ts';
import { invalid, notFound, RestError, refuseForbidden } from '../errors.ts';
import { suspension } from '../process-instance/operations.ts';
import { sourceOfJobDefinition } from './definitions.ts';
import { type Job, listJobs } from './jobs.ts';

export function findJob({ engine, params }: Call): Job {
  const id = params['id'] ?? '';
  const [job] = listJobs({ engine, query: { jobId: id }, body: {} });
  if (job === undefined) throw notFound(`No job found with id '${id}'.`);
  return job;
}

/** Of a step that has failed nothing is set: it waits in its incident for somebody. */
function findTimer(call: Call): Pick<Job, 'id' | 'createdAt'> {
  // It may be gone since; the engine knows what it said.
  if (call.repeated) return { id: parseId(call.params['id'] ?? ''), createdAt: null };
  const job = findJob(call);
  if (job.kind === 'timer') return job;
  throw invalid(
    `Job ${job.id} has failed and waits in an incident: give it retries, or cancel its process instance. Only timers can be changed or deleted`,
  );
}

function done(outcome: Outcome<unknown>): undefined {
  if (outcome.ok) return undefined;
  refuseForbidden(outcome.rejection);
  const { code, message } = outcome.rejection;
  if (code === 'NOT_FOUND') throw notFound(message);
  throw new RestError(code === 'INVALID_ARGUMENT' ? 400 : 500, 'RestException', message);
}

type Changes = Omit<CommandOf<'changeTimer'>, 'type' | 'timerId'>;

async function change(call: Call, changes: Changes): Promise<undefined> {
  const { id: timerId } = findTimer(call);
  return done(await call.engine.submit({ type: 'changeTimer', timerId, ...changes }, call.by));
}

/** Without a date it is due now. What comes after a repeating one is always counted from the new date (`cascade`). */
export function setDueDate(call: Call): Promise<undefined> {
  const text = optionalText(call.body, 'duedate');
  const dueAt = text === undefined ? call.engine.now() : parseDate(text);
  if (dueAt === undefined) throw invalid(`Cannot set the due date of a job: '${text}' is no date`);
  return change(call, { dueAt });
}

export function setPriority(call: Call): Promise<undefined> {
  const priority = optionalWhole(call.body, 'priority');
  if (priority === undefined) throw new RestError(400, 'RestException', 'Priority for job must be set.');
  return change(call, { priority });
}

export function suspendJob(call: Call): Promise<undefined> {
  return change(call, { suspended: suspension(call.body) });
}

/** As if set when it was created, unless asked to count from now. */
export async function recalculate(call: Call): Promise<undefined> {
  const { id: timerId, createdAt } = findTimer(call);
  const fromNow = call.query['creationDateBased'] === 'false' || createdAt === null;
  const command = { type: 'recalculateTimer', timerId, ...(fromNow ? {} : { setAt: createdAt }) } as const;
  return done(await call.engine.submit(command, call.by));
}

export async function removeJob(call: Call): Promise<undefined> {
  const { id: timerId } = findTimer(call);
  return done(await call.engine.submit({ type: 'removeTimer', timerId }, call.by));
}

/** Plain text; 204 when it has not failed. There is no stack: expressions have none. */
export function stackTrace(call: Call): Raw | undefined {
  const { failure } = findJob(call);
  return failure === null ? undefined : new Raw('text/plain', failure);
}

/** `PUT /job/suspended`: all timers of a job definition, a process instance, or a process definition by id or key. */
export async function suspendJobs(call: Call): Promise<undefined> {
  const { engine, body } = call;
  const named = ['jobDefinitionId', 'processInstanceId', 'processDefinitionId', 'processDefinitionKey'].filter(
    (name) => optionalText(body, name) !== undefined,
  );
  const [name, ...more] = named;
  if (name === undefined || more.length > 0)
    throw invalid(
      'Either jobDefinitionId, processInstanceId, processDefinitionId or processDefinitionKey should be set to update the suspension state.',
    );
  const tenant = optionalFlag(body, 'processDefinitionWithoutTenantId')
    ? { withoutTenantId: true }
    : {
        tenantIdIn:
          optionalText(body, 'processDefinitionTenantId') === undefined
            ? null
            : [body['processDefinitionTenantId'] ?? null],
      };
  const asked = { [name]: body[name] ?? null, ...tenant, timers: true };
  return suspendTimers(call, listJobs({ engine, query: {}, body: asked }), suspension(body));
}

/** Each by itself; those that rest with their process instance stay as they are. */
export async function suspendTimers(call: Call, jobs: readonly Job[], suspended: boolean): Promise<undefined> {
  return changeEach(call, jobs, { suspended });
}

export async function changeEach({ engineFor, by }: Call, jobs: readonly Job[], changes: Changes): Promise<undefined> {
  for (const { id: timerId, kind } of jobs) {
    if (kind !== 'timer') continue;
    const outcome = await engineFor(timerId).submit({ type: 'changeTimer', timerId, ...changes }, by);
    if (!outcome.ok) refuseForbidden(outcome.rejection);
  }
  return undefined;
}

/** The timers of job definitions that are set now. */
export function jobsOfDefinitions({ engine }: Call, ids: readonly string[]): readonly Job[] {
  return ids.flatMap((id) => {
    const source = sourceOfJobDefinition(id);
    const definition = source === undefined ? undefined : findDefinition(engine, String(source.definitionId));
    if (source === undefined || definition === undefined) return [];
    const body = {
      processDefinitionId: String(source.definitionId),
      activityId: source.elementId,
      jobDefinitionId: id,
    };
    return listJobs({ engine, query: {}, body });
  });
}
