/** Chance from a seed: the same seed gives the same numbers on every machine (sfc32, Chris Doty-Humphrey, public domain). */
export class Chance {
  #state: [number, number, number, number];

  constructor(seed: number) {
    this.#state = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed | 0];
    for (let round = 0; round < 15; round += 1) this.#next();
  }

  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number {
    return this.#next() % Math.max(1, below);
  }

  /** One of the items; the first of an empty list is undefined. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }

  #next(): number {
    const [a, b, c, d] = this.#state;
    const sum = (a + b + d) | 0;
    this.#state = [b ^ (b >>> 9), (c + (c << 3)) | 0, ((c << 21) | (c >>> 11)) + sum, (d + 1) | 0];
    return sum >>> 0;
  }
}
