/** Scenario 15: services register, are called by name in turn, are looked at by procos_system_service_health, and are left alone when they fail. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, Running, until } from '../running-procos.ts';

test('services are found by their name', { timeout: 110_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const environment = { PROCOS_HTTP_ALLOW: '127.0.0.1' };
  const system = await (await Running.start({ data: join(folder, 'data'), environment })).ready();
  const start = (id: string) =>
    spawn(process.execPath, [join(ROOT, 'examples/discovery/rates.js'), id], {
      env: { PATH: process.env['PATH'], PROCOS_URL: system.url },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const [one, two] = [start('rates-1'), start('rates-2')];
  const sick = createServer((_, response) => response.writeHead(500).end());
  sick.listen(0, '127.0.0.1');
  await once(sick, 'listening');
  context.after(async () => {
    one.kill('SIGKILL');
    two.kill('SIGKILL');
    sick.close();
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const services = async () => (await system.client.services('rates')).services;
  await until('both have registered', async () => (await services()).length === 2);

  async function ask(times: number): Promise<string[]> {
    const args = ['--json', '--var', `times:=${times}`, '--var', 'answered_by='];
    const { out, err } = await system.procos('run', 'examples/discovery/ask_rates.bpmn', ...args);
    assert.notEqual(out, '', err);
    const { state, variables } = JSON.parse(out) as { state: string; variables: { answered_by: string; rate: number } };
    assert.deepEqual([state, variables.rate], ['completed', 1.08]);
    return variables.answered_by.split(',').slice(1).sort();
  }
  assert.deepEqual(await ask(4), ['rates-1', 'rates-1', 'rates-2', 'rates-2']);

  // The process that looks at health URLs has begun with the first of them.
  await until('the process looks', async () => {
    const { processes } = await system.client.processes({ definition: 'procos_system_service_health' });
    return processes.length === 1;
  });
  await until('both are known to be well', async () => (await services()).every(({ healthy }) => healthy), 60_000);

  // One whose calls all fail: after five of them its circuit breaker is open, and it is not called any more.
  const endpoint = `http://127.0.0.1:${(sick.address() as AddressInfo).port}`;
  await system.client.registerService({ id: 'sick', name: 'rates', endpoint });
  const direct = { name: 'rates', strategy: 'round_robin' } as const;
  for (let failures = 0; failures < 5; ) {
    const chosen = await system.client.chooseService(direct);
    const ok = chosen.id !== 'sick' || (await fetch(`${chosen.endpoint}rate`)).status < 500;
    await system.client.noteServiceOutcome(chosen.id, { ok, call: chosen.call });
    failures += ok ? 0 : 1;
  }
  assert.equal((await services()).find(({ id }) => id === 'sick')?.breaker, 'open');
  assert.deepEqual(await ask(4), ['rates-1', 'rates-1', 'rates-2', 'rates-2']);
  assert.match((await system.procos('services')).out, /^rates +\? +open /m);

  // One whose health URL says that it is not well is not called, either; the round that finds it begins at once.
  await system.client.removeService('sick');
  await system.client.registerService({ id: 'ill', name: 'rates', endpoint, healthUrl: `${endpoint}/health` });
  await until(
    'it is known to be ill',
    async () => (await services()).find(({ id }) => id === 'ill')?.finding === 'status 500',
    60_000,
  );
  assert.deepEqual(await ask(2), ['rates-1', 'rates-2']);

  // One that is removed is not called any more, either.
  await system.client.removeService('rates-1');
  one.kill('SIGKILL');
  assert.deepEqual(await ask(2), ['rates-2', 'rates-2']);
});
