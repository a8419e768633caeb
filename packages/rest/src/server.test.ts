/** What holds for every route of the server: the gate, the shapes of errors, content types, limits, origins. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Unavailable } from '@procos/kernel';
import type { RouteOptions } from 'fastify';
import type {} from './gate.ts';
import { createServer } from './server.ts';
import { FakeKernel } from './testing/fake-kernel.test.ts';
import { withOrder } from './testing/order.test.ts';

describe('every route', () => {
  it('names an action for the gate', async () => {
    const routes: RouteOptions[] = [];
    const app = await createServer(new FakeKernel(), { onRoute: (route) => routes.push(route) });
    assert.ok(routes.length > 150, `${routes.length} routes`);
    for (const { method, url, config } of routes) {
      assert.match(config?.action ?? 'none', /^[a-zA-Z]+\.[a-zA-Z]+$/, `${String(method)} ${url}`);
    }
    assert.throws(() => app.get('/api/hidden', async () => 'x'), /names no action/);
    await app.close();
  });

  it('asks the gate and refuses with 403 in the shape of its face', async () => {
    const kernel = withOrder(new FakeKernel());
    kernel.decision = { allowed: false, reason: 'not for you' };
    const app = await createServer(kernel);
    const camunda = await app.inject('/engine-rest/task');
    assert.equal(camunda.statusCode, 403);
    assert.deepEqual(camunda.json(), {
      type: 'AuthorizationException',
      message: 'not for you',
      code: 0,
      userId: 'anonymous',
      missingAuthorizations: [],
    });
    const own = await app.inject('/api/system');
    assert.equal(own.statusCode, 403);
    assert.deepEqual(own.json(), { code: 'FORBIDDEN', message: 'not for you' });
    await app.close();
  });

  it('knows a worker by the id that it sends', async () => {
    const kernel = withOrder(new FakeKernel());
    const app = await createServer(kernel);
    await app.inject({ method: 'POST', url: '/engine-rest/external-task/7/complete', payload: { workerId: 'w1' } });
    await app.inject('/engine-rest/external-task/7');
    assert.deepEqual(
      kernel.asked.map(({ subject, action }) => [subject.kind, subject.id, action]),
      [
        ['worker', 'w1', 'externalTask.complete'],
        ['anonymous', 'anonymous', 'externalTask.read'],
      ],
    );
    await app.close();
  });
});

describe('errors of the Camunda 7 face', () => {
  const cases = [
    ['GET', '/engine-rest/engine/default/version', 200, undefined],
    ['GET', '/engine-rest//engine/default//external-task?maxResults=1', 200, undefined],
    ['DELETE', '/engine-rest/engine/default/version', 405, 'NotAllowedException'],
    ['GET', '/engine-rest/engine/default', 404, 'NotFoundException'],
    ['GET', '/engine-rest/engine/d%65fault/version', 200, undefined],
    ['GET', '/engine-rest/engine/%64%65%66%61%75%6C%74/version', 200, undefined],
    ['GET', '/engine-rest/engine/d%2565fault/version', 404, 'InvalidRequestException'],
    ['GET', '/engine-rest/engine/defaults/version', 404, 'InvalidRequestException'],
    ['GET', '/engine-rest/engine/other/version', 404, 'InvalidRequestException'],
    ['GET', '/engine-rest/nothing-like-it', 404, 'NotFoundException'],
    ['POST', '/engine-rest/authorization/create', 501, 'NotImplementedException'],
    ['POST', '/engine-rest/external-task//complete', 405, 'NotAllowedException'],
    ['DELETE', '/engine-rest/version', 405, 'NotAllowedException'],
    ['PUT', '/engine-rest/authorization/5', 501, 'NotImplementedException'],
    ['GET', '/engine-rest/external-task?maxResults=many', 400, 'InvalidRequestException'],
    ['GET', '/engine-rest/external-task?priorityHigherThanOrEquals=high', 400, 'InvalidRequestException'],
    ['GET', '/engine-rest/external-task?neverHeardOf=1', 200, undefined],
    ['GET', '/engine-rest/external-task?sortBy=id', 400, 'InvalidRequestException'],
    ['GET', '/engine-rest/external-task?sortBy=colour&sortOrder=asc', 400, 'InvalidRequestException'],
  ] as const;
  for (const [method, url, status, type] of cases) {
    it(`${method} ${url} is ${status}`, async () => {
      const app = await createServer(withOrder(new FakeKernel()));
      const answer = await app.inject({ method, url });
      assert.equal(answer.statusCode, status, answer.body);
      assert.equal(answer.headers['content-type'], 'application/json');
      if (type) {
        const body = answer.json<Record<string, unknown>>();
        assert.equal(body['type'], type);
        assert.deepEqual(Object.keys(body).slice(0, 3), ['type', 'message', 'code']);
      }
      await app.close();
    });
  }

  it('malformed, too deep, poisoned, too large and foreign bodies are refused', async () => {
    const kernel = withOrder(new FakeKernel());
    const app = await createServer(kernel, { bodyLimit: 2_000 });
    const send = (payload: string, type = 'application/json') =>
      app.inject({
        method: 'POST',
        url: '/engine-rest/external-task/7/complete',
        payload,
        headers: { 'content-type': type },
      });
    for (const payload of ['{"workerId":', '{"__proto__":{"x":1}}', '[1]']) {
      const answer = await send(payload);
      assert.equal(answer.statusCode, 400, payload);
      assert.equal(answer.json().type, 'InvalidRequestException');
    }
    assert.equal((await send(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`)).statusCode, 422);
    const large = await send(`{"workerId":"${'x'.repeat(3_000)}"}`);
    assert.equal(large.statusCode, 413);
    assert.equal(large.json().message, 'The body is larger than 2000 bytes: send less, or large values as bytes');
    const foreign = await send('workerId=1', 'application/x-www-form-urlencoded');
    assert.deepEqual([foreign.statusCode, foreign.json().type], [415, 'NotSupportedException']);
    assert.equal(kernel.engine.submitted.length, 0);
    await app.close();
  });

  it('an engine that cannot take work is 503 with Retry-After, a fault is 500 and leaves the server running', async () => {
    const kernel = withOrder(new FakeKernel());
    const logged: string[] = [];
    const app = await createServer(kernel, { logger: { error: (event) => logged.push(event) } });
    kernel.engine.answers.setExternalTaskRetries = () => {
      throw new Unavailable('STOPPING', 'going down');
    };
    const put = () =>
      app.inject({ method: 'PUT', url: '/engine-rest/external-task/7/retries', payload: { retries: 1 } });
    const stopping = await put();
    assert.deepEqual([stopping.statusCode, stopping.headers['retry-after']], [503, '1']);
    kernel.engine.answers.setExternalTaskRetries = () => {
      throw new TypeError('oops');
    };
    const fault = await put();
    assert.equal(fault.statusCode, 500);
    assert.deepEqual(fault.json(), { type: 'RestException', message: 'Internal error: oops', code: 0 });
    assert.equal((await app.inject('/engine-rest/engine')).statusCode, 200);
    assert.deepEqual(logged, ['rest_request_failed']);
    await app.close();
  });
});

describe('a form', () => {
  it('larger in all than the body limit is 413, without its end it is 400', async (test) => {
    const app = await createServer(new FakeKernel(), { bodyLimit: 1_000 });
    test.after(() => app.close());
    const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/engine-rest/deployment/create`;
    const send = async (sizes: readonly number[]) => {
      const form = new FormData();
      for (const size of sizes) form.append('f', new Blob(['x'.repeat(size)]), `${size}.bpmn`);
      const answer = await fetch(url, { method: 'POST', body: form });
      return [answer.status, ((await answer.json()) as { type: string }).type];
    };
    assert.deepEqual(await send([2_000]), [413, 'InvalidRequestException']);
    assert.deepEqual(await send([600, 601]), [413, 'InvalidRequestException']);
    const cut = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\ncontent-disposition: form-data; name="a"; filename="a.bpmn"\r\n\r\nhalf',
    });
    assert.equal(cut.status, 400);
  });
});

describe('who may talk to the server', () => {
  it('pages of this machine get CORS headers, others do not and may not send', async () => {
    const app = await createServer(withOrder(new FakeKernel()));
    const get = (origin: string) => app.inject({ url: '/engine-rest/engine', headers: { origin } });
    assert.equal((await get('http://localhost:5173')).headers['access-control-allow-origin'], 'http://localhost:5173');
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/engine-rest/task/9/claim',
      headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' },
    });
    assert.equal(preflight.statusCode, 204);
    assert.match(String(preflight.headers['access-control-allow-methods']), /POST/);
    assert.equal((await get('https://evil.example')).headers['access-control-allow-origin'], undefined);
    const sent = await app.inject({
      method: 'POST',
      url: '/engine-rest/signal',
      headers: { origin: 'https://evil.example' },
      payload: { name: 'x' },
    });
    assert.deepEqual([sent.statusCode, sent.json().type], [403, 'InvalidRequestException']);
    await app.close();
  });

  it('a Host that is no loopback name is refused on a loopback connection, whatever the request before it named', async () => {
    const app = await createServer(withOrder(new FakeKernel()));
    for (const [host, status] of [
      ['evil.example', 403],
      ['evil.example', 403],
      ['localhost:8080', 200],
      ['localhost:8080', 200],
      ['127.0.0.1', 200],
      ['localhost.evil.example', 403],
    ] as const) {
      const answer = await app.inject({ url: '/api/system', headers: { host } });
      assert.equal(answer.statusCode, status, host);
    }
    await app.close();
  });

  it('two Host headers are refused', async (test) => {
    const app = await createServer(withOrder(new FakeKernel()));
    test.after(() => app.close());
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    assert.ok(address !== null && typeof address === 'object');
    const text = await new Promise<string>((resolve) => {
      const socket = connect(address.port, '127.0.0.1');
      let got = '';
      socket.on('data', (chunk) => {
        got += chunk;
      });
      socket.on('close', () => resolve(got));
      socket.end('GET /engine-rest/engine HTTP/1.1\r\nHost: localhost\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    });
    assert.match(text, /^HTTP\/1.1 400/);
  });
});

describe('closing', () => {
  it('does not wait for connections that clients have opened and not used', async (test) => {
    const app = await createServer(new FakeKernel());
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const idle = connect(Number(url.port), '127.0.0.1');
    test.after(() => idle.destroy());
    await once(idle, 'connect');
    assert.equal((await fetch(new URL('/engine-rest/engine', url))).status, 200);
    const closed = once(idle, 'close');
    idle.resume();
    await app.close();
    await closed;
  });
});

describe('the console at /', () => {
  it('its files are served, its own paths get its page, nothing outside its folder is', async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'procos-console-'));
    test.after(() => rm(folder, { recursive: true }));
    const directory = join(folder, 'dist');
    await mkdir(join(directory, 'assets'), { recursive: true });
    await writeFile(join(directory, 'index.html'), '<p>console</p>');
    await writeFile(join(directory, 'assets', 'app.js'), 'run()');
    await writeFile(join(folder, 'secret.txt'), 'secret');
    const app = await createServer(new FakeKernel(), { consoleDirectory: directory });
    for (const path of ['/', '/definitions/7', '/processes/1?tab=history', '/tasks/', '/tasks/12']) {
      const page = await app.inject(path);
      assert.deepEqual([page.statusCode, page.body], [200, '<p>console</p>'], path);
      assert.equal(page.headers['cache-control'], 'no-cache');
    }
    assert.equal((await app.inject({ method: 'HEAD', url: '/' })).statusCode, 200);
    const script = await app.inject('/assets/app.js');
    assert.equal(script.body, 'run()');
    assert.match(String(script.headers['content-type']), /javascript/);
    assert.match(String(script.headers['cache-control']), /immutable/);
    const { etag } = script.headers;
    const known = await app.inject({ url: '/assets/app.js', headers: { 'if-none-match': String(etag) } });
    assert.deepEqual([known.statusCode, known.body, known.headers.etag], [304, '', etag]);
    const part = await app.inject({ url: '/assets/app.js', headers: { range: 'bytes=0-2' } });
    assert.deepEqual([part.statusCode, part.body, part.headers['content-range']], [206, 'run', 'bytes 0-2/5']);
    const beyond = await app.inject({ url: '/assets/app.js', headers: { range: 'bytes=9-' } });
    assert.equal(beyond.statusCode, 416);
    const unknown = [
      '/camunda/app/cockpit/default/',
      '/tasklist',
      '/processes/1/x',
      '/engine-rest.txt',
      '/definitions.html',
    ];
    for (const path of unknown) {
      const shown = await app.inject({ url: path, headers: { accept: 'text/html,*/*;q=0.8' } });
      assert.deepEqual([shown.statusCode, shown.body], [404, '<p>console</p>'], `${path} in a browser`);
      const answer = await app.inject(path);
      assert.deepEqual([answer.statusCode, answer.json().code], [404, 'NOT_FOUND'], path);
      assert.match(answer.json().message, new RegExp(`nothing at GET ${path}\\. The console is at /,`));
    }
    for (const path of ['/engine-rest/nothing', '/api/nothing', '/v2/nothing', '/api']) {
      const answer = await app.inject({ url: path, headers: { accept: 'text/html' } });
      assert.equal(answer.statusCode, 404, path);
      assert.match(String(answer.headers['content-type']), /json/, path);
    }
    for (const path of ['/missing.js', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt']) {
      const answer = await app.inject(path);
      assert.equal(answer.statusCode, 404, `${path}: ${answer.body}`);
    }
    await app.close();
  });

  it('says how to build it when it is not there, under a strict content policy', async () => {
    const app = await createServer(new FakeKernel());
    const page = await app.inject('/');
    assert.equal(page.statusCode, 200);
    assert.match(page.body, /not built/);
    assert.match(String(page.headers['content-security-policy']), /script-src 'self';/);
    for (const path of ['/api/nothing', '/nothing'])
      assert.deepEqual([(await app.inject(path)).statusCode, (await app.inject(path)).json().code], [404, 'NOT_FOUND']);
    await app.close();
  });
});
