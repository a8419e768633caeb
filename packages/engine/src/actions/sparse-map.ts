/** A map that takes nothing until something is put into it: a command puts nothing into most of its maps. */
export class SparseMap<Key, Value> {
  #entries: Map<Key, Value> | undefined;

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  get(key: Key): Value | undefined {
    return this.#entries?.get(key);
  }

  has(key: Key): boolean {
    return this.#entries?.has(key) ?? false;
  }

  set(key: Key, value: Value): void {
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }

  delete(key: Key): void {
    this.#entries?.delete(key);
  }

  clear(): void {
    this.#entries = undefined;
  }

  /** In the order in which they were put. */
  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return (this.#entries ?? (NOTHING as unknown as Map<Key, Value>)).entries();
  }
}

const NOTHING: ReadonlyMap<never, never> = new Map<never, never>();
