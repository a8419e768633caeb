/** Backup and rehearsal as processes of the system, and what a restored store begins with. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inferVariable, type Json } from '@procos/bpmn';
import { createMemoryStore, openSqliteStore, restoreSqlite, type Store } from '@procos/store';
import type { RunningKernel } from './kernel-options.ts';
import { beginNewLife } from './restored.ts';
import { standsAt, startTestKernel, until } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;

function dataFolder(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'procos-copies-'));
  context.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Starts it and waits until it has ended or stands in an incident. */
async function run(kernel: RunningKernel, bpmnProcessId: string, variables: Record<string, Json> = {}) {
  const { engine } = kernel;
  const typed = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, inferVariable(value)]));
  const definition = { bpmnProcessId };
  const outcome = await engine.submit({ type: 'createProcessInstance', definition, variables: typed }, ADA);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  const id = outcome.value.processInstanceId;
  const where = [{ column: 'id', op: '=', value: id }] as const;
  const state = () => engine.find('processInstances', { where })[0]?.state;
  const incident = () => engine.find('incidents', { where: [{ column: 'processInstanceId', op: '=', value: id }] })[0];
  await until(kernel, () => state() !== 'active' || incident() !== undefined, 20_000);
  const rows = engine.find('variables', { where: [{ column: 'scopeId', op: '=', value: id }] });
  const values = Object.fromEntries(rows.map(({ name, value }) => [name, value])) as Record<
    string,
    Record<string, Json>
  >;
  return { id, state: state(), incident: incident()?.message ?? '', variables: values };
}

async function stop(kernel: RunningKernel): Promise<void> {
  await kernel.ready;
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
}

test('backup and rehearsal run as processes; a missing backup is an incident that names those there are', async (context) => {
  const directory = dataFolder(context);
  const kernel = await startTestKernel({ store: openSqliteStore({ directory }) });
  await kernel.ready;
  const backup = await run(kernel, 'procos_system_backup', { file: 'first.db' });
  assert.equal(backup.state, 'completed', backup.incident);
  assert.equal(backup.variables['verification']?.['ok'], true);
  const rehearsed = await run(kernel, 'procos_system_restore_rehearsal', { file: 'first.db' });
  assert.equal(rehearsed.state, 'completed', rehearsed.incident);
  assert.equal(rehearsed.variables['rehearsal']?.['records'], backup.variables['verification']?.['records']);
  // PID 1 and the backup itself.
  assert.equal(rehearsed.variables['rehearsal']?.['instances'], 2);
  assert.deepEqual(readdirSync(join(directory, 'backups')), ['first.db']);
  const missing = await run(kernel, 'procos_system_restore_rehearsal', { file: 'second.db' });
  assert.match(missing.incident, /no backup second\.db .* There: first\.db\./);
  await stop(kernel);
});

test('a name that no backup can have is refused before a process starts, whichever way it is started', async (context) => {
  const kernel = await startTestKernel({ store: openSqliteStore({ directory: dataFolder(context) }) });
  await kernel.ready;
  const { engine } = kernel;
  const started = () => engine.find('processInstances').length;
  const before = started();
  const copies = ['backup', 'restore', 'restore_rehearsal'].map((name) => [name, '.db'] as const);
  const snapshots = ['export', 'validate', 'import'].map((name) => [`snapshot_${name}`, '.snapshot'] as const);
  for (const file of ['../outside.db', '../outside.snapshot', 'first', '.db', '.snapshot', '', 7, { name: 'a.db' }]) {
    for (const [name, kind] of [...copies, ...snapshots]) {
      const process = `procos_system_${name}`;
      const definition = { bpmnProcessId: process };
      const variables = { file: inferVariable(file) };
      const request = { type: 'Json', value: { id: 'r', process, businessKey: null, variables: { file } } } as const;
      for (const command of [
        { type: 'createProcessInstance', definition, variables },
        { type: 'publishMessage', name: 'procos.user_request', timeToLiveMs: 1_000, variables: { request } },
        { type: 'correlateMessage', name: 'procos.user_request', all: false, variables: { request } },
      ] as const) {
        const outcome = await engine.submit(command as never, ADA);
        assert.ok(!outcome.ok, command.type);
        assert.equal(outcome.rejection.code, 'INVALID_ARGUMENT');
        assert.match(outcome.rejection.message, new RegExp(`^file must be the name of a file ending in \\${kind},`));
        assert.ok(outcome.rejection.message.endsWith(`it is ${JSON.stringify(file)}.`));
      }
    }
  }
  assert.equal(started(), before);
  await stop(kernel);
});

