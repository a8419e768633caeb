/** What only the boot needed goes back to the operating system, once, when nobody waits for anything. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RunningKernel } from '@procos/kernel';

const QUIET_MS = 1_000;
const LOOK_MS = 250;
/** Who works from the start has better use for the memory. */
const GIVE_UP_MS = 60_000;

export type Collect = () => void;

/**
 * Collects when nothing has been committed for a second after the kernel is ready: the reading of the system's models leaves
 * pages that V8 keeps for itself otherwise, a fifth of the resident memory. Takes about 100 ms. Returns how to leave it.
 */
export function releaseMemoryOnceQuiet(
  { ready, engine }: Pick<RunningKernel, 'ready' | 'engine'>,
  collect: Collect = lastResort,
): () => void {
  let lastWorkAt = performance.now();
  const stopListening = engine.onCommitted(() => {
    lastWorkAt = performance.now();
  });
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    clearInterval(timer);
    stopListening();
  };
  const begin = (): void => {
    if (stopped) return;
    const giveUpAt = performance.now() + GIVE_UP_MS;
    timer = setInterval(() => {
      const now = performance.now();
      const quiet = engine.queued === 0 && now - lastWorkAt >= QUIET_MS;
      if (!quiet && now < giveUpAt) return;
      stop();
      if (quiet) collect();
    }, LOOK_MS).unref();
  };
  ready.then(begin, stop);
  return stop;
}

/**
 * The collection that also gives back pages. V8 shows it only to contexts made while it has this flag, and compiled code goes
 * with the flags that it was compiled under: a process that has it from the start can use nothing of what Node compiled ahead of
 * its own modules, and one that keeps it leaves a compile cache that the next one cannot use.
 */
export function lastResort(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as NodeJS.GCFunction;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
