/** A circuit breaker: a service that fails again and again is left alone for a while, then tried with one call. */

/** Failures in a row after which it opens. */
const FAILURES = 5;
/** How long it stays open: at first, and at most; doubled with every trial that fails. */
const FIRST_OPEN_MS = 30_000;
const LONGEST_OPEN_MS = 300_000;
/** A trial of which nothing is heard for so long is lost: the next one may go. */
const TRIAL_MS = 60_000;

export type BreakerState = 'closed' | 'open' | 'halfOpen';

export class Breaker {
  #failures = 0;
  /** Monotonic; null: closed. */
  #openUntil: number | null = null;
  #openMs = FIRST_OPEN_MS;
  /** Since when a trial is under way. */
  #trialSince: number | null = null;

  state(now: number): BreakerState {
    if (this.#openUntil === null) return 'closed';
    return now < this.#openUntil ? 'open' : 'halfOpen';
  }

  /** May a call go? */
  admits(now: number): boolean {
    const state = this.state(now);
    if (state !== 'halfOpen') return state === 'closed';
    return this.#trialSince === null || now - this.#trialSince >= TRIAL_MS;
  }

  /** A call goes. */
  goes(now: number): void {
    if (this.state(now) === 'halfOpen') this.#trialSince = now;
  }

  /** A call has come back. What began before it opened says nothing about how it is now, unless it went well. */
  note(ok: boolean, now: number): void {
    const state = this.state(now);
    if (ok) {
      this.#failures = 0;
      this.#openUntil = null;
      this.#openMs = FIRST_OPEN_MS;
      this.#trialSince = null;
      return;
    }
    this.#failures += 1;
    if (state === 'open' || (state === 'closed' && this.#failures < FAILURES)) return;
    if (state === 'halfOpen') this.#openMs = Math.min(this.#openMs * 2, LONGEST_OPEN_MS);
    this.#openUntil = now + this.#openMs;
    this.#trialSince = null;
  }
}
