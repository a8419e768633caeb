/** Scenario 10: the kernel is killed in the midst of a recovery; its state is kept, there is one orchestrator, and the recovery goes on. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Running, until } from '../running-procos.ts';

test('a kernel that is killed goes on where it was, with the same PID 1 and the same recovery', {
  timeout: 110_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const data = join(folder, 'data');
  let system = await (await Running.start({ data })).ready();
  context.after(async () => {
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const rootBefore = (await system.client.system()).root?.processInstanceId;
  const table = await system.procos('deploy', '--system', 'examples/recovery/table/recovery.dmn');
  assert.equal(table.code, 0, table.err);
  const waits = await system.procos(
    'run',
    'examples/document_approval',
    '--var',
    'title=T',
    '--var',
    'text=X',
    '--no-wait',
    '--json',
  );
  const waiting = (JSON.parse(waits.out) as { readonly pid: string }).pid;
  const run = await system.procos(
    'run',
    'examples/recovery/recovery_order.bpmn',
    '--var',
    'order=C1',
    '--no-wait',
    '--json',
  );
  assert.equal(run.code, 0, run.err);
  const { pid } = JSON.parse(run.out) as { readonly pid: string };
  const recoveryOf = async () => (await system.client.process(pid)).incidents.at(-1)?.recovery ?? null;
  await until('it has its recovery', async () => (await recoveryOf()) !== null, 60_000);
  const before = await recoveryOf();

  await system.kill('SIGKILL');
  mkdirSync(join(data, 'files', 'recovery'), { recursive: true });
  writeFileSync(join(data, 'files', 'recovery', 'C1.card'), '4711');
  system = await (await Running.start({ data })).ready();

  await until('the order is paid', async () => (await system.client.process(pid)).state === 'completed', 60_000);
  assert.equal((await recoveryOf())?.pid, before?.pid, 'there is no second recovery');
  assert.equal((await system.client.process(before?.pid ?? '')).state, 'completed');
  assert.equal((await system.client.process(waiting)).state, 'active', 'what waited waits on');
  const { processes } = await system.client.processes({ state: 'all', definition: 'procos_system_orchestrator' });
  assert.deepEqual(
    processes.map(({ processInstanceId, state }) => [processInstanceId, state]),
    [[rootBefore, 'active']],
    'one orchestrator, the same one',
  );
});
