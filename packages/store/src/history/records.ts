/** Records as one query needs them: read one by one from the log, each parsed once. */
import type { LogRecord } from '@procos/engine';

/** Records kept at once. */
const MOST = 5_000;

export class Records {
  readonly #read: (after: number, limit: number) => readonly LogRecord[];
  readonly #known = new Map<number, LogRecord>();
  /** Sequences of the first and the last of the log. */
  readonly first: number;
  readonly last: number;

  /** `read`: committed records after a sequence. */
  constructor(
    read: (after: number, limit: number) => readonly LogRecord[],
    { first, last }: { readonly first: number; readonly last: number },
  ) {
    this.#read = read;
    this.first = first;
    this.last = last;
  }

  get(sequence: number): LogRecord | undefined {
    return this.#known.get(sequence) ?? this.range(sequence, sequence)[0];
  }

  /** Both ends included. */
  range(from: number, to: number): readonly LogRecord[] {
    const found = to < from ? [] : this.#read(from - 1, to - from + 1);
    if (this.#known.size + found.length > MOST) this.#known.clear();
    for (const record of found) this.#known.set(record.sequence, record);
    return found;
  }

  all(sequences: readonly number[]): readonly LogRecord[] {
    return sequences.map((sequence) => this.get(sequence)).filter((record) => record !== undefined);
  }

  /** The sequence of the first record after which an identity was given out. */
  whichGave(id: number): number {
    let [from, to] = [this.first, this.last + 1];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((this.get(middle)?.lastId ?? Number.POSITIVE_INFINITY) >= id) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
