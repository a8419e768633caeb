/** Crash images: the folder that a killed kernel leaves, what it holds, and what damage does to it. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteStore, StoreRefusal } from '@procos/store';
import type { LogEntry } from '../../packages/store/src/backend.ts';
import { recordOf } from '../../packages/store/src/chain.ts';
import type { Chance } from '../random.ts';
import { createClients, workUntilEnded } from './clients.ts';
import { KernelProcess } from './kernel-process.ts';

/** All of the live state; the views can be made again from the log. */
const TABLES = [
  'deployments',
  'definitions',
  'decisions',
  'instances',
  'instanceParts',
  'externalTasks',
  'userTasks',
  'timers',
  'subscriptions',
  'messages',
  'incidents',
  'answers',
];
const LONGEST_LIFE_MS = 400;

export interface Content {
  /** Every record as it is kept, one a line. */
  readonly records: readonly string[];
  /** Every row of the state, one a line. */
  readonly state: readonly string[];
}

export class Image {
  readonly #folder = mkdtempSync(join(tmpdir(), 'procos-torture-image-'));
  readonly #whole = join(this.#folder, 'whole');
  readonly #copy = join(this.#folder, 'copy');
  #content: Content | undefined;
  /** Records up to the last one that a client was told of. */
  acknowledged = 0;

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Clients work, the kernel is killed; `lives` at least: the ones before end in order, with the log written back. */
  static async make(chance: Chance, lives: number): Promise<Image> {
    const image = new Image();
    mkdirSync(image.#whole);
    const told = new Set<string>();
    for (let life = 1; life <= lives || !image.#hasSomethingToLose(); life += 1) {
      await using kernel = await KernelProcess.start({ directory: image.#whole });
      const clients = createClients(String(life));
      const working = workUntilEnded(clients, kernel, chance);
      await sleep(chance.below(LONGEST_LIFE_MS));
      if (life < lives) await kernel.shutDown();
      await kernel.kill();
      await working;
      for (const { by } of clients.flatMap(({ journal }) => journal)) told.add(by);
      image.copy();
      image.#content = contentAfterStart(image.#copy);
      image.acknowledged = 1 + image.#content.records.findLastIndex((record) => told.has(subjectOf(record)));
    }
    return image;
  }

  /** Somebody was told of something that stands in the log alone: it may just have been written back. */
  #hasSomethingToLose(): boolean {
    const copy = this.copy();
    for (const name of ['procos.db-wal', 'procos.anchor']) rmSync(join(copy, name), { force: true });
    try {
      return contentAfterStart(copy).records.length < this.acknowledged;
    } catch (error) {
      // It was being written back.
      if (error instanceof StoreRefusal) return true;
      throw error;
    }
  }

  get content(): Content {
    if (this.#content === undefined) throw new Error('the image is not made yet');
    return this.#content;
  }

  /** A new copy of the folder in the place of the one before. */
  copy(): string {
    rmSync(this.#copy, { recursive: true, force: true });
    cpSync(this.#whole, this.#copy, { recursive: true });
    return this.#copy;
  }
}

function subjectOf(line: string): string {
  return recordOf(JSON.parse(line) as LogEntry).by.id;
}

/** Lets a store recover as a start does, and reads all of it. */
export function contentAfterStart(directory: string): Content {
  openSqliteStore({ directory }).close();
  using database = new DatabaseSync(join(directory, 'procos.db'), { readOnly: true });
  const lines = (sql: string): string[] => [...database.prepare(sql).iterate()].map((row) => JSON.stringify(row));
  return {
    records: lines('SELECT sequence, at, hash, body FROM records ORDER BY sequence'),
    state: TABLES.flatMap((table) => lines(`SELECT * FROM ${table} ORDER BY id`).map((row) => `${table} ${row}`)),
  };
}

/** Every file of a folder, to see whether one was changed; SQLite's shared memory aside, which is made anew each time. */
export function bytesOf(directory: string): readonly Buffer[] {
  return ['procos.db', 'procos.db-wal', 'procos.anchor']
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path));
}

export function flipBit(path: string, bit: number): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bit / 8);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
  writeFileSync(path, bytes);
}

const LOG_HEADER_BYTES = 32;
/** A frame of the write-ahead log: its header and a page. */
export const FRAME_BYTES = 24 + 8_192;

/** Bytes of a write-ahead log up to the end of what counts: after it lie the frames of an earlier turn of the log,
 * whose salts are not those of the log's header (SQLite's file format, section 4.1). */
export function usedBytes(wal: string): number {
  const log = readFileSync(wal);
  const salts = log.subarray(16, 24);
  let end = LOG_HEADER_BYTES;
  while (end + FRAME_BYTES <= log.length && log.subarray(end + 8, end + 16).equals(salts)) end += FRAME_BYTES;
  return end;
}
