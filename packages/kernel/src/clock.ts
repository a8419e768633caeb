/** Time as the kernel uses it: two clocks and one-shot wake-ups, injected so that tests and the simulator own them. */

export interface Clock {
  /** Milliseconds since the epoch; may jump in both directions. */
  wallNow(): number;
  /** Milliseconds since some instant; never goes back and never jumps. */
  monotonicNow(): number;
  /** Runs `action` once after `ms` of monotonic time. Returns how to cancel it. */
  after(ms: number, action: () => void): () => void;
  /** Runs `action` once, after everything that has arrived by now has been taken in. */
  soon(action: () => void): void;
}

/** What setTimeout can hold; longer delays overflow to 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  wallNow: () => Date.now(),
  monotonicNow: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(Math.max(ms, 0), MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
  // After the poll phase of the event loop.
  soon(action) {
    setImmediate(action);
  },
};
