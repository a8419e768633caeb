/** The client's calls, its errors, and the feed that connects again. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FeedRecord } from '@procos/protocol';
import { ProcosError } from './error.ts';
import { readMessages } from './event-stream.ts';
import { ProcosClient } from './procos-client.ts';
import { FakeCamunda } from './testing/fake-camunda.ts';

async function setUp(t: TestContext): Promise<{ server: FakeCamunda; client: ProcosClient }> {
  const server = await new FakeCamunda().listen();
  t.after(() => server.close());
  return { server, client: new ProcosClient({ baseUrl: `${server.url}/`, reconnectMs: 10 }) };
}

const record = (sequence: number): string => {
  const data: FeedRecord = { sequence, at: '2025-01-01T00:00:00.000Z', by: 'test', command: 'x', events: [] };
  return `id: ${sequence}\nevent: record\ndata: ${JSON.stringify(data)}\n\n`;
};

test('deploying sends every file as a named part', async (t) => {
  const { server, client } = await setUp(t);
  server.routes.set('POST /engine-rest/deployment/create', (_, response) => {
    response.end(JSON.stringify({ id: '7', deployedProcessDefinitions: null }));
  });
  const reply = await client.deploy({
    name: 'demo',
    resources: [{ name: 'a.bpmn', content: '<x/>' }],
    skipUnchanged: true,
  });
  assert.equal(reply.id, '7');
  const sent = String(server.calls[0]?.body['text']);
  assert.match(sent, /name="deployment-name"\r\n\r\ndemo/);
  assert.match(sent, /name="enable-duplicate-filtering"\r\n\r\ntrue/);
  assert.match(sent, /name="a\.bpmn"; filename="a\.bpmn"/);
});

test('starting sends typed variables and puts the id safely into the path', async (t) => {
  const { server, client } = await setUp(t);
  server.routes.set('POST /engine-rest/process-definition/key/a%2Fb/start', (_, response) => {
    response.end(JSON.stringify({ id: '12' }));
  });
  const reply = await client.start({ bpmnProcessId: 'a/b', variables: { n: 1, skip: undefined }, businessKey: 'k' });
  assert.equal(reply.id, '12');
  assert.deepEqual(server.calls[0]?.body, {
    variables: { n: { type: 'Integer', value: 1 } },
    businessKey: 'k',
    withVariablesInReturn: false,
  });
});

test('a refusal carries code, status, message and details of the server', async (t) => {
  const { server, client } = await setUp(t);
  server.routes.set('GET /api/processes/9', (_, response) => {
    response.writeHead(404).end(JSON.stringify({ code: 'NOT_FOUND', message: 'No process 9.' }));
  });
  await assert.rejects(client.process('9'), (error) => {
    assert.ok(error instanceof ProcosError);
    assert.deepEqual([error.code, error.status, error.message], ['NOT_FOUND', 404, 'No process 9.']);
    return true;
  });
});

test('without a server the error says how to start one', async (t) => {
  const { server, client } = await setUp(t);
  await server.close();
  await assert.rejects(client.system(), (error) => {
    assert.ok(error instanceof ProcosError);
    assert.equal(error.code, 'CONNECTION_REFUSED');
    assert.match(error.message, /procos start/);
    return true;
  });
  await assert.rejects(client.events(0).next(), { code: 'CONNECTION_REFUSED' });
});

test('what changes something is sent again with its key when the connection breaks', async (t) => {
  const { server, client } = await setUp(t);
  server.routes.set('POST /engine-rest/signal', (_, response) => response.writeHead(204).end());
  server.faults.push({ path: /signal/, status: 0 }, { path: /signal/, status: 0 });
  await client.signal('go');
  await client.signal('go');
  const [first, second, third, other] = server.calls.map(({ key }) => key);
  assert.match(String(first), /^"[0-9a-f-]{36}"$/);
  assert.deepEqual([second, third], [first, first]);
  assert.notEqual(other, first);
  assert.equal(server.calls.length, 4);
});

test('a connection that breaks again and again is given up, and a refusal is not sent again', async (t) => {
  const { server, client } = await setUp(t);
  for (let times = 0; times < 4; times += 1) server.faults.push({ path: /signal/, status: 0 });
  await assert.rejects(client.signal('go'), { code: 'CONNECTION_LOST' });
  server.faults.push({ path: /message/, status: 503 });
  await assert.rejects(client.message({ name: 'x' }), { status: 503 });
  assert.equal(server.calls.length, 5);
});

test('an answer that is not JSON names the likely mistake', async (t) => {
  const { server, client } = await setUp(t);
  server.routes.set('GET /api/system', (_, response) => response.end('<html>'));
  await assert.rejects(client.system(), { code: 'BAD_ANSWER' });
});

test('the feed goes on after a break with the last sequence it saw', async (t) => {
  const { server, client } = await setUp(t);
  const asked: unknown[] = [];
  server.routes.set('GET /api/system', (_, response) => response.end(JSON.stringify({ store: { lastSequence: 4 } })));
  server.routes.set('GET /api/events', (request, response) => {
    asked.push([new URL(request.url ?? '', server.url).searchParams.get('after'), request.headers['last-event-id']]);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (asked.length === 1) response.end(`: hello\n\n${record(5)}${record(6)}id: 7\nevent: rec`);
    else response.write(record(7));
  });
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const { sequence } of client.events(undefined, stop.signal)) {
    seen.push(sequence);
    if (sequence === 7) stop.abort();
  }
  assert.deepEqual(seen, [5, 6, 7]);
  assert.deepEqual(asked, [
    ['4', undefined],
    ['4', '6'],
  ]);
});

test('followed logs do not show lines twice after a break', async (t) => {
  const { server, client } = await setUp(t);
  const line = (at: string): string => `event: log\ndata: ${JSON.stringify({ at, text: at })}\n\n`;
  let connections = 0;
  server.routes.set('GET /api/logs', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (++connections === 1) response.end(line('2025-01') + line('2025-02'));
    else response.write(line('2025-01') + line('2025-02') + line('2025-03'));
  });
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { at } of client.followLogs(10, stop.signal)) {
    seen.push(at);
    if (at === '2025-03') stop.abort();
  }
  assert.deepEqual(seen, ['2025-01', '2025-02', '2025-03']);
});

test('of lines of one instant those are shown after a break that were not before, also where two say the same', async (t) => {
  const { server, client } = await setUp(t);
  const line = (at: string, text: string): string => `event: log\ndata: ${JSON.stringify({ at, text })}\n\n`;
  const first = line('1', 'a') + line('2', 'b') + line('2', 'b') + line('2', 'c');
  const streams = [
    first,
    `${first}${line('2', 'd')}${line('2', 'b')}`,
    `${first}${line('2', 'd')}${line('2', 'b')}${line('2', 'e')}${line('3', 'f')}`,
  ];
  let connections = 0;
  server.routes.set('GET /api/logs', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(streams[Math.min(connections++, 2)]);
  });
  const stop = new AbortController();
  let seen = '';
  for await (const { text } of client.followLogs(10, stop.signal)) {
    seen += text;
    if (text === 'f') stop.abort();
  }
  assert.equal(seen, 'abbcdbef');
});

test('stream messages are read across chunk borders, with any line end', async () => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const part of ['id: 1\r', '\nda', 'ta: a\r\ndata: ü', '\n\nevent: e\rdata:x\n\ndata: cut'])
      yield Buffer.from(part);
  }
  const seen: unknown[] = [];
  for await (const message of readMessages(chunks())) seen.push(message);
  assert.deepEqual(seen, [
    { id: '1', event: 'message', data: 'a\nü' },
    { id: '1', event: 'e', data: 'x' },
  ]);
});

test('values that are nested too deep to be written are refused as the server refuses what it can still read', async (t) => {
  const { server, client } = await setUp(t);
  let deep: unknown = 1;
  for (let level = 0; level < 50_000; level += 1) deep = [deep];
  await assert.rejects(client.request({ bpmnProcessId: 'a', variables: { deep } }), {
    name: 'ProcosError',
    code: 'TOO_COMPLEX',
    status: 422,
  });
  assert.equal(server.calls.length, 0);
});
