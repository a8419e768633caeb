/**
 * Scenario 23: disaster drills. The disk is gone, the store is damaged, the last hour shall not have been: with what an
 * operator would type the work goes on from the backup, its large values with it.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { procos, Running, until } from '../running-procos.ts';

test('a system whose disk is gone, whose store is damaged, or that shall be as it was, goes on from its backup', {
  timeout: 240_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-drill-'));
  const data = join(folder, 'data');
  const elsewhere = join(folder, 'nightly.db');
  const photograph = join(folder, 'damage.jpg');
  const running: Running[] = [];
  context.after(async () => {
    for (const one of running) await one.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (): Promise<Running> => {
    const system = await Running.start({ data });
    running.push(system);
    return system.ready();
  };
  const run = async (system: Running, claim: string): Promise<void> => {
    const given = ['--var', `claim=${claim}`, '--var', `photograph=@${photograph}`, '--no-wait'];
    const { code, err } = await system.procos('run', 'examples/disaster_drill', ...given);
    assert.equal(code, 0, err);
  };
  const claims = async (system: Running) =>
    (await system.client.processes({ definition: 'claim', state: 'active' })).processes;
  const seen = async (system: Running): Promise<unknown[]> => {
    const names: unknown[] = [];
    for (const { pid, waitsAt } of await claims(system)) {
      const { variables } = await system.client.process(pid);
      names.push([variables.find(({ name }) => name === 'claim')?.value, ...waitsAt.map(({ elementId }) => elementId)]);
    }
    return names.sort();
  };
  /** Somebody judges all claims; their photographs must come into the archive. */
  const judge = async (system: Running): Promise<void> => {
    const { tasks } = await system.client.tasks();
    for (const { taskId } of tasks) {
      const { code, err } = await system.procos('complete', taskId);
      assert.equal(code, 0, err);
    }
    await until('all claims are filed', async () => (await claims(system)).length === 0);
    const filed = readFileSync(join(data, 'files', 'claims', 'C-7.jpg'));
    assert.ok(filed.equals(readFileSync(photograph)), 'the photograph is another one');
  };

  writeFileSync(photograph, randomBytes(6 * 2 ** 20));
  const first = await start();
  await run(first, 'C-7');
  assert.equal((await first.procos('backup', 'nightly.db')).code, 0);
  copyFileSync(join(data, 'backups', 'nightly.db'), elsewhere);
  const whole = await procos(['verify', elsewhere, '--deep']);
  assert.equal(whole.code, 0, whole.err);
  const rehearsal = await first.procos('run', 'procos_system_restore_rehearsal', '--var', 'file=nightly.db');
  assert.equal(rehearsal.code, 0, rehearsal.err);
  await run(first, 'C-8');
  const both = [
    ['C-7', 'judge'],
    ['C-8', 'judge'],
  ];
  assert.deepEqual(await seen(first), both);

  // The disk is gone.
  await first.kill('SIGKILL');
  rmSync(data, { recursive: true });
  const onEmpty = await procos(['restore', elsewhere, '--data', data]);
  assert.equal(onEmpty.code, 0, onEmpty.err);
  const second = await start();
  assert.deepEqual(await seen(second), [['C-7', 'judge']], 'what came after the backup is lost, and nothing else');
  await judge(second);
  await run(second, 'C-9');
  await second.kill('SIGTERM');

  // The store is damaged: what it held last is kept beside, and work goes on from the backup.
  const store = join(data, 'procos.db');
  const bytes = readFileSync(store);
  bytes.fill(0x5a, 8_192, 3 * 8_192);
  writeFileSync(store, bytes);
  const { mtimeMs } = statSync(store);
  await assert.rejects(Running.start({ data }), /damaged/);
  assert.equal(statSync(store).mtimeMs, mtimeMs, 'it was changed');
  assert.equal((await procos(['verify', '--data', data])).code, 1);
  assert.equal(
    (await procos(['restore', elsewhere, '--data', data])).code,
    1,
    'a store that is there is not replaced by chance',
  );
  const inPlace = await procos(['restore', elsewhere, '--data', data, '--replace']);
  assert.equal(inPlace.code, 0, inPlace.err);
  assert.ok(
    readdirSync(data).some((name) => name.startsWith('procos-before-')),
    'the damaged store is kept',
  );
  const third = await start();
  assert.deepEqual(await seen(third), [['C-7', 'judge']]);
  await run(third, 'C-10');

  // It runs, and shall be as it was.
  assert.equal((await third.procos('backup', 'morning.db')).code, 0);
  await run(third, 'C-11');
  const live = await third.procos('restore', 'morning.db', '--live');
  assert.equal(live.code, 0, live.err);
  assert.deepEqual(await seen(third), [
    ['C-10', 'judge'],
    ['C-7', 'judge'],
  ]);
  await judge(third);
  const last = await procos(['verify', '--deep', '--data', data]);
  assert.equal(last.code, 0, last.err);
});
