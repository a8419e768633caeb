/** When something of a kind that is held comes free at the earliest: asked for with every request, so that the answer is kept. */

/** Kinds that are remembered at most. */
const MOST_KINDS = 10_000;

export class Releases {
  readonly #load: (kind: string) => number;
  /** Nothing comes free before; what did come free then may be held again, or gone. */
  readonly #earliest = new Map<string, number>();

  constructor(load: (kind: string) => number) {
    this.#load = load;
  }

  /** Whether something may be free again by now. */
  isDue(kind: string, now: number): boolean {
    let earliest = this.#earliest.get(kind);
    if (earliest === undefined || earliest <= now) {
      if (this.#earliest.size >= MOST_KINDS) this.#earliest.clear();
      earliest = this.#load(kind);
      this.#earliest.set(kind, earliest);
    }
    return earliest <= now;
  }

  /** Something is held until then. Costs nothing where nobody has asked. */
  add(kind: string, at: number): void {
    const earliest = this.#earliest.get(kind);
    if (earliest !== undefined && at < earliest) this.#earliest.set(kind, at);
  }

  /** After a rollback: what was held longer may have its former end again. */
  forget(): void {
    this.#earliest.clear();
  }
}
