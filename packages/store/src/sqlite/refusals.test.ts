/** A store that cannot be used as it is: one line that says what to do, and nothing changed on the disk. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Store } from '../contract.ts';
import { externalTask, openSqlite, recordOf, temporaryDirectory } from '../testing/fixtures.ts';
import { PAGE_BYTES } from './database.ts';
import { openSqliteStore } from './open.ts';

/** Opens a store that was spoilt and checks that it is refused and left as it is. */
function assertRefused(spoil: (path: string) => void, code: string, message: RegExp): void {
  using opened = openSqlite();
  const { store } = opened;
  for (let id = 1; id <= 400; id++) store.state.externalTasks.put(externalTask({ id }));
  commit400(store);
  store.close();
  const path = join(opened.directory, 'procos.db');
  spoil(path);
  const before = readFileSync(path);
  assert.throws(
    () => openSqliteStore({ directory: opened.directory }),
    (error: Error & { code?: string }) => {
      assert.equal(error.name, 'StoreRefusal');
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    },
  );
  assert.ok(readFileSync(path).equals(before));
}

function commit400(store: Store): void {
  const record = recordOf(store);
  const sequences = Array.from({ length: 400 }, (_, index) => index + 1);
  store.commit(
    sequences.map((sequence) => ({
      ...record,
      sequence,
      events: [{ type: 'signalBroadcast', name: `signal ${sequence}` }],
    })),
  );
}

function change(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}

test('a folder that cannot be made is unwritable, also where the file system says that there is nothing', (context) => {
  const parent = temporaryDirectory();
  context.after(() => rmSync(parent, { recursive: true }));
  const file = join(parent, 'file');
  writeFileSync(file, '');
  const folders = [file, join(file, 'below', 'it'), ...(process.platform === 'linux' ? ['/proc/procos/data'] : [])];
  for (const directory of folders) {
    assert.throws(() => openSqliteStore({ directory }), { name: 'StoreRefusal', code: 'UNWRITABLE' }, directory);
  }
});

test('a file that is not SQLite is damaged', () => {
  assertRefused(
    (path) => writeFileSync(path, 'not a database, but long enough to be read as one '.repeat(200)),
    'DAMAGED',
    /not a database/,
  );
});

test('the database of another program is damaged', () => {
  assertRefused((path) => change(path, 'PRAGMA application_id = 7'), 'DAMAGED', /not a ProcOS store/);
});

test('a page of other bytes is damaged', () => {
  assertRefused(
    (path) => {
      const bytes = readFileSync(path);
      const middle = Math.floor(bytes.length / PAGE_BYTES / 2) * PAGE_BYTES;
      bytes.fill(0x5a, middle, middle + PAGE_BYTES);
      writeFileSync(path, bytes);
    },
    'DAMAGED',
    /restore a backup/,
  );
});

test('a file that was cut short is damaged', () => {
  assertRefused((path) => truncateSync(path, readFileSync(path).length - 3 * PAGE_BYTES), 'DAMAGED', /damaged/);
});

test('a file that was cut within its last page is damaged, though SQLite reads what is missing as zeros', () => {
  assertRefused((path) => truncateSync(path, readFileSync(path).length - 100), 'DAMAGED', /in the middle of a page/);
});

test('a gap in the log is damaged', () => {
  assertRefused((path) => change(path, 'DELETE FROM records WHERE sequence = 395'), 'DAMAGED', /record 395 is missing/);
});

test('a changed record is damaged', () => {
  const sql = `UPDATE records SET body = replace(body, 'signal 398', 'signal 399') WHERE sequence = 398`;
  assertRefused((path) => change(path, sql), 'DAMAGED', /record 398 does not match its checksum/);
});

test('a newer format is refused', () => {
  assertRefused((path) => change(path, 'PRAGMA user_version = 99'), 'NEWER_FORMAT', /format 99/);
});

test('a file whose tables are not those of its format is damaged, not unwritable', () => {
  assertRefused((path) => change(path, 'PRAGMA user_version = 1'), 'DAMAGED', /(table|column|index)/);
});

test('verify names the first bad record of the whole log, also one that opening does not look at', () => {
  using opened = openSqlite();
  commit400(opened.store);
  const path = join(opened.directory, 'procos.db');
  opened.store.close();
  change(path, 'UPDATE records SET at = at + 1 WHERE sequence = 17');
  assert.deepEqual(opened.reopen().verify(), {
    ok: false,
    sequence: 17,
    problem: 'record 17 does not match its checksum',
  });
});

