/** The faults of one run: how often what goes wrong, drawn from the seed; calm when it is told to be. */
import type { Chance } from '../random.ts';
import type { DiskFaults } from './disk.ts';
import type { VirtualTime } from './time.ts';

/** Per 100,000 operations of the disk. */
interface Rates {
  readonly tornWrite: number;
  readonly writeError: number;
  readonly crashAtSync: number;
  readonly syncError: number;
  readonly readError: number;
}

const CALM: Rates = { tornWrite: 0, writeError: 0, crashAtSync: 0, syncError: 0, readError: 0 };
const ROUGH: Rates = { tornWrite: 150, writeError: 100, crashAtSync: 300, syncError: 150, readError: 1 };
const STORM: Rates = { tornWrite: 1_000, writeError: 500, crashAtSync: 2_000, syncError: 800, readError: 5 };

export type Blow = 'kill' | 'powerCut' | 'jump' | 'freeze' | 'fullDisk' | 'partition' | 'shutdown';

export class Weather {
  calm = false;
  readonly lossy: { readonly lost: number; readonly twice: number };
  readonly #rates: Rates;
  readonly #meanMs: number;
  readonly #jumps: boolean;
  readonly #chance: Chance;
  readonly #time: VirtualTime;
  #fullUntil = 0;

  constructor(chance: Chance, time: VirtualTime) {
    this.#chance = chance;
    this.#time = time;
    const kind = chance.below(8);
    this.#rates = kind < 2 ? CALM : kind < 7 ? ROUGH : STORM;
    this.#meanMs = [2_000, 10_000, 60_000, 300_000][chance.below(4)]!;
    this.#jumps = chance.below(2) === 0;
    this.lossy = kind < 2 ? { lost: 0, twice: 0 } : { lost: chance.below(60), twice: chance.below(60) };
  }

  readonly faults: Omit<DiskFaults, 'crash'> = {
    full: () => !this.calm && this.#time.now < this.#fullUntil,
    write: () => {
      if (this.calm) return 'done';
      const roll = this.#chance.below(100_000);
      if (roll < this.#rates.tornWrite) return 'crashTorn';
      return roll < this.#rates.tornWrite + this.#rates.writeError ? 'EIO' : 'done';
    },
    sync: () => {
      if (this.calm) return 'done';
      const { crashAtSync, syncError } = this.#rates;
      const roll = this.#chance.below(100_000);
      if (roll < crashAtSync) return roll % 2 === 0 ? 'crashBefore' : 'crashAfter';
      if (roll < crashAtSync + syncError) return roll % 2 === 0 ? 'failedLost' : 'failedKept';
      return 'done';
    },
    read: () => (!this.calm && this.#chance.below(100_000) < this.#rates.readError ? 'EIO' : 'done'),
  };

  /** Until the next blow, ms. */
  pauseMs(): number {
    return this.#chance.below(2 * this.#meanMs);
  }

  blow(): Blow {
    const blows: readonly Blow[] = ['kill', 'powerCut', 'freeze', 'fullDisk', 'partition', 'shutdown'];
    return (this.#jumps && this.#chance.below(3) === 0 ? 'jump' : this.#chance.pick(blows)) ?? 'kill';
  }

  fillDisk(): void {
    this.#fullUntil = this.#time.now + this.#chance.below(5_000);
  }

  jumpMs(): number {
    const HOUR = 3_600_000;
    return [-HOUR, HOUR, 365 * 24 * HOUR, -2_000, 2_000, -365 * 24 * HOUR][this.#chance.below(6)]!;
  }
}
