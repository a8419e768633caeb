/**
 * No table is read from end to end on a hot path: the plan of every SQL statement that commands, workers, the alarm, the retention
 * and what screens ask for again and again lead to. Look-ups one by one: packages/store/src/sqlite/indexes.test.ts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { RunningKernel } from '@procos/kernel';
import { createServer } from '@procos/rest';
import { type Counted, counting } from '../bench/counters.ts';
import { deploy, startMany, withDirectory, withKernel, withKernelIn } from '../bench/harness.ts';
import { CORRELATED, EXTERNAL, models, PUBLISHED, TIMER, USER } from '../bench/models.ts';
import { manualClock, QUIET } from '../packages/kernel/src/testing/clock.ts';
import { assertSearched } from './searched.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const INSTANCES = 40;
const CAMUNDA_7 = '/engine-rest';

type Method = 'GET' | 'POST' | 'PUT';
type Answer = Record<string, unknown>;

/** What is deployed, which nobody counts by thousands, is read whole; and so is what an administrator has set. */
const FEW: ReadonlySet<string> = new Set(['definitionViews', 'deployments', 'decisions', 'controls', 'topicServers']);
/** The first so many of all in the order of their identities, where the reading ends; how many there are in all, which SQLite counts by pages. */
const PAGE = /^SELECT [\w, ]+ FROM \w+ ORDER BY id( DESC)?(, id)? LIMIT \? OFFSET \?$/;
const ALL = /^SELECT count\(\*\) FROM (\w+|\(SELECT 1 FROM \w+ LIMIT \?\))$/;

const nothing = (): boolean => false;
const few = (table: string): boolean => FEW.has(table);

function pages({ unlimited }: Counted): (table: string, text: string) => boolean {
  return (table, text) => few(table) || ALL.test(text) || (PAGE.test(text) && !unlimited.has(text));
}

