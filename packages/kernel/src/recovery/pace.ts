/** How often something may be done: so many at once, and so many a second on average. */
export interface PaceOptions {
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly atOnce: number;
  readonly perSecond: number;
}

export class Pace {
  readonly #options: PaceOptions;
  #left: number;
  #at: number;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#left = options.atOnce;
    this.#at = options.now();
  }

  /** False: not now. */
  take(): boolean {
    const { now, atOnce, perSecond } = this.#options;
    const at = now();
    this.#left = Math.min(atOnce, this.#left + ((at - this.#at) / 1_000) * perSecond);
    this.#at = at;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Until the next one may be done, ms. */
  get waitMs(): number {
    return Math.max(0, Math.ceil(((1 - this.#left) / this.#options.perSecond) * 1_000));
  }
}
