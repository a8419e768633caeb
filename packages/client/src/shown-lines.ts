/** Which lines of a log were shown already: a stream that was opened again begins with lines from before the break. */
import type { StreamMessage } from './event-stream.ts';

export class ShownLines {
  #connection = 1;
  #lastAt = '';
  /** The lines of that instant. */
  #last: string[] = [];
  /** Before the break. */
  #until = '';
  #lastBefore: string[] = [];

  /** Asked once for each line, in the order in which they come. */
  isNew(at: string, { data, connection }: Pick<StreamMessage, 'data'> & { readonly connection: number }): boolean {
    if (connection !== this.#connection) {
      this.#connection = connection;
      this.#until = this.#lastAt;
      this.#lastBefore = [...this.#last];
    }
    if (at < this.#until) return false;
    // Others of the same instant may have come after the break.
    const known = at === this.#until ? this.#lastBefore.indexOf(data) : -1;
    if (known >= 0) {
      this.#lastBefore.splice(known, 1);
      return false;
    }
    if (at !== this.#lastAt) this.#last = [];
    this.#lastAt = at;
    this.#last.push(data);
    return true;
  }
}
