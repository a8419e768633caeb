/** The published JavaScript client, unmodified: how it polls, what it may ask for, and what it says about it. */
/// <reference path="../../packages/rest/src/testing/external-task-client.d.ts" />
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type EngineError,
  type FetchedTask,
  KeycloakAuthInterceptor,
  logger,
  type TaskService,
} from 'camunda-external-task-client-js';
import { bpmn, type System, startSystem } from '../../packages/rest/src/testing/real-kernel.test.ts';
import { ended, start } from './camunda7.ts';

const work = (id: string, topic: string, attributes = '', inside = ''): string =>
  bpmn(
    id,
    `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Work" camunda:type="external" camunda:topic="${topic}" ${attributes}>${inside}</bpmn:serviceTask>`,
    ['Start->Work'],
  );
const tagged = (xml: string, tag: string): string =>
  xml.replace('isExecutable="true"', `isExecutable="true" camunda:versionTag="${tag}"`);
const PLAIN = work('plain', 'filters');
const PRIORITISED = work('prioritised', 'order', 'camunda:taskPriority="${rank}"');
const DESCRIBED = work(
  'described',
  'described',
  '',
  `<bpmn:extensionElements>
    <camunda:properties><camunda:property name="unit" value="kg" /></camunda:properties>
    <camunda:inputOutput><camunda:inputParameter name="own">1</camunda:inputParameter></camunda:inputOutput>
  </bpmn:extensionElements>`,
);

