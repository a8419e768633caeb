/** Time as the kernel uses it: the wall clock and one-shot wake-ups, injected so that tests own them. */

export interface Clock {
  /** Milliseconds since the epoch; may jump in both directions. */
  wallNow(): number;
  /** Runs `action` once after `ms` of monotonic time. Returns how to cancel it. */
  after(ms: number, action: () => void): () => void;
}

/** What setTimeout can hold; longer delays overflow to 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  wallNow: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(Math.max(ms, 0), MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
