/** How much one search may look at: the engine waits for its answer. */
import { Problem } from '../errors.ts';

export interface Bounds {
  /** Rows that the store looks through. */
  readonly scanned: number;
  /** Rows that are read to look at them one by one. */
  readonly read: number;
  /** The same where each brings the history of a process instance with it. */
  readonly costly: number;
  /** Process instances whose history is read for what is inside them. */
  readonly instances: number;
  /** Records of the log that are looked through. */
  readonly records: number;
  /** The same where others have their turn in between. */
  readonly walked: number;
  /** Jobs whose ends are looked for in the log one by one. */
  readonly ends: number;
}

export const BOUNDS: Bounds = {
  scanned: 100_000,
  read: 10_000,
  costly: 1_000,
  instances: 2_000,
  records: 2_000,
  walked: 20_000,
  ends: 1_000,
};

/** A search that would look at more. */
export class TooMuch extends Problem {
  constructor(detail: string) {
    super('INVALID_ARGUMENT', detail);
    this.name = 'TooMuch';
  }
}

export function tooMany(most: number, why: string): TooMuch {
  return new TooMuch(
    `The filter leaves more than ${most} rows to look through. ${why}: narrow the filter, e.g. by a process, its state or a processInstanceKey, or take the order of the keys`,
  );
}
