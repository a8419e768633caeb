/** The file of the kernel's log: lines are appended at once; a rotation gives the file a name with its time, packs it, and keeps so many. */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface LogFileOptions {
  /** Absolute. */
  readonly path: string;
  /** Bytes from which on it is rotated. */
  readonly maxBytes: number;
  /** Ms after its first line from which on it is rotated. */
  readonly maxAgeMs: number;
  /** Rotated files that are kept. */
  readonly keep: number;
  readonly now?: () => number;
}

export interface Rotation {
  readonly rotated: boolean;
  /** Rotated files that there are now, the oldest first. */
  readonly files: readonly string[];
  readonly removed: number;
}

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #now: () => number;
  #handle: number | undefined;
  #begunAt = 0;
  /** Lines that could not be written. */
  #lost = 0;

  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    mkdirSync(dirname(options.path), { recursive: true });
    this.#open();
  }

  get path(): string {
    return this.#options.path;
  }

  /** A disk without room, or a file that is gone, must not stop the kernel: how many lines are missing is written when it goes on. */
  write(line: string): void {
    try {
      if (this.#handle === undefined) this.#open();
      if (this.#handle === undefined) throw new Error('it cannot be opened');
      if (this.#lost > 0) {
        const ts = new Date(this.#now()).toISOString();
        const fields = { level: 'warn', ts, source: 'kernel', event: 'log_lines_lost', lines: this.#lost };
        const text = `${this.#lost} lines could not be written to the log file.`;
        writeSync(this.#handle, `${JSON.stringify({ ...fields, text })}\n`);
        this.#lost = 0;
      }
      writeSync(this.#handle, line);
    } catch {
      this.#lost += 1;
    }
  }

  /** When it is large or old enough, or in any case with `force`. What an earlier rotation has left unpacked is packed, too. */
  async rotate(force = false): Promise<Rotation> {
    const { path, maxBytes, maxAgeMs, keep } = this.#options;
    const size = this.#handle === undefined ? 0 : fstatSync(this.#handle).size;
    const due = size > 0 && (force || size >= maxBytes || this.#now() - this.#begunAt >= maxAgeMs);
    if (due) {
      const stamp = new Date(this.#now()).toISOString().replaceAll(/[:.]/g, '-');
      let target = `${path}.${stamp}`;
      for (let number = 1; existsSync(target) || existsSync(`${target}.gz`); number += 1)
        target = `${path}.${stamp}-${number}`;
      renameSync(path, target);
      this.#close();
      this.#open();
    }
    for (const name of this.#rotated()) if (!name.endsWith('.gz')) await pack(join(dirname(path), name));
    const files = this.#rotated();
    const old = files.slice(0, Math.max(0, files.length - keep));
    for (const name of old) rmSync(join(dirname(path), name), { force: true });
    return { rotated: due, files: files.slice(old.length), removed: old.length };
  }

  close(): void {
    this.#close();
  }

  /** The oldest first: their names are instants. */
  #rotated(): string[] {
    const begin = `${basename(this.#options.path)}.2`;
    const names = readdirSync(dirname(this.#options.path));
    return names.filter((name) => name.startsWith(begin) && !name.endsWith('.part')).sort();
  }

  #open(): void {
    const { path } = this.#options;
    this.#begunAt = this.#now();
    try {
      // One that is gone on with is as old as it was when it was last begun.
      if (existsSync(path) && statSync(path).size > 0) this.#begunAt = Math.floor(statSync(path).birthtimeMs);
      this.#handle = openSync(path, 'a', 0o600);
    } catch {
      this.#handle = undefined;
    }
  }

  #close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}

/** The packed file gets its name when it is whole; then the plain one goes. */
async function pack(path: string): Promise<void> {
  const part = `${path}.gz.part`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(part, { mode: 0o600 }));
  const file = await open(part, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, `${path}.gz`);
  await rm(path);
}
