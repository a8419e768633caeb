/** Scenario 3: PID 1 (procos_system_orchestrator) runs a request, one that fails and one of a process that is not there, and still serves. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Running, until } from '../running-procos.ts';

test('requests that end well, fail, or stand still', { timeout: 110_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const system = await (await Running.start({ data: join(folder, 'data') })).ready();
  context.after(async () => {
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  async function request(target: string, amount: number) {
    const { code, out, err } = await system.procos('run', target, '--json', '--var', `amount:=${amount}`);
    assert.notEqual(out, '', err);
    return { code, ...(JSON.parse(out) as { readonly pid: string; readonly state: string }) };
  }
  const endsOfPid1 = async (): Promise<string[]> =>
    (await system.client.process('1')).elements
      .filter(({ elementId }) => elementId === 'request_done' || elementId === 'request_failed')
      .map(({ elementId }) => elementId);

  const good = await request('examples/orchestrated_request', 250);
  assert.deepEqual([good.code, good.state], [0, 'completed']);
  assert.equal(readFileSync(join(folder, 'data', 'files', 'requests', '250.txt'), 'utf8'), 'granted: 250');
  assert.equal((await system.client.process(good.pid)).parentPid, '1', 'PID 1 has called it');

  const failing = await request('orchestrated_request', 5000);
  assert.notEqual(failing.code, 0);
  await until('PID 1 has caught the error', async () => (await endsOfPid1()).length === 2);
  assert.deepEqual(await endsOfPid1(), ['request_done', 'request_failed']);

  const unknown = await fetch(`${system.url}/api/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ bpmnProcessId: 'nobody_knows' }),
  });
  assert.equal(unknown.status, 404, 'it is refused before PID 1 hears of it');

  const many = await Promise.all([1, 2, 3, 4, 5].map((amount) => request('orchestrated_request', amount)));
  assert.deepEqual(
    many.map(({ state }) => state),
    Array(5).fill('completed'),
  );
  const { root, counts } = await system.client.system();
  assert.deepEqual(
    root?.waitsAt.map(({ elementId }) => elementId),
    ['wait_for_work'],
  );
  assert.equal(counts.incidents, 0);
});
