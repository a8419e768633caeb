/** How far the heap may grow beyond what is alive before V8 collects old objects: as V8 thinks best as long as it is small, by little once it was large. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

const LOOK_MS = 500;
/** From so many bytes in use on, garbage among them, the heap is large; a busy system without much to keep hardly gets there. */
const LARGE = 160e6;
/** By so much a heap may grow that is large or was a moment ago, %. */
const BY_PERCENT = 50;
const MOMENT_MS = 10_000;

export interface Heap {
  /** Bytes in use: of what is alive and of garbage. */
  used(): number;
  /** How much larger it may become after the next collection of old objects, %; 0: as V8 thinks best. */
  growBy(percent: number): void;
}

const ofThisProcess: Heap = {
  used: () => getHeapStatistics().used_heap_size,
  growBy: (percent) => setFlagsFromString(`--heap-growing-percent=${percent}`),
};

/**
 * Where gigabytes are allowed V8 lets a heap become four times as large as what was alive; and what becomes old while it looks for garbage counts as
 * alive until the next time. A flood of long starts made 961 MB of 60 that way. Returns how to stop, which must be before the process ends: compiled code is
 * kept together with the flags, and the next process could not use it.
 */
export function boundHeapGrowth(heap: Heap = ofThisProcess): () => void {
  let percent = 0;
  let largeAt = Number.NEGATIVE_INFINITY;
  const allow = (next: number): void => {
    if (next !== percent) heap.growBy(next);
    percent = next;
  };
  const look = (): void => {
    const now = performance.now();
    if (heap.used() > LARGE) largeAt = now;
    allow(now - largeAt < MOMENT_MS ? BY_PERCENT : 0);
  };
  const timer = setInterval(look, LOOK_MS).unref();
  const stop = (): void => {
    clearInterval(timer);
    allow(0);
    process.off('exit', stop);
  };
  process.once('exit', stop);
  return stop;
}
