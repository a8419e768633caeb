/** Records that were acknowledged and are no longer there are missed, also where what is left is whole. */
import assert from 'node:assert/strict';
import fs, { cpSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { commit, externalTask, message, openSqlite, temporaryDirectory } from '../testing/fixtures.ts';
import { readAnchor } from './anchor.ts';
import { backUpSqlite } from './backup.ts';
import { PAGE_BYTES } from './database.ts';
import { ANCHOR } from './errors.ts';
import { verifySqliteFile } from './file-check.ts';
import { openSqliteStore } from './open.ts';
import { restoreSqlite } from './restore.ts';

const HEADER_BYTES = 32;
const FRAME_BYTES = 24 + PAGE_BYTES;

/** The folder of a store with 20 records as a kernel that was killed leaves it; `sizes`: of its write-ahead log after each. */
function killed(context: TestContext): { readonly directory: string; readonly sizes: readonly number[] } {
  using opened = openSqlite();
  const sizes: number[] = [];
  for (let id = 1; id <= 20; id++) {
    opened.store.state.externalTasks.put(externalTask({ id }));
    commit(opened.store);
    sizes.push(statSync(join(opened.directory, 'procos.db-wal')).size);
  }
  const directory = temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  cpSync(opened.directory, directory, { recursive: true });
  return { directory, sizes };
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = bytes[offset]! ^ 1;
  writeFileSync(path, bytes);
}

function assertRefused(directory: string, text: RegExp): void {
  const names = ['procos.db', 'procos.db-wal', ANCHOR].map((name) => join(directory, name)).filter(existsSync);
  const before = names.map((name) => readFileSync(name));
  for (const readOnly of [false, true]) {
    assert.throws(() => openSqliteStore({ directory, readOnly }), {
      name: 'StoreRefusal',
      code: 'DAMAGED',
      message: text,
    });
  }
  assert.deepEqual(
    names.map((name) => readFileSync(name)),
    before,
  );
}

test('a bit that flips in the middle of the write-ahead log is refused, and verify names the first record that is gone', (context) => {
  const { directory, sizes } = killed(context);
  flip(join(directory, 'procos.db-wal'), sizes[9]! - 100);
  assertRefused(directory, /20 records were acknowledged .* ends with record 9\..* remove procos\.anchor/);
  const { ok, ...found } = verifySqliteFile(join(directory, 'procos.db'));
  assert.equal(ok, false);
  assert.equal('sequence' in found && found.sequence, 10);
});

test('so is one in the last frame, a log that was cut there, and one that is gone', (context) => {
  const { directory, sizes } = killed(context);
  const wal = join(directory, 'procos.db-wal');
  const whole = readFileSync(wal);
  flip(wal, sizes[19]! - 1);
  assertRefused(directory, /ends with record 19\./);
  writeFileSync(wal, whole);
  truncateSync(wal, sizes[17]! + FRAME_BYTES);
  assertRefused(directory, /ends with record 18\./);
  truncateSync(wal, HEADER_BYTES);
  assertRefused(directory, /it holds none/);
  rmSync(wal);
  rmSync(join(directory, 'procos.db'));
  assertRefused(directory, /it holds none/);
});

test('without the anchor a store goes on from what is left', (context) => {
  const { directory, sizes } = killed(context);
  flip(join(directory, 'procos.db-wal'), sizes[9]! - 100);
  rmSync(join(directory, ANCHOR));
  const store = openSqliteStore({ directory });
  assert.equal(store.lastSequence, 9);
  commit(store);
  assert.equal(readAnchor(directory)?.sequence, 10);
  store.close();
});

test('an older whole store in the place of a newer one is refused', (context) => {
  using opened = openSqlite();
  commit(opened.store);
  const copy = join(temporaryDirectory(), 'copy.db');
  context.after(() => rmSync(join(copy, '..'), { recursive: true }));
  backUpSqlite(join(opened.directory, 'procos.db'), copy, 0);
  commit(opened.store);
  opened.store.close();
  cpSync(copy, join(opened.directory, 'procos.db'));
  assertRefused(opened.directory, /2 records were acknowledged .* ends with record 1\./);
  // As a restore it is meant.
  restoreSqlite({ backup: copy, directory: opened.directory, replace: true, label: 'x' });
  assert.equal(opened.reopen().lastSequence, 1);
});

test('a damaged store that is replaced is kept with its log as it is', (context) => {
  using opened = openSqlite();
  commit(opened.store);
  const copy = join(temporaryDirectory(), 'copy.db');
  context.after(() => rmSync(join(copy, '..'), { recursive: true }));
  backUpSqlite(join(opened.directory, 'procos.db'), copy, 0);
  const { directory, sizes } = killed(context);
  const wal = join(directory, 'procos.db-wal');
  flip(wal, sizes[9]! - 100);
  const before = readFileSync(wal);
  const { before: kept } = restoreSqlite({ backup: copy, directory, replace: true, label: 'x' });
  assert.deepEqual(readFileSync(`${kept}-wal`), before);
  const store = openSqliteStore({ directory });
  assert.equal(store.lastSequence, 1);
  store.close();
});

test('another history of the same length is refused', (context) => {
  const { directory } = killed(context);
  using other = openSqlite();
  for (let id = 1; id <= 20; id++) commit(other.store, [{ type: 'signalBroadcast', name: 'another' }]);
  other.store.checkpoint();
  cpSync(join(other.directory, 'procos.db'), join(directory, 'procos.db'));
  rmSync(join(directory, 'procos.db-wal'));
  assertRefused(directory, /record 20 is not the one that was acknowledged/);
});

test('of the two notes the older one counts when the newer one is torn, and none when both are', (context) => {
  const { directory } = killed(context);
  const path = join(directory, ANCHOR);
  assert.equal(readAnchor(directory)?.sequence, 20);
  flip(path, 512);
  flip(path, 0);
  assert.equal(readAnchor(directory), null);
  flip(path, 0);
  assert.equal(readAnchor(directory)?.sequence, 19);
  openSqliteStore({ directory }).close();
});

test('a deep check finds a row that is not what the log tells, one that is missing, and one too many', () => {
  using opened = openSqlite();
  const buffered = message({ id: 7 });
  opened.store.state.messages.put(buffered);
  commit(opened.store, [{ type: 'messageBuffered', message: buffered }]);
  opened.store.checkpoint();
  const path = join(opened.directory, 'procos.db');
  const deep = (sql: string) => {
    using database = new DatabaseSync(path);
    database.exec(sql);
    assert.equal(verifySqliteFile(path).ok, true);
    const found = verifySqliteFile(path, { deep: true });
    return found.ok ? null : found.problem;
  };
  assert.equal(deep(''), null);
  assert.equal(deep('UPDATE messages SET expiresAt = expiresAt + 1'), 'messages 7 is not what the log tells');
  assert.equal(deep('UPDATE messages SET expiresAt = expiresAt - 1'), null);
  assert.equal(deep('UPDATE messages SET id = 6'), 'messages 6 is kept, but the log has ended it');
  assert.equal(deep('DELETE FROM messages'), 'messages 7 is missing');
});

test('a log whose beginning was removed still has its end anchored; its state can no longer be compared', () => {
  using opened = openSqlite();
  for (let at = 1; at <= 5; at++) commit(opened.store, [], at);
  assert.equal(opened.store.trimLog(4, 100), 3);
  const path = join(opened.directory, 'procos.db');
  const found = verifySqliteFile(path, { deep: true });
  assert.equal(found.ok, true);
  assert.equal(found.notCompared, 'the records before 4 have been removed');
  assert.equal(found.firstRecord, 4);
  assert.equal(opened.reopen().lastSequence, 5);
});

test('the first record that is kept is checked as well, against the last one that was removed', () => {
  using opened = openSqlite();
  for (let at = 1; at <= 5; at++) commit(opened.store, [], at);
  assert.equal(opened.store.trimLog(3, 100), 2);
  assert.equal(opened.store.trimLog(4, 100), 1);
  opened.store.close();
  const path = join(opened.directory, 'procos.db');
  using database = new DatabaseSync(path);
  const verified = (sql: string) => {
    database.exec(`SAVEPOINT before; ${sql}; RELEASE before`);
    const found = verifySqliteFile(path);
    return found.ok ? null : found.problem;
  };
  const was = database.prepare('SELECT at FROM records WHERE sequence = 4').get()?.['at'];
  assert.equal(verified('SELECT 1'), null);
  assert.equal(verified('UPDATE records SET at = at - 1 WHERE sequence = 4'), 'record 4 does not match its checksum');
  assert.equal(verified(`UPDATE records SET at = ${was} WHERE sequence = 4`), null);
  // As an earlier version has left it.
  assert.equal(verified("DELETE FROM singletons WHERE name = 'logBefore'"), null);
});

test('a disk without room for the note does not end the store: it tells of an earlier record, and of a later one when there is room', (context) => {
  using opened = openSqlite();
  const noted = () => readAnchor(opened.directory)?.sequence;
  const full = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  commit(opened.store);
  const calls = [context.mock.method(fs, 'writeSync', full), context.mock.method(fs, 'fsyncSync', full)];
  context.after(() => syncBuiltinESMExports());
  syncBuiltinESMExports();
  commit(opened.store);
  opened.store.checkpoint();
  assert.deepEqual([noted(), ...calls.map(({ mock }) => mock.callCount())], [1, 1, 1]);
  calls[0]?.mock.mockImplementation(() => 100);
  commit(opened.store);
  assert.equal(noted(), 1, 'one that was written in part does not count');
  context.mock.restoreAll();
  syncBuiltinESMExports();
  commit(opened.store);
  assert.equal(noted(), 4);
  assert.equal(opened.reopen().lastSequence, 4);
});

test('another error of the file that the note is in ends it', (context) => {
  using opened = openSqlite();
  context.mock.method(fs, 'writeSync', () => {
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  });
  context.after(() => syncBuiltinESMExports());
  syncBuiltinESMExports();
  assert.throws(() => commit(opened.store), { name: 'StoreFailure', message: /EIO/ });
});
