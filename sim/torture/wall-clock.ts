/** A wall clock of the kernel's own (libfaketime): it is set while the kernel runs; what really passes is not touched. */
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Absence } from './scenario.ts';

const LIBRARIES = '/usr/lib/*/faketime/libfaketime.so.1';

export class WallClock {
  readonly #folder = mkdtempSync(join(tmpdir(), 'procos-torture-clock-'));
  readonly #file = join(this.#folder, 'time');
  #offsetMs = 0;

  constructor() {
    this.move(0);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** To be put in front of the kernel's command. */
  get through(): readonly string[] {
    const [library = ''] = globSync(LIBRARIES);
    return [
      'env',
      `LD_PRELOAD=${library}`,
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
      'FAKETIME_NO_CACHE=1',
      `FAKETIME_TIMESTAMP_FILE=${this.#file}`,
    ];
  }

  /** Set forward or back, from where it is; it goes on from there. */
  move(ms: number): void {
    this.#offsetMs += ms;
    const seconds = this.#offsetMs / 1_000;
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  }

  /** It stands still until it is moved. */
  freeze(): void {
    const now = new Date(Date.now() + this.#offsetMs);
    writeFileSync(this.#file, `${now.toISOString().slice(0, 19).replace('T', ' ')}\n`);
  }
}

export function wallClockMissing(): Absence | null {
  if (process.platform !== 'linux') return { why: 'libfaketime is used on Linux only', component: false };
  if (globSync(LIBRARIES).length > 0) return null;
  return { why: 'libfaketime is not installed: apt-get install libfaketime', component: true };
}
