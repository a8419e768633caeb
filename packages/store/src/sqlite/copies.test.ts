/** Copies of a store: made while it is written to, read whole, and put back in its place. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { LogRecord } from '@procos/engine';
import { StorageFull } from '../contract.ts';
import { FORMAT } from '../format.ts';
import { commit, externalTask, openSqlite, temporaryDirectory } from '../testing/fixtures.ts';
import { backUpSqlite } from './backup.ts';
import { verifySqliteFile } from './file-check.ts';
import { openSqliteStore } from './open.ts';
import { type RestoreOptions, restoreSqlite } from './restore.ts';

const writer = join(import.meta.dirname, '../testing/crash-writer.ts');
const NO_TASK = 0;

function folder(context: TestContext): string {
  const directory = temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A backup of a store with 40 records and as many external tasks. */
function backupOf40(context: TestContext): string {
  using opened = openSqlite();
  for (let id = 1; id <= 40; id++) {
    opened.store.state.externalTasks.put(externalTask({ id }));
    commit(opened.store, [{ type: 'signalBroadcast', name: `signal ${id}` }]);
  }
  const target = join(folder(context), 'backup.db');
  backUpSqlite(join(opened.directory, 'procos.db'), target, NO_TASK);
  return target;
}

const restoring = (backup: string, directory: string, replace = false): RestoreOptions => ({
  backup,
  directory,
  replace,
  label: 'test',
});

