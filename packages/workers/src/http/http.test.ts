/** The HTTP worker against real servers on loopback. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Inputs } from '../handler.ts';
import { failsForNow, refusesForGood, servicesWith } from '../testing.ts';
import { createGuard, httpRequest, type Resolve, send } from './http.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const open = servicesWith({ PROCOS_HTTP_ALLOW: '127.0.0.1,localhost' });
const get = async (inputs: Inputs): Promise<Readonly<Record<string, unknown>>> =>
  (await httpRequest(inputs, open)).local;

test('method, query, headers and JSON data are sent; status, headers, text and JSON come back', async (t) => {
  const url = await serve(t, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { 'content-type': type, 'x-own': own } = request.headers;
    response.writeHead(201, { 'content-type': 'application/json', 'x-answer': 'yes' });
    response.end(JSON.stringify({ url: request.url, method: request.method, type, own, body }));
  });
  const out = await get({
    url: `${url}/a?x=1#f`,
    method: 'post',
    params: { y: [1, 2] },
    headers: '{"X-Own":"1"}',
    data: { n: 1 },
  });
  assert.equal(out['status_code'], 201);
  assert.equal(out['success'], true);
  assert.equal((out['headers'] as Record<string, string>)['x-answer'], 'yes');
  assert.deepEqual(out['json'], {
    url: '/a?x=1&y=1&y=2',
    method: 'POST',
    type: 'application/json',
    own: '1',
    body: '{"n":1}',
  });
});

test('an error status is an answer without success', async (t) => {
  const url = await serve(t, (_, response) => response.writeHead(503).end('down'));
  const out = await get({ url });
  assert.deepEqual([out['status_code'], out['success'], out['text'], out['json']], [503, false, 'down', null]);
});

test('redirects are followed, credentials stay at their origin, and there are at most five', async (t) => {
  const seen: unknown[] = [];
  const other = await serve(t, (request, response) => {
    seen.push([request.method, request.headers['authorization'], request.headers['content-type']]);
    response.end('there');
  });
  const url = await serve(t, (request, response) => {
    response.writeHead(302, { location: request.url === '/loop' ? '/loop' : `${other}/` }).end();
  });
  const out = await get({ url, method: 'POST', data: {}, headers: { Authorization: 'Bearer x' } });
  assert.equal(out['text'], 'there');
  assert.deepEqual(seen, [['GET', undefined, undefined]]);
  await refusesForGood(get({ url: `${url}/loop` }), /more than 5 redirects/);
});

test('hosts that the policy refuses are never connected to, in any spelling', async (t) => {
  let connections = 0;
  const url = await serve(t, (_, response) => {
    connections++;
    response.end();
  });
  const { port } = new URL(url);
  const closed = servicesWith();
  const hosts = [
    '127.0.0.1',
    'localhost',
    'localhost.',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    '0.0.0.0',
    '0',
    '[::]',
    '１２７.0.0.1',
    '169.254.169.254',
  ];
  for (const host of hosts) {
    await refusesForGood(httpRequest({ url: `http://${host}:${port}/` }, closed), /refused/);
  }
  for (const other of [
    'file:///etc/passwd',
    'ftp://x/',
    'gopher://x',
    'data:,x',
    'nonsense',
    `http://u:p@127.0.0.1:${port}`,
  ]) {
    await refusesForGood(httpRequest({ url: other }, open), /not a URL|Only http|user name/);
  }
  assert.equal(connections, 0);
});

test('a redirect to a refused address is refused at its hop', async (t) => {
  let inside = 0;
  const secret = await serve(t, (_, response) => {
    inside++;
    response.end('secret');
  });
  const url = await serve(t, (_, response) => response.writeHead(302, { location: secret }).end());
  const onlyFirst = servicesWith({ PROCOS_HTTP_ALLOW: `127.0.0.1:${new URL(url).port}` });
  await refusesForGood(httpRequest({ url }, onlyFirst), /refused/);
  assert.equal(inside, 0);
});

test('a name that changes its address after the check does not help: what was checked is what is connected', async (t) => {
  let inside = 0;
  const secret = await serve(t, (_, response) => {
    inside++;
    response.end('secret');
  });
  const services = servicesWith();
  for (const answers of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1'], ['169.254.169.254']]) {
    const resolve = ((_host: string, _options: unknown, done: (error: null, found: unknown) => void) => {
      done(
        null,
        answers.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as unknown as Resolve;
    const guard = createGuard(services.settings, resolve);
    const url = `http://rebind.example.com:${new URL(secret).port}/`;
    await refusesForGood(send({ url }, services, guard), /refused/);
  }
  assert.equal(inside, 0);
});

test('a lost connection and a time-out are tried again', async (t) => {
  const url = await serve(t, (request) => {
    if (request.url === '/cut') request.destroy();
  });
  await failsForNow(get({ url: `${url}/cut` }), /cannot be reached/);
  await failsForNow(get({ url: `${url}/slow`, timeout: 0.05 }), /did not answer within 0\.05 s/);
});

test('an answer over 4 MB is a handle of its bytes, also when it is only large once unpacked', async (t) => {
  const large = Buffer.alloc(9 * 1024 * 1024, 'abc');
  const url = await serve(t, (request, response) => {
    const packed = request.url === '/packed';
    response.writeHead(200, { 'content-type': 'text/x', ...(packed ? { 'content-encoding': 'gzip' } : {}) });
    response.end(packed ? gzipSync(large) : large);
  });
  for (const path of ['/', '/packed']) {
    const { text, json, success } = await get({ url: url + path });
    const { blob, ...about } = text as { blob: string };
    assert.deepEqual([about, json, success], [{ size: large.length, type: 'text/x' }, null, true]);
    assert.ok(open.values.kept.get(blob)?.equals(large), path);
  }
});

test('an answer that is packed wrongly fails for good', async (t) => {
  const url = await serve(t, (request, response) => {
    response.writeHead(200, { 'content-encoding': request.url?.slice(1) ?? '' }).end('not packed at all');
  });
  for (const encoding of ['gzip', 'deflate', 'br'])
    await refusesForGood(get({ url: `${url}/${encoding}` }), /cannot be unpacked/);
});

test('a handle as data is sent as its bytes, also again after a redirect that keeps the method', async (t) => {
  const large = randomBytes(5 * 1024 * 1024);
  const seen: unknown[] = [];
  const url = await serve(t, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { 'content-length': length, 'content-type': type } = request.headers;
    seen.push([request.method, length, type, Buffer.concat(parts).equals(large)]);
    if (request.url === '/moved') response.writeHead(307, { location: '/' }).end();
    else response.end('thanks');
  });
  const data = await open.values.upload(large, { type: 'application/pdf', name: 'a.pdf' });
  assert.equal((await get({ url: `${url}/moved`, method: 'PUT', data }))['text'], 'thanks');
  const sent = ['PUT', String(large.length), 'application/pdf', true];
  assert.deepEqual(seen, [sent, sent]);
});

test('headers cannot be smuggled in', async () => {
  await refusesForGood(get({ url: 'http://127.0.0.1:1', headers: { a: 'x\r\nHost: y' } }), /characters/);
  await refusesForGood(get({ url: 'http://127.0.0.1:1', headers: { 'a\r\nb': 'x' } }), /characters/);
  await refusesForGood(get({ url: 'http://127.0.0.1:1', headers: { Host: 'x' } }), /set by the worker/);
});
