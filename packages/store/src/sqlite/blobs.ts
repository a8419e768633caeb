/** Large values in the store's own file: one row per chunk, so that nothing is ever read or written whole. */
import type { DatabaseSync } from 'node:sqlite';
import type { BackendBlobs, BlobHolder, BlobRow } from '../backend.ts';
import { lazy } from '../lazy.ts';

export class SqliteBlobs implements BackendBlobs {
  readonly #prepared;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => lazy(() => database.prepare(sql));
    this.#prepared = {
      create: prepare('INSERT INTO blobs (size, chunks, at) VALUES (0, 0, ?)'),
      update: prepare('UPDATE blobs SET sha256 = ?, size = ?, chunks = ?, at = ? WHERE id = ?'),
      remove: prepare('DELETE FROM blobs WHERE id = ?'),
      removeHolders: prepare('DELETE FROM blobHolders WHERE blobId = ?'),
      byHash: prepare('SELECT * FROM blobs WHERE sha256 = ?'),
      list: prepare('SELECT * FROM blobs WHERE id > ? ORDER BY id LIMIT ?'),
      writeChunk: prepare('INSERT INTO blobChunks (blobId, number, sum, bytes) VALUES (?, ?, ?, ?)'),
      readChunk: prepare('SELECT sum, bytes FROM blobChunks WHERE blobId = ? AND number = ?'),
      removeChunks: prepare(
        'DELETE FROM blobChunks WHERE id IN (SELECT id FROM blobChunks WHERE blobId = ? ORDER BY number DESC LIMIT ?)',
      ),
      hold: prepare('INSERT OR IGNORE INTO blobHolders SELECT id, ?, ? FROM blobs WHERE sha256 = ?'),
      holders: prepare('SELECT kind, holder AS id FROM blobHolders WHERE blobId = ? LIMIT ?'),
      release: prepare('DELETE FROM blobHolders WHERE blobId = ? AND kind = ? AND holder = ?'),
      lostHolder: prepare(
        `SELECT kind, holder AS id FROM blobHolders WHERE NOT EXISTS
         (SELECT 1 FROM blobs WHERE blobs.id = blobId AND sha256 IS NOT NULL) LIMIT 1`,
      ),
    };
  }

  create(at: number): BlobRow {
    const { lastInsertRowid } = this.#prepared.create().run(at);
    return { id: Number(lastInsertRowid), sha256: null, size: 0, chunks: 0, at };
  }

  update({ id, sha256, size, chunks, at }: BlobRow): void {
    this.#prepared.update().run(sha256, size, chunks, at, id);
  }

  remove(id: number): void {
    this.#prepared.removeHolders().run(id);
    this.#prepared.remove().run(id);
  }

  byHash(sha256: string): BlobRow | undefined {
    return this.#prepared.byHash().get(sha256) as unknown as BlobRow | undefined;
  }

  list(after: number, limit: number): readonly BlobRow[] {
    return this.#prepared.list().all(after, limit) as unknown as readonly BlobRow[];
  }

  writeChunk(blobId: number, index: number, sum: string, bytes: Uint8Array): void {
    this.#prepared.writeChunk().run(blobId, index, sum, bytes);
  }

  readChunk(blobId: number, index: number): { readonly sum: string; readonly bytes: Uint8Array } | undefined {
    return this.#prepared.readChunk().get(blobId, index) as
      | { readonly sum: string; readonly bytes: Uint8Array }
      | undefined;
  }

  removeChunks(blobId: number, atMost: number): number {
    return Number(this.#prepared.removeChunks().run(blobId, atMost).changes);
  }

  hold(sha256: string, { kind, id }: BlobHolder): void {
    this.#prepared.hold().run(kind, id, sha256);
  }

  holders(blobId: number, limit: number): readonly BlobHolder[] {
    return this.#prepared.holders().all(blobId, limit) as unknown as readonly BlobHolder[];
  }

  release(blobId: number, { kind, id }: BlobHolder): void {
    this.#prepared.release().run(blobId, kind, id);
  }

  lostHolder(): BlobHolder | undefined {
    return this.#prepared.lostHolder().get() as unknown as BlobHolder | undefined;
  }
}
