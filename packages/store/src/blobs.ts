/**
 * Large values: bytes that are taken in chunk by chunk, are found by their hash once they are whole, are kept as long as a
 * record that is kept names them, and are removed in small steps.
 */
import { createHash, type Hash, hash } from 'node:crypto';
import type { LogRecord } from '@procos/engine';
import type { Backend, BackendBlobs, BlobHolder, BlobRow } from './backend.ts';
import type { Blob, Blobs, BlobUpload } from './contract.ts';
import { StoreFailure } from './contract.ts';
import type { Health } from './health.ts';

export const CHUNK_BYTES: number = 256 * 1024;
/** What every name of a blob begins with. */
const SCHEME = 'sha256:';
const NAMES = /sha256:([0-9a-f]{64})/g;
/** Of one step of the sweep. */
const BLOBS = 50;
const HOLDERS = 200;
const CHUNKS = 8;

export interface BlobNeeds {
  readonly backend: Backend;
  readonly health: Health;
  /** Whether what has named a blob is still kept, and names it. */
  readonly isHeld: (holder: BlobHolder, name: string) => boolean;
}

/** What is in a chunk, or about a blob, is not what it was. */
export class BlobDamaged extends Error {
  constructor(name: string, problem: string) {
    super(`The large value ${name} is damaged: ${problem}. Restore a backup, or set the variable anew.`);
    this.name = 'BlobDamaged';
  }
}

export class StoredBlobs implements Blobs {
  readonly #needs: BlobNeeds;
  readonly #rows: BackendBlobs;
  /** Uploads of this life of the store. */
  readonly #underWay = new Set<number>();
  #sweptUpTo = 0;

  constructor(needs: BlobNeeds) {
    this.#needs = needs;
    this.#rows = needs.backend.blobs;
  }

  begin(at: number): BlobUpload {
    const row = this.#write('beginning a large value', () => this.#rows.create(at));
    this.#underWay.add(row.id);
    const whole = createHash('sha256');
    let { size, chunks } = row;
    let needless = false;
    return {
      add: (bytes) => {
        if (bytes.length > CHUNK_BYTES) throw new RangeError(`a chunk has at most ${CHUNK_BYTES} bytes`);
        whole.update(bytes);
        this.#write('taking in a large value', () =>
          this.#rows.writeChunk(row.id, chunks, hash('sha256', bytes, 'base64url'), bytes),
        );
        size += bytes.length;
        chunks += 1;
      },
      finish: (finishedAt) => {
        const sha256 = whole.digest('hex');
        const there = this.#rowOf(SCHEME + sha256);
        needless = there !== undefined;
        const kept = { ...(there ?? { ...row, sha256, size, chunks }), at: finishedAt };
        this.#write('finishing a large value', () => this.#rows.update(kept));
        this.#underWay.delete(row.id);
        return blobOf(kept);
      },
      abandon: () => {
        needless = true;
        this.#underWay.delete(row.id);
      },
      clear: () => !needless || this.#remove(row),
    };
  }

  find(name: string): Blob | undefined {
    const row = this.#rowOf(name);
    return row && blobOf(row);
  }

  touch(name: string, at: number): void {
    const row = this.#rowOf(name);
    if (row !== undefined) this.#write('keeping a large value', () => this.#rows.update({ ...row, at }));
  }

  *read(name: string, from: number = 0, to: number = Number.POSITIVE_INFINITY): Generator<Uint8Array> {
    const row = this.#rowOf(name);
    if (row === undefined) throw new BlobDamaged(name, 'it is not there');
    const end = Math.min(to, row.size);
    const whole = from === 0 && end === row.size ? createHash('sha256') : undefined;
    for (let index = Math.floor(from / CHUNK_BYTES); index * CHUNK_BYTES < end; index += 1) {
      const bytes = this.#chunk(row, index);
      whole?.update(bytes);
      // Of what is damaged nobody gets all: the last chunk is given only when the whole is right.
      if (end === row.size && index === row.chunks - 1) assertWhole(row, whole);
      const begin = index * CHUNK_BYTES;
      yield bytes.subarray(Math.max(0, from - begin), Math.min(bytes.length, end - begin));
    }
  }

  sweep(before: number): { readonly removed: number; readonly more: boolean } {
    const rows = this.#guarded('looking through large values', () => this.#rows.list(this.#sweptUpTo, BLOBS));
    let removed = 0;
    for (const row of rows) {
      if (!this.#underWay.has(row.id) && !this.#isKept(row, before)) {
        if (!this.#remove(row)) return { removed, more: true };
        removed += 1;
      }
      this.#sweptUpTo = row.id;
    }
    const more = rows.length === BLOBS;
    if (!more) this.#sweptUpTo = 0;
    return { removed, more };
  }

  /** Holders that are no longer kept are forgotten on the way. */
  #isKept(row: BlobRow, before: number): boolean {
    if (row.sha256 === null) return false;
    if (row.at >= before) return true;
    const holders = this.#guarded('looking for who names a large value', () => this.#rows.holders(row.id, HOLDERS));
    for (const holder of holders) {
      if (this.#needs.isHeld(holder, SCHEME + row.sha256)) return true;
      this.#write('forgetting who named a large value', () => this.#rows.release(row.id, holder), 'derived');
    }
    // More of them: in the next round.
    return holders.length === HOLDERS;
  }

  /** Nobody finds it from the first step on; false: not all of it yet. */
  #remove(row: BlobRow): boolean {
    return this.#write(
      'removing a large value',
      () => {
        if (row.sha256 !== null) this.#rows.update({ ...row, sha256: null });
        if (this.#rows.removeChunks(row.id, CHUNKS) === CHUNKS) return false;
        this.#rows.remove(row.id);
        return true;
      },
      'derived',
    );
  }

  #rowOf(name: string): BlobRow | undefined {
    if (!name.startsWith(SCHEME)) return undefined;
    return this.#guarded('looking for a large value', () => this.#rows.byHash(name.slice(SCHEME.length)));
  }

  #chunk(row: BlobRow, index: number): Uint8Array {
    const chunk = this.#guarded('reading a large value', () => this.#rows.readChunk(row.id, index));
    const problem = problemOfChunk(row, index, chunk);
    if (chunk === undefined || problem !== null) throw new BlobDamaged(SCHEME + row.sha256, problem ?? 'it is gone');
    return chunk.bytes;
  }

  #guarded<T>(doing: string, work: () => T): T {
    return this.#needs.health.guard(doing, work);
  }

  #write<T>(doing: string, work: () => T, kind: 'durable' | 'derived' = 'durable'): T {
    return this.#guarded(doing, () => {
      let result: { readonly value: T } | undefined;
      this.#needs.backend.transaction(kind, () => {
        result = { value: work() };
      });
      if (result === undefined) throw new StoreFailure('a transaction has not run');
      return result.value;
    });
  }
}

