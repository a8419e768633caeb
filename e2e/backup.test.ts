/** Backup and restore as an operator does them: on a system that works, and into an empty folder. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { procos, Running } from './running-procos.ts';

test('back up while work goes on, verify, restore elsewhere and in place', { timeout: 110_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-backup-'));
  const data = join(folder, 'data');
  const system = await (await Running.start({ data })).ready();
  context.after(async () => {
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (key: string) => system.procos('run', 'examples/invoice_c7', '--business-key', key, '--no-wait');
  const keys = async (at: Running) =>
    (await at.client.processes({ state: 'active' })).processes.map((row) => row.businessKey);
  assert.equal((await start('before')).code, 0);
  const [backup] = await Promise.all([system.procos('backup', 'a.db', '--json'), start('meanwhile')]);
  assert.equal(backup.code, 0, backup.err);
  const path = join(data, 'backups', 'a.db');
  assert.equal(JSON.parse(backup.out).variables.path, path);
  const ran = async (process: string) =>
    (await system.client.processes({ state: 'all', definition: process })).processes.map(({ state }) => state);
  assert.deepEqual(await ran('procos_system_backup'), ['completed']);
  assert.match((await procos(['verify', path])).out, /is whole: \d+ records/);
  assert.match((await procos(['verify', '--data', data])).out, /is whole/);

  assert.equal((await start('after')).code, 0);
  assert.ok((await keys(system)).includes('after'));
  const refused = await procos(['restore', path, '--data', data, '--replace']);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /in use by process/);

  const elsewhere = join(folder, 'elsewhere');
  const restored = await procos(['restore', path, '--data', elsewhere]);
  assert.equal(restored.code, 0, restored.err);
  const twin = await (await Running.start({ data: elsewhere })).ready();
  assert.ok((await keys(twin)).includes('before'));
  assert.ok(!(await keys(twin)).includes('after'));
  await twin.kill('SIGKILL');

  const live = await system.procos('restore', 'a.db', '--live');
  assert.equal(live.code, 0, live.err);
  assert.match(live.out, /restored from a\.db/);
  assert.deepEqual(await ran('procos_system_restore'), [], 'what was after the backup is lost, the restore too');
  assert.ok((await keys(system)).includes('before'));
  assert.ok(!(await keys(system)).includes('after'));
  assert.ok(readdirSync(data).some((name) => /^procos-before-.*\.db$/.test(name)));
  assert.equal((await start('and on')).code, 0);
});
