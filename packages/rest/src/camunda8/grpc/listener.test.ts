/** The port of the gateway: what it costs before anybody calls, who is let in, and how it closes. Real sockets. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { connect as connectSocket, createServer } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACTIONS } from '@procos/kernel';
import { createServer as createApp, type ServerOptions } from '../../server.ts';
import { FakeKernel } from '../../testing/fake-kernel.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { listenForGrpc } from './listener.ts';
import type { Zeebe } from './testing/zeebe.test.ts';

// Loaded when it is wanted: a test below looks whether the gateway has done it.
const client = () => import('./testing/zeebe.test.ts');
const isGrpcLoaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('@grpc'));

describe('a gateway', () => {
  let system: System;
  let zeebe: Zeebe;
  const loaded = { before: true };
  before(async () => {
    system = await startSystem({ grpc: true });
    await system.kernel.ready;
    loaded.before = isGrpcLoaded();
    zeebe = (await client()).connect(system.grpc);
  });
  after(async () => {
    zeebe.close();
    await system.stop();
  });

  it('loads nothing of gRPC before somebody calls', () => {
    assert.equal(loaded.before, false);
    assert.equal(isGrpcLoaded(), true, 'the test would see it');
  });

  it('says that it is one broker with one partition, of the version whose calls are served', async () => {
    const [host, port] = system.grpc.split(':');
    const { brokers, ...rest } = await zeebe.call('Topology');
    assert.deepEqual(rest, {
      clusterSize: 1,
      partitionsCount: 1,
      replicationFactor: 1,
      gatewayVersion: '8.9.0',
      clusterId: '',
    });
    const partitions = [{ partitionId: 1, role: 'LEADER', health: 'HEALTHY' }];
    assert.deepEqual(brokers, [{ nodeId: 0, host, port: Number(port), version: '8.9.0', partitions }]);
  });

  it('has an entry for every call of the protocol, each with an action that needs a permission', async () => {
    const { CALLS } = await import('./calls.ts');
    const { gatewayDefinition } = await import('./definition.ts');
    assert.deepEqual(Object.keys(CALLS).sort(), Object.keys(gatewayDefinition()).sort());
    for (const [name, { action }] of Object.entries(CALLS))
      assert.ok(ACTIONS[action] !== undefined, `${name}: ${action}`);
    for (const [name, { responseStream }] of Object.entries(gatewayDefinition()))
      assert.equal(responseStream, 'stream' in (CALLS[name] ?? {}), name);
  });

  it('hangs up on who does not speak HTTP/2, and serves the others', async () => {
    const [host, port] = system.grpc.split(':');
    for (const bytes of ['GET / HTTP/1.1\r\nhost: x\r\n\r\n', '\0'.repeat(100)]) {
      const socket = connectSocket({ host: host ?? '', port: Number(port) });
      socket.on('error', () => {});
      socket.resume();
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(bytes);
      await closed;
    }
    assert.equal((await zeebe.call('Topology'))['clusterSize'], 1);
  });

  it('refuses a message of more than 4 MiB', async () => {
    const { refused } = await client();
    const call = zeebe.call('CompleteJob', { jobKey: '1', variables: 'x'.repeat(4 * 1024 * 1024) });
    await refused('RESOURCE_EXHAUSTED', /larger than max/, call);
  });

  it('counts a call as long as it is under way, and not longer', async () => {
    await zeebe.call('Topology');
    for (let turn = 0; system.app.admission.underWay > 0 && turn < 200; turn += 1) await sleep(5);
    assert.equal(system.app.admission.underWay, 0);
  });
});

/** A server before a kernel that is told what to answer, and a client of its gateway. */
async function fake(
  t: TestContext,
  kernel: FakeKernel,
  options: ServerOptions = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Zeebe> {
  const app = await createApp(kernel, options);
  const port = await listenForGrpc(app, kernel, { host: '127.0.0.1', port: 0 });
  const zeebe = (await client()).connect(`127.0.0.1:${port}`, headers);
  t.after(async () => {
    zeebe.close();
    await app.close();
  });
  return zeebe;
}

it('an overloaded system refuses with RESOURCE_EXHAUSTED, by which clients slow down', async (t) => {
  const { refused } = await client();
  const zeebe = await fake(t, new FakeKernel(), { admission: { fewest: 0, most: 0 } });
  await refused('RESOURCE_EXHAUSTED', /Send this one again later/, zeebe.call('Topology'));
});

it('who asks again at once is refused when its turn comes: refusals have their share of the time', async (t) => {
  const { refused } = await client();
  // Each uses up more than the most that anybody waits, 3 s.
  const pace = { costMs: () => 1_000, share: 0.1 };
  const zeebe = await fake(t, new FakeKernel(), { admission: { fewest: 0, most: 0 }, pace });
  await refused('DEADLINE_EXCEEDED', /./, zeebe.call('Topology', {}, { deadline: Date.now() + 300 }));
});

it('a gate that says no is PERMISSION_DENIED, and is asked with the action of the call', async (t) => {
  const kernel = new FakeKernel();
  kernel.decision = { allowed: false, reason: 'Not you.' };
  const { refused } = await client();
  const zeebe = await fake(t, kernel, {}, { 'x-procos-user': 'ada' });
  await refused('PERMISSION_DENIED', /Not you/, zeebe.call('CompleteJob', { jobKey: '1' }));
  assert.deepEqual(kernel.asked.at(-1), {
    subject: { kind: 'anonymous', id: 'ada' },
    action: 'externalTask.complete',
    resource: { connection: 'loopback' },
  });
  assert.deepEqual(kernel.engine.submitted, []);
});

it('a failure that nobody foresaw is INTERNAL, is logged, and the next call is served', async (t) => {
  const kernel = new FakeKernel();
  kernel.engine.answers = {
    createProcessInstance: () => {
      throw new Error('broken');
    },
  };
  const logged: string[] = [];
  const app = await createApp(kernel);
  const logger = { error: (event: string) => logged.push(event) };
  const port = await listenForGrpc(app, kernel, { host: '127.0.0.1', port: 0, logger });
  const { connect, refused } = await client();
  const zeebe = connect(`127.0.0.1:${port}`);
  t.after(async () => {
    zeebe.close();
    await app.close();
  });
  const create = zeebe.call('CreateProcessInstance', { bpmnProcessId: 'a', version: -1 });
  await refused('INTERNAL', /broken/, create);
  assert.deepEqual(logged, ['grpc_request_failed']);
  assert.equal((await zeebe.call('Topology'))['clusterSize'], 1);
});

it('a port that another program has is told to who wants it', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as { port: number };
  const kernel = new FakeKernel();
  const app = await createApp(kernel);
  await assert.rejects(listenForGrpc(app, kernel, { host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
  await app.close();
  await new Promise((resolve) => holder.close(resolve));
});
