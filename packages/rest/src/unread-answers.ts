/** Large answers on their way out: those whose clients do not take them hold so much together, then who has had the longest time is cut off. */
import type { ServerResponse } from 'node:http';

/** What is smaller the operating system holds, or nearly. */
const LARGE = 2 ** 20;
const MOST_BYTES = 2 ** 28;

export class UnreadAnswers {
  /** Oldest first. */
  readonly #waiting = new Map<ServerResponse, number>();
  readonly #most: number;
  #bytes = 0;

  constructor(most: number = MOST_BYTES) {
    this.#most = most;
  }

  /** An answer of so many bytes is about to be written. */
  note(response: ServerResponse, bytes: number): void {
    if (bytes < LARGE) return;
    this.#waiting.set(response, bytes);
    this.#bytes += bytes;
    response.once('close', () => this.#forget(response));
    for (const oldest of this.#waiting.keys()) {
      if (this.#bytes <= this.#most || oldest === response) return;
      this.#forget(oldest);
      oldest.destroy();
    }
  }

  #forget(response: ServerResponse): void {
    this.#bytes -= this.#waiting.get(response) ?? 0;
    this.#waiting.delete(response);
  }
}
