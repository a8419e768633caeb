/**
 * Workers of Camunda 8 are known to the kernel under ids of their own: what a worker of Camunda 7 has locked is not completed
 * by a job's key, and the console tells both apart (ADR 33).
 */

export const WORKER_PREFIX = 'camunda8/';

/** As the kernel knows the worker that calls itself so; it may have no name. */
export function workerIdOf(name: string): string {
  return WORKER_PREFIX + name;
}

/** The name under which a worker of Camunda 8 has activated a job; of others their id; empty: nobody holds it. */
export function workerNameOf(workerId: string | null): string {
  return workerId?.startsWith(WORKER_PREFIX) ? workerId.slice(WORKER_PREFIX.length) : (workerId ?? '');
}