describe('camunda-external-task-client-js polls', () => {
  let system: System;
  const ids: string[] = [];
  before(async () => {
    system = await startSystem();
    const deploy = async (xml: string, tenantId = '') => {
      const form = new FormData();
      form.append('m.bpmn', new Blob([xml]), 'm.bpmn');
      form.append('tenant-id', tenantId);
      const response = await fetch(`${system.url}/engine-rest/deployment/create`, { method: 'POST', body: form });
      const { deployedProcessDefinitions } = (await response.json()) as { deployedProcessDefinitions: object };
      ids.push(...Object.keys(deployedProcessDefinitions));
    };
    await deploy(tagged(PLAIN, 'gold'));
    await start(system, 'plain', { businessKey: 'A', variables: { amount: { value: 1 }, place: { value: 'Ulm' } } });
    await deploy(tagged(PLAIN, 'silver'));
    await start(system, 'plain', { businessKey: 'B', variables: { amount: { value: 2 }, place: { value: 'Ulm' } } });
    await deploy(work('other', 'filters'));
    await start(system, 'other', { businessKey: 'C' });
    await deploy(PLAIN, 'north');
    await start(system, 'plain', { businessKey: 'N' }, 'north');
    await deploy(PLAIN, 'south');
    await start(system, 'plain', { businessKey: 'S' }, 'south');
    await deploy(PRIORITISED);
    await deploy(DESCRIBED);
  });
  after(() => system.stop());

  const options = { workerId: 'js', interval: 5, lockDuration: 60_000 };
  const baseUrl = (): string => `${system.url}/engine-rest`;

  /** What one poll gives; all of it is unlocked again. */
  async function poll(topic: string, subscription: object, more: object = {}): Promise<readonly FetchedTask[]> {
    const client = new Client({ baseUrl: baseUrl(), ...options, autoPoll: false, ...more });
    const unlocked: Promise<void>[] = [];
    client.subscribe(topic, subscription, async ({ task, taskService }) => {
      unlocked.push(taskService.unlock(task));
    });
    const tasks = new Promise<readonly FetchedTask[]>((resolve, reject) => {
      client.once('poll:success', resolve);
      client.once('poll:error', reject);
    });
    client.start();
    client.stop();
    const got = await tasks;
    await Promise.all(unlocked);
    assert.equal(unlocked.length, got.length);
    return got;
  }

  it('for tasks that its subscription describes, and gets no others', async () => {
    const [gold = '', silver = '', other = ''] = ids;
    const cases: readonly (readonly [object, string])[] = [
      [{}, 'ABCNS'],
      [{ businessKey: 'B' }, 'B'],
      [{ businessKey: 'nothing' }, ''],
      [{ processDefinitionId: gold }, 'A'],
      [{ processDefinitionIdIn: [silver, other] }, 'BC'],
      [{ processDefinitionKey: 'other' }, 'C'],
      [{ processDefinitionKeyIn: ['other', 'plain'] }, 'ABCNS'],
      [{ processDefinitionVersionTag: 'silver' }, 'B'],
      [{ processVariables: { amount: 1 } }, 'A'],
      [{ processVariables: { place: 'Ulm', amount: 2 } }, 'B'],
      [{ processVariables: { place: 'Ulm', amount: 3 } }, ''],
      [{ tenantIdIn: ['north', 'nowhere'] }, 'N'],
      [{ withoutTenantId: true }, 'ABC'],
      [{ withoutTenantId: true, processDefinitionKey: 'plain', processVariables: { amount: 1 } }, 'A'],
    ];
    for (const [subscription, expected] of cases) {
      const keys = (await poll('filters', subscription)).map(({ businessKey }) => businessKey);
      assert.equal(keys.sort().join(''), expected, JSON.stringify(subscription));
    }
    const [south] = await poll('filters', { businessKey: 'S' });
    assert.deepEqual([south?.tenantId, south?.workerId, south?.topicName], ['south', 'js', 'filters']);
  });

  it('for the variables that it names, for local ones, and for extension properties', async () => {
    await start(system, 'described', { variables: { outer: { value: 'o' }, more: { value: 'm' } } });
    const named = async (subscription: object) => {
      const [task] = (await poll('described', subscription)) as (FetchedTask & { variables: object })[];
      return [
        Object.keys(task?.variables ?? {})
          .sort()
          .join(),
        task?.extensionProperties,
      ];
    };
    assert.deepEqual(await named({}), ['more,outer,own', {}]);
    assert.deepEqual(await named({ variables: ['outer', 'own', 'absent'] }), ['outer,own', {}]);
    assert.deepEqual(await named({ variables: [] }), ['', {}]);
    assert.deepEqual(await named({ localVariables: true }), ['own', {}]);
    assert.deepEqual(await named({ includeExtensionProperties: true }), ['more,outer,own', { unit: 'kg' }]);
  });

  it('for the most urgent first, the oldest or the newest, and no more than it wants', async () => {
    for (const [businessKey, rank] of [
      ['first', 1],
      ['second', 3],
      ['third', 1],
      ['fourth', 2],
    ] as const) {
      await start(system, 'prioritised', { businessKey, variables: { rank: { value: rank } } });
      // Each is created at an instant of its own.
      await sleep(3);
    }
    const { CreateTime } = Client.SortBy;
    const { ASC, DESC } = Client.SortOrder;
    const keys = async (more: object) =>
      (await poll('order', {}, more)).map(({ businessKey }) => businessKey).join(' ');
    const byTime = (sortOrder: string) => [{ sortBy: CreateTime, sortOrder }];
    assert.equal(await keys({ usePriority: false, sorting: byTime(ASC) }), 'first second third fourth');
    assert.equal(await keys({ usePriority: false, sorting: byTime(DESC) }), 'fourth third second first');
    assert.equal(await keys({ sorting: byTime(ASC) }), 'second fourth first third');
    assert.equal(await keys({ sorting: byTime(DESC) }), 'second fourth third first');
    assert.equal(await keys({ sorting: byTime(ASC), maxTasks: 2 }), 'second fourth');
    assert.equal((await poll('order', {}, { maxTasks: 1 }))[0]?.priority, 3);
  });

  it('and waits in one request until there is something (asyncResponseTimeout), or asks again (interval)', async (t) => {
    await system.deploy({ 'long.bpmn': work('long', 'long') });
    const waiting = clientOf(t, { asyncResponseTimeout: 10_000 });
    const polls: number[] = [];
    waiting.on('poll:success', (tasks: readonly FetchedTask[]) => polls.push(tasks.length));
    const done = served(waiting, 'long');
    await sleep(60);
    const id = await start(system, 'long');
    await done;
    assert.deepEqual([await ended(system, id), polls], ['COMPLETED', [1]]);
    waiting.stop();

    const asking = clientOf(t);
    const empty: number[] = [];
    asking.on('poll:success', (tasks: readonly FetchedTask[]) => empty.push(tasks.length));
    asking.subscribe('long', async () => {});
    while (empty.length < 3) await sleep(5);
    assert.deepEqual(empty.slice(0, 3), [0, 0, 0]);

    const short = clientOf(t, { asyncResponseTimeout: 30 });
    short.subscribe('long', async () => {});
    assert.deepEqual(await once(short as never, 'poll:success'), [[]]);
  });

  it('and no further once it is stopped or unsubscribed', async (t) => {
    await system.deploy({ 'halt.bpmn': work('halt', 'halt') });
    const client = clientOf(t, { asyncResponseTimeout: 40 });
    const got: string[] = [];
    const subscription = client.subscribe('halt', async ({ task, taskService }) => {
      got.push(task.businessKey ?? '');
      await taskService.complete(task);
    });
    await ended(system, await start(system, 'halt', { businessKey: 'before' }));
    subscription.unsubscribe();
    await sleep(60);
    const kept = await start(system, 'halt', { businessKey: 'kept' });
    await sleep(60);
    assert.deepEqual(got, ['before']);
    client.subscribe('halt', async ({ task, taskService }) => {
      got.push(task.businessKey ?? '');
      await taskService.complete(task);
      client.stop();
    });
    assert.equal(await ended(system, kept), 'COMPLETED');
    await sleep(60);
    await start(system, 'halt', { businessKey: 'after' });
    await sleep(60);
    assert.deepEqual(got, ['before', 'kept']);
  });

  it('for no more than it may work on at the same time (maxParallelExecutions)', async (t) => {
    await system.deploy({ 'few.bpmn': work('few', 'few') });
    const ids = await Promise.all([1, 2, 3].map(() => start(system, 'few')));
    const client = clientOf(t, { maxParallelExecutions: 2, maxTasks: 10 });
    let [atOnce, most] = [0, 0];
    client.subscribe('few', async ({ task, taskService }) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await sleep(30);
      await taskService.complete(task);
      atOnce -= 1;
    });
    for (const id of ids) assert.equal(await ended(system, id), 'COMPLETED');
    assert.equal(most, 2);
  });

  it('several topics at once, each with its own lock', async (t) => {
    await system.deploy({ 'a.bpmn': work('a', 'topicA'), 'b.bpmn': work('b', 'topicB') });
    const client = clientOf(t, { autoPoll: false, maxTasks: 10 });
    const locks = new Map<string, number>();
    const note = async ({ task }: { task: FetchedTask }): Promise<void> => {
      locks.set(task.topicName, Date.parse(task.lockExpirationTime));
    };
    client.subscribe('topicA', { lockDuration: 1_000 }, note);
    client.subscribe('topicB', { lockDuration: 1_000_000 }, note);
    await start(system, 'a');
    await start(system, 'b');
    client.start();
    while (locks.size < 2) await sleep(5);
    assert.ok((locks.get('topicB') ?? 0) - (locks.get('topicA') ?? 0) > 900_000);
  });

  it('and gets a task whose lock has run out, while the former holder is refused', async (t) => {
    await system.deploy({ 'lease.bpmn': work('lease', 'lease') });
    const slow = clientOf(t, { workerId: 'slow', lockDuration: 20 });
    const held = new Promise<{ task: FetchedTask; taskService: TaskService }>((resolve) => {
      slow.subscribe('lease', async (given) => {
        slow.stop();
        resolve(given);
      });
    });
    const id = await start(system, 'lease');
    const { task, taskService } = await held;
    const quick = clientOf(t, { workerId: 'quick', asyncResponseTimeout: 5_000 });
    const taken = new Promise<() => Promise<void>>((resolve) => {
      quick.subscribe('lease', async (given) => resolve(() => given.taskService.complete(given.task)));
    });
    const complete = await taken;
    await assert.rejects(taskService.complete(task.id), /It is locked by worker 'quick'/);
    await complete();
    assert.equal(await ended(system, id), 'COMPLETED');
  });

  it('and says what happens by events and to its logger', async (t) => {
    await system.deploy({ 'told.bpmn': work('told', 'told'), 'aside.bpmn': work('aside', 'aside') });
    const lines: string[] = [];
    t.mock.method(console, 'log', (line: string) => lines.push(line));
    const client = clientOf(t, { use: logger.level('debug'), autoPoll: false });
    const events: string[] = [];
    for (const what of ['complete', 'handleFailure', 'handleBpmnError', 'extendLock', 'lock', 'unlock', 'handler'])
      for (const how of ['success', 'error']) client.on(`${what}:${how}` as never, () => events.push(`${what}:${how}`));
    for (const event of ['subscribe', 'unsubscribe', 'poll:stop']) client.on(event, () => events.push(event));
    const subscription = client.subscribe('told', async ({ task, taskService }) => {
      if (task.retries === null) {
        await taskService.extendLock(task, 1_000);
        await taskService.handleFailure(task, { retries: 1, retryTimeout: 0 });
      } else {
        await taskService.complete(task);
        await assert.rejects(taskService.handleBpmnError(task, 'GONE'));
        throw new Error('of the handler');
      }
    });
    client.start();
    await ended(system, await start(system, 'told'));
    while (!events.includes('handler:error')) await sleep(5);
    subscription.unsubscribe();
    client.stop();
    // A task that its own polls do not ask for: one that it gives back would be handed out to the next of them at once.
    const of = await start(system, 'aside');
    const [aside] = await system.get<FetchedTask[]>(`/engine-rest/external-task?processInstanceId=${of}`);
    assert.ok(aside);
    await client.taskService.lock(aside.id, 60_000);
    await client.taskService.unlock(aside.id);
    assert.deepEqual(events, [
      'subscribe',
      'extendLock:success',
      'handleFailure:success',
      'handler:success',
      'complete:success',
      'handleBpmnError:error',
      'handler:error',
      'unsubscribe',
      'poll:stop',
      'lock:success',
      'unlock:success',
    ]);
    const text = lines.join('\n');
    assert.match(text, /polled 1 tasks/);
    assert.match(text, /completed task \d+/);
    assert.match(text, /couldn't handle BPMN error of task \d+, EngineError: Response code 404 \(Not Found\)/);
  });

  it('and is told why it is refused', async (t) => {
    const client = clientOf(t, { baseUrl: `${baseUrl()}/engine/elsewhere` });
    client.subscribe('told', async () => {});
    const [error] = (await once(client as never, 'poll:error')) as [EngineError];
    assert.deepEqual(
      [error.httpStatusCode, error.type, error.engineMsg],
      [404, 'InvalidRequestException', 'Process engine elsewhere not available'],
    );
    const named = clientOf(t, { baseUrl: `${baseUrl()}/engine/default/` });
    named.subscribe('told', async () => {});
    assert.deepEqual(await once(named as never, 'poll:success'), [[]]);
  });

  /** Completes one task of the topic. */
  async function served(client: Client, topic: string): Promise<FetchedTask> {
    return new Promise((resolve) => {
      client.subscribe(topic, async ({ task, taskService }) => {
        await taskService.complete(task);
        resolve(task);
      });
    });
  }

  function clientOf(t: TestContext, more: object = {}): Client {
    const client = new Client({ baseUrl: baseUrl(), ...options, ...more });
    t.after(() => client.stop());
    return client;
  }
});

