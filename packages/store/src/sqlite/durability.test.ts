/** What was acknowledged survives kill -9; a commit is one synced transaction; a failed one ends the store. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { EngineEvent } from '@procos/engine';
import { commit, externalTask, openSqlite, recordOf, temporaryDirectory, timer } from '../testing/fixtures.ts';
import { assertDurable, openDatabase, pragma } from './database.ts';
import { openSqliteStore } from './open.ts';

const writer = join(import.meta.dirname, '../testing/crash-writer.ts');

function startWriter(context: TestContext, directory: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [writer, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

test('kill -9 at any time: every acknowledged record is there, and the chain holds', async (context) => {
  const directory = temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  let acknowledged = 0;
  for (let round = 0; round < 5; round++) {
    const { child, lines } = startWriter(context, directory);
    assert.equal((await lines.next()).value, `opened ${acknowledged}`);
    const until = acknowledged + 1 + Math.floor(Math.random() * 60);
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      acknowledged = Number(line.value);
      if (acknowledged === until) child.kill('SIGKILL');
    }
    using store = disposable(openSqliteStore({ directory }));
    // The last commit may have been synced and not yet said.
    assert.ok(store.lastSequence === acknowledged || store.lastSequence === acknowledged + 1);
    acknowledged = store.lastSequence;
    assert.deepEqual(store.verify(), { ok: true, records: acknowledged });
    assert.equal(store.ids.last, 999 + acknowledged);
    const records = store.records(0, 100_000);
    assert.deepEqual(
      records.map(({ sequence }) => sequence),
      records.map((_, index) => index + 1),
    );
    const ids = records.map(({ lastId }) => lastId);
    const deleted = new Set(ids.filter((id) => id % 3 === 0).map((id) => id - 2));
    const rows = store.find('externalTasks').map(({ id }) => id);
    assert.deepEqual(
      rows,
      ids.filter((id) => !deleted.has(id)),
    );
  }
});

test('what is written after the file was removed or moved is not acknowledged, and ends the store', (context) => {
  for (const lose of [
    (path: string) => rmSync(path, { recursive: true }),
    (path: string) => renameSync(path, `${path}-elsewhere`),
  ]) {
    const directory = temporaryDirectory();
    context.after(() => {
      for (const end of ['', '-elsewhere']) rmSync(directory + end, { recursive: true, force: true });
    });
    using store = disposable(openSqliteStore({ directory }));
    commit(store);
    lose(directory);
    assert.throws(() => commit(store), {
      name: 'StoreFailure',
      message: /procos\.db is not there any more, somebody has moved or removed it/,
    });
    assert.throws(() => commit(store), { name: 'StoreFailure' });
  }
});

test('a checkpoint empties the write-ahead log into the main file', (context) => {
  const directory = temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  using store = disposable(openSqliteStore({ directory }));
  commit(store);
  assert.ok(statSync(join(directory, 'procos.db-wal')).size > 0);
  store.checkpoint();
  assert.equal(statSync(join(directory, 'procos.db-wal')).size, 0);
});

test('a second kernel is refused while the first lives, by its pid, and let in when that is killed', async (context) => {
  const directory = temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  const { child, lines } = startWriter(context, directory);
  await lines.next();
  assert.throws(() => openSqliteStore({ directory }), {
    name: 'StoreRefusal',
    code: 'LOCKED',
    message: new RegExp(`in use by process ${child.pid}\\.`),
  });
  {
    using beside = disposable(openSqliteStore({ directory, readOnly: true }));
    assert.ok(beside.verify().ok);
    assert.throws(() => beside.commit([recordOf(beside)]), { name: 'StoreFailure' });
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  using store = disposable(openSqliteStore({ directory }));
  assert.throws(() => openSqliteStore({ directory }), { code: 'LOCKED' });
  assert.ok(store.lastSequence >= 0);
});

test('synchronous=FULL and the write-ahead log are asserted, and less is refused', () => {
  const directory = temporaryDirectory();
  try {
    const path = join(directory, 'a.db');
    using database = openDatabase(path, false);
    assert.equal(pragma(database, 'synchronous'), 2);
    assert.equal(pragma(database, 'journal_mode'), 'wal');
    database.exec('PRAGMA synchronous = NORMAL');
    assert.throws(() => assertDurable(database, path), { code: 'UNWRITABLE', message: /synchronous=1/ });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a commit is one transaction with one statement per record and changed row', (context) => {
  using opened = openSqlite();
  const { store } = opened;
  store.state.externalTasks.put(externalTask({ id: 1 }));
  commit(store);
  const run = context.mock.method(StatementSync.prototype, 'run');
  const all = context.mock.method(StatementSync.prototype, 'all');
  const get = context.mock.method(StatementSync.prototype, 'get');
  const exec = context.mock.method(DatabaseSync.prototype, 'exec');
  const task = store.state.externalTasks.get(1)!;
  task.priority = 5;
  store.state.externalTasks.put(task);
  store.state.externalTasks.put(externalTask({ id: 2 }));
  store.state.externalTasks.put(externalTask({ id: 3 }));
  store.state.externalTasks.delete(3);
  commit(store);
  // BEGIN, record, task 1, task 2, COMMIT: what came and went in between is not seen.
  assert.equal(run.mock.callCount(), 5);
  assert.equal(all.mock.callCount() + get.mock.callCount() + exec.mock.callCount(), 0);
});

test('when the disk refuses a commit, nothing of it is there and every later call throws', () => {
  using opened = openSqlite();
  const { store } = opened;
  commit(store);
  {
    using other = new DatabaseSync(join(opened.directory, 'procos.db'));
    other.exec("CREATE TRIGGER full BEFORE INSERT ON externalTasks BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
  }
  store.state.externalTasks.put(externalTask({ id: 1 }));
  assert.throws(
    () => commit(store),
    (error: Error) => {
      assert.equal(error.name, 'StoreFailure');
      assert.match(error.message, /disk is full/);
      assert.ok(error.cause instanceof Error);
      return true;
    },
  );
  assert.throws(() => store.commit([]), { name: 'StoreFailure' });
  assert.throws(() => store.state.externalTasks.get(1), { name: 'StoreFailure' });
  assert.throws(() => store.records(0, 1), { name: 'StoreFailure' });
  assert.throws(() => store.count('timers'), { name: 'StoreFailure' });
  assert.throws(() => store.rollback(), { name: 'StoreFailure' });
  const again = opened.reopen();
  assert.equal(again.lastSequence, 1);
  assert.equal(again.state.externalTasks.get(1), undefined);
});

test('a commit that there is no room for leaves nothing behind, and the store goes on', (context) => {
  using opened = openSqlite();
  const { store } = opened;
  for (let n = 0; n < 70; n++) commit(store);
  const full = fillDisk(context);
  store.state.externalTasks.put(externalTask({ id: 1 }));
  assert.throws(() => commit(store), { name: 'StorageFull', message: /database or disk is full/ });
  store.rollback();
  assert.equal(store.state.externalTasks.get(1), undefined);
  assert.throws(() => store.count('warnings'), { name: 'StorageFull' });
  assert.throws(() => store.checkpoint(), { name: 'StorageFull' });
  assert.equal(store.count('externalTasks'), 0);
  full.mock.restore();
  store.state.externalTasks.put(externalTask({ id: 2 }));
  commit(store, [{ type: 'signalBroadcast', name: 'a' }]);
  assert.equal(store.count('warnings'), 0);
  assert.deepEqual(store.verify(), { ok: true, records: 71 });
  assert.equal(opened.reopen().lastSequence, 71);
});

/** Nothing that takes room can be committed. */
function fillDisk(context: TestContext) {
  const run = StatementSync.prototype.run as (...values: unknown[]) => never;
  return context.mock.method(StatementSync.prototype, 'run', function (this: StatementSync, ...values: unknown[]) {
    if (this.sourceSQL !== 'COMMIT') return run.apply(this, values);
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  });
}

