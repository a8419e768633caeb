/** Scenario 6: a service is added by a model that serves a topic, under running callers; workers take over and give back; and kill -9 in between. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createWorker } from '@procos/client';
import { ROOT, Running, until } from '../running-procos.ts';

const ENVIRONMENT = { PROCOS_HTTP_ALLOW: '127.0.0.1' };

function program(path: string, args: readonly string[], url: string): ChildProcess {
  return spawn(process.execPath, [join(ROOT, path), ...args], {
    env: { PATH: process.env['PATH'], PROCOS_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('a chat service is added without touching the system', { timeout: 110_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const data = join(folder, 'data');
  let system = await (await Running.start({ data, environment: ENVIRONMENT })).ready();
  const chat = program('examples/new_service/chat.js', [], system.url);
  context.after(async () => {
    chat.kill('SIGKILL');
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  let posted = '';
  chat.stdout?.setEncoding('utf8').on('data', (text: string) => {
    posted += text;
  });
  await until('the chat has registered', async () => (await system.client.services('chat')).services.length === 1);

  async function announce(version: string) {
    const { out, err } = await system.procos('run', 'announce_release', '--json', '--var', `version=${version}`);
    assert.notEqual(out, '', err);
    return JSON.parse(out) as { readonly pid: string; readonly state: string; readonly variables: object };
  }
  const deployed = await system.procos('deploy', 'examples/new_service/chat_post.bpmn');
  assert.equal(deployed.code, 0, deployed.err);
  assert.equal((await system.procos('deploy', 'examples/new_service/announce_release.bpmn')).code, 0);

  const first = await announce('1.0');
  assert.equal(first.state, 'completed');
  await until('it was posted', () => posted.includes('#releases: Version 1.0 is out'));
  const { children } = await system.client.process(first.pid);
  assert.deepEqual(
    children.map(({ bpmnProcessId, state }) => [bpmnProcessId, state]),
    [['chat_post', 'completed']],
  );
  assert.match((await system.procos('mount')).out, /^process:chat_post on chat_post type process \(declared\)$/m);
  assert.match((await system.procos('mount')).out, /^http:\S+ on chat type service \(1,/m);

  // A worker takes the topic over, and the callers do not change.
  assert.equal((await system.procos('topic', 'chat_post', '--by', 'workers')).code, 0);
  const worker = createWorker({ baseUrl: system.url, name: 'Chat worker', version: '3' });
  worker.subscribe('chat_post', () => ({ localVariables: { message_id: 4711 } }));
  await worker.start();
  const second = await announce('1.1');
  assert.equal((await system.client.process(second.pid)).children.length, 0);
  await until('the worker has said what it is', async () => {
    const { workers } = await system.client.workers('chat_post');
    return workers.some(({ name, version, completed }) => name === 'Chat worker' && version === '3' && completed === 1);
  });
  await worker.stop();
  assert.equal((await system.procos('topic', 'chat_post', '--by', 'chat_post')).code, 0);

  // The process serves again: killed while the instance waits for the service, it goes on with that very instance.
  const waiting = new Set<() => void>();
  const slow = createServer((_, response) => {
    waiting.add(() => response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":7}'));
  });
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  context.after(() => {
    slow.closeAllConnections();
    slow.close();
  });
  const endpoint = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
  await system.client.removeService('chat-1');
  chat.kill('SIGKILL');
  await system.client.registerService({ id: 'slow', name: 'chat', endpoint });
  const { id: pid } = await system.client.start({ bpmnProcessId: 'announce_release', variables: { version: '1.2' } });
  await until('the service was asked', () => waiting.size === 1);
  await system.kill('SIGKILL');
  system = await (await Running.start({ data, environment: ENVIRONMENT })).ready();
  const serving = (await system.client.process(pid)).children;
  assert.equal(serving.length, 1, 'one instance for one attempt');
  await system.client.registerService({ id: 'slow', name: 'chat', endpoint });
  await until('the service was asked again', () => waiting.size > 1);
  for (const answer of waiting) answer();
  await until('it is over', async () => (await system.client.process(pid)).state === 'completed');
  const after = await system.client.process(pid);
  assert.deepEqual(
    after.children.map((child) => [child.pid, child.state]),
    [[serving[0]?.pid, 'completed']],
  );
  assert.equal(after.variables.find(({ name }) => name === 'announcement')?.value, 7);
});
