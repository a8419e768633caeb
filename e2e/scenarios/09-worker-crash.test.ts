/** Scenario 9: the worker host is killed in the middle of its work; the engine goes on, a process starts it again, and the work is done. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Running, until } from '../running-procos.ts';

test('a killed worker never touches the engine, and its work is taken up again', {
  timeout: 110_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const environment = { PROCOS_HTTP_ALLOW: '127.0.0.1' };
  const system = await (await Running.start({ data: join(folder, 'data'), environment })).ready();
  const asked: ServerResponse[] = [];
  const server = createServer((_, response) => {
    asked.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const host = async () => (await system.client.system()).hosts[0];
  await until('the host runs', async () => (await host())?.state === 'running');
  const before = await host();
  const kernel = await system.client.system();

  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  assert.equal((await system.procos('deploy', 'examples/worker_crash/slow_page.bpmn')).code, 0);
  const { id: pid } = await system.client.start({ bpmnProcessId: 'slow_page', variables: { url } });
  await until('the page was asked for', () => asked.length === 1);
  await until('the host is listed with what it holds', async () => {
    const { workers } = await system.client.workers('http_request');
    return workers.some(({ kind, locked, silent }) => kind === 'host' && locked === 1 && !silent);
  });
  process.kill(before?.osPid ?? 0, 'SIGKILL');

  await until('another host has taken the work up', () => asked.length === 2);
  asked[1]?.end('here it is');
  await until('it is over', async () => (await system.client.process(pid)).state === 'completed');
  const { variables } = await system.client.process(pid);
  assert.equal(variables.find(({ name }) => name === 'page')?.value, 'here it is');
  const after = await host();
  assert.deepEqual([after?.state, after?.restarts, after?.osPid === before?.osPid], ['running', 1, false]);
  const now = await system.client.system();
  assert.deepEqual([now.startedAt, now.phase, now.counts.incidents], [kernel.startedAt, 'ready', 0]);
  const supervised = await system.client.processes({ definition: 'procos_system_worker_supervision', state: 'ended' });
  assert.equal(supervised.total, 1, 'a process has started it again');
  const shown = await system.procos('workers');
  assert.match(shown.out, /^workers +running +\d+ +1 /m);
  assert.match(shown.out, /^built-in workers +host +alive /m);
});
