/** What a boot or a time of much work needed goes back to the operating system when nobody waits for anything. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type RunningKernel, thisMachine } from '@procos/kernel';

const LOOK_MS = 500;
/** Nothing committed for so long: after the boot, whose remains are worth a soon end, and later. */
const QUIET_AFTER_BOOT_MS = 1_000;
const QUIET_MS = 10_000;
/** Who only reads commits nothing: from this share of one processor on, somebody is served. */
const SERVES = 0.1;
/** Less than so many bytes beyond what was resident after the last time are not worth the pause. */
const WORTH = 48e6;

export interface Memory {
  /** Bytes. */
  resident(): number;
  /** Of all threads so far, ms. */
  processorMs(): number;
  collect(): void;
}

const ofThisProcess: Memory = {
  resident: thisMachine.residentBytes,
  processorMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  collect: lastResort,
};

/**
 * V8 keeps the pages that it has once had, however little is alive: after a million starts half of what is resident, after a boot a fifth.
 * Collects when nothing has been committed for a second after the kernel is ready, and again whenever there was no work for ten seconds and much has
 * come since. Takes about 80 ms each time. Returns how to leave it.
 */
export function releaseMemoryWhenQuiet(
  { ready, engine }: Pick<RunningKernel, 'ready' | 'engine'>,
  memory: Memory = ofThisProcess,
): () => void {
  let kept: number | undefined;
  let quietSince = performance.now();
  let spentMs = 0;
  let committed = true;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const beginQuiet = (): void => {
    quietSince = performance.now();
    spentMs = memory.processorMs();
    committed = false;
  };
  const look = (): void => {
    const quietMs = performance.now() - quietSince;
    const serves = memory.processorMs() - spentMs > SERVES * Math.max(quietMs, QUIET_AFTER_BOOT_MS);
    const isQuiet = !committed && engine.queued === 0 && !serves;
    if (isQuiet && quietMs < (kept === undefined ? QUIET_AFTER_BOOT_MS : QUIET_MS)) return;
    if (isQuiet && (kept === undefined || memory.resident() > kept + WORTH)) {
      memory.collect();
      kept = memory.resident();
    }
    beginQuiet();
  };
  const stopListening = engine.onCommitted(() => {
    committed = true;
  });
  const stop = (): void => {
    stopped = true;
    clearInterval(timer);
    stopListening();
  };
  const begin = (): void => {
    if (!stopped) timer = setInterval(look, LOOK_MS).unref();
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
