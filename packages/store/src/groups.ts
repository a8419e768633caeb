/** Of which definitions there is something to do: asked for so often, where much is to be done, that the answer is kept. */

/** Sets of ids by key. What was once there may be gone; what is there is never missing. */
export class Groups {
  readonly #load: (key: string) => Iterable<number>;
  readonly #known = new Map<string, Set<number>>();

  constructor(load: (key: string) => Iterable<number>) {
    this.#load = load;
  }

  of(key: string): ReadonlySet<number> {
    let ids = this.#known.get(key);
    if (ids === undefined) {
      ids = new Set(this.#load(key));
      this.#known.set(key, ids);
    }
    return ids;
  }

  /** Something of it is there now. Costs nothing where nobody has asked. */
  add(key: string, id: number): void {
    this.#known.get(key)?.add(id);
  }

  /** Nothing of it was found. */
  remove(key: string, id: number): void {
    this.#known.get(key)?.delete(id);
  }

  /** After a rollback: what was gone may be there again. */
  forget(): void {
    this.#known.clear();
  }
}
