/** `/jobs`. */
import type { LockedTask } from '@procos/kernel';
import { type Call, type Declare, TAKEN_OVER } from '../../call.ts';
import { stepAside } from '../../door.ts';
import { permit } from '../../gate.ts';
import { goneOrClosing } from '../../gone.ts';
import { readKey } from '../keys.ts';
import { Members } from '../members.ts';
import { readVariables } from '../variables.ts';
import { activateJobs, giveBack, waitOf } from './activate.ts';
import { activatedJob } from './activated.ts';
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

/** One answer has no more characters, unless one job alone has: what is left is for the next to ask. */
const MOST_TEXT = 16 * 1024 * 1024;

async function activate(call: Call): Promise<typeof TAKEN_OVER> {
  const { body, request, reply, engine } = call;
  const members = new Members(body);
  const activation = readActivation(members);
  const waitMs = waitOf(members.optionalWhole('requestTimeout') ?? 0);
  if (waitMs > 0) stepAside(request.raw);
  const locked = await activateJobs(call, activation, { waitMs, signal: goneOrClosing(call) });
  const texts: string[] = [];
  try {
    let length = 0;
    for (const one of locked) {
      const text = JSON.stringify(activatedJob(one, engine.largeValues));
      length += text.length;
      if (length > MOST_TEXT && texts.length > 0) break;
      texts.push(text);
    }
  } catch (error) {
    giveBack(call, locked);
    throw error;
  }
  giveBack(call, locked.slice(texts.length));
  const given = locked.slice(0, texts.length);
  unlessHeard(reply.raw, () => giveBack(call, given), given);
  reply.header('content-type', 'application/json').send(Buffer.from(`{"jobs":[${texts.join(',')}]}`));
  return TAKEN_OVER;
}

/** Acts when the connection breaks before the answer is out. */
function unlessHeard(raw: Call['reply']['raw'], act: () => void, jobs: readonly LockedTask[]): void {
  if (jobs.length === 0) return;
  if (raw.destroyed) act();
  else raw.once('close', () => raw.writableFinished || act());
}
