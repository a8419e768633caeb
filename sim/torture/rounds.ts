/** Runs rounds one after the other and notes what breaks, instead of stopping at the first. */
import { Violation } from '../invariants.ts';
import type { Tally } from './scenario.ts';

/** True when the round held. */
export async function attempt(tally: Tally, round: string, work: () => Promise<void> | void): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const invariant = error instanceof Violation ? error.invariant : 'nothingIsThrown';
    const finding = error instanceof Violation ? error.message : ((error as Error).stack ?? String(error));
    tally.broken.push({ round, invariant, finding });
    return false;
  }
}
