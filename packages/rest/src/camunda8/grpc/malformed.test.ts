/** What no client should send: the gateway refuses it, says why where it can, and serves the next call. Raw HTTP/2. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { after, afterEach, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type ServerOptions } from '../../server.ts';
import { FakeKernel } from '../../testing/fake-kernel.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { listenForGrpc } from './listener.ts';

interface Answer {
  readonly http: number;
  /** '': it ended without one. */
  readonly status: string;
  readonly message: string;
}

describe('a client that sends what it should not', () => {
  let system: System;
  let session: ClientHttp2Session;
  const faults: unknown[] = [];
  const note = (error: unknown): void => {
    faults.push(error);
  };
  before(async () => {
    system = await startSystem({ grpc: true });
    await system.kernel.ready;
    process.on('uncaughtExceptionMonitor', note);
    open();
  });
  after(async () => {
    process.off('uncaughtExceptionMonitor', note);
    session.destroy();
    await system.stop();
  });
  afterEach(async () => {
    if (session.destroyed) open();
    assert.deepEqual(faults, [], 'nothing was thrown past the gateway');
    assert.equal((await call('Topology', frame(Buffer.alloc(0)))).status, '0', 'the next call is served');
    for (let turn = 0; system.app.admission.underWay > 0 && turn < 200; turn += 1) await sleep(5);
    assert.equal(system.app.admission.underWay, 0, 'nothing is left under way');
  });

  function open(): void {
    session = connect(`http://${system.grpc}`);
    session.on('error', () => {});
  }
  /** One message as gRPC frames it. */
  function frame(message: Uint8Array, { compressed = 0, length = message.length } = {}): Buffer {
    const head = Buffer.alloc(5);
    head.writeUInt8(compressed, 0);
    head.writeUInt32BE(length, 1);
    return Buffer.concat([head, message]);
  }
  function call(name: string, body: Buffer, headers: Record<string, string> = {}, end = true): Promise<Answer> {
    const stream = session.request({
      ':method': 'POST',
      ':path': name.startsWith('/') ? name : `/gateway_protocol.Gateway/${name}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    return new Promise((resolve) => {
      let seen: IncomingHttpHeaders = {};
      const take = (more: IncomingHttpHeaders): void => {
        seen = { ...seen, ...more };
      };
      stream
        .on('response', take)
        .on('trailers', take)
        .on('error', () => {});
      stream.on('close', () => {
        const { ':status': http = 0, 'grpc-status': status = '', 'grpc-message': message = '' } = seen as never;
        resolve({ http: Number(http), status: String(status), message: decodeURIComponent(String(message)) });
      });
      // Half of a stream that the server has answered is still open.
      stream.on('end', () => end || stream.close());
      stream.resume();
      if (end) stream.end(body);
      else stream.write(body);
    });
  }

  it('bytes that are no message', async () => {
    for (let at = 0; at < 50; at += 1) {
      const { status } = await call('CompleteJob', frame(randomBytes(1 + (at % 40))));
      // Some bytes happen to be a message of unknown members: then there is no such job.
      assert.ok(['13', '5', '3'].includes(status), status);
    }
    // Unknown groups inside each other, a million deep.
    const { status } = await call('CompleteJob', frame(Buffer.alloc(1_000_000, 0x7b)));
    assert.equal(status, '13');
  });

  it('a length that is not that of the message, none at all, or two messages', async () => {
    assert.equal((await call('CompleteJob', frame(Buffer.alloc(0), { length: 2 ** 31 }))).status, '8');
    const cut = await call('CompleteJob', frame(Buffer.alloc(3), { length: 5 }));
    assert.notEqual(cut.status, '0');
    assert.notEqual((await call('Topology', Buffer.alloc(0))).status, '0');
    const two = Buffer.concat([frame(Buffer.alloc(0)), frame(Buffer.alloc(0))]);
    assert.notEqual((await call('Topology', two)).status, '0');
  });

  it('what is packed and cannot be unpacked, or becomes too large', async () => {
    const gzip = { 'grpc-encoding': 'gzip' };
    assert.equal((await call('Topology', frame(randomBytes(20), { compressed: 1 }), gzip)).status, '13');
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    assert.equal((await call('CompleteJob', frame(bomb, { compressed: 1 }), gzip)).status, '8');
    const strange = { 'grpc-encoding': 'strange' };
    assert.equal((await call('Topology', frame(Buffer.alloc(2), { compressed: 1 }), strange)).status, '12');
  });

  it('a call, a method or a type that there is not', async () => {
    assert.equal((await call('FlyToTheMoon', frame(Buffer.alloc(0)))).status, '12');
    assert.equal((await call('/somewhere', frame(Buffer.alloc(0)))).status, '12');
    const json = await call('Topology', Buffer.from('{}'), { 'content-type': 'application/json' });
    assert.equal(json.http, 415);
  });

  it('a time to wait that is none', async () => {
    assert.notEqual((await call('Topology', frame(Buffer.alloc(0)), { 'grpc-timeout': 'soon' })).status, '0');
    assert.equal((await call('Topology', frame(Buffer.alloc(0)), { 'grpc-timeout': '99999999H' })).status !== '', true);
  });

  it('calls that are broken off in the middle, and many at once', async () => {
    for (let at = 0; at < 200; at += 1) {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/gateway_protocol.Gateway/CompleteJob',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.on('error', () => {});
      stream.write(frame(Buffer.alloc(10), { length: 1_000 }));
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await sleep(100);
  });

  /** Another system for a test, one that is told what to answer. */
  async function other(t: TestContext, options: ServerOptions, messageMs: number): Promise<FakeKernel> {
    const kernel = new FakeKernel();
    const app = await createServer(kernel, options);
    const port = await listenForGrpc(app, kernel, { host: '127.0.0.1', port: 0, messageMs });
    session.destroy();
    session = connect(`http://127.0.0.1:${port}`);
    t.after(async () => {
      session.destroy();
      await app.close();
      open();
    });
    return kernel;
  }

  it('a message that does not arrive', async (t) => {
    await other(t, {}, 50);
    const half = frame(Buffer.alloc(10), { length: 1_000 });
    const { status, message } = await call('CompleteJob', half, {}, false);
    assert.deepEqual([status, message], ['4', 'The message of the call did not arrive. Send it again, whole.']);
  });

  it('more large messages at once than there is room for: half ones count as the largest there may be', async (t) => {
    await other(t, { admission: { bytes: 6 * 1024 * 1024 } }, 300);
    const half = frame(Buffer.alloc(10), { length: 1_000 });
    const answers = await Promise.all([1, 2, 3].map(() => call('CompleteJob', half, {}, false)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), ['4', '8', '8']);
  });

  it('half messages, however many: of those some are awaited, and others find room beside them', async (t) => {
    await other(t, { admission: { fewest: 2, most: 20 } }, 60_000);
    const half = frame(Buffer.alloc(10), { length: 1_000 });
    for (let at = 0; at < 20; at += 1) void call('CompleteJob', half, { 'grpc-timeout': '1S' }, false);
    await sleep(300);
    const { status } = await call('PublishMessage', frame(Buffer.from([0x0a, 1, 0x61])));
    assert.notEqual(status, '8');
  });

  it('more large messages than there is room for, while the first is worked on', async (t) => {
    const kernel = await other(t, { admission: { bytes: 4 * 1024 * 1024 } }, 60_000);
    kernel.engine.answers = { createProcessInstance: () => sleep(2_000) };
    // Member 2, bpmnProcessId, of three million characters.
    const large = frame(Buffer.concat([Buffer.from([0x12, 0xc0, 0x8d, 0xb7, 0x01]), Buffer.alloc(3_000_000, 'a')]));
    const first = call('CreateProcessInstance', large, { 'grpc-timeout': '500m' });
    await sleep(200);
    const { status, message } = await call('CreateProcessInstance', large);
    assert.deepEqual([status, message], ['8', 'Too many large messages are under way. Send this one again later.']);
    assert.equal((await call('Topology', frame(Buffer.alloc(0)))).status, '0', 'small ones are let in');
    assert.equal((await first).status, '4');
  });

  it('a connection that breaks while gRPC is being loaded, or under a call', async () => {
    const own = await startSystem({ grpc: true });
    const [host = '', port] = own.grpc.split(':');
    const socket = connectSocket({ host, port: Number(port) });
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.resetAndDestroy();
    const other = connect(`http://${own.grpc}`);
    other.on('error', () => {});
    const stream = other.request({
      ':method': 'POST',
      ':path': '/gateway_protocol.Gateway/StreamActivatedJobs',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {});
    // type "x", timeout 1000
    stream.end(frame(Buffer.from([0x0a, 1, 0x78, 0x18, 0xe8, 0x07])));
    await sleep(100);
    other.destroy();
    await own.stop();
  });
});
