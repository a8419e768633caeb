/** Large values in the store: taken in by chunks, found by their hash, kept as long as they are named, never served damaged. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { BlobDamaged, CHUNK_BYTES } from './blobs.ts';
import type { Blob, Store } from './contract.ts';
import { verifySqliteFile } from './sqlite/file-check.ts';
import { commit, message, onBothStores, openSqlite } from './testing/fixtures.ts';

const NOW = 1_000_000;
const LATER = NOW + 1;

function contentOf(bytes: number, seed = 1): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 31 + seed * 7 + (index >> 8)) & 0xff));
}

function take(store: Store, content: Buffer, at = NOW): Blob {
  const upload = store.blobs.begin(at);
  for (let from = 0; from < content.length; from += CHUNK_BYTES) upload.add(content.subarray(from, from + CHUNK_BYTES));
  const blob = upload.finish(at);
  while (!upload.clear());
  return blob;
}

function bytesOf(store: Store, { name }: Blob, from?: number, to?: number): Buffer {
  return Buffer.concat([...store.blobs.read(name, from, to)]);
}

function sweepAll(store: Store, before: number): number {
  let removed = 0;
  for (let more = true; more; ) {
    const step = store.blobs.sweep(before);
    removed += step.removed;
    more = step.more;
  }
  return removed;
}

function nameIn(store: Store, { name, size }: Blob, processInstanceId: number): void {
  const variables = { doc: { type: 'Bytes', value: { blob: name, size } } } as const;
  commit(store, [{ type: 'variablesSet', processInstanceId, scopeId: processInstanceId, variables }]);
}

function startInstance(store: Store): number {
  const id = store.ids.next();
  const at = { processInstanceId: id, definitionId: 1, bpmnProcessId: 'p', version: 1, rootId: id };
  const none = { businessKey: null, tenantId: null, parentId: null, parentElementInstanceId: null };
  commit(store, [{ type: 'processInstanceCreated', ...at, ...none, startElementId: null }]);
  return id;
}

onBothStores((open) => {
  it('gives back what was taken in, whole and in part, under the name of its hash', () => {
    using opened = open();
    const { store } = opened;
    const content = contentOf(2 * CHUNK_BYTES + 1_000);
    const blob = take(store, content);
    assert.equal(blob.name, `sha256:${createHash('sha256').update(content).digest('hex')}`);
    assert.deepEqual(store.blobs.find(blob.name), { name: blob.name, size: content.length, at: NOW });
    assert.ok(bytesOf(store, blob).equals(content));
    for (const [from, to] of [
      [0, 1],
      [CHUNK_BYTES - 1, CHUNK_BYTES + 1],
      [CHUNK_BYTES, 2 * CHUNK_BYTES],
      [content.length - 1, content.length],
    ] as const)
      assert.ok(bytesOf(store, blob, from, to).equals(content.subarray(from, to)), `${from} to ${to}`);
    const again = opened.reopen();
    assert.ok(bytesOf(again, blob).equals(content));
    assert.equal(bytesOf(again, take(again, Buffer.alloc(0))).length, 0);
  });

  it('is not found before it is whole, nor when it was given up', () => {
    using opened = open();
    const { store } = opened;
    const content = contentOf(CHUNK_BYTES + 1);
    const name = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const upload = store.blobs.begin(NOW);
    upload.add(content.subarray(0, CHUNK_BYTES));
    upload.add(content.subarray(CHUNK_BYTES));
    assert.equal(store.blobs.find(name), undefined);
    assert.equal(sweepAll(store, LATER), 0, 'one that is under way is left alone');
    upload.abandon();
    assert.equal(store.blobs.find(name), undefined);
    assert.throws(() => [...store.blobs.read(name)], BlobDamaged);
    assert.equal(sweepAll(store, 0), 1);
  });

  it('is kept while an instance or a message that names it is, and goes afterwards', () => {
    using opened = open();
    const { store } = opened;
    const [named, sent, unused] = [1, 2, 3].map((seed) => take(store, contentOf(5_000, seed))) as [Blob, Blob, Blob];
    const id = startInstance(store);
    nameIn(store, named, id);
    const value = { blob: sent.name, size: sent.size };
    const held = message({ id: store.ids.next(), variables: { doc: { type: 'Bytes', value } } });
    store.state.messages.put(held);
    commit(store, [{ type: 'messageBuffered', message: held }]);
    assert.equal(sweepAll(store, NOW), 0, 'what has just come may still be named');
    assert.equal(sweepAll(store, LATER), 1);
    assert.equal(store.blobs.find(unused.name), undefined);
    store.state.messages.delete(held.id);
    commit(store, [{ type: 'messageRemoved', messageId: held.id, why: 'expired' }]);
    assert.equal(sweepAll(store, LATER), 1);
    assert.equal(store.blobs.find(sent.name), undefined);
    assert.ok(bytesOf(store, named).equals(contentOf(5_000, 1)));
    commit(store, [{ type: 'processInstanceCompleted', processInstanceId: id }]);
    assert.equal(sweepAll(store, LATER), 0, 'its history is still there');
    commit(store, [{ type: 'historyRemoved', target: { processInstanceIds: [id] }, atMost: 500 }]);
    assert.equal(sweepAll(store, LATER), 1);
    assert.equal(store.blobs.find(named.name), undefined);
  });

  it('of PID 1, which does not end, what is named now is kept, in a variable or in an attachment', () => {
    using opened = open();
    const { store } = opened;
    const root = startInstance(store);
    store.state.singletons.rootInstanceId = root;
    const [held, attached, past] = [1, 2, 3].map((seed) => take(store, contentOf(500, seed)));
    assert.ok(held && attached && past);
    nameIn(store, past, root);
    nameIn(store, held, root);
    const content = { type: 'File', value: { blob: attached.name, size: attached.size } } as const;
    const about = { id: store.ids.next(), processInstanceId: root, userTaskId: null, createdAt: NOW, by: null };
    const note = {
      ...about,
      kind: 'attachment',
      name: 'a',
      description: null,
      type: null,
      url: null,
      content,
    } as const;
    store.state.notes.put(note);
    commit(store, [{ type: 'noteAdded', note }]);
    assert.equal(sweepAll(store, LATER), 1);
    assert.deepEqual(
      [held, attached, past].map(({ name }) => store.blobs.find(name) !== undefined),
      [true, true, false],
    );
    store.state.notes.delete(note.id);
    commit(store);
    assert.equal(sweepAll(store, LATER), 1);
  });

  it('what somebody has just asked to keep outlives the sweep', () => {
    using opened = open();
    const { store } = opened;
    const blob = take(store, contentOf(10));
    store.blobs.touch(blob.name, LATER + 5);
    assert.equal(sweepAll(store, LATER), 0);
    assert.equal(sweepAll(store, LATER + 6), 1);
  });

  it('is removed in steps, and nobody finds it from the first one on', () => {
    using opened = open();
    const { store } = opened;
    const blob = take(store, contentOf(20 * CHUNK_BYTES));
    assert.deepEqual(store.blobs.sweep(LATER), { removed: 0, more: true });
    assert.equal(store.blobs.find(blob.name), undefined);
    assert.equal(sweepAll(store, LATER), 1);
    const again = take(store, contentOf(20 * CHUNK_BYTES));
    assert.equal(bytesOf(store, again).length, 20 * CHUNK_BYTES);
  });
});

describe('in the file', () => {
  const rowsOf = (directory: string, sql: string): unknown => {
    using database = new DatabaseSync(`${directory}/procos.db`);
    return Object.values(database.prepare(sql).get() ?? {})[0];
  };

  it('the same bytes are stored once, however often they come', () => {
    using opened = openSqlite();
    const content = contentOf(3 * CHUNK_BYTES);
    const first = take(opened.store, content);
    assert.deepEqual(take(opened.store, content, LATER), { ...first, at: LATER });
    assert.equal(rowsOf(opened.directory, 'SELECT count(*) FROM blobChunks'), 3);
    assert.equal(rowsOf(opened.directory, 'SELECT count(*) FROM blobs'), 1);
  });

  it('what an earlier life was taking in goes with the first sweep', () => {
    using opened = openSqlite();
    opened.store.blobs.begin(NOW).add(contentOf(CHUNK_BYTES));
    const store = opened.reopen();
    assert.equal(rowsOf(opened.directory, 'SELECT count(*) FROM blobChunks'), 1);
    assert.equal(sweepAll(store, 0), 1);
    assert.equal(rowsOf(opened.directory, 'SELECT count(*) FROM blobChunks'), 0);
  });

  it('damage is found by verify and never served', () => {
    const spoil: readonly [string, RegExp][] = [
      ['UPDATE blobChunks SET bytes = zeroblob(length(bytes)) WHERE number = 1', /chunk 1 does not match its checksum/],
      ['UPDATE blobChunks SET bytes = substr(bytes, 2) WHERE number = 2', /chunk 2 does not match its checksum/],
      ['DELETE FROM blobChunks WHERE number = 1', /chunk 1 is missing/],
      ["UPDATE blobs SET sha256 = replace(sha256, substr(sha256, 1, 4), 'dead')", /do not match its name/],
      ['DELETE FROM blobs', /that instance \d+ names is missing/],
    ];
    for (const [sql, reason] of spoil) {
      using opened = openSqlite();
      const { directory, store } = opened;
      const content = contentOf(2 * CHUNK_BYTES + 10);
      const blob = take(store, content);
      nameIn(store, blob, startInstance(store));
      const path = `${directory}/procos.db`;
      assert.ok(verifySqliteFile(path).ok);
      using database = new DatabaseSync(path);
      database.exec(sql);
      for (const found of [store.verify(), verifySqliteFile(path), verifySqliteFile(path, { deep: true })])
        assert.match(found.ok ? 'whole' : found.problem, reason, sql);
      const name = String(rowsOf(directory, "SELECT 'sha256:' || sha256 FROM blobs") ?? blob.name);
      const got: Uint8Array[] = [];
      assert.throws(() => {
        for (const bytes of store.blobs.read(name)) got.push(bytes);
      }, BlobDamaged);
      const length = got.reduce((sum, bytes) => sum + bytes.length, 0);
      assert.ok(length < content.length, 'all of it was given');
      assert.ok(content.subarray(0, length).equals(Buffer.concat(got)), 'something else was given');
    }
  });
});
