/** Rows kept in memory, least recently used first: bounded by how many there are, and by how much text they have. */

/** Lighter rows are only counted, so that most of them cost nothing more. */
const HEAVY = 4_096;
/** Characters that the heavy rows of one cache have at most. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

export class Cache<Row> {
  readonly #rows = new Map<number, Row>();
  readonly #most: number;
  /** Characters of the heavy rows. */
  readonly #heavy = new Map<number, number>();
  #characters = 0;
  /** The most recently used: a command asks for the same row again and again. */
  #latest: number | undefined;

  /** `most`: rows after an eviction. */
  constructor(most: number) {
    this.#most = most;
  }

  get(id: number): Row | undefined {
    return this.#rows.get(id);
  }

  has(id: number): boolean {
    return this.#rows.has(id);
  }

  /** The row, from now on the last to be evicted. */
  use(id: number): Row | undefined {
    const row = this.#rows.get(id);
    if (row !== undefined && id !== this.#latest) this.put(id, row);
    return row;
  }

  put(id: number, row: Row): void {
    if (id !== this.#latest) this.#rows.delete(id);
    this.#rows.set(id, row);
    this.#latest = id;
  }

  /** How much text a row has that is here or is put before the next eviction. */
  weigh(id: number, characters: number): void {
    this.#forgetWeight(id);
    if (characters < HEAVY) return;
    this.#heavy.set(id, characters);
    this.#characters += characters;
  }

  delete(id: number): void {
    this.#rows.delete(id);
    this.#forgetWeight(id);
  }

  clear(): void {
    this.#rows.clear();
    this.#heavy.clear();
    this.#characters = 0;
  }

  evict(): void {
    for (const id of this.#rows.keys()) {
      if (this.#rows.size <= this.#most && this.#characters <= MOST_CHARACTERS) return;
      this.delete(id);
    }
  }

  #forgetWeight(id: number): void {
    const before = this.#heavy.size === 0 ? undefined : this.#heavy.get(id);
    if (before === undefined) return;
    this.#heavy.delete(id);
    this.#characters -= before;
  }
}