describe('camunda-external-task-client-js proves who it is', () => {
  it('with the KeycloakAuthInterceptor: an access token that it fetches, and keeps as long as it is valid', async (t) => {
    let admin = '';
    const system = await startSystem({ authentication: 'required', authorization: () => admin });
    t.after(() => system.stop());
    admin = `Bearer ${system.kernel.identity.access.setupToken()}`;
    await system.kernel.ready;
    const operations = [
      { do: 'addUser', name: 'root', roles: ['administrator'], password: 'correct horse battery' },
      { do: 'createToken', label: 'test', user: 'root' },
    ];
    const { secrets } = await system.post<{ secrets: string[] }>('/api/identity-changes', { operations });
    const issued: (string | undefined)[] = [];
    const issuer = createServer((request, response) => {
      issued.push(request.headers.authorization);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: secrets[0], expires_in: 11 }));
    });
    issuer.listen(0, '127.0.0.1');
    t.after(() => issuer.close());
    await once(issuer, 'listening');
    const { port } = issuer.address() as { port: number };
    admin = `Bearer ${secrets[0]}`;
    await until(async () => (await fetch(`${system.url}/api/system`, { headers: { authorization: admin } })).ok);
    await system.deploy({ 'told.bpmn': work('told', 'told') });

    const headers: unknown[] = [];
    const client = new Client({
      baseUrl: `${system.url}/engine-rest`,
      interval: 5,
      interceptors: [
        new KeycloakAuthInterceptor({ tokenEndpoint: `http://127.0.0.1:${port}/`, clientId: 'c', clientSecret: 's' }),
        (config: { headers?: object }) => {
          headers.push(config.headers);
          return { ...config, headers: { ...config.headers, 'x-seen': 'yes' } };
        },
      ],
    });
    t.after(() => client.stop());
    const done = new Promise<void>((resolve) => {
      client.subscribe('told', async ({ task, taskService }) => {
        await taskService.complete(task);
        resolve();
      });
    });
    const id = await start(system, 'told');
    await done;
    assert.equal(await ended(system, id), 'COMPLETED');
    assert.deepEqual(issued, [`Basic: ${Buffer.from('c:s').toString('base64')}`]);
    assert.ok(headers.length >= 2);
  });

  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 1_000 && !(await holds()); turn += 1) await sleep(10);
  }
});
