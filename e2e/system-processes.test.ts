/** Processes of the system that have no test of their own elsewhere, each run by a request as an operator runs it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Running, until } from './running-procos.ts';

describe('processes of the system', () => {
  let folder = '';
  let system: Running;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-system-'));
    const environment = { PROCOS_LOG_FILE: join(folder, 'logs', 'procos.log') };
    system = await (await Running.start({ data: join(folder, 'data'), environment })).ready();
  });
  after(async () => {
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(id: string, ...args: string[]): Promise<Readonly<Record<string, unknown>>> {
    const { code, out, err } = await system.procos('run', id, '--json', ...args);
    assert.equal(code, 0, err || out);
    return (JSON.parse(out) as { readonly variables: Readonly<Record<string, unknown>> }).variables;
  }

  test('procos_system_health_monitoring says how the system is, and finds nothing wrong', async () => {
    const { healthy, findings, dead_hosts, metrics } = await run('procos_system_health_monitoring');
    assert.deepEqual([healthy, findings, dead_hosts], [true, [], []]);
    assert.ok(Number((metrics as { resident_bytes: number }).resident_bytes) > 0);
  });

  test('procos_system_restore_rehearsal says what a backup holds, and of a missing one which there are', async () => {
    await run('procos_system_backup', '--var', 'file=rehearsed.db');
    const { rehearsal } = await run('procos_system_restore_rehearsal', '--var', 'file=rehearsed.db');
    const { records, format } = rehearsal as { records: number; format: number };
    assert.ok(records > 0 && format > 0);
    const missing = await system.procos('run', 'procos_system_restore_rehearsal', '--var', 'file=missing.db');
    assert.equal(missing.code, 3);
    assert.match(missing.err, /There is no backup missing\.db in .*There: rehearsed\.db/);
  });

  test('procos_system_rotation packs the log file and goes on in a new one', async () => {
    assert.equal((await run('procos_system_rotation'))['rotated'], false);
    const { rotated, files } = await run('procos_system_rotation', '--var', 'force:=true');
    const [name = ''] = files as string[];
    assert.equal(rotated, true);
    const before = gunzipSync(readFileSync(join(folder, 'logs', name))).toString();
    assert.match(before, /"event":"kernel_metrics_snapshot"/);
    assert.match(readFileSync(join(folder, 'logs', 'procos.log'), 'utf8'), /"event":"log_rotated"/);
  });

  test('procos_system_retention counts what it has removed', async () => {
    const removed = await run('procos_system_retention');
    assert.deepEqual(
      ['removed_instances', 'removed_drafts', 'removed_records', 'more'].map((name) => removed[name]),
      [0, 0, 0, false],
    );
  });

  test('procos_system_suspension suspends a definition and its instances when the time has come', async () => {
    const { code, err } = await system.procos('run', 'examples/invoice_c7', '--no-wait');
    assert.equal(code, 0, err);
    const suspended = async (): Promise<unknown[]> => {
      const answer = await fetch(`${system.url}/engine-rest/process-definition?key=invoice`);
      const definitions = (await answer.json()) as readonly { readonly suspended: boolean }[];
      const { processes } = await system.client.processes({ definition: 'invoice' });
      return [...definitions, ...processes].map((one) => one.suspended);
    };
    assert.deepEqual(await suspended(), [false, false]);
    const later = async (suspend: boolean): Promise<void> => {
      await run(
        'procos_system_suspension',
        '--var',
        'bpmn_process_id=invoice',
        '--var',
        `suspended:=${suspend}`,
        '--var',
        'with_instances:=true',
        '--var',
        `execution_date=${new Date(Date.now() + 500).toISOString()}`,
      );
    };
    await later(true);
    await until('all are suspended', async () => (await suspended()).every((one) => one === true));
    await later(false);
    await until('all go on', async () => (await suspended()).every((one) => one === false));
  });
});
