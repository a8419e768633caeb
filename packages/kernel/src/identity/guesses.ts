/** Guesses of passwords are counted, and made to wait ever longer. */

/** Free of any wait, for each thing that is counted. */
const FREE = { name: 100, address: 50, both: 5 } as const;
const FIRST_MS = 1_000;
const MOST_MS = 300_000;
/** What nobody has guessed at for so long is forgotten. */
const FORGOTTEN_MS = 3_600_000;
const MOST_COUNTED = 30_000;

interface Count {
  failures: number;
  /** No attempt is looked at before. */
  until: number;
  last: number;
}

export class Guesses {
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Ms until the next attempt for this name from this address is looked at; 0: now. */
  waitMs(name: string, address: string): number {
    const now = this.#now();
    return Math.max(0, ...keysOf(name, address).map(({ key }) => (this.#counts.get(key)?.until ?? 0) - now));
  }

  /** Counted before the guess is looked at, so that many at the same time count as many. */
  count(name: string, address: string): void {
    const now = this.#now();
    for (const { key, free } of keysOf(name, address)) {
      const before = this.#counts.get(key);
      const failures = (before === undefined || before.last + FORGOTTEN_MS < now ? 0 : before.failures) + 1;
      const wait = failures < free ? 0 : Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(30, failures - free));
      // The latest last: the first ones are forgotten first.
      this.#counts.delete(key);
      this.#counts.set(key, { failures, until: now + wait, last: now });
    }
    for (const [key, { last }] of this.#counts) {
      if (this.#counts.size <= MOST_COUNTED && last + FORGOTTEN_MS >= now) break;
      this.#counts.delete(key);
    }
  }

  /** It was right: what was counted for it was no guess. */
  forgive(name: string, address: string): void {
    for (const { key, free, own } of keysOf(name, address)) {
      const count = this.#counts.get(key);
      if (count === undefined) continue;
      if (own) this.#counts.delete(key);
      else {
        count.failures -= 1;
        if (count.failures < free) count.until = 0;
      }
    }
  }

  /** Nobody waits for this name any more. What an address has guessed at still counts against the address. */
  forget(name: string): void {
    for (const key of this.#counts.keys()) {
      if (key === `name ${name}` || (key.startsWith('both ') && key.endsWith(` ${name}`))) this.#counts.delete(key);
    }
  }
}

function keysOf(name: string, address: string) {
  return [
    { key: `both ${address} ${name}`, free: FREE.both, own: true },
    { key: `address ${address}`, free: FREE.address, own: false },
    { key: `name ${name}`, free: FREE.name, own: false },
  ];
}
