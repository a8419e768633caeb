/** The feed over a restart of the kernel on its store: real sockets, a client that connects again by itself, no gap and no duplicate. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ProcosClient, ProcosError } from '@procos/client';
import { type RunningKernel, startKernel } from '@procos/kernel';
import { openSqliteStore } from '@procos/store';
import type { FastifyInstance } from 'fastify';
import { createServer } from '../server.ts';

const folder = mkdtempSync(join(tmpdir(), 'procos-feed-'));
after(() => rmSync(folder, { recursive: true }));

/** A PID 1 that waits for ever: nothing happens but what the test does. */
const ROOT = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:procos="http://procos.dev/schema/1.0" id="d" targetNamespace="t"><bpmn:process id="procos_system_orchestrator" isExecutable="true"><bpmn:extensionElements><procos:security /></bpmn:extensionElements><bpmn:startEvent id="s" /><bpmn:receiveTask id="r" messageRef="m" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="r" /></bpmn:process><bpmn:message id="m" name="never" /></bpmn:definitions>`;

interface Running {
  readonly kernel: RunningKernel;
  readonly app: FastifyInstance;
  readonly port: number;
  stop(): Promise<void>;
}

async function start(data: string, port = 0): Promise<Running> {
  const store = openSqliteStore({ directory: data });
  const systemModels = [{ name: 'root.bpmn', content: ROOT }];
  const kernel = await startKernel({ store, systemModels, hosts: [], version: 'test', log: 'silent', zone: 'UTC' });
  const app = await createServer(kernel);
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    kernel,
    app,
    port: address.port,
    stop: async () => {
      await app.close();
      // A second interrupt ends at once: this PID 1 knows nothing of shutting down.
      kernel.handleSignal('SIGINT');
      kernel.handleSignal('SIGINT');
      await kernel.stopped;
    },
  };
}

/** One record each. */
async function broadcast({ kernel }: Running, times: number): Promise<void> {
  const by = { kind: 'user', id: 'test' } as const;
  for (let n = 0; n < times; n += 1)
    assert.ok((await kernel.engine.submit({ type: 'broadcastSignal', name: `s${n}` }, by)).ok);
}

test('a client goes on behind a restart, and is told when the store is another one', async () => {
  let running = await start(folder);
  const { port } = running;
  const client = new ProcosClient({ baseUrl: `http://127.0.0.1:${port}`, reconnectMs: 10 });
  const seen: number[] = [];
  const until = async (sequence: number): Promise<void> => {
    while ((seen.at(-1) ?? 0) < sequence) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const following = (async () => {
    for await (const { sequence } of client.events(0)) seen.push(sequence);
  })();
  await broadcast(running, 5);
  await until(running.kernel.engine.lastSequence);
  await running.stop();
  cpSync(folder, `${folder}-backup`, { recursive: true });
  after(() => rmSync(`${folder}-backup`, { recursive: true }));

  running = await start(folder, port);
  await broadcast(running, 5);
  const { lastSequence } = running.kernel.engine;
  await until(lastSequence);
  assert.deepEqual(
    seen,
    Array.from({ length: lastSequence }, (_, at) => at + 1),
  );
  await running.stop();

  // What was seen last is not in the backup; other records have its number by the time the client is back.
  const restored = await start(`${folder}-backup`, 0);
  await broadcast(restored, 8);
  assert.ok(restored.kernel.engine.lastSequence > lastSequence);
  await restored.stop();
  running = await start(`${folder}-backup`, port);
  await assert.rejects(
    following,
    (error) => error instanceof ProcosError && error.code === 'GONE' && /restored/.test(error.message),
  );
  await running.stop();
});