test('closing writes the log back into the main file', () => {
  using opened = openSqlite();
  commit(opened.store);
  opened.store.close();
  using database = new DatabaseSync(join(opened.directory, 'procos.db'), { readOnly: true });
  assert.equal(database.prepare('SELECT count(*) AS n FROM records').get()?.['n'], 1);
});

function disposable<T extends { close(): void }>(store: T): T & Disposable {
  return Object.assign(store, { [Symbol.dispose]: () => store.close() });
}

test('views are written together with a commit once enough has gathered: one transaction, one sync', () => {
  using opened = openSqlite();
  const { store } = opened;
  for (let n = 0; n < 70; n++) commit(store);
  assert.equal(store.count('warnings'), 0);
  using beside = new DatabaseSync(join(opened.directory, 'procos.db'), { readOnly: true });
  const cursor = () => beside.prepare(`SELECT value FROM singletons WHERE name = 'viewCursor'`).get()?.['value'];
  assert.equal(cursor(), 70);
  for (let n = 0; n < 512; n++) commit(store);
  assert.equal(cursor(), 70);
  commit(store);
  // All but the record of that commit itself.
  assert.equal(cursor(), 582);
});

test('views of records with many events do not gather as long: no commit has to wait for thousands of them', () => {
  using opened = openSqlite();
  const { store } = opened;
  using beside = new DatabaseSync(join(opened.directory, 'procos.db'), { readOnly: true });
  const cursor = () =>
    Number(beside.prepare(`SELECT value FROM singletons WHERE name = 'viewCursor'`).get()?.['value'] ?? 0);
  /** Commits so many records of so many events each; gives how far the views are behind before each of them, at most. */
  const behind = (records: number, events: number): number => {
    let most = 0;
    for (let n = 0; n < records; n++) {
      most = Math.max(most, store.lastSequence - cursor());
      commit(
        store,
        Array.from({ length: events }, () => ({ type: 'signalBroadcast' as const, name: 'a' })),
      );
    }
    return most;
  };
  assert.equal(behind(100, 500), 10);
  store.followUp();
  assert.equal(behind(20, 1_250), 4);
  store.followUp();
  // Where each event leaves a row, at once.
  assert.equal(behind(5, 4_100), 1);
  store.followUp();
  assert.equal(behind(100, 4), 99);
});

