/** How much one search may look at: the engine waits for its answer. */

export interface Bounds {
  /** Rows that the store looks through. */
  readonly scanned: number;
  /** Rows that are read to look at them one by one. */
  readonly read: number;
  /** The same where each brings the history of a process instance with it. */
  readonly costly: number;
  /** Process instances whose history is read for what is inside them. */
  readonly instances: number;
}

export const BOUNDS: Bounds = { scanned: 100_000, read: 10_000, costly: 1_000, instances: 2_000 };
