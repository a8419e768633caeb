/** The virtual clock: it stands still until a test moves it. */
import type { Clock } from '@procos/kernel';

export class VirtualClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  wallNow(): number {
    return this.#now;
  }

  monotonicNow(): number {
    return this.#now;
  }

  /** Nothing is woken by itself: who moves the clock looks for what is due. */
  after(): () => void {
    return () => {};
  }

  /** A microtask, so that fake timers of a test runner do not stop the engine. */
  soon(action: () => void): void {
    queueMicrotask(action);
  }

  /** Never back. */
  moveTo(instant: number): void {
    this.#now = Math.max(this.#now, instant);
  }
}
