/** `OPTIONS` on resources: who asks is told what he may do with them, as links that are served. Telemetry: who may ask, and that there is none. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Described } from '../testing/described.test.ts';
import { type System, startSystem } from '../testing/real-kernel.test.ts';
import { PREFIX } from './prefixes.ts';
import { RESOURCES } from './resource-options.ts';

const PASSWORD = 'correct horse battery';
const basic = (name: string): string => `Basic ${Buffer.from(`${name}:${PASSWORD}`).toString('base64')}`;

interface Link {
  readonly method: string;
  readonly href: string;
  readonly rel: string;
}

describe('OPTIONS on a resource, where people prove who they are', () => {
  const described = new Described();
  let system: System;
  /** `METHOD /path/:id`. */
  const served = new Set<string>();

  async function ask(method: 'GET' | 'POST' | 'OPTIONS', path: string, who: string, payload?: object) {
    const headers = { authorization: basic(who) };
    const url = `/engine-rest${path}`;
    const answer = await system.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    described.check(method, path, answer.statusCode, answer.body);
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }
  const links = async (path: string, who: string): Promise<readonly Link[]> =>
    (await ask('OPTIONS', path, who)).body.links;
  const offered = async (path: string, who: string): Promise<readonly string[]> =>
    (await links(path, who)).map(({ method, rel }) => `${rel} ${method}`);

  before(async () => {
    system = await startSystem({
      authentication: 'required',
      onRoute: ({ method, url }) => served.add(`${String(method)} ${url}`),
    });
    await system.kernel.ready;
    const { access, directory } = system.kernel.identity;
    const roles = { root: 'administrator', wendy: 'worker', wim: 'worker', eve: 'viewer' };
    const operations = Object.entries(roles).map(([name, role]) => {
      return { do: 'addUser', name, roles: [role], password: PASSWORD };
    });
    const headers = { authorization: `Bearer ${access.setupToken()}` };
    await system.app.inject({ method: 'POST', url: '/api/identity-changes', headers, payload: { operations } });
    for (let turn = 0; turn < 500 && directory.user('eve') === undefined; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
  });
  after(() => system.stop());

  it('links lead to the resource that was asked, and are served', async () => {
    const [list] = await links('/user', 'root');
    assert.deepEqual(list, { method: 'GET', href: 'http://localhost:80/engine-rest/user', rel: 'list' });
    const { id } = (await ask('POST', '/filter/create', 'root', { resourceType: 'Task', name: 'All' })).body;
    for (const path of Object.keys(RESOURCES)) {
      const own = path.replace(':id', path.startsWith('/filter') ? id : 'root');
      const status = (await ask('OPTIONS', own, 'root')).status;
      assert.equal(status, 200, own);
      for (const { method, href } of await links(own, 'root')) {
        assert.ok(href.startsWith(`http://localhost:80${PREFIX}${own}`), href);
        // A member is named after the path.
        const at = path + href.slice(`http://localhost:80${PREFIX}${own}`.length);
        const shape = `${PREFIX}${path.endsWith('/members') ? `${at}/:userId` : at}`;
        assert.ok(served.has(`${method} ${shape}`), `${method} ${shape}`);
      }
    }
    const [{ href = '' } = {}] = await links('/group/a%20%2Fb', 'root');
    assert.equal(href, 'http://localhost:80/engine-rest/group/a%20%2Fb');
  });

  it('only what one may do is told: by permission, and to the owner', async () => {
    assert.deepEqual(await offered('/user', 'root'), ['list GET', 'count GET', 'create POST']);
    assert.deepEqual(await offered('/user', 'eve'), ['list GET', 'count GET']);
    assert.deepEqual(await offered('/user/eve', 'eve'), ['self GET']);
    assert.deepEqual(await offered('/user/root', 'eve'), []);
    assert.deepEqual(await offered('/user/root', 'root'), ['self GET', 'delete DELETE', 'update PUT']);
    assert.deepEqual(await offered('/group/staff', 'eve'), ['self GET']);
    assert.deepEqual(await offered('/group/staff/members', 'root'), ['delete DELETE', 'create PUT']);
    assert.deepEqual(await offered('/authorization', 'root'), ['list GET', 'count GET'], 'nobody creates one');
    assert.deepEqual(await offered('/authorization', 'eve'), []);
    assert.deepEqual(await offered('/tenant', 'root'), [], 'there are none');
    assert.deepEqual(await offered('/filter', 'eve'), ['list GET', 'count GET']);
    assert.deepEqual(await offered('/filter', 'wendy'), ['list GET', 'count GET', 'create POST']);
    const kept = { resourceType: 'Task', name: 'Hers', owner: 'wendy' };
    const { id } = (await ask('POST', '/filter/create', 'wendy', kept)).body;
    const changes = async (who: string) =>
      (await offered(`/filter/${id}`, who)).filter((one) => one.startsWith('update') || one.startsWith('delete'));
    assert.deepEqual(await changes('wendy'), ['update PUT', 'delete DELETE']);
    assert.deepEqual(await changes('wim'), [], "a colleague's");
    assert.deepEqual(await changes('eve'), []);
    assert.deepEqual(await changes('root'), ['update PUT', 'delete DELETE'], 'an operator changes all');
    assert.equal((await system.app.inject({ method: 'OPTIONS', url: '/engine-rest/user' })).statusCode, 401);
  });

  it('there is no telemetry: administrators are told so, and nobody enables it', async () => {
    assert.deepEqual((await ask('GET', '/telemetry/configuration', 'root')).body, { enableTelemetry: false });
    assert.equal((await ask('POST', '/telemetry/configuration', 'root', { enableTelemetry: false })).status, 204);
    const headers = { authorization: basic('root') };
    const payload = { enableTelemetry: true };
    const enable = { method: 'POST', url: '/engine-rest/telemetry/configuration', headers, payload } as const;
    const refused = await system.app.inject(enable);
    assert.deepEqual([refused.statusCode, refused.json().type], [400, 'InvalidRequestException']);
    const { product } = (await ask('GET', '/telemetry/data', 'root')).body;
    assert.deepEqual([product.name, product.internals.commands], ['ProcOS', {}]);
    for (const path of ['/telemetry/configuration', '/telemetry/data'])
      assert.equal((await ask('GET', path, 'eve')).status, 403, path);
  });
});

describe('OPTIONS on a resource, on a system that trusts its own machine', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  const options = (headers: Record<string, string>) =>
    system.app.inject({ method: 'OPTIONS', url: '/engine-rest/filter', headers });

  it("a browser's own question whether a page may send is answered before, as everywhere", async () => {
    const origin = 'http://localhost:5173';
    const asked = await options({ origin, 'access-control-request-method': 'OPTIONS' });
    assert.deepEqual([asked.statusCode, asked.body], [204, '']);
    assert.match(String(asked.headers['access-control-allow-methods']), /OPTIONS/);
    const answered = await options({ origin });
    assert.deepEqual([answered.statusCode, answered.json().links.length], [200, 3]);
    assert.equal(answered.headers['access-control-allow-origin'], origin);
    assert.equal((await options({})).json().links.length, 3);
    const foreign = await options({ origin: 'https://evil.example', 'access-control-request-method': 'OPTIONS' });
    assert.deepEqual([foreign.statusCode, foreign.headers['access-control-allow-origin']], [403, undefined]);
  });
});
