/** The lock of one task: extended while the work goes on, and the signal that it is lost. */
import { ProcosError } from '../error.ts';
import { pause } from '../pause.ts';

/** Asks for so many ms from now; throws `ProcosError`. */
export type Extend = (lockMs: number) => Promise<void>;

export class Lease {
  /** Instant (local clock, ms) at which the lock ends unless it is extended. */
  endsAt: number;
  readonly #extend: Extend;
  readonly #lockMs: number;
  readonly #released = new AbortController();
  readonly #lost = new AbortController();

  constructor(extend: Extend, lockMs: number) {
    this.#extend = extend;
    this.#lockMs = lockMs;
    this.endsAt = Date.now() + lockMs;
    void this.#keep();
  }

  /** Aborts when the engine says that the task is no longer ours, or when the lock ran out without an answer. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Stops extending. */
  release(): void {
    // With a reason: the default one is an error with a stack, made for nobody.
    this.#released.abort('released');
  }

  async #keep(): Promise<void> {
    const { signal } = this.#released;
    let waitMs = this.#lockMs / 2;
    for (;;) {
      await pause(waitMs, signal);
      if (signal.aborted) return;
      const askedAt = Date.now();
      try {
        await this.#extend(this.#lockMs);
        this.endsAt = askedAt + this.#lockMs;
        waitMs = this.#lockMs / 2;
      } catch (error) {
        if (signal.aborted) return;
        const temporary = error instanceof ProcosError && error.temporary;
        if (!temporary || Date.now() >= this.endsAt) return this.#lost.abort(error);
        waitMs = Math.min(1000, Math.max(10, (this.endsAt - Date.now()) / 2));
      }
    }
  }
}
