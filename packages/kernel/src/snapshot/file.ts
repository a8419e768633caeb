/**
 * The file of a snapshot: gzip of lines, each a SHA-256 in hexadecimal, a space and a JSON object. The hash is of the hash
 * before (nothing before the first) and the JSON, so the first line that is not what it was is known; the last line says how
 * many there are, so that a file that was cut short is known, too. docs/snapshots.md has every kind of line.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { BufferedMessage, Deployment, FrozenInstance } from '@procos/engine';

export const SNAPSHOT_FORMAT = 1;

/** What a snapshot is of: these instances, all of one process, or everything that is no process of the system. */
export interface SnapshotScope {
  readonly instances?: readonly number[];
  readonly process?: string;
}

export interface SnapshotHead {
  readonly kind: 'snapshot';
  readonly format: typeof SNAPSHOT_FORMAT;
  /** ISO-8601, in UTC. */
  readonly createdAt: string;
  readonly procos: string;
  /** Names the store: identities that it has given out mean the same to it again. */
  readonly store: string;
  readonly scope: SnapshotScope;
}

/** One version that was deployed; `system`: of the system itself, whose file is not in the snapshot. */
export interface SnapshotDefinition {
  readonly kind: 'definition';
  readonly id: number;
  readonly deploymentId: number;
  readonly bpmnProcessId: string;
  readonly version: number;
  readonly tenantId: string | null;
  /** SHA-256 of its file, hex. */
  readonly checksum: string;
  readonly suspended: boolean;
  readonly historyTimeToLive?: number | null;
  readonly system: boolean;
}

/** A process instance that nobody called, or PID 1 did, with all that it has called; callers first. */
export interface SnapshotFamily {
  readonly kind: 'family';
  readonly instances: readonly SnapshotInstance[];
}
export interface SnapshotInstance extends FrozenInstance {
  readonly startedBy: string;
  readonly startElementId: string | null;
  /** It ran until it was frozen for the snapshot. */
  readonly running: boolean;
}

export const HISTORY_TABLES = [
  'elementInstances',
  'variables',
  'incidentHistory',
  'decisionInstances',
  'warnings',
] as const;
export type HistoryTable = (typeof HISTORY_TABLES)[number];

export type SnapshotLine =
  | SnapshotHead
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
  | SnapshotDefinition
  /** A large value begins: `size` bytes in all, in chunks; it stands before what names it. */
  | { readonly kind: 'blob'; readonly name: string; readonly size: number }
  | { readonly kind: 'chunk'; readonly base64: string }
  | SnapshotFamily
  /** Rows of one instance of the family before, as the views have them: for who reads the file; an import leaves them there. */
  | {
      readonly kind: 'history';
      readonly processInstanceId: number;
      readonly table: HistoryTable;
      readonly rows: readonly object[];
    }
  | { readonly kind: 'message'; readonly message: BufferedMessage }
  | { readonly kind: 'end'; readonly lines: number };

/** The file is no snapshot, or not the one that was written. */
export class SnapshotDamaged extends Error {
  override readonly name = 'SnapshotDamaged';
}

/** Writes into a file of its own; it gets its name when it is whole and synced. */
export class SnapshotWriter {
  readonly #path: string;
  readonly #gzip = createGzip({ level: 6 });
  readonly #written: Promise<void>;
  #failure: unknown;
  #hash = '';
  #lines = 0;

  private constructor(path: string) {
    this.#path = path;
    const file = createWriteStream(`${path}.part`, { mode: 0o600 });
    this.#gzip.on('error', () => {});
    this.#gzip.pipe(file);
    this.#written = finished(file);
    this.#written.catch((error: unknown) => {
      this.#failure = error;
      this.#gzip.destroy();
    });
  }

  static async create(path: string): Promise<SnapshotWriter> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return new SnapshotWriter(path);
  }

  async add(line: SnapshotLine): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const json = JSON.stringify(line);
    this.#hash = next(this.#hash, json);
    this.#lines += 1;
    const room = this.#gzip.write(`${this.#hash} ${json}\n`);
    if (!room) await Promise.race([once(this.#gzip, 'drain'), this.#written]);
  }

  /** Bytes of the file. */
  async finish(): Promise<number> {
    await this.add({ kind: 'end', lines: this.#lines + 1 });
    this.#gzip.end();
    await this.#written;
    const file = await open(`${this.#path}.part`, 'r+');
    try {
      await file.sync();
      await rename(`${this.#path}.part`, this.#path);
      return (await file.stat()).size;
    } finally {
      await file.close();
    }
  }

  async abandon(): Promise<void> {
    this.#gzip.destroy();
    await this.#written.catch(() => {});
    await rm(`${this.#path}.part`, { force: true });
  }
}

/** Every line but the last, each as soon as its hash is found right. Throws `SnapshotDamaged`. */
export async function* readSnapshot(path: string): AsyncGenerator<SnapshotLine> {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  const lines = createInterface({ input: gunzip, crlfDelay: Number.POSITIVE_INFINITY });
  let hash = '';
  let number = 0;
  let ended = false;
  try {
    for await (const text of lines) {
      number += 1;
      const json = text.slice(65);
      hash = next(hash, json);
      if (ended || text.slice(0, 64) !== hash || text[64] !== ' ')
        throw new SnapshotDamaged(`Line ${number} is not what was written there.`);
      const line = JSON.parse(json) as SnapshotLine;
      if (number === 1) checkHead(line);
      if (line.kind !== 'end') yield line;
      else if (line.lines === number) ended = true;
      else throw new SnapshotDamaged(`It says that it has ${line.lines} lines, and has ${number}.`);
    }
  } catch (error) {
    if (error instanceof SnapshotDamaged || !isOfFile(error)) throw error;
    throw new SnapshotDamaged(`It cannot be read after line ${number}: ${(error as Error).message}.`);
  } finally {
    lines.close();
    file.destroy();
  }
  if (!ended) throw new SnapshotDamaged(`It ends after line ${number}, without the line that ends a snapshot.`);
}

function checkHead(line: SnapshotLine): void {
  if (line.kind !== 'snapshot') throw new SnapshotDamaged('It does not begin as a snapshot begins.');
  if (line.format !== SNAPSHOT_FORMAT)
    throw new SnapshotDamaged(
      `It has format ${line.format}; this version reads format ${SNAPSHOT_FORMAT}. Use the version that wrote it (${line.procos}) or a newer one.`,
    );
}

/** From gunzip, or from the disk. */
function isOfFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

function next(before: string, json: string): string {
  return createHash('sha256').update(before).update(json).digest('hex');
}
