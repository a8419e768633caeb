/**
 * A map for what mostly has nothing in it, or one thing: it holds its first entry itself, and takes a table only for more. A
 * command has ten of them.
 */
export class SparseMap<Key, Value> {
  #first: readonly [Key, Value] | undefined;
  /** What was put after the first, or after it was gone. */
  #others: Map<Key, Value> | undefined;

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  get(key: Key): Value | undefined {
    const first = this.#first;
    return first !== undefined && first[0] === key ? first[1] : this.#others?.get(key);
  }

  has(key: Key): boolean {
    return this.#first?.[0] === key || this.#others?.has(key) === true;
  }

  set(key: Key, value: Value): void {
    const first = this.#first;
    const others = this.#others;
    if (first === undefined ? others === undefined : first[0] === key) this.#first = [key, value];
    else if (others === undefined) this.#others = new Map<Key, Value>().set(key, value);
    else others.set(key, value);
  }

  delete(key: Key): void {
    if (this.#first?.[0] === key) this.#first = undefined;
    else this.#others?.delete(key);
  }

  clear(): void {
    this.#first = undefined;
    this.#others = undefined;
  }

  /** In the order in which they were put: as they are now, whatever becomes of them meanwhile. */
  entries(): readonly (readonly [Key, Value])[] {
    const entries: (readonly [Key, Value])[] = this.#others === undefined ? [] : [...this.#others];
    if (this.#first !== undefined) entries.unshift(this.#first);
    return entries;
  }
}
