/** Changing the system while it runs, as an operator does it: a new version, a broken one, the safe run, and the way back. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { procos, ROOT, Running } from './running-procos.ts';

const BOOT = 'procos_system_boot';

describe('a changed system', () => {
  let folder = '';
  let running: Running | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'procos-change-'));
  });
  after(async () => {
    await running?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(...args: string[]): Promise<Running> {
    running = await (await Running.start({ data: join(folder, 'data'), args })).ready();
    return running;
  }
  async function stop(): Promise<void> {
    assert.equal((await running?.kill('SIGTERM'))?.code, 0);
  }
  function write(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }
  const shipped = (name: string): string => readFileSync(join(ROOT, 'system', name), 'utf8');

  test('a broken boot is deployed, the start names the safe run, which boots, and a rollback mends it', async () => {
    const first = await start();
    const broken = write(
      'boot.bpmn',
      shipped('boot.bpmn').replace('>${healthy}</bpmn:cond', '>${nobody.knows}</bpmn:cond'),
    );
    const without = await first.procos('deploy', broken);
    assert.equal(without.code, 1);
    assert.match(without.err, /--system/);
    const deployed = await first.procos('deploy', '--system', broken);
    assert.equal(deployed.code, 0, deployed.err);
    assert.match(deployed.out, /procos_system_boot version 2/);
    await stop();

    for (const _ of ['the start that meets the incident', 'the next one']) {
      const stuck = await procos(['start', '--port', '0', '--data', join(folder, 'data')]);
      assert.equal(stuck.code, 1);
      assert.match(stuck.err, /procos start --safe .*procos rollback procos_system_boot/);
    }

    const safe = await start('--safe');
    assert.equal((await lastBoot(safe))?.state, 'completed');
    assert.match((await safe.procos('status')).out, /^ProcOS \S+ is ready at \S+, a safe run by the shipped versions/);
    assert.match((await safe.procos('uptime')).out, /, ready, safe run, /);
    assert.equal((await safe.client.system()).safe, true);
    const rolledBack = await safe.procos('rollback', BOOT);
    assert.equal(rolledBack.code, 0, rolledBack.err);
    assert.match(rolledBack.out, /procos_system_boot version 3 as it was in version 1/);
    await stop();

    const normal = await start();
    assert.equal((await lastBoot(normal))?.version, 3);
    assert.equal((await normal.client.system()).safe, false);
    await stop();
  });

  test('processes that are not of the system are rolled back, too; with its rights they cannot be deployed', async () => {
    const system = await start();
    const model = readFileSync(join(ROOT, 'examples', 'hello_email', 'hello_email.bpmn'), 'utf8');
    const path = write('hello_email.bpmn', model);
    assert.match((await system.procos('deploy', '--system', path)).err, /Only processes of the system/);
    const missing = await system.procos('rollback', 'hello_email_process');
    assert.deepEqual([missing.code, /no process and no decision hello_email_process/.test(missing.err)], [1, true]);
    assert.equal((await system.procos('deploy', path)).code, 0);
    assert.match((await system.procos('rollback', 'hello_email_process')).err, /nothing to roll back to/);
    write('hello_email.bpmn', `${model}<!-- worse -->`);
    assert.match((await system.procos('deploy', path)).out, /deployed {2}hello_email_process version 2/);
    assert.match((await system.procos('rollback', 'hello_email_process')).out, /version 3 as it was in version 1/);
    const other = await system.procos('rollback', 'hello_email_process', '--to', '7');
    assert.match(other.err, /no version 7 of hello_email_process, but 3, 2, 1/);
    assert.match(
      (await system.procos('deploy', path)).out,
      /deployed {2}hello_email_process version 4/,
      'not taken for unchanged',
    );
    await stop();
  });
});

async function lastBoot({ client }: Running): Promise<{ state: string; version: number } | undefined> {
  const { processes } = await client.processes({ state: 'all', definition: BOOT });
  return [...processes].sort((a, b) => Number(a.processInstanceId) - Number(b.processInstanceId)).at(-1);
}
