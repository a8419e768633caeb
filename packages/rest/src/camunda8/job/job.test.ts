/** Jobs: what the published client gets and may say, long polls, and both dialects at once on the same instance. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, payment, zeebe } from '../../testing/camunda8.test.ts';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const NEW = payment('new');
const LISTENED = zeebe(
  'listened',
  `<bpmn:startEvent id="s" />
    <bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask />
      <zeebe:assignmentDefinition candidateGroups="a,b" />
      <zeebe:executionListeners><zeebe:executionListener eventType="start" type="begin" /></zeebe:executionListeners>
      <zeebe:taskListeners><zeebe:taskListener eventType="completing" type="check" /></zeebe:taskListeners>
    </bpmn:extensionElements></bpmn:userTask>`,
  ['s->u'],
);
const OLD = bpmn(
  'old',
  `<bpmn:startEvent id="s" /><bpmn:serviceTask id="t" camunda:type="external" camunda:topic="old-pay">
    <bpmn:extensionElements><camunda:properties><camunda:property name="method" value="cash" /></camunda:properties></bpmn:extensionElements>
  </bpmn:serviceTask><bpmn:endEvent id="e" />`,
  ['s->t', 't->e'],
);

const NOW = { requestTimeout: -1 } as const;

describe('jobs of Camunda 8', () => {
  let system: System;
  let client: CamundaClient;
  before(async () => {
    system = await startSystem();
    client = camunda8Client(system.url);
    await system.deploy({ 'new.bpmn': NEW, 'listened.bpmn': LISTENED, 'old.bpmn': OLD });
  });
  after(() => system.stop());

  const start = async (id: string, variables: Record<string, unknown> = {}) => {
    const { processInstanceKey } = await client.createProcessInstance({ processDefinitionId: id as never, variables });
    return processInstanceKey;
  };
  const activate = async (type: string, more: object = {}) => {
    const asked = { type, worker: 'w', timeout: 60_000, maxJobsToActivate: 10, ...NOW, ...more };
    return (await client.activateJobs(asked)).jobs;
  };
  const one = async (type: string, more: object = {}) => {
    const [found, ...rest] = await activate(type, more);
    assert.ok(found !== undefined && rest.length === 0, `one job of type ${type}`);
    return found;
  };
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => assert.fail('it was accepted'),
      ({ status, title, detail }) => ({ status, title, detail: String(detail) }),
    );
  const ended = async (key: string) => {
    const history = await system.get<{ state: string }>(`/engine-rest/history/process-instance/${key}`);
    const ends = await system.get<{ activityId: string }[]>(
      `/engine-rest/history/activity-instance?processInstanceId=${key}&activityType=noneEndEvent`,
    );
    return [history.state, ends[0]?.activityId];
  };

  it('is activated with all its members, and completed with variables', async () => {
    const before = Date.now();
    const key = await start('new', { amount: 3, order: { lines: [1, 2] }, nothing: null });
    const found = await one('pay', { fetchVariable: ['amount', 'nothing', 'other'] });
    const { jobKey, processDefinitionKey, elementInstanceKey, deadline, variables, ...rest } = found;
    assert.match(`${jobKey} ${processDefinitionKey} ${elementInstanceKey}`, /^\d+ \d+ \d+$/);
    assert.ok(Number(deadline) >= before + 60_000, 'the deadline is an instant');
    assert.deepEqual({ ...variables }, { amount: 3, nothing: null });
    const {
      customHeaders,
      complete: _1,
      fail: _2,
      error: _3,
      cancelWorkflow: _4,
      ignore: _5,
      ...plain
    } = rest as never as Record<string, unknown>;
    assert.deepEqual(customHeaders, { method: 'card' });
    for (const [name, value] of Object.entries({
      type: 'pay',
      processInstanceKey: key,
      rootProcessInstanceKey: key,
      processDefinitionId: 'new',
      processDefinitionVersion: 1,
      elementId: 't',
      worker: 'w',
      retries: 3,
      tenantId: '<default>',
      kind: 'BPMN_ELEMENT',
      listenerEventType: 'UNSPECIFIED',
      userTask: null,
      tags: [],
    }))
      assert.deepEqual(plain[name], value, name);
    await client.completeJob({
      jobKey,
      variables: { total: 7, note: 'ok', lines: { a: [1, null] }, big: 5_000_000_000 },
    });
    assert.deepEqual(await ended(key), ['COMPLETED', 'e']);
    const rows = await system.get<{ name: string; type: string; value: unknown }[]>(
      `/engine-rest/history/variable-instance?processInstanceId=${key}`,
    );
    assert.deepEqual(Object.fromEntries(rows.map(({ name, type, value }) => [name, [type, value]])), {
      amount: ['Integer', 3],
      order: ['Json', '{"lines":[1,2]}'],
      nothing: ['Null', null],
      total: ['Integer', 7],
      note: ['String', 'ok'],
      lines: ['Json', '{"a":[1,null]}'],
      big: ['Long', 5_000_000_000],
    });
    const again = await refusal(client.completeJob({ jobKey }));
    assert.deepEqual([again.status, again.title], [404, 'NOT_FOUND']);
  });

  it('fails with a back-off and variables of its element, is tried again, and ends in an incident', async () => {
    const key = await start('new');
    const first = await one('pay');
    const told = { jobKey: first.jobKey, errorMessage: 'no card', variables: { seen: true } };
    await client.updateJob({ jobKey: first.jobKey, changeset: { retries: 5 } });
    await client.failJob({ ...told, retries: 4, retryBackOff: 20 });
    const second = await one('pay', { requestTimeout: 30_000 });
    assert.deepEqual([second.jobKey, second.retries, second.variables], [first.jobKey, 4, { seen: true }]);
    await client.failJob({ ...told, retries: 0 });
    assert.deepEqual(await activate('pay'), []);
    const incidents = await system.get<{ incidentMessage: string }[]>(`/engine-rest/incident?processInstanceId=${key}`);
    assert.deepEqual(
      incidents.map(({ incidentMessage }) => incidentMessage),
      ['no card'],
    );
    const late = await refusal(client.completeJob({ jobKey: first.jobKey }));
    assert.deepEqual([late.status, late.title], [409, 'INVALID_STATE']);
    await client.updateJob({ jobKey: first.jobKey, changeset: { retries: 1 } });
    await client.failJob({ jobKey: (await one('pay')).jobKey, retries: 1, retryBackOff: 3_600_000 });
    assert.deepEqual(await activate('pay'), [], 'not before the back-off is over');
    await client.cancelProcessInstance({ processInstanceKey: key });
  });

  it('throws a BPMN error that a boundary event catches', async () => {
    const key = await start('new');
    const { jobKey } = await one('pay');
    await client.throwJobError({ jobKey, errorCode: 'CARD', errorMessage: 'declined', variables: { why: 'limit' } });
    assert.deepEqual(await ended(key), ['COMPLETED', 'eDeclined']);
  });

  it('is handed to a poll that waits as soon as it appears, to one worker only', async () => {
    const polls = [1, 2].map((at) =>
      activate('pay', { worker: `w${at}`, requestTimeout: 60_000, maxJobsToActivate: 1 }),
    );
    while ((await system.get('/api/workers').then(waitingOf)) < 2) await pause();
    const first = await start('new');
    const [woken] = await Promise.race(polls);
    assert.equal(woken?.processInstanceKey, first);
    assert.equal(await system.get('/api/workers').then(waitingOf), 1);
    const second = await start('new');
    const jobs = (await Promise.all(polls)).flat();
    assert.deepEqual(jobs.map(({ processInstanceKey }) => processInstanceKey).sort(), [first, second].sort());
    for (const { jobKey } of jobs) await client.completeJob({ jobKey });
  });

  it('is not lost where the client that waited for it has hung up', async () => {
    const gone = new AbortController();
    const body = JSON.stringify({
      type: 'pay',
      worker: 'gone',
      timeout: 3_600_000,
      maxJobsToActivate: 1,
      requestTimeout: 60_000,
    });
    const headers = { 'content-type': 'application/json' };
    const poll = fetch(`${system.url}/v2/jobs/activation`, { method: 'POST', headers, body, signal: gone.signal });
    while ((await system.get('/api/workers').then(waitingOf)) < 1) await pause();
    gone.abort();
    await assert.rejects(poll);
    while ((await system.get('/api/workers').then(waitingOf)) > 0) await pause();
    await start('new');
    await client.completeJob({ jobKey: (await one('pay')).jobKey });
  });

  it('of another tenant, or of another type, is not handed out', async () => {
    await start('new');
    assert.deepEqual(await activate('pay', { tenantIds: ['other'] }), []);
    assert.deepEqual(await activate('pay', { tenantIds: ['other', '<default>'] }).then((jobs) => jobs.length), 1);
    assert.deepEqual(await activate('nothing'), []);
  });

  it('says what is wrong with an activation', async () => {
    const ask = async (body: object) => {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const response = await fetch(`${system.url}/v2/jobs/activation`, init);
      return `${response.status} ${((await response.json()) as { detail: string }).detail}`;
    };
    assert.match(await ask({}), /^400 'type' must be text that is not empty, but is missing$/);
    assert.match(await ask({ type: 'a' }), /^400 'timeout' must be a whole number, 1 or more, but is missing$/);
    assert.match(await ask({ type: 'a', timeout: 0, maxJobsToActivate: 1 }), /'timeout' .* but is 0$/);
    assert.match(
      await ask({ type: 'a', timeout: '1000', maxJobsToActivate: 1.5 }),
      /'maxJobsToActivate' .* but is 1.5$/,
    );
    assert.match(
      await ask({ type: 'procos.store.backup', timeout: 1, maxJobsToActivate: 1 }),
      /^400 .*system calls belong to the kernel/,
    );
  });

  it('of listeners tells its kind and the user task, and a result denies or corrects', async () => {
    const key = await start('listened');
    const begin = await one('begin');
    assert.deepEqual([begin.kind, begin.listenerEventType, begin.userTask], ['EXECUTION_LISTENER', 'START', null]);
    await client.completeJob({ jobKey: begin.jobKey });
    const [task] = await system.get<{ id: string }[]>(`/engine-rest/task?processInstanceId=${key}`);
    await system.post(`/engine-rest/task/${task?.id}/complete`);
    const check = await one('check');
    assert.deepEqual([check.kind, check.listenerEventType], ['TASK_LISTENER', 'COMPLETING']);
    const { action, candidateGroups, userTaskKey, priority } = check.userTask ?? {};
    assert.deepEqual([action, candidateGroups, userTaskKey, priority], ['complete', ['a', 'b'], task?.id, 50]);
    await client.completeJob({ jobKey: check.jobKey, result: { type: 'userTask', denied: true } });
    await system.post(`/engine-rest/task/${task?.id}/complete`);
    const again = await one('check');
    const corrections = { priority: 70, assignee: 'ada' };
    await client.completeJob({ jobKey: again.jobKey, result: { type: 'userTask', corrections } });
    assert.equal((await ended(key))[0], 'COMPLETED');
  });

  it('of a Camunda 7 model is done by a worker of Camunda 8, and the other way round', async () => {
    const oldKey = await start('old', { when: 'now' });
    const found = await one('old-pay');
    assert.deepEqual([found.retries, found.customHeaders, found.variables], [3, { method: 'cash' }, { when: 'now' }]);
    await client.completeJob({ jobKey: found.jobKey, variables: { paid: true } });
    assert.deepEqual(await ended(oldKey), ['COMPLETED', 'e']);

    const newKey = await start('new');
    const topics = [{ topicName: 'pay', lockDuration: 60_000, includeExtensionProperties: true }];
    const lock = { workerId: 'seven', maxTasks: 1, topics };
    const [task] = await system.post<{ id: string; extensionProperties: object }[]>(
      '/engine-rest/external-task/fetchAndLock',
      lock,
    );
    assert.deepEqual(task?.extensionProperties, { method: 'card' });
    assert.deepEqual(await activate('pay'), [], 'who has locked it has it');
    const id = task?.id ?? '';
    const zombie = await refusal(client.completeJob({ jobKey: id as never }));
    assert.deepEqual([zombie.status, zombie.title], [409, 'INVALID_STATE']);
    assert.match(zombie.detail, /worker 'seven' of another API has locked it/);
    const variables = { paid: { type: 'Boolean', value: true } };
    await system.post(`/engine-rest/external-task/${id}/complete`, { workerId: 'seven', variables });
    assert.deepEqual(await ended(newKey), ['COMPLETED', 'e']);
  });

  it('whose time was up counts for the worker that had it until somebody else completes it', async () => {
    await start('new');
    const first = await one('pay', { timeout: 1 });
    const second = await one('pay', { worker: 'other', requestTimeout: 30_000 });
    assert.deepEqual([second.jobKey, second.worker], [first.jobKey, 'other']);
    // As in Camunda 8: the job is named, not who says it.
    await client.completeJob({ jobKey: first.jobKey });
    assert.equal((await refusal(client.completeJob({ jobKey: second.jobKey }))).status, 404);

    await start('new');
    const mine = await one('pay', { timeout: 1 });
    const topics = [{ topicName: 'pay', lockDuration: 60_000 }];
    const fetch7 = { workerId: 'seven', maxTasks: 1, asyncResponseTimeout: 30_000, topics };
    assert.equal((await system.post<unknown[]>('/engine-rest/external-task/fetchAndLock', fetch7)).length, 1);
    assert.equal((await refusal(client.completeJob({ jobKey: mine.jobKey }))).status, 409, 'a lock of Camunda 7 holds');
    await system.post(`/engine-rest/external-task/${mine.jobKey}/unlock`);
    const free = await refusal(client.completeJob({ jobKey: mine.jobKey }));
    assert.match(`${free.status} ${free.detail}`, /^409 .*nobody has activated it/);
    await client.completeJob({ jobKey: (await one('pay')).jobKey });
  });

  it('is left for the next to ask where one answer would be too long', async () => {
    const text = 'x'.repeat(900_000);
    for (let at = 0; at < 20; at += 1) await start('new', { text });
    const [first, second] = [
      await activate('pay', { maxJobsToActivate: 100 }),
      await activate('pay', { maxJobsToActivate: 100 }),
    ];
    assert.deepEqual([first.length, second.length], [18, 2]);
    assert.equal(first[0]?.variables['text'], text);
    for (const { jobKey } of [...first, ...second]) await client.completeJob({ jobKey });
  });

  it('gets more time while it is held', async () => {
    await start('new');
    const { jobKey } = await one('pay', { timeout: 60_000 });
    await client.updateJob({ jobKey, changeset: { timeout: 3_600_000 } });
    const task = await system.get<{ lockExpirationTime: string }>(`/engine-rest/external-task/${jobKey}`);
    assert.ok(Date.parse(task.lockExpirationTime.replace('+0000', 'Z')) > Date.now() + 1_800_000);
    const nothing = await refusal(client.updateJob({ jobKey, changeset: {} }));
    assert.deepEqual([nothing.status, nothing.title], [400, 'INVALID_ARGUMENT']);
    await client.completeJob({ jobKey });
  });
});

function waitingOf(answer: unknown): number {
  const { workers } = answer as { workers: readonly { readonly waiting: boolean }[] };
  return workers.filter(({ waiting }) => waiting).length;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
