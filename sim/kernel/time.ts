/** Virtual time: one queue of wake-ups, two clocks, and nothing happens unless it is told to. */
import type { Clock } from '../../packages/kernel/src/clock.ts';
import type { Chance } from '../random.ts';

interface WakeUp {
  readonly at: number;
  readonly order: number;
  action: (() => void) | null;
}

const START = Date.UTC(2026, 0, 1);

export class VirtualTime {
  #monotonic = 0;
  #wallAhead = START;
  #order = 0;
  /** A binary heap: the earliest first, those of one instant in the order in which they were asked for. */
  readonly #heap: WakeUp[] = [];

  /** Milliseconds since the beginning of the run. */
  get now(): number {
    return this.#monotonic;
  }

  get wall(): number {
    return this.#wallAhead + this.#monotonic;
  }

  /** The wall clock is set, forward or back. */
  jump(ms: number): void {
    this.#wallAhead += ms;
  }

  /** Nothing runs for so long; what was due meanwhile is late. */
  freeze(ms: number): void {
    this.#monotonic += ms;
  }

  after(ms: number, action: () => void): () => void {
    const wakeUp: WakeUp = { at: this.#monotonic + Math.max(0, ms), order: this.#order++, action };
    this.#push(wakeUp);
    return () => {
      wakeUp.action = null;
    };
  }

  /** Runs the earliest wake-up; false when there is none at or before `until`. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined || first.at > until) return false;
      this.#pop();
      const { action } = first;
      if (action === null) continue;
      this.#monotonic = Math.max(this.#monotonic, first.at);
      first.action = null;
      action();
      return true;
    }
  }

  #push(wakeUp: WakeUp): void {
    const heap = this.#heap;
    let at = heap.push(wakeUp) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(wakeUp, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = wakeUp;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: WakeUp, b: WakeUp): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** The clock of one life of a kernel: when the life is over, none of its wake-ups runs any more. */
export class LifeClock implements Clock {
  /** Wake-ups that are still to come. */
  pending = 0;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #isAlive: () => boolean;

  constructor(time: VirtualTime, chance: Chance, isAlive: () => boolean) {
    this.#time = time;
    this.#chance = chance;
    this.#isAlive = isAlive;
  }

  wallNow(): number {
    return this.#time.wall;
  }

  monotonicNow(): number {
    return this.#time.now;
  }

  after(ms: number, action: () => void): () => void {
    this.pending += 1;
    let open = true;
    const close = (): void => {
      if (open) this.pending -= 1;
      open = false;
    };
    const cancel = this.#time.after(ms, () => {
      close();
      if (this.#isAlive()) action();
    });
    return () => {
      close();
      cancel();
    };
  }

  /** Not always at once: what arrives meanwhile shares the commit. */
  soon(action: () => void): void {
    this.#time.after(this.#chance.below(3), () => {
      if (this.#isAlive()) action();
    });
  }
}
