/**
 * Time as the engine sees it. It follows the wall clock forward, so that after a sleep of the machine everything due
 * rings; it never goes back, and it never stands still: while it is ahead of a wall clock that was set back, it goes at
 * half the speed of monotonic time until the wall clock has caught up.
 */
import type { Clock } from './clock.ts';

/** Further behind than this somebody should know. */
const NOTABLE_MS = 1_000;

export interface EngineTimeOptions {
  readonly clock: Clock;
  /** Time of the last record; a start never begins before it. */
  readonly lastAt: number;
  /** The wall clock is behind by so much; told once until it has caught up. */
  readonly onBehind?: (ms: number) => void;
}

export class EngineTime {
  readonly #clock: Clock;
  readonly #onBehind: (ms: number) => void;
  #last: number;
  #readAt: number;
  #behind = false;

  constructor({ clock, lastAt, onBehind = () => {} }: EngineTimeOptions) {
    this.#clock = clock;
    this.#onBehind = onBehind;
    this.#last = lastAt;
    this.#readAt = clock.monotonicNow();
  }

  /** Whole milliseconds since the epoch. */
  now(): number {
    const wall = this.#clock.wallNow();
    const readAt = this.#clock.monotonicNow();
    this.#last = Math.max(wall, this.#last + (readAt - this.#readAt) / 2);
    this.#readAt = readAt;
    const behindMs = Math.floor(this.#last) - wall;
    if (behindMs <= 0) this.#behind = false;
    else if (behindMs > NOTABLE_MS && !this.#behind) {
      this.#behind = true;
      this.#onBehind(behindMs);
    }
    return Math.floor(this.#last);
  }
}
