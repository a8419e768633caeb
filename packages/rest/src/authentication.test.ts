/** A system that asks everybody who he is: what is refused on every route, and by what one proves a name. Real HTTP. */
/// <reference path="./testing/external-task-client.d.ts" />
import assert from 'node:assert/strict';
import { request as send } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { ACTIONS, type Permission } from '@procos/kernel';
import type { IdentityChangeReply, SessionReply, TokenList, UsageList } from '@procos/protocol';
import { BasicAuthInterceptor, Client } from 'camunda-external-task-client-js';
import type { RouteOptions } from 'fastify';
import type {} from './gate.ts';
import { createServer } from './server.ts';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

const ORDER = bpmn(
  'order',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Charge" name="Charge" camunda:type="external" camunda:topic="charge" /><bpmn:endEvent id="End" />`,
  ['Start->Charge', 'Charge->End'],
);
const PASSWORD = 'correct horse battery';

let system: System;
let admin = '';
const basic = (name: string, password = PASSWORD): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: object) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(system.url + path, { method, headers: { ...type, ...headers }, ...json });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** Handed in, carried out by its process, and that process at its end. */
async function change(authorization: string, ...operations: object[]): Promise<IdentityChangeReply> {
  const answer = await ask('POST', '/api/identity-changes', { authorization }, { operations });
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  const reply = answer.body as IdentityChangeReply;
  const path = `/api/processes?state=all&businessKey=${encodeURIComponent(reply.businessKey)}`;
  for (let turn = 0; turn < 500; turn += 1) {
    const { processes } = (await ask('GET', path, { authorization: admin })).body ?? {};
    if (processes?.[0]?.state === 'completed') return reply;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the change ${reply.businessKey} was not carried out`);
}

async function tokenOf(user: string, ...roles: string[]): Promise<string> {
  const { secrets } = await change(admin, {
    do: 'createToken',
    label: 'test',
    user,
    ...(roles.length > 0 && { roles }),
  });
  return `Bearer ${secrets[0]}`;
}

before(async () => {
  system = await startSystem({ authentication: 'required', authorization: () => admin });
  admin = `Bearer ${system.kernel.identity.access.setupToken()}`;
  await system.kernel.ready;
  const root = { do: 'addUser', name: 'root', roles: ['administrator'], password: PASSWORD };
  const answer = await ask('POST', '/api/identity-changes', { authorization: admin }, { operations: [root] });
  assert.equal(answer.status, 202);
  admin = basic('root');
  for (
    let turn = 0;
    turn < 500 && (await ask('GET', '/api/system', { authorization: admin })).status !== 200;
    turn += 1
  )
    await new Promise((resolve) => setTimeout(resolve, 10));
  const roles = ['viewer', 'worker', 'operator', 'developer'];
  await change(admin, ...roles.map((role) => ({ do: 'addUser', name: role, roles: [role], password: PASSWORD })));
  await system.deploy({ 'order.bpmn': ORDER });
});
after(() => system.stop());

describe('every route', () => {
  const routes: RouteOptions[] = [];
  before(async () => {
    const app = await createServer(system.kernel, { onRoute: (route) => routes.push(route) });
    await app.close();
  });
  const pathOf = (url: string): string => url.replaceAll(/:\w+/g, '7').replace('*', '');
  const all = () =>
    routes
      .filter(({ url }) => url !== '*' && url !== '/*')
      .flatMap(({ method, url, config }) => {
        const methods = Array.isArray(method) ? method : [method];
        return methods.map((one) => ({ method: one, path: pathOf(url), action: config?.action ?? '' }));
      });

  it('asks the gate with an action that needs a permission, and every action is asked by a route', () => {
    const asked = new Set(routes.map(({ config }) => config?.action ?? 'none'));
    for (const action of asked) assert.ok(ACTIONS[action] !== undefined, action);
    const inside = ['system.deploy', 'system.run', 'identity.change', 'filter.changeOthers'];
    assert.deepEqual(
      Object.keys(ACTIONS).filter((action) => !asked.has(action) && !inside.includes(action)),
      [],
    );
  });

  it('is refused with 401 to who says no name, before the body is read; only the page, its login and the probes are open', async () => {
    const open: string[] = [];
    for (const { method, path, action } of all()) {
      const answer = await system.app.inject({
        method: method as 'GET',
        url: path,
        payload: 'no JSON',
        headers: { 'content-type': 'application/json' },
      });
      if (ACTIONS[action] === 'open') open.push(`${method} ${path}`);
      else assert.equal(answer.statusCode, 401, `${method} ${path}`);
    }
    assert.deepEqual(open.sort(), [
      'DELETE /api/session',
      'GET /api/session',
      'GET /health/live',
      'GET /health/ready',
      'GET /v2/status',
      'POST /api/session',
    ]);
  });

  it('is refused with 403 to who has not the permission that it needs, and to nobody else', async () => {
    const has: Record<string, readonly Permission[]> = {
      viewer: ['read'],
      worker: ['read', 'work'],
      operator: ['read', 'start', 'work', 'operate', 'readAudit'],
      developer: ['read', 'start', 'work', 'deploy'],
    };
    for (const [user, permissions] of Object.entries(has)) {
      const authorization = await tokenOf(user);
      for (const { method, path, action } of all()) {
        const need = ACTIONS[action];
        if (need === 'open' || need === 'anyone' || permissions.includes(need as Permission)) continue;
        const answer = await system.app.inject({ method: method as 'GET', url: path, headers: { authorization } });
        assert.equal(answer.statusCode, 403, `${user}: ${method} ${path}`);
      }
    }
  });
});

describe('who asks', () => {
  it('gets 401 and 403 in the shape of each face', async () => {
    const camunda = await ask('GET', '/engine-rest/task');
    assert.deepEqual([camunda.status, camunda.body.type], [401, 'AuthenticationException']);
    assert.match(String(camunda.headers.get('www-authenticate')), /^Basic/);
    const own = await ask('GET', '/api/tasks');
    assert.deepEqual([own.status, own.body.code], [401, 'UNAUTHENTICATED']);
    assert.equal((await ask('GET', '/proc/uptime')).status, 401);
    const authorization = basic('viewer');
    const refused = await ask('POST', '/engine-rest/process-definition/key/order/start', { authorization }, {});
    assert.deepEqual(
      [refused.status, refused.body.type, refused.body.userId],
      [403, 'AuthorizationException', 'viewer'],
    );
    assert.match(refused.body.message, /permission start .*operator, developer/);
    const shutdown = await ask('POST', '/api/shutdown', { authorization }, {});
    assert.deepEqual([shutdown.status, shutdown.body.code], [403, 'FORBIDDEN']);
  });

  it('is refused with a wrong password, an unknown token, or a header that is neither', async () => {
    for (const authorization of [basic('viewer', 'wrong'), 'Bearer procos_wrong', 'Negotiate abc', 'Basic !'])
      assert.equal((await ask('GET', '/api/tasks', { authorization })).status, 401, authorization);
  });

  it('is in the audit by the name that he has proved; what he claims counts for nothing', async () => {
    const headers = { authorization: basic('operator'), 'x-procos-user': 'root' };
    await ask('POST', '/engine-rest/process-definition/key/order/start', headers, { businessKey: 'audit' });
    const { body } = await ask('GET', '/api/processes?businessKey=audit', { authorization: admin });
    assert.equal(body.processes[0].startedBy, 'user:operator');
  });

  it('must wait after too many wrong passwords, also when they come at the same time', async () => {
    await change(admin, { do: 'addUser', name: 'guessed', roles: ['viewer'], password: PASSWORD });
    const guesses = Array.from({ length: 20 }, (_, at) => basic('guessed', `guess ${at}`));
    const answers = await Promise.all(guesses.map((authorization) => ask('GET', '/api/tasks', { authorization })));
    const told = answers.filter(({ status }) => status === 429);
    assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [401, 429]);
    assert.ok(told.length >= 10, `${told.length} had to wait`);
    assert.match(String(told[0]?.headers.get('retry-after')), /^\d+$/);
    const camunda = await ask('GET', '/engine-rest/task', { authorization: basic('guessed', 'one more') });
    assert.ok([401, 429].includes(camunda.status) && camunda.body.type === 'AuthenticationException');
  });

  it('runs processes of the system only with the right to, also by way of PID 1', async () => {
    const headers = { authorization: basic('developer') };
    const requested = await ask('POST', '/api/requests', headers, { bpmnProcessId: 'procos_system_backup' });
    assert.deepEqual([requested.status, requested.body.code], [403, 'FORBIDDEN']);
    const message = { messageName: 'procos.shutdown', all: true };
    assert.equal((await ask('POST', '/engine-rest/message', headers, message)).status, 403);
    const signal = { name: 'procos.shutdown' };
    assert.equal((await ask('POST', '/engine-rest/signal', headers, signal)).status, 403);
    const direct = await ask('POST', '/engine-rest/process-definition/key/procos_system_backup/start', headers, {});
    assert.equal(direct.status, 403);
  });
});

describe('camunda-external-task-client-js', () => {
  it('works with its BasicAuthInterceptor, and is refused without', async () => {
    const options = { baseUrl: `${system.url}/engine-rest`, workerId: 'js', asyncResponseTimeout: 5_000, interval: 5 };
    const failures: unknown[] = [];
    const stranger = new Client(options);
    stranger.on('poll:error', (error) => failures.push(error));
    stranger.subscribe('charge', async () => {});
    const client = new Client({
      ...options,
      interceptors: new BasicAuthInterceptor({ username: 'worker', password: PASSWORD }),
    });
    const done = new Promise<string>((resolve) => {
      client.subscribe('charge', async ({ task, taskService }) => {
        await taskService.complete(task);
        resolve(task.id);
      });
    });
    await system.post('/engine-rest/process-definition/key/order/start', { businessKey: 'js' });
    assert.match(await done, /^\d+$/);
    for (let turn = 0; turn < 500 && failures.length === 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    stranger.stop();
    client.stop();
    assert.match(String(failures[0]), /401/);
  });
});

describe('a session of a browser', () => {
  async function logIn(): Promise<string> {
    const answer = await ask('POST', '/api/session', {}, { name: 'operator', password: PASSWORD });
    assert.equal(answer.status, 200);
    const cookie = answer.headers.get('set-cookie') ?? '';
    assert.match(cookie, /^procos_session=procos_[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    return cookie.split(';')[0] ?? '';
  }

  it('begins with a password and ends with the log-out; the page is there before', async () => {
    assert.equal((await fetch(`${system.url}/`)).status, 200);
    const before = (await ask('GET', '/api/session')).body as SessionReply;
    assert.deepEqual(before, { authentication: 'required', user: null });
    const cookie = await logIn();
    const during = (await ask('GET', '/api/session', { cookie })).body as SessionReply;
    assert.deepEqual([during.user?.name, during.user?.roles], ['operator', ['operator']]);
    assert.equal((await ask('GET', '/api/tasks', { cookie })).status, 200);
    assert.equal((await ask('DELETE', '/api/session', { cookie, origin: system.url })).status, 204);
    assert.equal((await ask('GET', '/api/tasks', { cookie })).status, 401);
  });

  it('changes nothing for a page from elsewhere, not even of this machine, nor for a request that does not say its page', async () => {
    const cookie = await logIn();
    const start = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        // fetch sets some of these headers itself.
        const url = `${system.url}/engine-rest/process-definition/key/order/start`;
        const one = send(
          url,
          { method: 'POST', headers: { cookie, 'content-type': 'application/json', ...headers } },
          (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          },
        );
        one.once('error', reject);
        one.end('{}');
      });
    assert.equal(await start({ origin: 'https://evil.example' }), 403);
    assert.equal(await start({ origin: 'http://localhost:1' }), 403);
    assert.equal(await start({ origin: 'file://' }), 403);
    assert.equal(await start({}), 403);
    assert.equal(await start({ 'sec-fetch-site': 'same-site' }), 403);
    assert.equal(await start({ origin: system.url }), 200);
    assert.equal(await start({ 'sec-fetch-site': 'same-origin' }), 200);
  });

  it('is not begun with a wrong password', async () => {
    const answer = await ask('POST', '/api/session', {}, { name: 'viewer', password: 'wrong' });
    assert.deepEqual(
      [answer.status, answer.body.code, answer.headers.get('set-cookie')],
      [401, 'UNAUTHENTICATED', null],
    );
  });
});

describe('tokens and passwords', () => {
  it("are one's own affair: everybody makes, sees and revokes his own tokens, and nobody those of others", async () => {
    const authorization = basic('viewer');
    const { secrets } = await change(authorization, { do: 'createToken', label: 'laptop', days: 30 });
    const mine = { authorization: `Bearer ${secrets[0]}` };
    assert.equal((await ask('GET', '/api/tasks', mine)).status, 200);
    const { tokens } = (await ask('GET', '/api/tokens', mine)).body as TokenList;
    assert.ok(tokens.every(({ user }) => user === 'viewer'));
    const laptop = tokens.find(({ label }) => label === 'laptop');
    const others = await ask('POST', '/api/identity-changes', mine, {
      operations: [{ do: 'createToken', label: 'x', user: 'root' }],
    });
    assert.deepEqual([others.status, others.body.code], [409, 'REFUSED']);
    await change(authorization, { do: 'revokeToken', token: laptop?.id });
    assert.equal((await ask('GET', '/api/tasks', mine)).status, 401);
  });

  it('a stream of events ends with a change of users, and a token that was revoked opens no other', async () => {
    const { secrets } = await change(admin, { do: 'createToken', label: 'stream', user: 'viewer' });
    const headers = { authorization: `Bearer ${secrets[0]}` };
    const stream = await fetch(`${system.url}/api/events`, { headers });
    assert.equal(stream.status, 200);
    const { tokens } = (await ask('GET', '/api/tokens', { authorization: admin })).body as TokenList;
    await change(admin, { do: 'revokeToken', token: tokens.find(({ label }) => label === 'stream')?.id });
    // Comes to its end only because the server ends it.
    await stream.text();
    assert.equal((await fetch(`${system.url}/api/events`, { headers })).status, 401);
  });

  it('a token makes no token with more rights than it has, and no new password', async () => {
    await change(admin, { do: 'addUser', name: 'both', roles: ['operator', 'developer'], password: PASSWORD });
    const headers = { authorization: await tokenOf('both', 'developer') };
    const wider = { do: 'createToken', label: 'wider', roles: ['operator'] };
    assert.equal((await ask('POST', '/api/identity-changes', headers, { operations: [wider] })).status, 403);
    const { secrets } = await change(headers.authorization, { do: 'createToken', label: 'same' });
    const session = await ask('GET', '/api/session', { authorization: `Bearer ${secrets[0]}` });
    assert.deepEqual(session.body.user.roles, ['developer']);
    const password = { do: 'setPassword', name: 'both', password: 'quite another one' };
    assert.equal((await ask('POST', '/api/identity-changes', headers, { operations: [password] })).status, 403);
  });

  it('are nowhere in what the system keeps, shows and logs', async () => {
    const { secrets } = await change(admin, { do: 'createToken', label: 'secret', user: 'viewer' });
    const { engine, log } = system.kernel;
    const everything = JSON.stringify([engine.records(0, 100_000), log.recent(10_000)]);
    assert.ok(everything.includes('createToken'));
    assert.ok(!everything.includes(PASSWORD));
    assert.ok(!everything.includes(secrets[0] ?? '?'));
    const hash = system.kernel.identity.directory.user('viewer')?.password ?? '?';
    const views = ['definitions', 'processInstances', 'elementInstances', 'variables', 'deployments'] as const;
    for (const view of views) assert.ok(!JSON.stringify(engine.find(view)).includes(hash), view);
    assert.ok(!JSON.stringify(log.recent(10_000)).includes(hash));
    const { body } = await ask('GET', '/api/identities', { authorization: admin });
    assert.ok(!JSON.stringify(body).includes('scrypt'));
  });
});

it('who has worked with the system is told to who may read the audit', async () => {
  const { usages } = (await ask('GET', '/api/who', { authorization: basic('operator') })).body as UsageList;
  const worker = usages.find(({ subject, proof }) => subject === 'user:worker' && proof === 'password');
  assert.match(String(worker?.action), /^externalTask\./);
  assert.ok((worker?.requests ?? 0) >= 2);
  assert.equal((await ask('GET', '/api/who', { authorization: basic('viewer') })).status, 403);
});