test('a backup under load is a gap-free prefix of the log with the state that belongs to it', async (context) => {
  const directory = folder(context);
  const child = spawn(process.execPath, [writer, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let acknowledged = 0;
  const until = async (sequence: number) => {
    while (acknowledged < sequence) acknowledged = Number((await lines.next()).value) || 0;
  };
  const source = join(directory, 'procos.db');
  const copies: { readonly path: string; readonly atLeast: number }[] = [];
  for (let round = 1; round <= 6; round++) {
    await until(acknowledged + 20);
    const path = join(directory, `backup-${round}.db`);
    backUpSqlite(source, path, NO_TASK);
    copies.push({ path, atLeast: acknowledged });
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  using live = new DatabaseSync(source, { readOnly: true });
  const hashAt = (database: DatabaseSync, sequence: number) =>
    database.prepare('SELECT hash FROM records WHERE sequence = ?').get(sequence)?.['hash'];
  for (const { path, atLeast } of copies) {
    const found = verifySqliteFile(path);
    assert.ok(found.ok, JSON.stringify(found));
    assert.ok(found.records >= atLeast, `${found.records} records, ${atLeast} were acknowledged`);
    using copy = new DatabaseSync(path, { readOnly: true });
    assert.equal(hashAt(copy, found.records), hashAt(live, found.records));
    // What the writer had put and taken away by its last record, and nothing of the next.
    const restored = openRestored(context, path);
    const expected = restored.ids.filter((id) => !restored.ids.includes(id + 2) || (id + 2) % 3 !== 0);
    assert.deepEqual(restored.tasks, expected);
  }
});

function openRestored(context: TestContext, backup: string): { readonly ids: number[]; readonly tasks: number[] } {
  const directory = folder(context);
  restoreSqlite(restoring(backup, directory));
  const store = openSqliteStore({ directory });
  try {
    const ids = store.records(0, 1_000_000).map(({ lastId }: LogRecord) => lastId);
    return { ids, tasks: store.find('externalTasks').map(({ id }) => id) };
  } finally {
    store.close();
  }
}

test('a name that is taken is refused, unless the copy was made for the very same task', (context) => {
  using opened = openSqlite();
  opened.store.state.externalTasks.put(externalTask({ id: 7 }));
  commit(opened.store);
  const source = join(opened.directory, 'procos.db');
  const target = join(folder(context), 'a.db');
  const bytes = backUpSqlite(source, target, 7);
  const before = readFileSync(target);
  assert.equal(backUpSqlite(source, target, 7), bytes);
  assert.throws(() => backUpSqlite(source, target, 8), { name: 'StoreRefusal', message: /already.*another name/ });
  assert.ok(readFileSync(target).equals(before));
});

test('what another task has copied of the same name so far is left alone', (context) => {
  using opened = openSqlite();
  commit(opened.store);
  const target = join(folder(context), 'a.db');
  writeFileSync(`${target}.7.partial`, 'half of it');
  backUpSqlite(join(opened.directory, 'procos.db'), target, 8);
  assert.equal(readFileSync(`${target}.7.partial`, 'utf8'), 'half of it');
  assert.ok(verifySqliteFile(target).ok);
});

test('a backup that cannot be written leaves nothing behind', (context) => {
  using opened = openSqlite();
  commit(opened.store);
  const directory = folder(context);
  writeFileSync(join(directory, 'file'), '');
  const target = join(directory, 'file', 'a.db');
  assert.throws(() => backUpSqlite(join(opened.directory, 'procos.db'), target, NO_TASK), { name: 'StoreRefusal' });
  assert.deepEqual(readdirSync(directory), ['file']);
});

test('a backup that there is no room for is refused before the disk of the store is filled with it', (context) => {
  using opened = openSqlite();
  commit(opened.store);
  const source = join(opened.directory, 'procos.db');
  const target = join(folder(context), 'a.db');
  const message =
    /a\.db cannot be made: there is no room for it \(it needs \d+ MB, 1 MB are free\)\. Nothing was changed .*: make room, then try it again\.$/;
  assert.throws(() => backUpSqlite(source, target, NO_TASK, () => 10_000), { name: 'StoreRefusal', message });
  assert.deepEqual(readdirSync(join(target, '..')), []);
  backUpSqlite(source, target, NO_TASK);
  assert.ok(verifySqliteFile(target).ok);
});

test('verify names the first bad record, the damaged page, the foreign file', (context) => {
  const backup = backupOf40(context);
  assert.deepEqual({ ...verifySqliteFile(backup), bytes: 0 }, { ok: true, records: 40, format: FORMAT, bytes: 0 });
  {
    using database = new DatabaseSync(backup);
    database.exec(`UPDATE records SET body = replace(body, 'signal 17', 'signal 71')`);
  }
  const changed = verifySqliteFile(backup);
  assert.ok(!changed.ok);
  assert.deepEqual([changed.sequence, changed.problem], [17, 'record 17 does not match its checksum']);
  const cut = backupOf40(context);
  truncateSync(cut, 8192);
  assert.ok(!verifySqliteFile(cut).ok);
  const foreign = join(folder(context), 'foreign.db');
  using other = new DatabaseSync(foreign);
  other.exec('CREATE TABLE t (a)');
  const found = verifySqliteFile(foreign);
  assert.ok(!found.ok && found.problem === 'it is not a ProcOS store');
  assert.throws(() => verifySqliteFile(join(folder(context), 'none.db')), { message: /no store/ });
});

test('verify finds a backup that was cut cleanly at its end, and one whose last records are others', (context) => {
  const broken = (sql: string): unknown => {
    const path = backupOf40(context);
    {
      using database = new DatabaseSync(path);
      database.exec(sql);
    }
    assert.equal(readFileSync(path).subarray(18, 20).toString('hex'), '0101', 'it needs no write-ahead log');
    return { ...verifySqliteFile(path), bytes: 0 };
  };
  const bad = { ok: false, format: FORMAT, bytes: 0 };
  for (const left of [39, 7, 0]) {
    const problem = `40 records were backed up, the log ends with record ${left}`;
    assert.deepEqual(broken(`DELETE FROM records WHERE sequence > ${left}`), { ...bad, sequence: left + 1, problem });
  }
  const other = broken(`UPDATE singletons SET value = '39 ' || substr(value, 4) WHERE name = 'endOfCopy'`);
  assert.deepEqual(other, { ...bad, sequence: 39, problem: 'record 39 is not the one that was backed up' });
  // One of a version that did not say it, and one that a store began with.
  assert.deepEqual(broken(`DELETE FROM singletons WHERE name = 'endOfCopy'`), { ...bad, ok: true, records: 40 });
  const directory = folder(context);
  restoreSqlite({ ...restoring(backupOf40(context), directory), begin: (store) => commit(store) });
  const found = verifySqliteFile(join(directory, 'procos.db'));
  assert.ok(found.ok && found.records === 41);
});

test('verify names a table or an index that somebody has dropped or made anew, and minds nothing that was added', (context) => {
  const problemAfter = (sql: string): string => {
    const path = backupOf40(context);
    {
      using database = new DatabaseSync(path);
      database.exec(sql);
    }
    const found = verifySqliteFile(path);
    return found.ok ? 'none' : found.problem;
  };
  assert.equal(problemAfter('DROP TABLE userTasks'), `the table userTasks of format ${FORMAT} is missing`);
  assert.match(
    problemAfter('DROP INDEX processInstancesOfDefinition'),
    /^the index processInstancesOfDefinition of format/,
  );
  assert.equal(
    problemAfter('ALTER TABLE timers RENAME COLUMN repeat TO repeated'),
    `the table timers is not that of format ${FORMAT}`,
  );
  assert.equal(problemAfter('CREATE INDEX mine ON timers (id); CREATE TABLE notesOfMine (a)'), 'none');
});

test('verify finds a backup that was cut inside its last page, which SQLite reads as if zeros were there', (context) => {
  const backup = backupOf40(context);
  const whole = readFileSync(backup);
  for (const missing of [1, 4_000]) {
    writeFileSync(backup, whole.subarray(0, -missing));
    const found = verifySqliteFile(backup);
    assert.ok(!found.ok && found.sequence === 0, `${missing} bytes are missing`);
    assert.match(found.problem, /^the file ends in the middle of a page of \d+ bytes: it was cut$/);
    assert.throws(() => restoreSqlite(restoring(backup, join(folder(context), 'new'))), /was cut\. Use another backup/);
  }
});

test('verify names the first record of a page that cannot be read, and records that are said to be gone', (context) => {
  const backup = backupOf40(context);
  const bytes = readFileSync(backup);
  const page = Math.floor(bytes.indexOf('signal 30') / 8192);
  bytes.fill(0, page * 8192, page * 8192 + 16);
  const torn = join(folder(context), 'torn.db');
  writeFileSync(torn, bytes);
  const found = verifySqliteFile(torn);
  assert.ok(!found.ok);
  assert.ok(found.sequence > 0 && found.sequence <= 30, JSON.stringify(found));
  assert.match(found.problem, /^record \d+ cannot be read/);
  {
    using database = new DatabaseSync(backup);
    database.exec(`UPDATE records SET body = replace(body, 'signal 2"', 'signal 3"') WHERE sequence = 2`);
    database.exec(`INSERT OR REPLACE INTO singletons VALUES ('logStart', 5)`);
  }
  const hidden = verifySqliteFile(backup);
  assert.deepEqual([hidden.ok, !hidden.ok && hidden.problem], [false, 'record 1 is said to have been removed']);
});

test('a damaged backup is refused with its first bad record, and the store stays as it is', (context) => {
  const backup = backupOf40(context);
  {
    using database = new DatabaseSync(backup);
    database.exec('DELETE FROM records WHERE sequence = 30');
  }
  using opened = openSqlite();
  commit(opened.store);
  opened.store.close();
  const before = readFileSync(join(opened.directory, 'procos.db'));
  assert.throws(() => restoreSqlite(restoring(backup, opened.directory, true)), {
    code: 'DAMAGED',
    message: /record 30/,
  });
  assert.ok(readFileSync(join(opened.directory, 'procos.db')).equals(before));
});

test('a store that is there is replaced only when told so, and kept whole beside the new one', (context) => {
  const backup = backupOf40(context);
  using opened = openSqlite();
  for (let n = 0; n < 3; n++) commit(opened.store);
  const { directory } = opened;
  assert.throws(() => restoreSqlite(restoring(backup, directory, true)), { code: 'LOCKED' });
  opened.store.close();
  assert.throws(() => restoreSqlite(restoring(backup, directory)), { code: 'UNWRITABLE', message: /replaced/ });
  const report = restoreSqlite(restoring(backup, directory, true));
  assert.equal(report.records, 40);
  const kept = verifySqliteFile(report.before ?? '');
  assert.ok(kept.ok && kept.records === 3);
  assert.equal(opened.reopen().lastSequence, 40);
  opened.store.close();
  // At the same instant by a clock that was set back.
  const again = restoreSqlite(restoring(backup, directory, true));
  const both = [report, again].map(({ before }) => verifySqliteFile(before ?? ''));
  assert.deepEqual(
    both.map((one) => one.ok && one.records),
    [3, 40],
  );
});

test('what only stands in the write-ahead log of the replaced store is kept with it', async (context) => {
  const backup = backupOf40(context);
  const directory = folder(context);
  const child = spawn(process.execPath, [writer, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let acknowledged = 0;
  while (acknowledged < 25) acknowledged = Number((await lines.next()).value) || 0;
  child.kill('SIGKILL');
  await once(child, 'exit');
  const path = join(directory, 'procos.db');
  // Also where such a store itself is what is restored.
  const elsewhere = folder(context);
  const moved = restoreSqlite(restoring(path, elsewhere));
  const arrived = verifySqliteFile(join(elsewhere, 'procos.db'));
  assert.ok(arrived.ok && arrived.records === moved.records && arrived.records >= 25);
  const { before } = restoreSqlite(restoring(backup, directory, true));
  const kept = verifySqliteFile(before ?? '');
  assert.ok(kept.ok && kept.records >= 25);
});

test('what cannot be written back into the replaced store, because somebody reads it, is kept with it', async (context) => {
  const backup = backupOf40(context);
  const directory = folder(context);
  const child = spawn(process.execPath, [writer, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const acknowledged = async () => Number((await lines.next()).value) || 0;
  while ((await acknowledged()) < 5);
  using reader = new DatabaseSync(join(directory, 'procos.db'), { readOnly: true });
  reader.exec('BEGIN; SELECT * FROM records');
  while ((await acknowledged()) < 25);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { before } = restoreSqlite(restoring(backup, directory, true));
  const kept = verifySqliteFile(before ?? '');
  assert.ok(kept.ok && kept.records >= 25);
});

test('a restore that was interrupted is refused at the start, and can be done again', (context) => {
  const backup = backupOf40(context);
  using opened = openSqlite();
  commit(opened.store);
  opened.store.close();
  const { directory } = opened;
  // As the process that was killed between the two renames left it.
  copyFileSync(backup, join(directory, 'procos.db.restoring'));
  renameSync(join(directory, 'procos.db'), join(directory, 'procos-before-first.db'));
  assert.throws(() => openSqliteStore({ directory }), { name: 'StoreRefusal', message: /interrupted.*again/ });
  assert.ok(!existsSync(join(directory, 'procos.db')));
  restoreSqlite(restoring(backup, directory));
  assert.equal(opened.reopen().lastSequence, 40);
});

test('what a restore that was killed before it changed anything has copied is gone with the next start', (context) => {
  const backup = backupOf40(context);
  using opened = openSqlite();
  commit(opened.store);
  opened.store.close();
  const incoming = join(opened.directory, 'procos.db.restoring');
  mkdirSync(incoming);
  copyFileSync(backup, join(incoming, 'procos.db'));
  openSqliteStore({ directory: opened.directory, readOnly: true }).close();
  assert.ok(existsSync(incoming), 'who only looks leaves it');
  assert.equal(opened.reopen().lastSequence, 1);
  assert.ok(!existsSync(incoming));
});

test('what is to be done to a restored store is done before it gets its place; where that fails nothing was changed', (context) => {
  const backup = backupOf40(context);
  using opened = openSqlite();
  commit(opened.store);
  opened.store.close();
  const { directory } = opened;
  const path = join(directory, 'procos.db');
  const before = readFileSync(path);
  const namesBefore = readdirSync(directory).sort();
  const begin = (): void => {
    throw new StorageFull('There is no room for it.');
  };
  assert.throws(() => restoreSqlite({ ...restoring(backup, directory, true), begin }), {
    code: 'UNWRITABLE',
    message: /no room.*free space/,
  });
  assert.ok(readFileSync(path).equals(before));
  assert.deepEqual(readdirSync(directory).sort(), namesBefore);
  const made = join(folder(context), 'made');
  assert.throws(() => restoreSqlite({ ...restoring(backup, made), begin }), { code: 'UNWRITABLE' });
  assert.ok(!existsSync(made));
  let seen = 0;
  restoreSqlite({
    ...restoring(backup, directory, true),
    begin(store) {
      seen = store.lastSequence;
      assert.ok(readFileSync(path).equals(before));
    },
  });
  assert.equal(seen, 40);
  assert.ok(!existsSync(join(directory, 'procos.db.restoring')));
  assert.equal(opened.reopen().lastSequence, 40);
});

test('of a restore that cannot be done it is said what is in its way', (context) => {
  const backup = backupOf40(context);
  const directory = folder(context);
  symlinkSync('loop.db', join(directory, 'loop.db'));
  writeFileSync(join(directory, 'file'), '');
  mkdirSync(join(directory, 'no-lock', 'procos.lock'), { recursive: true });
  const cases = [
    [directory, 'a', /is a folder\. Name the file/],
    [join(directory, 'loop.db'), 'a', /loop\.db cannot be read: ELOOP/],
    [backup, 'file', /file is a file, not a folder\. .*choose another/],
    [backup, 'no-lock', /The store in .*no-lock cannot be written: unable to open database file/],
  ] as const;
  for (const [from, to, message] of cases) {
    const attempt = () => restoreSqlite(restoring(from, join(directory, to)));
    assert.throws(attempt, { name: 'StoreRefusal', code: 'UNWRITABLE', message });
  }
  assert.deepEqual(readdirSync(directory).sort(), ['file', 'loop.db', 'no-lock']);
});
