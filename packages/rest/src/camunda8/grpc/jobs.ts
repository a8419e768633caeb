/** `ActivateJobs` and `StreamActivatedJobs`: jobs are locked for the client, and what it did not get is given back. */
import type { LockedTask } from '@procos/kernel';
import { Problem } from '../errors.ts';
import { activateJobs, giveBack, waitOf } from '../job/activate.ts';
import { activatedJob } from '../job/activated.ts';
import { readActivation } from '../job/read-activation.ts';
import { Members } from '../members.ts';
import type { GatewayCall, Send } from './call.ts';
import { withoutNulls } from './documents.ts';

/** Clients take messages of 4 MiB; a job that is larger goes alone. */
const MOST_MESSAGE_BYTES = 3 * 1024 * 1024;
/** A wait ends so long before the client stops waiting, ms: what is locked in the last moment is to reach it. */
const BEFORE_DEADLINE_MS = 250;

/** How long a call may wait, ms, when it wants to wait so long. */
export function withinDeadline(waitMs: number, { deadlineAt }: GatewayCall): number {
  return Math.max(0, Math.min(waitMs, deadlineAt - Date.now() - BEFORE_DEADLINE_MS));
}

export async function activate(call: GatewayCall, send: Send): Promise<void> {
  const members = new Members(call.message);
  // Other than REST, Zeebe wants a name here.
  members.text('worker');
  const activation = readActivation(members);
  const waitMs = withinDeadline(waitOf(members.whole('requestTimeout')), call);
  if (waitMs > 0) call.stepAside();
  const locked = [...(await activateJobs(call, activation, { waitMs, signal: call.over }))];
  try {
    const all = locked.map((one) => jobOf(call, one));
    while (locked.length > 0) {
      const count = fitting(all);
      await send({ jobs: all.splice(0, count) });
      locked.splice(0, count);
    }
  } finally {
    giveBack(call, locked);
  }
}

/**
 * Few are locked at once for a stream, and what a client has not taken soon is for others, so that one that is slow does not
 * hold up what they could do.
 */
const PUSH = { jobs: 16, waitMs: 600_000, patienceMs: 1_000 } as const;

/**
 * Goes on until the client ends it. The next jobs are locked when the connection has taken the last ones: to whom does not
 * read, nothing is pushed.
 */
export async function streamActivated(call: GatewayCall, send: Send): Promise<void> {
  const activation = readActivation(new Members({ ...call.message, maxJobsToActivate: PUSH.jobs }));
  call.stepAside();
  while (!call.over.aborted) {
    const locked = [...(await activateJobs(call, activation, { waitMs: PUSH.waitMs, signal: call.over }))];
    try {
      for (let next = locked[0]; next !== undefined; next = locked[0]) {
        const sent = send(jobOf(call, next));
        if (!(await isSoon(sent))) giveBack(call, locked.splice(1));
        await sent;
        locked.shift();
      }
    } finally {
      giveBack(call, locked);
    }
  }
  throw new Problem('UNAVAILABLE', 'The stream is over: the system shuts down, or users were changed. Open it again.');
}

function isSoon(sent: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PUSH.patienceMs, false);
    const settle = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    sent.then(settle, settle);
  });
}

/** How many of them go into one message. */
function fitting(jobs: readonly Job[]): number {
  let bytes = 0;
  const end = jobs.findIndex((job, at) => {
    bytes += Buffer.byteLength(job.variables) + Buffer.byteLength(job.customHeaders) + JOB_BYTES;
    return bytes > MOST_MESSAGE_BYTES && at > 0;
  });
  return end < 0 ? jobs.length : end;
}

/** The other members of a job, about. */
const JOB_BYTES = 1_024;

type Job = ReturnType<typeof jobOf>;

/** In the words of the protocol, whose documents are text. */
function jobOf({ kernel }: GatewayCall, locked: LockedTask) {
  const { jobKey, processDefinitionId, customHeaders, variables, userTask, ...rest } = activatedJob(
    locked,
    kernel.engine.largeValues,
  );
  return {
    ...rest,
    key: jobKey,
    bpmnProcessId: processDefinitionId,
    customHeaders: JSON.stringify(customHeaders),
    variables: JSON.stringify(variables),
    ...(userTask === null ? {} : { userTask: withoutNulls(userTask) }),
  };
}
