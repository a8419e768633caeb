/** The feed of committed records: resumes without gap or duplicate, filters, cuts slow clients, ends with the server. */
import assert from 'node:assert/strict';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { LogRecord } from '@procos/kernel';
import type { FeedRecord } from '@procos/protocol';
import type { FastifyInstance } from 'fastify';
import { createServer } from '../server.ts';
import { FakeKernel } from '../testing/fake-kernel.test.ts';
import { BUFFER_LIMIT_BYTES } from './sse.ts';

const completed = (processInstanceId: number): LogRecord['events'] => [
  { type: 'processInstanceCompleted', processInstanceId },
];

const connections = new WeakMap<FastifyInstance, Set<Socket>>();

describe('GET /api/events', () => {
  let kernel: FakeKernel;
  let app: FastifyInstance;
  let port: number;
  beforeEach(async () => {
    kernel = new FakeKernel();
    app = await createServer(kernel);
    const open = new Set<Socket>();
    connections.set(app, open);
    app.server.on('connection', (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    assert.ok(address !== null && typeof address === 'object');
    ({ port } = address);
  });
  afterEach(() => app.close());

  /** An open stream and the records that it has received. */
  async function open(query: string, headers: Record<string, string> = {}) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      httpGet({ port, path: `/api/events${query}`, headers }, resolve).on('error', reject);
    });
    const records: FeedRecord[] = [];
    let rest = '';
    let ended = false;
    /** Id of the last event, and the last event itself where it says why the stream ends. */
    let lastId = '';
    let end: { reason: string; message: string; id?: string } | undefined;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        lastId = /^id: (.*)$/m.exec(block)?.[1] ?? lastId;
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data === undefined) continue;
        assert.equal(end, undefined, 'nothing follows the last event');
        if (/^event: end$/m.test(block)) end = JSON.parse(data) as typeof end;
        else records.push(JSON.parse(data) as FeedRecord);
      }
    });
    response.on('close', () => {
      ended = true;
    });
    response.on('error', () => {});
    return {
      response,
      records,
      sequences: () => records.map((record) => record.sequence),
      lastId: () => lastId,
      end: () => end,
      ended: () => ended,
    };
  }

  it('first what was missed, then live, each once and in order', async () => {
    for (let pid = 1; pid <= 250; pid += 1) kernel.engine.commit(completed(pid));
    const stream = await open('?after=10');
    kernel.engine.commit(completed(251));
    await until(() => stream.records.length === 241);
    kernel.engine.commit(completed(252));
    await until(() => stream.records.length === 242);
    assert.deepEqual(
      stream.sequences(),
      Array.from({ length: 242 }, (_, at) => at + 11),
    );
    assert.equal(stream.response.headers['content-type'], 'text/event-stream');
    assert.deepEqual(stream.records.at(-1)?.events, [
      { type: 'processInstanceCompleted', text: 'Instance 252 completed', pid: '252' },
    ]);
    stream.response.destroy();
    await until(() => kernel.engine.listeners === 0);
  });

  it('a reconnecting client goes on behind its Last-Event-ID; a new one begins now', async () => {
    for (let pid = 1; pid <= 5; pid += 1) kernel.engine.commit(completed(pid));
    const resumed = await open('?after=1', { 'last-event-id': '4' });
    const fresh = await open('');
    await until(() => kernel.engine.listeners === 2);
    kernel.engine.commit(completed(6));
    await until(() => fresh.records.length === 1 && resumed.records.length === 2);
    assert.deepEqual([resumed.sequences(), fresh.sequences()], [[5, 6], [6]]);
    resumed.response.destroy();
    fresh.response.destroy();
  });

  it('a stream of one process carries only its events', async () => {
    const stream = await open('?after=0&pid=2');
    kernel.engine.commit([...completed(1), ...completed(2)]);
    kernel.engine.commit(completed(3));
    kernel.engine.commit(completed(2));
    await until(() => stream.records.length === 2);
    assert.deepEqual(stream.sequences(), [1, 3]);
    assert.deepEqual(
      stream.records[0]?.events.map((event) => event.pid),
      ['2'],
    );
    stream.response.destroy();
  });

  it('a client that does not read is cut off, the others go on', async () => {
    const slow = await open('');
    slow.response.pause();
    const other = await open('');
    const many = Array.from({ length: 500 }, (_, at) => completed(at)[0]!);
    await until(() => kernel.engine.listeners === 2);
    for (let turn = 0; turn < 400 && kernel.engine.listeners === 2; turn += 1) {
      kernel.engine.commit(many);
      const { lastSequence } = kernel.engine;
      await until(() => other.records.at(-1)?.sequence === lastSequence);
    }
    assert.equal(kernel.engine.listeners, 1);
    other.response.destroy();
    slow.response.resume();
    await until(() => slow.ended());
    assert.equal(slow.end()?.reason, 'slow');
    assert.match(slow.end()?.message ?? '', /More than 256 KiB wait.*Last-Event-ID/);
    assert.equal(slow.end()?.id, slow.lastId());
    assert.match(slow.lastId(), new RegExp(`^${slow.sequences().at(-1)}-\\d+$`));
  });

  it('a client that never reads again is cut off after a while, and holds up neither the server nor its end', async () => {
    const stuck = connect({ port, host: '127.0.0.1' });
    stuck.on('error', () => {});
    stuck.pause();
    stuck.write('GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await until(() => kernel.engine.listeners === 1);
    const many = Array.from({ length: 500 }, (_, at) => completed(at)[0]!);
    while (kernel.engine.listeners > 0) {
      kernel.engine.commit(many);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const stream = await open('');
    await app.close();
    await until(() => stream.ended() && sockets(app).size === 0);
    assert.equal(stream.end()?.reason, 'closing');
    stuck.destroy();
  });

  it('who has seen records that are not in this log is told so, as after a restore', async () => {
    for (let pid = 1; pid <= 5; pid += 1) kernel.engine.commit(completed(pid));
    const stream = await open('?after=3');
    await until(() => stream.records.length === 2);
    const id = stream.lastId();
    stream.response.destroy();
    for (const [lastEventId, status] of [
      [id, 200],
      ['5', 200],
      ['6', 410],
      ['5-1', 410],
      ['5-x', 400],
    ] as const) {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        httpGet({ port, path: '/api/events', headers: { 'last-event-id': lastEventId } }, resolve).on('error', reject);
      });
      assert.equal(response.statusCode, status, lastEventId);
      response.on('error', () => {});
      response.destroy();
    }
  });

  it('clients that stop reading hold little of the server, and go on without gap or repetition when they come back', async () => {
    const slow = await Promise.all(Array.from({ length: 20 }, () => open('')));
    for (const { response } of slow) response.pause();
    await until(() => kernel.engine.listeners === 20);
    const many = Array.from({ length: 200 }, (_, at) => completed(at)[0]!);
    const most = (): number => Math.max(...[...sockets(app)].map((socket) => socket.writableLength));
    while (kernel.engine.listeners > 0) {
      kernel.engine.commit(many);
      assert.ok(most() < BUFFER_LIMIT_BYTES + 65_536, `${most()} bytes wait for a client`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { lastSequence } = kernel.engine;
    for (const { response } of slow) response.resume();
    await until(() => slow.every(({ ended }) => ended()));
    await Promise.all(
      slow.map(async ({ sequences, lastId }) => {
        const last = sequences().at(-1) ?? 0;
        const again = await open('?after=0', { 'last-event-id': lastId() });
        await until(() => last === lastSequence || again.records.at(-1)?.sequence === lastSequence);
        again.response.destroy();
        const all = [...sequences(), ...again.sequences()];
        assert.deepEqual(
          all,
          Array.from({ length: lastSequence }, (_, at) => at + 1),
        );
      }),
    );
  });

  it('a record that is larger than the limit reaches who is not behind, also while it catches up', async () => {
    const huge = Array.from({ length: 20_000 }, (_, at) => completed(at)[0]!);
    for (let count = 0; count < 3; count += 1) kernel.engine.commit(huge);
    const stream = await open('?after=0');
    await until(() => stream.records.length === 3);
    kernel.engine.commit(huge);
    await until(() => stream.records.length === 4);
    assert.equal(stream.ended(), false);
    stream.response.destroy();
  });

  it('ends when the server closes', async () => {
    const stream = await open('');
    await app.close();
    await until(() => stream.ended());
    assert.equal(kernel.engine.listeners, 0);
  });

  it('a sequence that is none is refused', async () => {
    const answer = await app.inject('/api/events?after=soon');
    assert.deepEqual([answer.statusCode, answer.json().code], [400, 'INVALID_ARGUMENT']);
  });
});

/** Connections that the server has open. */
function sockets(app: FastifyInstance): ReadonlySet<Socket> {
  return connections.get(app) ?? new Set();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