test('a backup under a name that is taken is refused before a process starts, but not to who asks again for his own', async (context) => {
  const kernel = await startTestKernel({ store: openSqliteStore({ directory: dataFolder(context) }) });
  await kernel.ready;
  const { engine } = kernel;
  const variables = { file: inferVariable('first.db') };
  const backup = {
    type: 'createProcessInstance',
    definition: { bpmnProcessId: 'procos_system_backup' },
    variables,
  } as const;
  const key = { key: 'mine', fingerprint: 'f' };
  const first = await engine.submit(backup, ADA, key);
  assert.ok(first.ok);
  const { processInstanceId } = first.value;
  const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
  await until(kernel, () => engine.find('processInstances', { where })[0]?.state === 'completed', 20_000);
  assert.deepEqual(await engine.submit(backup, ADA, key), JSON.parse(JSON.stringify(first)));
  const second = await engine.submit(backup, ADA);
  assert.match(second.ok ? '' : second.rejection.message, /^There is a backup first\.db already/);
  assert.equal(engine.count('incidents'), 0);
  await stop(kernel);
});

test('a restored store goes on from the backup, the process that made it has its end, and no lock of the lost life counts', async (context) => {
  const directory = dataFolder(context);
  const first = await startTestKernel({ store: openSqliteStore({ directory }) });
  await first.ready;
  const { id: pid } = await run(first, 'procos_system_backup', { file: 'a.db' });
  await stop(first);
  const restored = dataFolder(context);
  restoreSqlite({ backup: join(directory, 'backups', 'a.db'), directory: restored, replace: false, label: 'x' });
  const store = openSqliteStore({ directory: restored });
  const [before] = store.find('externalTasks', { where: [{ column: 'processInstanceId', op: '=', value: pid }] });
  beginNewLife({ store, now: store.lastAt, by: ADA });
  const [after] = store.find('externalTasks', { where: [{ column: 'processInstanceId', op: '=', value: pid }] });
  assert.equal(before?.workerId, 'kernel');
  assert.equal(after?.workerId, null);
  assert.ok((after?.lockCount ?? 0) >= 1_000_000);
  assert.ok(store.ids.next() > 2 ** 36);
  const audit = store.records(0, 10_000).flatMap(({ by, events }) => events.map((event) => ({ by, event })));
  const marks = audit.filter(({ event }) => event.type === 'storeRestored');
  assert.deepEqual(
    marks.map(({ by }) => by),
    [{ kind: 'user', id: 'ada' }],
  );
  store.rollback();
  // The folder of the backups is the old one: there the process finds the copy that it made.
  const second = await startTestKernel({ store, backups: join(directory, 'backups') });
  await second.ready;
  await until(second, () => !standsAt(second, pid).length, 20_000);
  const [ended] = second.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: pid }] });
  assert.equal(ended?.state, 'completed');
  await stop(second);
  assert.deepEqual(store.description.kind, 'sqlite');
});

test('identities of a life that began with the same backup are not given out again: one of its workers may still report', (context) => {
  const directory = dataFolder(context);
  const backup = join(dataFolder(context), 'a.db');
  openSqliteStore({ directory: join(backup, '..') }).close();
  renameSync(join(backup, '..', 'procos.db'), backup);
  const given: number[] = [];
  for (const label of ['first', 'second', 'third']) {
    const begin = (store: Store, lastId: number) => beginNewLife({ store, now: 1_000, by: ADA, lastId });
    restoreSqlite({ backup, directory, replace: true, label, begin });
    const store = openSqliteStore({ directory });
    given.push(store.ids.next());
    const { lastSequence, lastAt, ids } = store;
    const by = { kind: 'user', id: 'ada' } as const;
    store.commit([{ sequence: lastSequence + 1, at: lastAt, by, command: 'test', lastId: ids.last, events: [] }]);
    store.close();
  }
  assert.deepEqual(given, [2 ** 36 + 1, 2 ** 37 + 1, 3 * 2 ** 36 + 1]);
});

test('a store in memory cannot be backed up, and says so', async () => {
  const kernel = await startTestKernel({ store: createMemoryStore() });
  await kernel.ready;
  const { incident } = await run(kernel, 'procos_system_backup');
  assert.match(incident, /keeps its store in memory/);
  await stop(kernel);
});

test('after 255 restores, one upon the other, another one is refused, and nothing is written', () => {
  const life = 2 ** 36;
  for (const lastId of [0, 255 * life + 7]) {
    const store: Store = createMemoryStore();
    store.ids.skipTo(254 * life + 1);
    if (lastId === 0) {
      beginNewLife({ store, now: 1, by: ADA });
      assert.equal(store.ids.last, 255 * life);
    }
    const before = store.lastSequence;
    assert.throws(() => beginNewLife({ store, now: 2, by: ADA, lastId }), {
      name: 'StoreRefusal',
      message: /restored 255 times/,
    });
    assert.equal(store.lastSequence, before);
    store.close();
  }
});