test('views of a command that was cut wait until it has come to its end, but not for ever', () => {
  using opened = openSqlite();
  const { store } = opened;
  using beside = new DatabaseSync(join(opened.directory, 'procos.db'), { readOnly: true });
  const cursor = () =>
    Number(beside.prepare(`SELECT value FROM singletons WHERE name = 'viewCursor'`).get()?.['value'] ?? 0);
  const step = { kind: 'continueTurn', processInstanceId: 0, elementInstanceId: 0, steps: [], touched: [] } as const;
  const many: readonly EngineEvent[] = new Array(10_000).fill({ type: 'signalBroadcast', name: 'a' });
  /** The timer that it is caused by, and the one by which it goes on. */
  const part = (from: number | null, to: number | null): void =>
    void commit(store, [
      ...(from === null ? [] : [{ type: 'timerTriggered' as const, timerId: from }]),
      ...many,
      ...(to === null ? [] : [{ type: 'timerScheduled' as const, timer: timer({ id: to, step }) }]),
    ]);
  part(null, 1);
  part(1, 2);
  part(2, null);
  assert.equal(cursor(), 0);
  commit(store);
  assert.equal(cursor(), 3);
  store.followUp();
  part(null, 3);
  for (let n = 3; n < 6; n++) part(n, n + 1);
  assert.equal(cursor(), 4);
  part(6, 7);
  assert.equal(cursor(), 8);
});

test('views of instances that are over do not gather as long: waiting for more would save no row', () => {
  using opened = openSqlite();
  const { store } = opened;
  using beside = new DatabaseSync(join(opened.directory, 'procos.db'), { readOnly: true });
  const cursor = () =>
    Number(beside.prepare(`SELECT value FROM singletons WHERE name = 'viewCursor'`).get()?.['value'] ?? 0);
  let id = 0;
  /** Commits a record for each instance, of which every \`lasting\`th goes on; gives how many records had gathered before the views were written. */
  const gathered = (lasting: number): number => {
    store.followUp();
    const from = cursor();
    for (let n = 1; n <= 600; n++) {
      if (cursor() > from) return n - 2;
      id += 1;
      const began = created(id);
      commit(store, n % lasting === 0 ? [began] : [began, { type: 'processInstanceCompleted', processInstanceId: id }]);
    }
    return Number.NaN;
  };
  assert.equal(gathered(10), 192);
  assert.equal(gathered(5), 512);
  assert.equal(gathered(1), 512);
});

function created(id: number): EngineEvent {
  const about = { definitionId: 1, bpmnProcessId: 'order', version: 1, businessKey: null, tenantId: null };
  const above = { rootId: id, parentId: null, parentElementInstanceId: null };
  return { type: 'processInstanceCreated', processInstanceId: id, ...about, ...above, startElementId: null };
}

test('what is derived is written without a sync of its own, and commits are synced as before', (context) => {
  using opened = openSqlite();
  const { store } = opened;
  commit(store, [{ type: 'signalBroadcast', name: 'a' }]);
  const run = context.mock.method(StatementSync.prototype, 'run');
  store.followUp();
  commit(store);
  const statements = run.mock.calls.map((call) => (call.this as StatementSync).sourceSQL);
  assert.deepEqual(
    statements.filter((text) => /^(PRAGMA|BEGIN|COMMIT)/.test(text)),
    [
      'PRAGMA synchronous = NORMAL',
      'BEGIN IMMEDIATE',
      'COMMIT',
      'PRAGMA synchronous = FULL',
      'BEGIN IMMEDIATE',
      'COMMIT',
    ],
  );
});