test('a folder that cannot be made, and a file in the place of the store, are unwritable', () => {
  const directory = temporaryDirectory();
  try {
    writeFileSync(join(directory, 'file'), '');
    const refused = { name: 'StoreRefusal', code: 'UNWRITABLE', message: /choose another data folder/ };
    assert.throws(() => openSqliteStore({ directory: join(directory, 'file', 'data') }), refused);
    assert.throws(() => openSqliteStore({ directory: join(directory, 'file') }), refused);
    mkdirSync(join(directory, 'taken', 'procos.db'), { recursive: true });
    assert.throws(() => openSqliteStore({ directory: join(directory, 'taken') }), refused);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('reading only creates nothing', () => {
  const directory = temporaryDirectory();
  try {
    assert.throws(() => openSqliteStore({ directory, readOnly: true }), { code: 'UNWRITABLE' });
    assert.throws(() => openSqliteStore({ directory: join(directory, 'a'), readOnly: true }), { code: 'UNWRITABLE' });
    assert.deepEqual(readdirSync(directory), []);
    assert.ok(!existsSync(join(directory, 'a')));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a store whose very first write was interrupted is begun anew', () => {
  const directory = temporaryDirectory();
  try {
    const path = join(directory, 'procos.db');
    change(path, `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL`);
    // The journal of a file that was empty before: https://sqlite.org/fileformat2.html#the_rollback_journal
    const journal = Buffer.alloc(512);
    Buffer.from('d9d505f920a163d7', 'hex').copy(journal);
    for (const [offset, value] of [
      [8, 0],
      [12, 7],
      [16, 0],
      [20, 512],
      [24, PAGE_BYTES],
    ] as const)
      journal.writeUInt32BE(value, offset);
    const page = readFileSync(path);
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
    writeFileSync(path, page);
    writeFileSync(`${path}-journal`, journal);
    assert.equal(page.length, PAGE_BYTES);
    const store = openSqliteStore({ directory });
    assert.equal(store.lastSequence, 0);
    store.close();
    assert.ok(!existsSync(`${path}-journal`));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a store that is a link to the file of another folder is in use while that one is, and the other way round', (context) => {
  const parent = temporaryDirectory();
  context.after(() => rmSync(parent, { recursive: true }));
  const [own, linked, third] = ['own', 'linked', 'third'].map((name) => join(parent, name)) as [string, string, string];
  for (const folder of [linked, third]) mkdirSync(folder);
  symlinkSync(join('..', 'own', 'procos.db'), join(linked, 'procos.db'));
  symlinkSync(join(linked, 'procos.db'), join(third, 'procos.db'));
  const refused = (directory: string, message: RegExp) =>
    assert.throws(() => openSqliteStore({ directory }), { name: 'StoreRefusal', code: 'LOCKED', message });
  const inUse = (directory: string, meanwhile: (store: Store) => void) => {
    const store = openSqliteStore({ directory });
    try {
      meanwhile(store);
    } finally {
      store.close();
    }
  };
  inUse(own, (store) => {
    assert.equal(store.lastSequence, 0);
    refused(linked, /The store in \S+linked \(\S+procos\.db\) is in use by process \d+\. Stop that one first/);
    refused(third, /in use/);
  });
  inUse(linked, (store) => {
    commit400(store);
    refused(own, /The store in \S+own is in use/);
    refused(third, /The store in \S+third \(\S+own\S+\) is in use/);
  });
  inUse(third, (store) => {
    assert.equal(store.lastSequence, 400);
    assert.equal(store.description.path, join(third, 'procos.db'));
  });
});

test('of two links to a file that is still to be made only one makes it', (context) => {
  const parent = temporaryDirectory();
  context.after(() => rmSync(parent, { recursive: true }));
  const folders = ['a', 'b'].map((name) => join(parent, name)) as [string, string];
  for (const folder of folders) {
    mkdirSync(folder);
    symlinkSync(join(parent, 'volume.db'), join(folder, 'procos.db'));
  }
  const store = openSqliteStore({ directory: folders[0] });
  context.after(() => store.close());
  assert.throws(() => openSqliteStore({ directory: folders[1] }), { code: 'LOCKED' });
  assert.ok(existsSync(join(parent, 'volume.db')));
});