describe('hot paths search an index', () => {
  const clock = manualClock(QUIET);
  let kernel: RunningKernel;
  let url: string;
  const over = Promise.withResolvers<void>();
  let stopped: Promise<void>;

  before(async () => {
    const ready = Promise.withResolvers<void>();
    stopped = withKernel(
      async (running) => {
        kernel = running;
        const app = await createServer(kernel, {});
        url = await app.listen({ host: '127.0.0.1', port: 0 });
        for (const [name, model] of Object.entries({ ...models('${amount &gt; 100}'), u: USER, x: EXTERNAL }))
          await deploy(kernel, name, model);
        await deploy(kernel, 'timer', TIMER);
        await deploy(kernel, 'correlated', CORRELATED);
        await deploy(kernel, 'published', PUBLISHED);
        const due = { type: 'String', value: new Date(QUIET + HOUR_MS).toISOString() } as const;
        for (const name of ['a', 'u', 'x', 'timer', 'correlated', 'published'])
          await startMany(kernel, name, INSTANCES, (index) => {
            const key = `${name}-${index}`;
            return { businessKey: key, variables: { orderId: { type: 'String', value: key }, due } };
          });
        ready.resolve();
        await over.promise;
        await app.close();
      },
      { clock, retention: { historyDays: 1, logDays: 1 } },
    );
    await Promise.race([ready.promise, stopped]);
  });
  after(async () => {
    over.resolve();
    await stopped;
  });

  async function ask<T = Answer>(method: Method, path: string, payload?: object): Promise<T> {
    const body =
      payload === undefined ? {} : { body: JSON.stringify(payload), headers: { 'content-type': 'application/json' } };
    const reply = await fetch(`${url}${path}`, { method, ...body });
    const text = await reply.text();
    assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as T;
  }

  /** Until what is asked for has come about; nothing moves the clock meanwhile but this. */
  async function until(isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn += 1) {
      assert.ok(turn < 20_000, 'it does not come about');
      if (turn % 20 === 19) clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The statements of `work`, with those that bring the views up to it. */
  function statementsOf(work: () => Promise<unknown>): Promise<Counted> {
    return counting(async () => {
      await work();
      kernel.engine.count('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] });
    });
  }

  const fetchTasks = (more: object = {}, topic: object = {}): Promise<{ readonly id: string }[]> =>
    ask('POST', `${CAMUNDA_7}/external-task/fetchAndLock`, {
      workerId: 'w',
      maxTasks: 2,
      topics: [{ topicName: 'bench', lockDuration: 10_000, ...topic }],
      ...more,
    });

  test('an instance is started, by the face of Camunda 7, of Camunda 8 and by ours', async () => {
    const counted = await statementsOf(async () => {
      for (const name of ['a', 'b', 'c', 'u', 'x', 'correlated', 'published'])
        await ask('POST', `${CAMUNDA_7}/process-definition/key/${name}/start`, {
          businessKey: 'more',
          variables: { amount: { value: 5 }, orderId: { value: 'more' } },
        });
      await ask('POST', '/v2/process-instances', { processDefinitionId: 'b', variables: { amount: 5 } });
      await ask('POST', '/v2/process-instances', { processDefinitionId: 'a', awaitCompletion: true });
    });
    assertSearched(counted, nothing);
  });

  test('external tasks and jobs are fetched in each order and by each filter, completed, failed, kept and given back', async () => {
    const counted = await statementsOf(async () => {
      for (const more of [{}, { usePriority: true }])
        for (const topic of [
          {},
          { businessKey: 'x-30' },
          { processDefinitionKey: 'x' },
          { tenantIdIn: ['none'] },
          { withoutTenantId: true },
        ])
          await fetchTasks(more, topic);
      const [done, failed, kept, released] = await fetchTasks({ maxTasks: 4 });
      const own = { workerId: 'w' };
      await ask('POST', `${CAMUNDA_7}/external-task/${done?.id}/complete`, own);
      await ask('POST', `${CAMUNDA_7}/external-task/${failed?.id}/failure`, { ...own, retries: 0, errorMessage: 'no' });
      await ask('POST', `${CAMUNDA_7}/external-task/${kept?.id}/extendLock`, { ...own, newDuration: 20_000 });
      await ask('POST', `${CAMUNDA_7}/external-task/${released?.id}/unlock`);
      const { jobs } = await ask<{ jobs: { jobKey: string }[] }>('POST', '/v2/jobs/activation', {
        type: 'bench',
        timeout: 10_000,
        maxJobsToActivate: 3,
        worker: 'w8',
      });
      await ask('POST', `/v2/jobs/${jobs[0]?.jobKey}/completion`, {});
      await ask('POST', `/v2/jobs/${jobs[1]?.jobKey}/failure`, { retries: 0 });
      // Locks have run out.
      clock.advance(60_000);
      assert.equal((await fetchTasks()).length, 2);
      await ask('PUT', `${CAMUNDA_7}/external-task/${failed?.id}/retries`, { retries: 1 });
      // Who waits is told when the next lock runs out.
      let waits = true;
      const waiting = fetchTasks({ asyncResponseTimeout: 1_000 }, { businessKey: 'none' }).finally(() => {
        waits = false;
      });
      await until(() => !waits);
      assert.deepEqual(await waiting, []);
    });
    assert.ok(
      [...counted.texts.keys()].some((text) => text.includes(' AND availableAt > ? ')),
      'nobody has waited',
    );
    assertSearched(counted, pages(counted));
  });

  test('a message is correlated by each of its keys, a signal thrown, a user task claimed and completed', async () => {
    const counted = await statementsOf(async () => {
      await ask('POST', `${CAMUNDA_7}/message`, { messageName: 'paid', businessKey: 'correlated-3' });
      await ask('POST', '/v2/messages/publication', { name: 'paid', correlationKey: 'published-3', timeToLive: 1_000 });
      await ask('POST', '/v2/messages/publication', { name: 'paid', correlationKey: 'nobody', timeToLive: 1_000 });
      await ask('POST', '/v2/messages/correlation', { name: 'paid', correlationKey: 'published-4' });
      await ask('POST', `${CAMUNDA_7}/signal`, { name: 'nobody' });
      const [task] = kernel.engine.find('userTasks', { limit: 1 });
      await ask('POST', `${CAMUNDA_7}/task/${task?.id}/claim`, { userId: 'ada' });
      await ask('GET', `${CAMUNDA_7}/task/${task?.id}/variables`);
      await ask('POST', `${CAMUNDA_7}/task/${task?.id}/complete`, { variables: { ok: { value: true } } });
      const [other] = kernel.engine.find('userTasks', { limit: 1 });
      await ask('POST', `/v2/user-tasks/${other?.id}/assignment`, { assignee: 'ada' });
      await ask('POST', `/v2/user-tasks/${other?.id}/completion`, {});
    });
    assertSearched(counted, (table, text) => table === 'userTasks' && pages(counted)(table, text));
  });

  test('timers ring and messages expire', async () => {
    const waiting = () =>
      kernel.engine.count('timers', { where: [{ column: 'elementId', op: '=', value: 'wait' }], limit: 1 });
    assert.equal(waiting(), 1);
    let rung = 0;
    const stop = kernel.engine.onCommitted((records) => {
      for (const { command } of records) if (command === 'triggerTimer') rung += 1;
    });
    const counted = await statementsOf(async () => {
      clock.advance(HOUR_MS);
      await until(() => rung >= INSTANCES);
    });
    stop();
    assert.equal(waiting(), 0);
    // Above all it is the alarm that has asked.
    assert.ok(
      [...counted.texts.keys()].some((text) => text.startsWith('DELETE FROM messages')),
      'no message has expired',
    );
    assertSearched(counted, pages(counted));
  });

  test('what screens show again and again: tasks, incidents, instances, what is in one of them', async () => {
    const [open] = kernel.engine.find('userTasks', { limit: 1 });
    const [incident] = kernel.engine.find('incidents', { limit: 1 });
    const pid = open?.processInstanceId;
    assert.ok(pid !== undefined && incident !== undefined);
    const [done] = kernel.engine.find('processInstances', {
      where: [{ column: 'state', op: '=', value: 'completed' }],
    });
    const counted = await statementsOf(async () => {
      for (const path of [
        'task?maxResults=10',
        'task?assignee=ada',
        `task?processInstanceId=${pid}`,
        'task?processInstanceBusinessKey=u-3',
        'task/count',
        'incident?maxResults=10',
        `incident?processInstanceId=${incident.processInstanceId}`,
        'process-instance?maxResults=10',
        'process-instance?businessKey=u-3',
        'process-instance?processDefinitionKey=u&active=true&maxResults=10',
        'process-instance?withIncident=true',
        'process-instance/count',
        `process-instance/${pid}`,
        `process-instance/${pid}/variables`,
        `process-instance/${pid}/activity-instances`,
        'job?maxResults=10',
        `job?processInstanceId=${pid}`,
        'external-task?workerId=w',
        'history/process-instance?processDefinitionKey=a&finished=true&sortBy=startTime&sortOrder=desc&maxResults=10',
        'history/process-instance?processInstanceBusinessKey=a-3',
        `history/activity-instance?processInstanceId=${done?.id}`,
        `history/variable-instance?processInstanceId=${done?.id}`,
        `history/incident?processInstanceId=${incident.processInstanceId}`,
      ])
        await ask('GET', `${CAMUNDA_7}/${path}`);
      for (const path of [
        'system',
        'processes?limit=10',
        'processes?state=incident',
        'processes?definition=a&state=ended&limit=10',
        `processes/${pid}`,
        `processes/${done?.id}`,
        'tasks?limit=10',
        'tasks?assignee=ada',
        'incidents?limit=10',
        'definitions',
        'workers',
        'limits',
      ])
        await ask('GET', `/api/${path}`);
    });
    const jobs = /^SELECT .+ FROM incidents WHERE externalTaskId IS NULL /;
    assertSearched(counted, (table, text) => pages(counted)(table, text) || jobs.test(text));
  });

  test('searches of Camunda 8: instances, tasks, jobs and incidents', async () => {
    const [open] = kernel.engine.find('userTasks', { limit: 1 });
    const processInstanceKey = String(open?.processInstanceId);
    const counted = await statementsOf(async () => {
      for (const [what, filter] of [
        ['process-instances', { processInstanceKey }],
        ['process-instances', { processDefinitionId: 'u', state: 'ACTIVE' }],
        ['process-instances', { processDefinitionId: 'a', state: 'COMPLETED' }],
        ['process-instances', { businessId: 'u-3' }],
        ['process-instances', { hasIncident: true }],
        ['user-tasks', { state: 'CREATED' }],
        ['user-tasks', { state: 'CREATED', assignee: 'ada' }],
        ['user-tasks', { state: 'CREATED', processInstanceKey }],
        ['incidents', { state: 'ACTIVE' }],
        ['incidents', { processInstanceKey }],
        ['jobs', { processInstanceKey }],
        ['jobs', {}],
        ['variables', { processInstanceKey }],
        ['element-instances', { processInstanceKey }],
        ['message-subscriptions', { processInstanceKey }],
        ['process-definitions', {}],
      ] as const)
        await ask('POST', `/v2/${what}/search`, { filter, page: { limit: 10 } });
      await ask('GET', `/v2/process-instances/${processInstanceKey}`);
    });
    assertSearched(counted, pages(counted));
  });

  test('the stream of events reads the log from where it is', async () => {
    const { sequence } = kernel.engine.records(0, 1)[0] ?? { sequence: 0 };
    const counted = await statementsOf(async () => {
      const ended = new AbortController();
      const reply = await fetch(`${url}/api/events?after=${sequence}`, { signal: ended.signal });
      let read = '';
      for await (const chunk of reply.body ?? []) {
        read += Buffer.from(chunk).toString('utf8');
        if (read.split('\nevent: record').length > 200) break;
      }
      ended.abort();
    });
    assert.ok([...counted.texts.keys()].some((text) => text.includes(' FROM records ')));
    assertSearched(counted, nothing);
  });

  test('the retention finds what is old and takes it out', async () => {
    const ended = () =>
      kernel.engine.count('processInstances', {
        where: [
          { column: 'bpmnProcessId', op: '=', value: 'a' },
          { column: 'endedAt', op: 'notNull' },
        ],
      });
    assert.ok(ended() >= INSTANCES);
    const counted = await statementsOf(async () => {
      clock.advance(2 * DAY_MS);
      await until(() => ended() === 0);
      await until(() => kernel.engine.firstSequence > 1);
    });
    assertSearched(counted, pages(counted));
  });
});

test('the next start of a store asks an index, however much waits there and has ended', async () => {
  await withDirectory(async (directory) => {
    await withKernelIn(directory, async (kernel) => {
      for (const [name, model] of Object.entries({ a: models('').a, u: USER, x: EXTERNAL })) {
        await deploy(kernel, name, model);
        await startMany(kernel, name, INSTANCES);
      }
    });
    const counted = await counting(() =>
      withKernelIn(directory, async ({ engine }) => {
        assert.equal(engine.count('userTasks'), INSTANCES);
      }),
    );
    // The lock has a file of its own; of what is in the file SQLite has a table.
    const ofStore = [...counted.texts].filter(([text]) => !/ (holder|sqlite_schema)\b/.test(text));
    assertSearched({ texts: new Map(ofStore) }, pages(counted));
  });
});
