/** Hands out jobs, and waits for one where there is none. */
import type { LockedTask, TopicRequest } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { rejected } from '../errors.ts';
import { workerIdOf } from './worker-ids.ts';

export interface Activation {
  readonly type: string;
  /** Name of the worker; may be empty. */
  readonly worker: string;
  /** How long the jobs are the worker's, ms, > 0. */
  readonly timeoutMs: number;
  readonly maxJobs: number;
  /** Names to send along; undefined: all visible ones. */
  readonly fetchVariables: readonly string[] | undefined;
  /** null is the default one; undefined: jobs of all. */
  readonly tenantIds: readonly (string | null)[] | undefined;
}

export interface Wait {
  /** ms; 0: answer at once. */
  readonly waitMs: number;
  /** Ends the wait: the client has gone, or the server closes. */
  readonly signal: AbortSignal;
}

/** How long is waited where the client leaves it to the server, and at most, ms. */
export const LONG_POLL_MS = { usual: 10_000, most: 1_800_000 } as const;
/** One answer has no more; who wants more asks again. */
const MOST_JOBS = 1_000;

/** From what a client asks for, ms: 0 leaves it to the server, less is no wait at all. */
export function waitOf(requestTimeoutMs: number): number {
  return requestTimeoutMs === 0 ? LONG_POLL_MS.usual : Math.max(0, Math.min(LONG_POLL_MS.most, requestTimeoutMs));
}

export async function activateJobs(
  { engine, by }: Asked,
  activation: Activation,
  wait: Wait,
): Promise<readonly LockedTask[]> {
  const { worker, maxJobs } = activation;
  const outcome = await engine.fetchAndLock(
    {
      type: 'fetchAndLock',
      workerId: workerIdOf(worker),
      maxTasks: Math.min(maxJobs, MOST_JOBS),
      usePriority: true,
      topics: topicRequests(activation),
    },
    by,
    wait,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  return outcome.value.tasks;
}

/** One for what is without a tenant, one for the others that are wanted. */
function topicRequests({ type, timeoutMs, fetchVariables, tenantIds }: Activation): TopicRequest[] {
  const request: TopicRequest = {
    topic: type,
    lockMs: timeoutMs,
    ...(fetchVariables === undefined ? {} : { variables: fetchVariables }),
  };
  if (tenantIds === undefined) return [request];
  const named = tenantIds.filter((tenantId) => tenantId !== null);
  return [
    ...(tenantIds.includes(null) ? [{ ...request, withoutTenantId: true }] : []),
    ...(named.length > 0 ? [{ ...request, tenantIds: named }] : []),
  ];
}

/** What was locked for somebody who never heard of it is free again at once. */
export function giveBack({ kernel, by }: Asked, jobs: readonly LockedTask[]): void {
  for (const { task } of jobs) {
    const { id: externalTaskId, lockCount } = task;
    // The lock runs out by itself where that fails.
    kernel.engine.submit({ type: 'unlockExternalTask', externalTaskId, lockCount }, by).catch(() => {});
  }
}
