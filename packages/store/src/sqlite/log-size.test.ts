/** The write-ahead log: written back only on top of what is synced, and when that fails somebody hears of it. */
import assert from 'node:assert/strict';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { test } from 'node:test';
import { commit, openSqlite } from '../testing/fixtures.ts';

test('what is derived is not followed by a write-back', (context) => {
  using opened = openSqlite();
  const { store } = opened;
  commit(store, [{ type: 'signalBroadcast', name: 'a' }]);
  const get = context.mock.method(StatementSync.prototype, 'get');
  store.followUp();
  commit(store);
  const statements = get.mock.calls.map((call) => (call.this as StatementSync).sourceSQL);
  assert.deepEqual(statements, ['PRAGMA wal_autocheckpoint = 0', 'PRAGMA wal_autocheckpoint = 500']);
});

test('a large log is written back by the store itself, and a failure of that is one of the store', (context) => {
  using opened = openSqlite();
  const { store } = opened;
  const exec = context.mock.method(DatabaseSync.prototype, 'exec');
  const written = (): number => exec.mock.calls.filter(({ arguments: [sql] }) => /wal_checkpoint/.test(sql)).length;
  commit(store, [{ type: 'signalBroadcast', name: 'x'.repeat(20_000_000) }]);
  for (let n = 2; n < 256; n++) commit(store);
  assert.equal(written(), 0);
  commit(store);
  assert.equal(written(), 1);
  for (let n = 257; n < 512; n++) commit(store);
  exec.mock.mockImplementation(() => {
    throw Object.assign(new Error('disk I/O error'), { errcode: 1034 });
  });
  assert.throws(() => commit(store), { name: 'StoreFailure', message: /disk I\/O error/ });
});
