/** Large values in the memory of the host. */
import type { BackendBlobs, BlobHolder, BlobRow } from '../backend.ts';

interface Kept {
  row: BlobRow;
  readonly chunks: Map<number, { readonly sum: string; readonly bytes: Uint8Array }>;
  readonly holders: Map<string, BlobHolder>;
}

export class MemoryBlobs implements BackendBlobs {
  readonly #kept = new Map<number, Kept>();
  #lastId = 0;

  create(at: number): BlobRow {
    this.#lastId += 1;
    const row: BlobRow = { id: this.#lastId, sha256: null, size: 0, chunks: 0, at };
    this.#kept.set(row.id, { row, chunks: new Map(), holders: new Map() });
    return row;
  }

  update(row: BlobRow): void {
    const kept = this.#kept.get(row.id);
    if (kept !== undefined) kept.row = row;
  }

  remove(id: number): void {
    this.#kept.delete(id);
  }

  byHash(sha256: string): BlobRow | undefined {
    return [...this.#kept.values()].find(({ row }) => row.sha256 === sha256)?.row;
  }

  list(after: number, limit: number): readonly BlobRow[] {
    const rows = [...this.#kept.values()].map(({ row }) => row).filter(({ id }) => id > after);
    return rows.slice(0, limit);
  }

  writeChunk(blobId: number, index: number, sum: string, bytes: Uint8Array): void {
    this.#kept.get(blobId)?.chunks.set(index, { sum, bytes: Uint8Array.from(bytes) });
  }

  readChunk(blobId: number, index: number): { readonly sum: string; readonly bytes: Uint8Array } | undefined {
    const chunk = this.#kept.get(blobId)?.chunks.get(index);
    // Whoever reads may do with the bytes what he likes.
    return chunk && { sum: chunk.sum, bytes: Uint8Array.from(chunk.bytes) };
  }

  removeChunks(blobId: number, atMost: number): number {
    const chunks = this.#kept.get(blobId)?.chunks ?? new Map<number, unknown>();
    const last = [...chunks.keys()].sort((left, right) => right - left).slice(0, atMost);
    for (const index of last) chunks.delete(index);
    return last.length;
  }

  hold(sha256: string, holder: BlobHolder): void {
    const row = this.byHash(sha256);
    if (row !== undefined) this.#kept.get(row.id)?.holders.set(keyOf(holder), holder);
  }

  holders(blobId: number, limit: number): readonly BlobHolder[] {
    return [...(this.#kept.get(blobId)?.holders.values() ?? [])].slice(0, limit);
  }

  release(blobId: number, holder: BlobHolder): void {
    this.#kept.get(blobId)?.holders.delete(keyOf(holder));
  }

  lostHolder(): BlobHolder | undefined {
    return undefined;
  }
}

function keyOf({ kind, id }: BlobHolder): string {
  return `${kind} ${id}`;
}
