/** The password of the only administrator is lost: who has the machine gives him another one, and the audit says so. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, Running } from './running-procos.ts';

test('a lost password is replaced at the machine, and only while no system runs', {
  timeout: 120_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-lost-password-'));
  const data = join(folder, 'data');
  let system: Running | undefined;
  context.after(async () => {
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  async function offline(password: string, ...args: readonly string[]) {
    const { child, ended } = launch(['user', ...args, '--offline', '--data', data], {});
    child.stdin?.end(`${password}\n`);
    return ended;
  }

  const added = await offline('the lost password', 'add', 'ada', '--admin');
  assert.equal(added.code, 0, added.err);
  const changed = await offline('the found password', 'passwd', 'ada');
  assert.equal(changed.code, 0, changed.err);
  system = await Running.start({ data, args: ['--authentication', 'required'] });
  const { url } = system;
  const ask = (path: string, password: string) =>
    fetch(url + path, { headers: { authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` } });
  assert.equal((await ask('/api/identities', 'the lost password')).status, 401);
  assert.equal((await ask('/api/identities', 'the found password')).status, 200);

  const running = await offline('another password', 'passwd', 'ada');
  assert.notEqual(running.code, 0);
  assert.match(running.err, /is in use by process \d+/);
  assert.equal((await ask('/api/identities', 'the found password')).status, 200);
});
