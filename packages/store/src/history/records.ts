/** Records as one query needs them: read one by one from the log, each parsed once. */
import type { LogRecord } from '@procos/engine';

/** Records kept at once. */
const MOST = 5_000;
/** Events of those that are kept, and of a window: each takes some 200 bytes. */
const MOST_EVENTS = 200_000;
/** Records read at once: how long they are shows only then. */
const PIECE = 16;

/** The first or the last records of the log. */
export interface Window {
  readonly records: readonly LogRecord[];
  /** There are fewer than were asked for, because these hold very many events: to ask for more would give the same. */
  readonly isFull: boolean;
}

export class Records {
  readonly #read: (after: number, limit: number) => readonly LogRecord[];
  #known = new Map<number, LogRecord>();
  #events = 0;
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
    return this.#known.get(sequence) ?? this.#range(sequence, sequence)[0];
  }

  /** At most `count`, in their order. */
  newest(count: number): Window {
    const begin = Math.max(this.first, this.last - count + 1);
    const pieces: (readonly LogRecord[])[] = [];
    let events = 0;
    let to = this.last;
    while (to >= begin && events < MOST_EVENTS) {
      const from = Math.max(begin, to - PIECE + 1);
      const piece = this.#range(from, to);
      pieces.unshift(piece);
      events += eventsIn(piece);
      to = from - 1;
    }
    return { records: pieces.flat(), isFull: to >= begin };
  }

  /** At most `count`, in their order. */
  oldest(count: number): Window {
    const wanted = Math.min(count, this.last - this.first + 1);
    const records = readFew(this.#read, this.first - 1, wanted);
    this.#keep(records);
    return { records, isFull: records.length < wanted };
  }

  /** Both ends included. */
  #range(from: number, to: number): readonly LogRecord[] {
    const found = this.#read(from - 1, to - from + 1);
    this.#keep(found);
    return found;
  }

  #keep(records: readonly LogRecord[]): void {
    const events = eventsIn(records);
    if (this.#known.size + records.length > MOST || this.#events + events > MOST_EVENTS) {
      this.#known = new Map();
      this.#events = 0;
    }
    this.#events += events;
    for (const record of records) this.#known.set(record.sequence, record);
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

/** Records after a sequence, at most `most`; fewer, but one at least, where they hold very many events. */
export function readFew(
  read: (after: number, limit: number) => readonly LogRecord[],
  after: number,
  most: number,
): readonly LogRecord[] {
  const found: LogRecord[] = [];
  let events = 0;
  while (found.length < most && events < MOST_EVENTS) {
    const limit = Math.min(PIECE, most - found.length);
    const piece = read(found.at(-1)?.sequence ?? after, limit);
    found.push(...piece);
    events += eventsIn(piece);
    if (piece.length < limit) break;
  }
  return found;
}

function eventsIn(records: readonly LogRecord[]): number {
  return records.reduce((sum, { events }) => sum + events.length, 0);
}
