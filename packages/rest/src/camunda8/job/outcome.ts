/**
 * What is said of a job: completed, failed, a business error, longer time. Camunda 8 names the job only, not who says it: it
 * counts under the lock that the job has at that moment (ADR 33).
 */
import type { CommandOf, Holder, Outcome, Variables } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { invalid, notFound, type Problem, rejected, wrongState } from '../errors.ts';
import { WORKER_PREFIX, workerNameOf } from './worker-ids.ts';

export type JobResult = NonNullable<CommandOf<'completeExternalTask'>['result']>;

export function completeJob(asked: Asked, key: number, variables: Variables, result?: JobResult): Promise<void> {
  return tell(asked, key, 'complete', (holder) => ({
    type: 'completeExternalTask',
    ...holder,
    variables,
    ...(result === undefined ? {} : { result }),
  }));
}

export interface JobFailure {
  readonly retries: number;
  readonly errorMessage: string | null;
  /** ms. */
  readonly retryBackOffMs: number;
  /** Set in the scope of the element that the job belongs to. */
  readonly variables: Variables;
}

export function failJob(asked: Asked, key: number, failure: JobFailure): Promise<void> {
  const { retries, errorMessage, retryBackOffMs, variables } = failure;
  return tell(asked, key, 'fail', (holder) => ({
    type: 'failExternalTask',
    ...holder,
    errorMessage,
    retries,
    retryAfterMs: retryBackOffMs,
    localVariables: variables,
  }));
}

export interface JobError {
  readonly errorCode: string;
  readonly errorMessage: string | null;
  /** For who catches it. */
  readonly variables: Variables;
}

export function throwJobError(asked: Asked, key: number, error: JobError): Promise<void> {
  return tell(asked, key, 'throw an error for', (holder) => ({ type: 'throwBpmnError', ...holder, ...error }));
}

export interface JobChange {
  readonly retries?: number;
  /** From now, ms. */
  readonly timeoutMs?: number;
}

/** Retries of a job that waits in an incident end it here: it is handed out again at once. */
export async function updateJob(asked: Asked, key: number, { retries, timeoutMs }: JobChange): Promise<void> {
  if (retries === undefined && timeoutMs === undefined)
    throw invalid("'changeset' must have 'retries' or 'timeout', but has neither");
  if (timeoutMs !== undefined)
    await tell(asked, key, 'change the timeout of', (holder) => ({ type: 'extendLock', ...holder, lockMs: timeoutMs }));
  if (retries === undefined) return;
  const engine = timeoutMs === undefined ? asked.engine : asked.engineFor(0);
  const outcome = await engine.submit({ type: 'setExternalTaskRetries', externalTaskId: key, retries }, asked.by);
  if (!outcome.ok) throw outcome.rejection.code === 'NOT_FOUND' ? jobNotFound(key) : rejected(outcome.rejection);
}

type Told = CommandOf<'completeExternalTask' | 'failExternalTask' | 'throwBpmnError' | 'extendLock'>;

/** Somebody else may get the job between the look and the command. */
const LOOKS = 5;

async function tell(asked: Asked, key: number, what: string, command: (holder: Holder) => Told): Promise<void> {
  for (let look = 1; ; look += 1) {
    const holder = holderOf(asked, key, what);
    const engine = look === 1 ? asked.engine : asked.engineFor(look);
    const outcome: Outcome<unknown> = await engine.submit(command(holder), asked.by);
    if (outcome.ok) return;
    const { code } = outcome.rejection;
    if (code === 'NOT_FOUND') throw jobNotFound(key);
    if (code !== 'NOT_LOCKED_BY_WORKER' || look === LOOKS) throw rejected(outcome.rejection);
  }
}

/** Under which lock the job is now; refuses what no worker of Camunda 8 has in hand. */
function holderOf({ kernel, repeated }: Asked, key: number, what: string): Holder {
  // It has had its answer, which the engine knows, whatever became of the job since.
  if (repeated) return { externalTaskId: key, workerId: WORKER_PREFIX };
  const task = kernel.engine.externalTask(key);
  if (task === undefined) throw jobNotFound(key);
  const { workerId, lockCount, retries } = task;
  if (workerId?.startsWith(WORKER_PREFIX)) return { externalTaskId: key, workerId, lockCount };
  if (retries === 0)
    throw wrongState(
      `Cannot ${what} job ${key}: it has no retries left and waits in an incident. Give it retries first`,
    );
  if (workerId === null) throw wrongState(`Cannot ${what} job ${key}: nobody has activated it. Activate it first`);
  throw wrongState(`Cannot ${what} job ${key}: worker '${workerNameOf(workerId)}' of another API has locked it`);
}

function jobNotFound(key: number): Problem {
  return notFound(`There is no job with key ${key}: it was completed or canceled, or never existed`);
}
