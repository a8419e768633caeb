/**
 * Time as the engine sees it. It follows the wall clock forward, so that after a sleep of the machine everything due
 * rings; it never goes back, and it never stands still unless it is pinned: while it is ahead of a wall clock that was set
 * back, it goes at half the speed of monotonic time until the wall clock has caught up. How far it got ahead of monotonic
 * time is counted, so that what was lent for a duration can be kept (docs/adr/0018, 0046).
 */
import type { Clock } from './clock.ts';

/** Further behind or ahead than this somebody should know. */
const NOTABLE_MS = 1_000;

export interface EngineTimeOptions {
  readonly clock: Clock;
  /** Time of the last record; a start never begins before it. */
  readonly lastAt: number;
  /** Instant at which it stands still from the beginning; null: it does not. */
  readonly pinnedAt?: number | null;
  /** The wall clock is behind by so much; told once until it has caught up. */
  readonly onBehind?: (ms: number) => void;
}

export class EngineTime {
  readonly #clock: Clock;
  readonly #onBehind: (ms: number) => void;
  #last: number;
  #readAt: number;
  #behind = false;
  #pinnedAt: number | null;
  /** Engine time less monotonic time, where locks are at rest. */
  #offset: number;
  /** When it got ahead of monotonic time (monotonic, ms), and by how much. */
  #jumps: { readonly at: number; readonly byMs: number }[] = [];

  constructor({ clock, lastAt, pinnedAt = null, onBehind = () => {} }: EngineTimeOptions) {
    this.#clock = clock;
    this.#onBehind = onBehind;
    this.#pinnedAt = pinnedAt;
    // What happened while nothing ran is no jump: nobody measured it.
    this.#last = Math.max(lastAt, pinnedAt ?? clock.wallNow());
    this.#readAt = clock.monotonicNow();
    this.#offset = this.#last - this.#readAt;
  }

  /** Whole milliseconds since the epoch. */
  now(): number {
    const readAt = this.#clock.monotonicNow();
    if (this.#pinnedAt === null) {
      const wall = this.#clock.wallNow();
      this.#last = Math.max(wall, this.#last + (readAt - this.#readAt) / 2);
      this.#tellBehind(Math.floor(this.#last) - wall);
    } else this.#last = Math.max(this.#pinnedAt, this.#last);
    this.#readAt = readAt;
    this.#offset = Math.min(this.#offset, this.#last - readAt);
    return Math.floor(this.#last);
  }

  #tellBehind(behindMs: number): void {
    if (behindMs <= 0) this.#behind = false;
    else if (behindMs > NOTABLE_MS && !this.#behind) {
      this.#behind = true;
      this.#onBehind(behindMs);
    }
  }

  /** When it was last read; monotonic, ms. */
  get readAt(): number {
    return this.#readAt;
  }

  /** Where it stands still, ms since the epoch; null: it goes on. */
  get pinnedAt(): number | null {
    return this.#pinnedAt;
  }

  /** From now on it stands still at this instant, or where it is if that is later; null: it goes on. True when that is a change. */
  pin(at: number | null): boolean {
    if (at === this.#pinnedAt) return false;
    this.now();
    this.#pinnedAt = at;
    return true;
  }

  /** How long to sleep until `at` before it is worth looking at the time again, ms; infinite while time stands still before it. */
  untilMs(at: number): number {
    const left = at - this.now();
    if (left <= 0) return 0;
    return this.#pinnedAt === null ? left : Number.POSITIVE_INFINITY;
  }

  /** Whole milliseconds that time, as last read, is ahead of what has really passed; 0 while it is not worth the trouble. */
  get aheadMs(): number {
    const ahead = Math.floor(this.#last - this.#readAt - this.#offset);
    return ahead > NOTABLE_MS ? ahead : 0;
  }

  /** `aheadMs` has been made up for. Gives what takes that back, should it have come to nothing. */
  settle(): () => void {
    const before = this.#offset;
    const jump = { at: this.#readAt, byMs: this.aheadMs };
    this.#offset = this.#last - this.#readAt;
    // Who pins it means it.
    if (this.#pinnedAt === null) this.#jumps.push(jump);
    return () => {
      this.#offset = Math.min(this.#offset, before);
      this.#jumps = this.#jumps.filter((one) => one !== jump);
    };
  }

  /**
   * By how much the wall clock was set forward within the last `keptMs`, as they have really passed. What is kept for so
   * long from some instant on is over when it is over by a time that is so much earlier: what was there before a jump then
   * lasts as long as was said, and when the jump is forgotten, so is all of that.
   */
  jumpedMs(keptMs: number): number {
    if (this.#jumps.length === 0) return 0;
    this.#jumps = this.#jumps.filter(({ at }) => this.#readAt - at < keptMs);
    return this.#jumps.reduce((sum, { byMs }) => sum + byMs, 0);
  }
}
