/** `/jobs`. */
import type { LockedTask } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { stepAside } from '../../door.ts';
import { permit } from '../../gate.ts';
import { goneOrClosing } from '../gone.ts';
import { readKey } from '../keys.ts';
import { Members } from '../members.ts';
import { readVariables } from '../variables.ts';
import { activateJobs, giveBack, waitOf } from './activate.ts';
import { type ActivatedJob, activatedJob } from './activated.ts';
import { completeJob, failJob, throwJobError, updateJob } from './outcome.ts';
import { readActivation } from './read-activation.ts';
import { readResult } from './read-result.ts';

export function jobRoutes(route: Declare): void {
  route('POST', '/jobs/activation', 'externalTask.fetch', activate);
  route('POST', '/jobs/:jobKey/completion', 'externalTask.complete', (call) => {
    const members = new Members(call.body);
    const result = readResult(members.optionalMembers('result'));
    return completeJob(call, jobKeyOf(call), readVariables(members.raw('variables')), result);
  });
  route('POST', '/jobs/:jobKey/failure', 'externalTask.fail', (call) => {
    const members = new Members(call.body);
    return failJob(call, jobKeyOf(call), {
      retries: Math.max(0, members.optionalWhole('retries') ?? 0),
      errorMessage: members.optionalText('errorMessage') ?? null,
      retryBackOffMs: members.optionalWhole('retryBackOff', { least: 0 }) ?? 0,
      variables: readVariables(members.raw('variables')),
    });
  });
  route('POST', '/jobs/:jobKey/error', 'externalTask.throwError', (call) => {
    const members = new Members(call.body);
    return throwJobError(call, jobKeyOf(call), {
      errorCode: members.text('errorCode'),
      errorMessage: members.optionalText('errorMessage') ?? null,
      variables: readVariables(members.raw('variables')),
    });
  });
  route('PATCH', '/jobs/:jobKey', 'externalTask.extendLock', (call) => {
    const changes = new Members(call.body).members('changeset');
    const retries = changes.optionalWhole('retries', { least: 1 });
    const timeoutMs = changes.optionalWhole('timeout', { least: 1 });
    // A worker asks for more time; how often a job is tried is an operator's business.
    if (retries !== undefined) permit(call.kernel, call.request, 'externalTask.update');
    return updateJob(call, jobKeyOf(call), {
      ...(retries === undefined ? {} : { retries }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  });
}

function jobKeyOf({ params }: Call): number {
  return readKey(params['jobKey'], 'jobKey');
}

async function activate(call: Call): Promise<{ readonly jobs: readonly ActivatedJob[] }> {
  const { body, request, reply, engine } = call;
  const members = new Members(body);
  const activation = readActivation(members);
  const waitMs = waitOf(members.optionalWhole('requestTimeout') ?? 0);
  if (waitMs > 0) stepAside(request.raw);
  const jobs = await activateJobs(call, activation, { waitMs, signal: goneOrClosing(call) });
  unlessHeard(reply.raw, () => giveBack(call, jobs), jobs);
  return { jobs: jobs.map((locked) => activatedJob(locked, engine.largeValues)) };
}

/** Acts when the connection breaks before the answer is out. */
function unlessHeard(raw: Call['reply']['raw'], act: () => void, jobs: readonly LockedTask[]): void {
  if (jobs.length === 0) return;
  if (raw.destroyed) act();
  else raw.once('close', () => raw.writableFinished || act());
}
