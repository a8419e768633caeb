/** Requests with an `Idempotency-Key` over real HTTP to a real kernel: done once, answered alike, on both faces. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

const ORDER = bpmn(
  'order',
  `<bpmn:startEvent id="start" />
   <bpmn:userTask id="approve" />
   <bpmn:serviceTask id="ship" camunda:type="external" camunda:topic="ship" />
   <bpmn:endEvent id="end" />`,
  ['start->approve', 'approve->ship', 'ship->end'],
);

interface Sent {
  readonly status: number;
  readonly body: unknown;
}

interface World extends System {
  /** Sends the same twice and answers what came, which must be alike; the key is new each time. */
  twice(method: string, path: string, body?: object): Promise<Sent>;
  send(method: string, path: string, key: string, body?: object | FormData): Promise<Sent>;
  orders(): number;
}

let keys = 0;

async function setUp(t: TestContext): Promise<World> {
  const system = await startSystem();
  t.after(() => system.stop());
  await system.deploy({ 'order.bpmn': ORDER });
  const send: World['send'] = async (method, path, key, body) => {
    const form = body instanceof FormData;
    const response = await fetch(system.url + path, {
      method,
      headers: { 'idempotency-key': key, ...(form || !body ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  };
  const where = [{ column: 'bpmnProcessId', op: '=', value: 'order' }] as const;
  return {
    ...system,
    send,
    orders: () => system.kernel.engine.count('processInstances', { where }),
    twice: async (method, path, body) => {
      keys += 1;
      const key = `"key-${keys}"`;
      const first = await send(method, path, key, body);
      assert.deepEqual(await send(method, path, key, body), first, `${method} ${path}`);
      return first;
    },
  };
}

describe('what is sent twice with one key', () => {
  it('is done once along the whole life of an instance', async (t) => {
    const world = await setUp(t);
    const started = await world.twice('POST', '/engine-rest/process-definition/key/order/start', {});
    assert.equal(started.status, 200);
    assert.equal(world.orders(), 1);
    const { id } = started.body as { id: string };
    const [task] = await world.get<{ id: string }[]>(`/engine-rest/task?processInstanceId=${id}`);
    assert.ok(task);
    const { twice } = world;
    const instance = `/engine-rest/process-instance/${id}`;
    assert.equal((await twice('PUT', `${instance}/variables/colour`, { value: 'red' })).status, 204);
    assert.equal((await twice('POST', `/engine-rest/task/${task.id}/claim`, { userId: 'ada' })).status, 204);
    assert.equal((await twice('POST', `/engine-rest/task/${task.id}/complete`, {})).status, 204);
    const poll = { workerId: 'w', maxTasks: 1, topics: [{ topicName: 'ship', lockDuration: 60_000 }] };
    const fetched = await twice('POST', '/engine-rest/external-task/fetchAndLock', poll);
    const [work] = fetched.body as { id: string }[];
    assert.ok(work);
    const complete = `/engine-rest/external-task/${work.id}/complete`;
    assert.equal((await twice('POST', complete, { workerId: 'w' })).status, 204);
    assert.equal((await twice('DELETE', instance)).status, 404);
  });

  it('gets the answer of before also when what it was about has gone meanwhile', async (t) => {
    const world = await setUp(t);
    const { id } = await world.post<{ id: string }>('/engine-rest/process-definition/key/order/start');
    const set = () => world.send('PUT', `/engine-rest/process-instance/${id}/variables/a`, 'set', { value: 1 });
    assert.equal((await set()).status, 204);
    const start = () => world.send('POST', '/engine-rest/process-definition/key/order/start', 'start', {});
    const started = await start();
    const batch = () => world.send('POST', '/api/batches', 'all', { operation: 'cancel', bpmnProcessId: 'order' });
    const first = await batch();
    assert.equal(first.status, 201);
    await world.send('DELETE', `/engine-rest/process-instance/${id}`, 'delete');
    await world.deploy({ 'order.bpmn': ORDER.replace('id="approve"', 'id="approve" name="Approve"') });
    assert.equal((await set()).status, 204);
    assert.deepEqual(await start(), started);
    assert.equal((await batch()).status, 201);
  });

  it('is refused alike when it did not come to the engine, whatever is there by then', async (t) => {
    const world = await setUp(t);
    const late = ORDER.replaceAll('"order"', '"late"');
    const sent = [
      ['/engine-rest/process-definition/key/late/start', {}],
      ['/engine-rest/message', { messageName: 'nobody', resultEnabled: true }],
      ['/v2/jobs/17/completion', {}],
      ['/v2/process-instances', { processDefinitionId: 'late' }],
    ] as const;
    const first: Sent[] = [];
    for (const [path, body] of sent) first.push(await world.send('POST', path, path, body));
    assert.deepEqual(
      first.map(({ status }) => status),
      [404, 400, 404, 404],
      JSON.stringify(first),
    );
    await world.deploy({ 'late.bpmn': late });
    for (const [at, [path, body]] of sent.entries())
      assert.deepEqual(await world.send('POST', path, path, body), first[at], path);
    const { status } = await world.send('POST', sent[0][0], sent[0][0], { businessKey: 'another body' });
    assert.equal(status, 422);
    assert.equal((await world.send('POST', sent[0][0], 'after', {})).status, 200);
  });

  it('is a deployment of files on Camunda 8 that were there, also when others have come since', async (t) => {
    const world = await setUp(t);
    const deploy = (key: string, name: string) => {
      const form = new FormData();
      form.append('resources', new Blob([ORDER.replace('"approve"', `"approve" name="${name}"`)]), 'order.bpmn');
      return world.send('POST', '/v2/deployments', key, form);
    };
    const made = await deploy('one', 'one');
    const again = await deploy('two', 'one');
    assert.deepEqual(again, made);
    const newer = await deploy('three', 'other');
    assert.notDeepEqual(newer, made);
    assert.deepEqual(await deploy('two', 'one'), again);
    assert.deepEqual(await deploy('four', 'other'), newer, 'no newer version');
    assert.equal((await deploy('two', 'other')).status, 422);
  });

  it('is what is said of a job, whatever state it is in by then', async (t) => {
    const world = await setUp(t);
    const started = await world.post<{ id: string }>('/engine-rest/process-definition/key/order/start');
    const [task] = await world.get<{ id: string }[]>(`/engine-rest/task?processInstanceId=${started.id}`);
    await world.post(`/engine-rest/task/${task?.id}/complete`);
    const activate = { type: 'ship', worker: 'w', timeout: 60_000, maxJobsToActivate: 1 };
    const { jobs } = await world.post<{ jobs: { jobKey: string }[] }>('/v2/jobs/activation', activate);
    const job = `/v2/jobs/${jobs[0]?.jobKey}`;
    const changeset = { retries: 7, timeout: 50_000 };
    assert.equal((await world.twice('PATCH', job, { changeset })).status, 204);
    assert.equal((await world.twice('POST', `${job}/failure`, { retries: 1 })).status, 204);
    await world.post('/v2/jobs/activation', activate);
    const last = { changeset: { ...changeset, retries: 8 } };
    assert.equal((await world.send('PATCH', job, 'last', last)).status, 204);
    assert.equal((await world.twice('POST', `${job}/failure`, { retries: 0 })).status, 204);
    assert.equal((await world.send('PATCH', job, 'last', last)).status, 204);
    const waits = await world.get<{ retries: number }>(`/engine-rest/external-task/${jobs[0]?.jobKey}`);
    assert.equal(waits.retries, 0, 'what was repeated was not done again');
  });

  it('is that of one worker, wherever the spaces stand in its name and in the key', async (t) => {
    const world = await setUp(t);
    const tell = (workerId: string, key: string) =>
      world.send('POST', '/api/external-tasks/outcomes', 'request', {
        workerId,
        outcomes: [{ taskId: '9', operation: 'complete', key: `"${key}"` }],
      });
    for (const [workerId, key] of [
      ['w', 'x 1'],
      ['w x', '1'],
      ['w%20x', '1'],
    ] as const) {
      const { body } = await tell(workerId, key);
      assert.equal((body as { answers: { status: number }[] }).answers[0]?.status, 404, workerId);
    }
  });

  it('is not an item of another request, whatever its key looks like', async (t) => {
    const world = await setUp(t);
    const outcome = { taskId: '9', operation: 'complete' };
    const tell = (path: string, key: string) =>
      world.send('POST', path, key, { workerId: 'w', outcomes: [outcome, outcome] });
    assert.equal((await tell('/api/external-tasks/outcomes', 'a')).status, 200);
    for (const key of ['a/0', 'a/1', '"a 1"', 'a.1'])
      assert.equal((await tell('/engine-rest/external-task/9/complete', key)).status, 404, key);
  });

  it('is a deployment, whose boundary may be another', async (t) => {
    const world = await setUp(t);
    const deploy = (name: string) => {
      const form = new FormData();
      form.append('deployment-name', name);
      form.append('order.bpmn', new Blob([ORDER]), 'order.bpmn');
      return world.send('POST', '/engine-rest/deployment/create', 'deploy', form);
    };
    const first = await deploy('a');
    assert.equal(first.status, 200);
    assert.deepEqual(await deploy('a'), first);
    assert.equal((await deploy('b')).status, 422);
  });

  it('is a request to PID 1', async (t) => {
    const world = await setUp(t);
    await world.kernel.ready;
    const first = await world.twice('POST', '/api/requests', { bpmnProcessId: 'order' });
    assert.equal(first.status, 201);
    assert.notEqual((first.body as { pid: unknown }).pid, null);
    assert.equal(world.orders(), 1);
  });

  it('at the same time is done once', async (t) => {
    const world = await setUp(t);
    const start = () => world.send('POST', '/engine-rest/process-definition/key/order/start', 'same', {});
    const answers = await Promise.all(Array.from({ length: 8 }, start));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(world.orders(), 1);
  });

  it('is each of many, where one request is for many', async (t) => {
    const world = await setUp(t);
    for (const _ of [1, 2]) await world.post('/engine-rest/process-definition/key/order/start');
    const body = { processDefinitionKey: 'order', suspended: true };
    assert.equal((await world.twice('PUT', '/engine-rest/process-instance/suspended', body)).status, 204);
    const where = [{ column: 'suspended', op: '=', value: true }] as const;
    assert.equal(world.kernel.engine.count('processInstances', { where }), 2);
  });
});

describe('a key', () => {
  it('that belongs to another request is refused with 422 on both faces', async (t) => {
    const world = await setUp(t);
    const start = '/engine-rest/process-definition/key/order/start';
    await world.send('POST', start, 'k', { businessKey: 'a' });
    const other = await world.send('POST', start, 'k', { businessKey: 'b' });
    assert.equal(other.status, 422);
    assert.equal((other.body as { type: string }).type, 'InvalidRequestException');
    const own = await world.send('POST', '/api/requests', 'k', { bpmnProcessId: 'order' });
    assert.deepEqual([own.status, (own.body as { code: string }).code], [422, 'KEY_REUSED']);
    assert.equal(world.orders(), 1);
  });

  it('is the same with quotes and without, and means nothing to who only reads', async (t) => {
    const world = await setUp(t);
    const start = '/engine-rest/process-definition/key/order/start';
    const first = await world.send('POST', start, 'k', {});
    assert.deepEqual(await world.send('POST', start, '"k"', {}), first);
    assert.equal((await world.send('GET', '/engine-rest/task/count', 'k')).status, 200);
  });

  it('is one of the worker that sent it: another gets no answer with it', async (t) => {
    const world = await setUp(t);
    await world.post('/engine-rest/process-definition/key/order/start');
    const complete = (workerId: string) =>
      world.send('POST', '/engine-rest/external-task/1/complete', 'k', { workerId });
    const [one, two] = [await complete('a'), await complete('b')];
    assert.deepEqual([one.status, two.status], [404, 404]);
  });

  it('means nothing to what has a password in its body: nothing is kept of that', async (t) => {
    const world = await setUp(t);
    const add = (password: string) => {
      const operations = [{ do: 'addUser', name: 'ada', password, roles: [] }];
      return world.send('POST', '/api/identity-changes', 'users', { operations });
    };
    assert.equal((await add('a password of hers')).status, 202);
    const isThere = async () => JSON.stringify(await world.get('/api/identities')).includes('"ada"');
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal((await add('another one of hers')).status, 409);
    assert.equal((await add('a third one of hers')).status, 409);
  });

  it('that is none is refused', async (t) => {
    const world = await setUp(t);
    for (const key of ['""', 'two words', 'ü', 'x'.repeat(256)]) {
      const latin = Buffer.from(key).toString('latin1');
      const sent = await world.send('POST', '/engine-rest/process-definition/key/order/start', latin, {});
      assert.equal(sent.status, 400, key);
    }
    assert.equal(world.orders(), 0);
  });
});
