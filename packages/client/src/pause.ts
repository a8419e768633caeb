/** Waiting: an abortable pause, and exponential back-off with jitter. */

export interface BackOff {
  /** ms before the first repetition. */
  readonly firstMs: number;
  /** ms that no pause exceeds (jitter apart). */
  readonly maxMs: number;
}

/** ms before repetition number `attempt` (0-based): doubles each time; up to a fifth is added so that many do not come at once. */
export function backOff(attempt: number, { firstMs, maxMs }: BackOff): number {
  const straight = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(straight * (1 + Math.random() / 5));
}

/** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
