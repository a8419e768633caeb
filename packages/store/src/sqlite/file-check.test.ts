/** Reading a store file whole leaves nothing beside it, and sees all that a kernel has written. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { Store } from '../contract.ts';
import { commit, temporaryDirectory } from '../testing/fixtures.ts';
import { verifySqliteFile } from './file-check.ts';
import { openSqliteStore } from './open.ts';

/** A folder with the store of three records, closed. */
function closed(context: TestContext): string {
  const directory = temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  const store = openSqliteStore({ directory });
  for (let count = 0; count < 3; count += 1) commit(store);
  store.close();
  return directory;
}

function recordsIn(path: string): number {
  const found = verifySqliteFile(path, { deep: true });
  assert.ok(found.ok, JSON.stringify(found));
  return found.records;
}

test('nothing is left beside a store or a copy that was only read, also where nothing could be made there', (context) => {
  const directory = closed(context);
  const before = readdirSync(directory);
  const path = join(directory, 'procos.db');
  assert.equal(recordsIn(path), 3);
  assert.deepEqual(readdirSync(directory), before);
  const elsewhere = temporaryDirectory();
  context.after(() => rmSync(elsewhere, { recursive: true }));
  symlinkSync(path, join(elsewhere, '50% of #1?.db'));
  assert.equal(recordsIn(join(elsewhere, '50% of #1?.db')), 3);
  assert.deepEqual([readdirSync(directory), readdirSync(elsewhere)], [before, ['50% of #1?.db']]);
  chmodSync(directory, 0o500);
  assert.equal(recordsIn(path), 3);
  chmodSync(directory, 0o700);
});

test('what stands in the write-ahead log of a kernel that runs, or begins to while the file is read, is read as well', (context) => {
  const directory = closed(context);
  const path = join(directory, 'procos.db');
  const prepare = DatabaseSync.prototype.prepare;
  let store: Store | undefined;
  context.after(() => store?.close());
  context.mock.method(DatabaseSync.prototype, 'prepare', function (this: DatabaseSync, sql: string) {
    if (store === undefined && sql.includes('user_version')) {
      context.mock.restoreAll();
      store = openSqliteStore({ directory });
      commit(store);
    }
    return prepare.call(this, sql);
  });
  assert.equal(recordsIn(path), 4);
  assert.ok(store !== undefined);
  commit(store);
  assert.equal(recordsIn(path), 5);
});

test('a kernel that has come and gone while the file was read is noticed', (context) => {
  const directory = closed(context);
  const prepare = DatabaseSync.prototype.prepare;
  context.mock.method(DatabaseSync.prototype, 'prepare', function (this: DatabaseSync, sql: string) {
    if (sql.includes('user_version')) {
      context.mock.restoreAll();
      const store = openSqliteStore({ directory });
      commit(store);
      store.close();
    }
    return prepare.call(this, sql);
  });
  assert.equal(recordsIn(join(directory, 'procos.db')), 4);
});