function blobOf({ sha256, size, at }: BlobRow): Blob {
  return { name: SCHEME + sha256, size, at };
}

function assertWhole(row: BlobRow, whole: Hash | undefined): void {
  if (whole === undefined || whole.digest('hex') === row.sha256) return;
  throw new BlobDamaged(SCHEME + row.sha256, 'its bytes do not match its name');
}

function problemOfChunk(
  { size, chunks }: BlobRow,
  index: number,
  chunk: { readonly sum: string; readonly bytes: Uint8Array } | undefined,
): string | null {
  if (chunk === undefined) return `chunk ${index} is missing`;
  const length = index === chunks - 1 ? size - index * CHUNK_BYTES : CHUNK_BYTES;
  const right = chunk.bytes.length === length && hash('sha256', chunk.bytes, 'base64url') === chunk.sum;
  return right ? null : `chunk ${index} does not match its checksum`;
}

/** Within the transaction of a record: what it names is kept as long as the instances and messages that it is about. */
export function holdNamed(blobs: BackendBlobs, { events }: LogRecord, body: string): void {
  // Nearly all records name none, and this is all that they pay.
  if (!body.includes(SCHEME)) return;
  for (const event of events) {
    const text = JSON.stringify(event);
    const names = new Set([...text.matchAll(NAMES)].map(([, sha256]) => sha256 ?? ''));
    if (names.size === 0) continue;
    const instances = [...text.matchAll(/"processInstanceId":(\d+)/g)].map(([, id]) => Number(id));
    const holders: BlobHolder[] = [...new Set(instances)].map((id) => ({ kind: 'instance', id }));
    if (event.type === 'messageBuffered') holders.push({ kind: 'message', id: event.message.id });
    for (const name of names) for (const holder of holders) blobs.hold(name, holder);
  }
}

/** Reads every byte of every large value; the first thing that is wrong, null when nothing is. */
export function problemOfBlobs(blobs: BackendBlobs): string | null {
  for (let after = 0; ; ) {
    const rows = blobs.list(after, BLOBS);
    for (const row of rows) {
      const problem = row.sha256 === null ? null : problemOfBlob(blobs, row);
      if (problem !== null) return `the large value ${SCHEME}${row.sha256}: ${problem}`;
      after = row.id;
    }
    if (rows.length < BLOBS) break;
  }
  const lost = blobs.lostHolder();
  return lost === undefined ? null : `a large value that ${lost.kind} ${lost.id} names is missing`;
}

function problemOfBlob(blobs: BackendBlobs, row: BlobRow): string | null {
  const whole = createHash('sha256');
  for (let index = 0; index < row.chunks; index += 1) {
    const chunk = blobs.readChunk(row.id, index);
    const problem = problemOfChunk(row, index, chunk);
    if (problem !== null) return problem;
    whole.update(chunk?.bytes ?? '');
  }
  return whole.digest('hex') === row.sha256 ? null : 'its bytes do not match its name';
}
