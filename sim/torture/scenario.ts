/** What a scenario is: a fault done to a real kernel again and again, and the planted fault that it must find. */
import type { Plant } from './plants.ts';

export interface Run {
  readonly rounds: number;
  readonly seed: number;
  readonly plant: Plant;
}

export interface Tally {
  /** Rounds that were run. */
  rounds: number;
  /** Commands acknowledged in them. */
  acknowledged: number;
  /** What was broken, with its round; empty when all is well. */
  readonly broken: { readonly round: string; readonly invariant: string; readonly finding: string }[];
  /** Figures of its own, e.g. how long a stop took. */
  readonly figures: Record<string, number | string>;
}

/** Why a scenario cannot run here. */
export interface Absence {
  /** With the command that ends that, when there is one. */
  readonly why: string;
  /** Something is not installed that can be; else the machine does not allow it, whatever is installed. */
  readonly component: boolean;
}

export interface Scenario {
  readonly name: string;
  /** What a round does. */
  readonly does: string;
  /** Infinite: as many as there are. */
  readonly rounds: {
    readonly full: number;
    /** Where nothing may be skipped; absent: as many as `short`. */
    readonly ci?: number;
    readonly short: number;
  };
  readonly missing: () => Absence | null;
  readonly run: (run: Run) => Promise<Tally>;
  /** With this fault planted, so many rounds must break one of these invariants. */
  readonly control: { readonly plant: Plant; readonly rounds: number; readonly breaks: readonly string[] };
}

export function emptyTally(): Tally {
  return { rounds: 0, acknowledged: 0, broken: [], figures: {} };
}
