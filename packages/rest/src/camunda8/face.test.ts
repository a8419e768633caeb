/** The ground of the Camunda 8 face: what the cluster is, and every way to be refused. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { camunda8Client, job, zeebe } from '../testing/camunda8.test.ts';
import { type System, startSystem } from '../testing/real-kernel.test.ts';

describe('the Camunda 8 face', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'one.bpmn': zeebe('one', `<bpmn:startEvent id="s" />${job('t', 'one')}`, ['s->t']) });
  });
  after(() => system.stop());

  interface Asked {
    readonly status: number;
    readonly type: string | null;
    readonly body: Record<string, unknown>;
  }
  async function ask(method: string, path: string, body?: string): Promise<Asked> {
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${system.url}/v2${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type');
    return { status: response.status, type, body: text === '' ? {} : JSON.parse(text) };
  }

  it('tells topology, status, license and who asks, as the client wants them', async () => {
    const client = camunda8Client(system.url);
    const { brokers, gatewayVersion } = await client.getTopology();
    assert.deepEqual([gatewayVersion, brokers.length, brokers[0]?.partitions[0]?.role], ['8.9.0', 1, 'leader']);
    assert.equal(brokers[0]?.port, Number(new URL(system.url).port));
    assert.equal((await client.getLicense()).validLicense, true);
    const { username, tenants } = await client.getAuthentication();
    assert.deepEqual([username, tenants[0]?.tenantId], ['anonymous', '<default>']);
    assert.equal((await ask('GET', '/status')).status, 204);
  });

  it('creates an instance by id, by id and version, and by key', async () => {
    const client = camunda8Client(system.url);
    const byId = await client.createProcessInstance({ processDefinitionId: 'one' as never, variables: { a: 1 } });
    assert.deepEqual([byId.processDefinitionVersion, byId.tenantId, byId.variables], [1, '<default>', {}]);
    const { processDefinitionKey } = byId;
    const byKey = await client.createProcessInstance({ processDefinitionKey });
    assert.equal(byKey.processDefinitionKey, processDefinitionKey);
    const same = await system.get<{ definitionId: string }>(`/engine-rest/process-instance/${byId.processInstanceKey}`);
    assert.equal(same.definitionId, `one:1:${processDefinitionKey}`, 'the key is the id of the Camunda 7 face');
    const none = await ask('POST', '/process-instances', '{"processDefinitionId":"one","processDefinitionVersion":7}');
    assert.deepEqual([none.status, none.body['title']], [404, 'NOT_FOUND']);
  });

  it('says what is wrong with a body: the member, what was there and what is expected', async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['{}', /'processDefinitionKey' or 'processDefinitionId' must be given, but neither is/],
      ['{"processDefinitionId":5}', /'processDefinitionId' must be text, but is 5/],
      [
        '{"processDefinitionKey":"x1"}',
        /'processDefinitionKey' must be a key, 1 to 25 decimal digits as text, but is "x1"/,
      ],
      ['{"processDefinitionId":"one","variables":[1]}', /'variables' must be an object of names and values/],
      ['{"processDefinitionId":"one","tenantId":"a b"}', /'tenantId' must be '<default>'/],
      [
        '{"processDefinitionId":"one","startInstructions":[{}]}',
        /'startInstructions\[0\]\.elementId' must be text that is not empty, but is missing/,
      ],
      [
        '{"processDefinitionId":"one","requestTimeout":"soon"}',
        /'requestTimeout' must be a whole number from .* but is "soon"/,
      ],
      [
        `{"processDefinitionId":"one","businessId":"${'x'.repeat(257)}"}`,
        /'businessId' must be text of at most 256 characters/,
      ],
      ['[]', /must be a JSON object/],
      ['{"a"', /Not well-formed JSON/],
    ];
    for (const [body, detail] of cases) {
      const refused = await ask('POST', '/process-instances', body);
      assert.deepEqual([refused.status, refused.type], [400, 'application/problem+json'], body);
      assert.match(String(refused.body['detail']), detail);
      const { detail: _, ...rest } = refused.body;
      assert.deepEqual(rest, {
        type: 'about:blank',
        title: 'INVALID_ARGUMENT',
        status: 400,
        instance: '/v2/process-instances',
      });
    }
  });

  it('tells unknown paths, wrong methods and operations that are not served apart', async () => {
    const titles = async (method: string, path: string) => {
      const { status, type, body } = await ask(method, path);
      assert.equal(type, 'application/problem+json');
      return [status, body['title']];
    };
    assert.deepEqual(await titles('GET', '/nothing'), [404, 'NOT_FOUND']);
    assert.deepEqual(await titles('DELETE', '/topology'), [405, 'METHOD_NOT_ALLOWED']);
    assert.deepEqual(await titles('POST', '/documents'), [501, 'NOT_IMPLEMENTED']);
    assert.deepEqual(await titles('GET', '/tenants/x'), [501, 'NOT_IMPLEMENTED']);
    const { body } = await ask('POST', '/audit-logs/search');
    assert.match(String(body['detail']), /POST \/audit-logs\/search .* not served by this server: .*GET \/api\/events/);
  });

  it('holds the limits of bodies and the keys of requests', async () => {
    const large = await ask('POST', '/process-instances', JSON.stringify({ a: 'x'.repeat(5_000_000) }));
    assert.deepEqual(
      [large.status, large.type, large.body['title']],
      [413, 'application/problem+json', 'PAYLOAD_TOO_LARGE'],
    );
    const keyed = async (body: string) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': 'k1' };
      const response = await fetch(`${system.url}/v2/process-instances`, { method: 'POST', headers, body });
      return {
        status: response.status,
        body: (await response.json()) as { processInstanceKey: string; title: string },
      };
    };
    const first = await keyed('{"processDefinitionId":"one"}');
    const again = await keyed('{"processDefinitionId":"one"}');
    assert.equal(again.body.processInstanceKey, first.body.processInstanceKey);
    const other = await keyed('{"processDefinitionId":"one","variables":{}}');
    assert.deepEqual([other.status, other.body.title], [422, 'INVALID_ARGUMENT']);
  });
});

describe('a request with a key that is sent again', () => {
  it('gets its answer again, also where what it was about is over, and changes nothing', async () => {
    const system = await startSystem();
    try {
      const tasks = `<bpmn:startEvent id="s" />${job('t', 'two')}${job('u', 'three')}<bpmn:endEvent id="e" />`;
      await system.deploy({ 'two.bpmn': zeebe('two', tasks, ['s->t', 't->u', 'u->e']) });
      const send = async (method: string, path: string, key: string, body: object = {}) => {
        const headers = { 'content-type': 'application/json', 'idempotency-key': key };
        const response = await fetch(`${system.url}/v2${path}`, { method, headers, body: JSON.stringify(body) });
        return `${response.status} ${await response.text()}`;
      };
      const twice = async (method: string, path: string, body: object = {}) => {
        const [first, second] = [await send(method, path, path, body), await send(method, path, path, body)];
        assert.equal(second, first);
        return first;
      };
      const created = JSON.parse((await twice('POST', '/process-instances', { processDefinitionId: 'two' })).slice(4));
      const activation = { type: 'two', timeout: 60_000, maxJobsToActivate: 5, requestTimeout: -1 };
      const [found, ...others] = JSON.parse((await twice('POST', '/jobs/activation', activation)).slice(4)).jobs;
      assert.deepEqual([found.processInstanceKey, others], [created.processInstanceKey, []]);
      const { processInstanceKey, processDefinitionKey } = created;
      assert.equal(await twice('POST', `/jobs/${found.jobKey}/completion`), '204 ');
      const again = await send('POST', `/jobs/${found.jobKey}/completion`, 'other');
      assert.match(again, /^404 /, 'with another key it is another request');
      const terminateInstructions = [{ elementId: 'u' }];
      const path = `/process-instances/${processInstanceKey}`;
      assert.equal(await twice('POST', `${path}/modification`, { terminateInstructions }), '204 ');
      assert.match(await twice('POST', `${path}/cancellation`), /^404 /, 'it is over');
      assert.match(await twice('POST', `/resources/${processDefinitionKey}/deletion`), /^200 /);
    } finally {
      await system.stop();
    }
  });
});

describe('the Camunda 8 face with authentication', () => {
  const PASSWORD = 'correct horse battery';
  let system: System;
  let authorization = '';
  before(async () => {
    system = await startSystem({ authentication: 'required', authorization: () => authorization });
    authorization = `Bearer ${system.kernel.identity.access.setupToken()}`;
    await system.kernel.ready;
    const roles = ['viewer', 'worker', 'administrator'];
    const operations = roles.map((role) => ({ do: 'addUser', name: role, roles: [role], password: PASSWORD }));
    await system.post('/api/identity-changes', { operations });
    authorization = `Basic ${Buffer.from(`administrator:${PASSWORD}`).toString('base64')}`;
    while ((await fetch(`${system.url}/v2/topology`, { headers: { authorization } })).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 10));
  });
  after(() => system.stop());

  const as = (name: string, password = PASSWORD) =>
    camunda8Client(system.url, {
      CAMUNDA_AUTH_STRATEGY: 'BASIC',
      CAMUNDA_BASIC_AUTH_USERNAME: name,
      CAMUNDA_BASIC_AUTH_PASSWORD: password,
    });
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => assert.fail('it was accepted'),
      ({ status, title }) => [status, title],
    );

  it('asks who it is in its own words, also where the header is empty', async () => {
    for (const headers of [{}, { authorization: '' }, { authorization: 'Bearer nothing' }]) {
      const response = await fetch(`${system.url}/v2/topology`, { headers });
      const { title, status } = (await response.json()) as { title: string; status: number };
      assert.deepEqual([response.status, title, status], [401, 'UNAUTHORIZED', 401]);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
    }
    assert.equal((await fetch(`${system.url}/v2/authentication/me`)).status, 401);
    assert.equal((await fetch(`${system.url}/v2/status`)).status, 204);
  });

  it('knows the client by name and password, and permits what its roles do', async () => {
    const { username, roles } = await as('worker').getAuthentication();
    assert.deepEqual([username, roles], ['worker', ['worker']]);
    const activation = { type: 'one', timeout: 1_000, maxJobsToActivate: 1, requestTimeout: -1 };
    assert.deepEqual((await as('worker').activateJobs(activation)).jobs, []);
    assert.deepEqual(await refusal(as('viewer').activateJobs(activation)), [403, 'FORBIDDEN']);
    const retries = { jobKey: '1' as never, changeset: { retries: 1 } };
    assert.deepEqual(
      await refusal(as('worker').updateJob(retries)),
      [403, 'FORBIDDEN'],
      'more time, not more attempts',
    );
    assert.deepEqual(await refusal(as('administrator').updateJob(retries)), [404, 'NOT_FOUND']);
    assert.deepEqual(await refusal(as('worker', 'wrong password').getTopology()), [401, 'UNAUTHORIZED']);
  });
});
