/** Calling services by name against a registry and servers on loopback: which one, what the registry hears, and the health of many. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { httpRequest } from '../http/http.ts';
import { failsForNow, refusesForGood, servicesWith } from '../testing.ts';
import { serviceCheck } from './check.ts';
import { serviceChoose } from './choose.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A registry that gives this endpoint, and keeps what it is asked and told. */
async function registry(t: TestContext, endpoint: string | null) {
  const told: unknown[] = [];
  const url = await serve(t, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    told.push([request.url, JSON.parse(body)]);
    const json = (status: number, value: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url !== '/api/services/choose') response.writeHead(204).end();
    else if (endpoint === null) json(503, { code: 'NO_SERVICE', message: 'No service chat can be called now.' });
    else json(200, { id: 'chat-1', name: 'chat', version: '2', endpoint, tags: ['eu'], call: 7 });
  });
  return { told, services: servicesWith({ PROCOS_URL: url, PROCOS_HTTP_ALLOW: '127.0.0.1' }) };
}

test('http_request with a service calls the instance that the registry chooses, and tells it that it went well', async (t) => {
  const endpoint = await serve(t, (request, response) => response.end(request.url));
  const { told, services } = await registry(t, `${endpoint}/v1/`);
  const wish = { service: 'chat', service_version: '2', service_tags: 'eu, fast', service_strategy: 'least_used' };
  const { local } = await httpRequest({ ...wish, url: '/say?x=1', params: { y: 2 } }, services);
  assert.deepEqual([local['text'], local['service_id']], ['/v1/say?x=1&y=2', 'chat-1']);
  assert.deepEqual(told, [
    ['/api/services/choose', { name: 'chat', version: '2', tags: ['eu', 'fast'], strategy: 'least_used' }],
    ['/api/services/chat-1/outcomes', { ok: true, call: 7 }],
  ]);
  assert.equal((await httpRequest({ service: 'chat' }, services)).local['text'], '/v1/');
});

test('a status of 500 and a lost connection are failures of the service, a status of 404 is none', async (t) => {
  let status = 404;
  const endpoint = await serve(t, (_, response) => {
    if (status === 0) response.destroy();
    else response.writeHead(status).end();
  });
  const { told, services } = await registry(t, endpoint);
  const outcomes = () => told.flatMap((one) => (JSON.stringify(one).includes('outcomes') ? [JSON.stringify(one)] : []));
  assert.equal((await httpRequest({ service: 'chat' }, services)).local['status_code'], 404);
  status = 500;
  assert.equal((await httpRequest({ service: 'chat' }, services)).local['success'], false);
  status = 0;
  await failsForNow(httpRequest({ service: 'chat' }, services), /cannot be reached/);
  assert.deepEqual(
    outcomes().map((text) => text.includes('"ok":true')),
    [true, false, false],
  );
});

test('with a service the url stays below its endpoint, and the policy for hosts holds for what is registered, too', async (t) => {
  const { services } = await registry(t, 'http://127.0.0.1:1/v1');
  for (const url of ['http://elsewhere/', '//elsewhere/', 'file:///etc/passwd'])
    await refusesForGood(httpRequest({ service: 'chat', url }, services), /below its endpoint/);
  const inside = await registry(t, 'http://169.254.169.254/latest');
  await refusesForGood(httpRequest({ service: 'chat' }, inside.services), /Request refused/);
  assert.match(JSON.stringify(inside.told), /"ok":false/);
});

test('service_choose gives the instance; nobody there now is tried again', async (t) => {
  const { services } = await registry(t, 'http://127.0.0.1:1/');
  const { local } = await serviceChoose({ service: 'chat' }, services);
  assert.deepEqual(local, {
    ...{ service_id: 'chat-1', endpoint: 'http://127.0.0.1:1/', version: '2' },
    tags: ['eu'],
    call: 7,
  });
  await refusesForGood(serviceChoose({ service: 'chat', service_strategy: 'best' }, services), /service_strategy/);
  const none = await registry(t, null);
  await failsForNow(serviceChoose({ service: 'chat' }, none.services), /can be called now/);
});

test('service_check says of each what is wrong with it, also where it may not look', async (t) => {
  const url = await serve(t, (request, response) => response.writeHead(request.url === '/well' ? 200 : 503).end());
  const services = servicesWith({ PROCOS_HTTP_ALLOW: '127.0.0.1' });
  const many = Array.from({ length: 25 }, (_, n) => ({ id: `s${n}`, url: `${url}/well` }));
  const wrong = [
    { id: 'busy', url: `${url}/busy` },
    { id: 'inner', url: 'http://169.254.169.254/' },
  ];
  const { local } = await serviceCheck({ checks: [...wrong, ...many] }, services);
  const results = local['results'] as { id: string; ok: boolean; reason: string | null }[];
  assert.deepEqual([results.length, results.filter(({ ok }) => ok).length, local['all_ok']], [27, 25, false]);
  assert.equal(results.find(({ id }) => id === 'busy')?.reason, 'status 503');
  assert.match(results.find(({ id }) => id === 'inner')?.reason ?? '', /Request refused/);
  await refusesForGood(serviceCheck({ checks: 'all' }, services), /checks/);
  await refusesForGood(serviceCheck({ checks: [{ id: 1 }] }, services), /id and url/);
});
