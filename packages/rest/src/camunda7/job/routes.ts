/** `/job`: timers and failed steps, as the jobs that Camunda makes of them. */
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { notFound, rejected } from '../errors.ts';
import { listRoutes } from '../list-routes.ts';
import { countJobs, JOBS, LOOKED_UP, listJobs, writeJobs } from './jobs.ts';
import { recalculate, removeJob, setDueDate, setPriority, stackTrace, suspendJob, suspendJobs } from './operations.ts';
import { checkRetries, setJobRetries } from './retries.ts';

export function jobRoutes(route: Declare): void {
  const list = (call: Call) => writeJobs(call.engine, listJobs(call));
  listRoutes(route, '/job', 'timer.read', {
    list,
    count: countJobs,
    spec: { ...JOBS, parameters: { ...LOOKED_UP, ...JOBS.parameters } },
    posts: 'list and count',
  });
  route('GET', '/job/:id', 'timer.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const found = listJobs({ engine, query: { jobId: id }, body: {} });
    if (found.length === 0) throw notFound(`Job with id ${id} does not exist`);
    return writeJobs(engine, found)[0];
  });
  route('PUT', '/job/suspended', 'timer.update', suspendJobs);
  route('GET', '/job/:id/stacktrace', 'timer.read', stackTrace);
  route('DELETE', '/job/:id', 'timer.update', removeJob);
  route('PUT', '/job/:id/duedate', 'timer.update', setDueDate);
  route('POST', '/job/:id/duedate/recalculate', 'timer.update', recalculate, { query: ['creationDateBased'] });
  route('PUT', '/job/:id/priority', 'timer.update', setPriority);
  route('PUT', '/job/:id/suspended', 'timer.update', suspendJob);
  route('POST', '/job/:id/execute', 'timer.trigger', execute);
  route('POST', '/job/retries', 'incident.resolve', setJobRetries);
  route('PUT', '/job/:id/retries', 'incident.resolve', tryAgain);
}

/** Now, whenever it is due; a step that waits in an incident is tried again. */
async function execute({ engine, params, by: subject }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const [job] = listJobs({ engine, query: { jobId: id }, body: {} });
  const command =
    job?.kind === 'failed'
      ? ({ type: 'resolveIncident', incidentId: job.id } as const)
      : ({ type: 'triggerTimer', timerId: parseId(id) } as const);
  const outcome = await engine.submit(command, subject);
  if (outcome.ok) return undefined;
  if (outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  throw notFound(`No job found with id '${id}'`);
}

async function tryAgain({ engine, params, body, by: subject }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  checkRetries(body);
  const [job] = listJobs({ engine, query: { jobId: id }, body: {} });
  if (job === undefined) throw notFound(`No job found with id '${id}'.`);
  if (job.kind === 'timer') return undefined;
  const outcome = await engine.submit({ type: 'resolveIncident', incidentId: job.id }, subject);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}
