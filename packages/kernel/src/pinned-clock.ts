/** A clock that an operator has pinned (docs/adr/0046): what is said of it, and its end where it may not be. */
import type { Subject } from '@procos/engine';
import type { Store } from '@procos/store';
import type { KernelLog } from './log.ts';
import type { CommandLoop } from './loop.ts';

const CLOCK: Subject = { kind: 'kernel', id: 'clock' };

/** null: it goes on. */
export function tellOfClock(log: KernelLog, pinnedAt: number | null): void {
  if (pinnedAt === null) log.warn('clock_reset', 'The clock follows the wall clock again.');
  else {
    const at = new Date(pinnedAt).toISOString();
    log.warn('clock_pinned', `The clock stands still at ${at}: what waits for time does not go on.`, { at });
  }
}

/** At a start: says that the clock is still pinned, or ends that where the clock may not be pinned any more. Rejects with `Unavailable`. */
export async function startClock(
  { loop, log }: { readonly loop: CommandLoop; readonly log: KernelLog },
  { store, pinnableClock = false }: { readonly store: Store; readonly pinnableClock?: boolean },
): Promise<void> {
  const { clockPinnedAt } = store.state.singletons;
  if (clockPinnedAt === null) return;
  if (pinnableClock) tellOfClock(log, clockPinnedAt);
  else await loop.submit({ type: 'resetClock' }, CLOCK);
}
