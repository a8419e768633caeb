/** How often something happened within the last minute. */

const SLOT_MS = 5_000;
const SLOTS = 12;

export class Rate {
  readonly #counts: number[] = new Array(SLOTS).fill(0);
  /** Number of the newest slot since the beginning of time. */
  #newest = 0;

  /** `at`: monotonic, ms. */
  note(at: number): void {
    this.#forget(at);
    const slot = this.#newest % SLOTS;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  perMinute(at: number): number {
    this.#forget(at);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #forget(at: number): void {
    const now = Math.floor(at / SLOT_MS);
    for (let slot = Math.max(this.#newest + 1, now - SLOTS + 1); slot <= now; slot++) this.#counts[slot % SLOTS] = 0;
    this.#newest = Math.max(this.#newest, now);
  }
}
