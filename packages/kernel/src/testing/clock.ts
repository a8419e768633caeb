/** A clock that tests turn by hand. */
import { type Clock, systemClock } from '../clock.ts';

export interface ManualClock extends Clock {
  /** Moves both clocks forward and runs what falls due, in order. */
  advance(ms: number): void;
  /** Sets the wall clock alone, as an administrator or a leap would. */
  jumpTo(wall: number): void;
  readonly pending: number;
}

/** No timer of the system that goes by the clock on the wall rings in the two minutes after it, UTC. */
export const QUIET: number = Date.UTC(2026, 0, 1, 12, 40);

export function manualClock(start = 1_000_000): ManualClock {
  let monotonic = 0;
  let wall = start;
  let alarms: { at: number; action: () => void }[] = [];
  return {
    wallNow: () => wall,
    monotonicNow: () => monotonic,
    soon: systemClock.soon,
    after(ms, action) {
      const alarm = { at: monotonic + Math.max(0, ms), action };
      alarms.push(alarm);
      return () => {
        alarms = alarms.filter((other) => other !== alarm);
      };
    },
    advance(ms) {
      const end = monotonic + ms;
      for (;;) {
        const next = alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        alarms = alarms.filter((other) => other !== next);
        wall += next.at - monotonic;
        monotonic = next.at;
        next.action();
      }
      wall += end - monotonic;
      monotonic = end;
    },
    jumpTo(to) {
      wall = to;
    },
    get pending() {
      return alarms.length;
    },
  };
}

/** Lets promises and `setImmediate` callbacks run. */
export async function settle(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
