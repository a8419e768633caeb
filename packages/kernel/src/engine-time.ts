/**
 * Time as the engine sees it. It follows the wall clock forward, so that after a sleep of the machine everything due
 * rings; it never goes back, and it never stands still: while it is ahead of a wall clock that was set back, it goes at
 * half the speed of monotonic time until the wall clock has caught up. How far it got ahead of monotonic time is counted,
 * so that what was lent for a duration can be kept (docs/adr/0018).
 */
import type { Clock } from './clock.ts';

/** Further behind or ahead than this somebody should know. */
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
  /** Engine time less monotonic time, where locks are at rest. */
  #offset: number;

  constructor({ clock, lastAt, onBehind = () => {} }: EngineTimeOptions) {
    this.#clock = clock;
    this.#onBehind = onBehind;
    // What happened while nothing ran is no jump: nobody measured it.
    this.#last = Math.max(lastAt, clock.wallNow());
    this.#readAt = clock.monotonicNow();
    this.#offset = this.#last - this.#readAt;
  }

  /** Whole milliseconds since the epoch. */
  now(): number {
    const wall = this.#clock.wallNow();
    const readAt = this.#clock.monotonicNow();
    this.#last = Math.max(wall, this.#last + (readAt - this.#readAt) / 2);
    this.#readAt = readAt;
    this.#offset = Math.min(this.#offset, this.#last - readAt);
    const behindMs = Math.floor(this.#last) - wall;
    if (behindMs <= 0) this.#behind = false;
    else if (behindMs > NOTABLE_MS && !this.#behind) {
      this.#behind = true;
      this.#onBehind(behindMs);
    }
    return Math.floor(this.#last);
  }

  /** Whole milliseconds that time, as last read, is ahead of what has really passed; 0 while it is not worth the trouble. */
  get aheadMs(): number {
    const ahead = Math.floor(this.#last - this.#readAt - this.#offset);
    return ahead > NOTABLE_MS ? ahead : 0;
  }

  /** `aheadMs` has been made up for. Gives what takes that back, should it have come to nothing. */
  settle(): () => void {
    const before = this.#offset;
    this.#offset = this.#last - this.#readAt;
    return () => {
      this.#offset = Math.min(this.#offset, before);
    };
  }
}
