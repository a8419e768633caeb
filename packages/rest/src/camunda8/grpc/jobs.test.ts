/** Jobs over gRPC: what a worker gets, how long it waits, what a stream pushes, and what becomes of jobs when it breaks. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { job, zeebe as model } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { connect, type Message, refused, type Zeebe } from './testing/zeebe.test.ts';

const HEADERS = '<zeebe:taskHeaders><zeebe:header key="method" value="card" /></zeebe:taskHeaders>';
const work = (id: string, type: string): string =>
  model(
    id,
    `<bpmn:startEvent id="s" />${job('t', type, HEADERS)}
    <bpmn:boundaryEvent id="declined" attachedToRef="t"><bpmn:errorEventDefinition errorRef="E_card" /></bpmn:boundaryEvent>
    <bpmn:endEvent id="e" /><bpmn:endEvent id="eDeclined" />`,
    ['s->t', 't->e', 'declined->eDeclined'],
  );

describe('jobs over gRPC', () => {
  let system: System;
  let client: Zeebe;
  /** One of its own per test: nothing of another test is in the way. */
  let type = '';
  let count = 0;
  before(async () => {
    system = await startSystem({ grpc: true });
    await system.kernel.ready;
    client = connect(system.grpc);
  });
  after(async () => {
    client.close();
    const events = system.kernel.log.recent(1_000).map(({ event }) => event);
    assert.equal(
      events.includes('grpc_request_failed'),
      false,
      'nothing unforeseen happened, also where streams broke',
    );
    await system.stop();
  });
  beforeEach(async () => {
    count += 1;
    type = `pay-${count}`;
    await system.deploy({ [`${type}.bpmn`]: work(`p${count}`, type) });
  });

  const start = (variables: object = {}): Promise<Message> =>
    client.call('CreateProcessInstance', {
      bpmnProcessId: `p${count}`,
      version: -1,
      variables: JSON.stringify(variables),
    });
  const ask = (more: object = {}): Message => ({
    type,
    worker: 'w',
    timeout: 60_000,
    maxJobsToActivate: 10,
    requestTimeout: -1,
    ...more,
  });
  const activate = async (more: object = {}): Promise<Message[]> =>
    (await client.all('ActivateJobs', ask(more))).flatMap(({ jobs }) => jobs);
  const one = async (): Promise<Message> => {
    const [found, ...rest] = await activate();
    assert.ok(found !== undefined && rest.length === 0, 'one job');
    return found;
  };
  const endOf = async (key: string): Promise<string | undefined> => {
    const path = `/engine-rest/history/activity-instance?processInstanceId=${key}&activityType=noneEndEvent`;
    return (await system.get<{ activityId: string }[]>(path))[0]?.activityId;
  };

  it('a job comes with all its members, and is completed with variables', async () => {
    const before = Date.now();
    const created = await start({ amount: 3, order: { lines: [1, null] } });
    const { key, deadline, processDefinitionKey, elementInstanceKey, ...rest } = await one();
    assert.match(`${key} ${processDefinitionKey} ${elementInstanceKey}`, /^\d+ \d+ \d+$/);
    assert.ok(Number(deadline) >= before + 60_000, 'an instant');
    assert.deepEqual(rest, {
      type,
      processInstanceKey: created['processInstanceKey'],
      bpmnProcessId: `p${count}`,
      processDefinitionVersion: 1,
      elementId: 't',
      customHeaders: '{"method":"card"}',
      worker: 'w',
      retries: 3,
      variables: '{"amount":3,"order":{"lines":[1,null]}}',
      tenantId: '<default>',
      kind: 'BPMN_ELEMENT',
      listenerEventType: 'UNSPECIFIED',
      tags: [],
    });
    assert.deepEqual(await client.call('CompleteJob', { jobKey: key, variables: '{"total":7}' }), {});
    assert.equal(await endOf(created['processInstanceKey']), 'e');
    await refused('NOT_FOUND', /no job with key/, client.call('CompleteJob', { jobKey: key }));
  });

  it('a failed job comes again with what is left of its retries; without any it waits until it is given some', async () => {
    await start();
    const { key } = await one();
    await client.call('FailJob', { jobKey: key, retries: 1, errorMessage: 'no' });
    assert.equal((await one())['retries'], 1);
    await client.call('FailJob', { jobKey: key, retries: 0, errorMessage: 'no', variables: '{"why":"card"}' });
    assert.deepEqual(await activate(), []);
    await refused('FAILED_PRECONDITION', /no retries left/, client.call('CompleteJob', { jobKey: key }));
    await refused('INVALID_ARGUMENT', /retries/, client.call('UpdateJobRetries', { jobKey: key, retries: 0 }));
    await client.call('UpdateJobRetries', { jobKey: key, retries: 2 });
    const again = await one();
    assert.deepEqual([again['key'], again['variables']], [key, '{"why":"card"}']);
  });

  it('a business error is caught where the model catches it', async () => {
    const created = await start();
    const { key } = await one();
    await client.call('ThrowError', { jobKey: key, errorCode: 'CARD', errorMessage: 'declined' });
    assert.equal(await endOf(created['processInstanceKey']), 'eDeclined');
  });

  it('a worker may ask for more time', async () => {
    await start();
    const { key } = (await activate({ timeout: 300 }))[0] ?? {};
    await client.call('UpdateJobTimeout', { jobKey: key, timeout: 60_000 });
    await sleep(350);
    assert.deepEqual(await activate(), []);
    await refused('NOT_FOUND', /no job/, client.call('UpdateJobTimeout', { jobKey: '1', timeout: 1 }));
  });

  it('who asks for what cannot be is told which member is wrong', async () => {
    await refused('INVALID_ARGUMENT', /'type'/, activate({ type: '' }));
    await refused('INVALID_ARGUMENT', /'worker'/, activate({ worker: '' }));
    await refused('INVALID_ARGUMENT', /'timeout'/, activate({ timeout: 0 }));
    await refused('INVALID_ARGUMENT', /'maxJobsToActivate'/, activate({ maxJobsToActivate: 0 }));
    await refused('INVALID_ARGUMENT', /'timeout'/, client.all('StreamActivatedJobs', { type, timeout: 0 }));
    await start();
    const jobKey = (await one())['key'];
    const complete = (variables: string) => client.call('CompleteJob', { jobKey, variables });
    await refused('INVALID_ARGUMENT', /'variables' must be the text of a JSON object: /, complete('{'));
    await refused('INVALID_ARGUMENT', /'variables' must be the text of a JSON object, but is \[1\]/, complete('[1]'));
    await refused('INVALID_ARGUMENT', /deeper than/, complete(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`));
    await refused('INVALID_ARGUMENT', /__proto__/, complete('{"__proto__":1}'));
    // Half of a surrogate pair comes back in the text of the refusal, which must not break it.
    await refused('INVALID_ARGUMENT', /but is/, complete('"\\ud800 and more"'));
    await refused('INVALID_ARGUMENT', /but is/, complete(JSON.stringify('é'.repeat(100_000))));
  });

  it('a long poll is answered by the next job, and ends by itself before the client gives up', async () => {
    const waiting = activate({ requestTimeout: 20_000 });
    await sleep(50);
    await start();
    assert.equal((await waiting).length, 1);
    const deadline = Date.now() + 400;
    assert.deepEqual(await client.all('ActivateJobs', ask({ requestTimeout: 20_000 }), { deadline }), []);
  });

  it('many large jobs come in several messages that a client can take', async () => {
    const big = 'x'.repeat(700_000);
    for (let at = 0; at < 6; at += 1) await start({ big });
    const messages = await client.all('ActivateJobs', ask());
    assert.deepEqual(
      messages.map(({ jobs }) => jobs.length),
      [4, 2],
    );
  });

  it('a variable that is kept out of line comes whole', async () => {
    const huge = 'y'.repeat(2_000_000);
    await start({ huge });
    assert.equal(JSON.parse((await one())['variables']).huge, huge);
  });

  it('listeners are jobs of their kinds; one of a task refuses the change, or corrects it', async () => {
    const listened = model(
      'listened',
      `<bpmn:startEvent id="s" />
       <bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask />
         <zeebe:assignmentDefinition candidateGroups="a,b" />
         <zeebe:executionListeners><zeebe:executionListener eventType="start" type="${type}" /></zeebe:executionListeners>
         <zeebe:taskListeners><zeebe:taskListener eventType="completing" type="${type}" /></zeebe:taskListeners>
       </bpmn:extensionElements></bpmn:userTask>`,
      ['s->u'],
    );
    await system.deploy({ 'listened.bpmn': listened });
    const { processInstanceKey } = await client.call('CreateProcessInstance', {
      bpmnProcessId: 'listened',
      version: -1,
    });
    const begin = await one();
    assert.deepEqual(
      [begin['kind'], begin['listenerEventType'], begin['userTask']],
      ['EXECUTION_LISTENER', 'START', undefined],
    );
    await client.call('CompleteJob', { jobKey: begin['key'] });
    const [task] = await system.get<{ id: string }[]>(`/engine-rest/task?processInstanceId=${processInstanceKey}`);
    const completeTask = () => system.post(`/engine-rest/task/${task?.id}/complete`);
    await completeTask();
    const check = await one();
    const { action, candidateGroups, userTaskKey, priority } = check['userTask'];
    assert.deepEqual(
      [check['kind'], check['listenerEventType'], action, candidateGroups, userTaskKey, priority],
      ['TASK_LISTENER', 'COMPLETING', 'complete', ['a', 'b'], task?.id, 50],
    );
    await client.call('CompleteJob', { jobKey: check['key'], result: { type: 'userTask', denied: true } });
    await completeTask();
    const corrections = {
      assignee: 'ada',
      candidateUsers: { values: ['bob', 'eve'] },
      candidateGroups: { values: [] },
    };
    await client.call('CompleteJob', { jobKey: (await one())['key'], result: { type: 'userTask', corrections } });
    const path = `/engine-rest/history/process-instance/${processInstanceKey}`;
    assert.equal((await system.get<{ state: string }>(path)).state, 'COMPLETED');
    const adHoc = { type: 'adHocSubProcess', activateElements: [{ elementId: 'x', variables: '{}' }] };
    await refused('UNIMPLEMENTED', /adHocSubProcess/, client.call('CompleteJob', { jobKey: '1', result: adHoc }));
  });

  describe('a stream', () => {
    const streams: ReturnType<Zeebe['stream']>[] = [];
    afterEach(() => {
      for (const stream of streams.splice(0)) stream.cancel();
    });
    const open = (more: object = {}) => {
      const stream = client.stream('StreamActivatedJobs', { type, worker: 's', timeout: 60_000, ...more });
      stream.on('error', () => {});
      streams.push(stream);
      return stream;
    };
    const next = (stream: ReturnType<typeof open>): Promise<Message> =>
      new Promise((resolve) => stream.once('data', resolve));

    it('pushes what is there and what comes', async () => {
      await start({ n: 1 });
      const stream = open({ fetchVariable: ['n'] });
      const first = await next(stream);
      assert.deepEqual([first['variables'], first['worker']], ['{"n":1}', 's']);
      await client.call('CompleteJob', { jobKey: first['key'] });
      const coming = next(stream);
      const created = await start({ n: 2, more: true });
      const second = await coming;
      assert.deepEqual([second['processInstanceKey'], second['variables']], [created['processInstanceKey'], '{"n":2}']);
    });

    it('that breaks loses no job: what was pushed is free again when its lock has run out', async () => {
      const stream = open({ timeout: 400 });
      const coming = next(stream);
      await start();
      const { key } = await coming;
      stream.cancel();
      const [again] = await activate({ requestTimeout: 20_000 });
      assert.equal(again?.['key'], key);
    });

    it('to a client that does not read gets no more than the connection takes: the others are for who works', async () => {
      const big = 'x'.repeat(100_000);
      for (let at = 0; at < 40; at += 1) await start({ big });
      const stream = open();
      await next(stream);
      stream.pause();
      // A client of gRPC takes the first 16, read or not; the next 16 are locked, and stay with the server.
      const free = () =>
        system.get<{ count: number }>(`/engine-rest/external-task/count?topicName=${type}&notLocked=true`);
      while ((await free()).count >= 40 - 16) await sleep(20);
      const taken = await activate({ maxJobsToActivate: 100, fetchVariable: ['none'] });
      assert.ok(taken.length > 0 && taken.length < 40, `${taken.length} of 40 jobs are left`);
      // It has one that it read, those that it may read, and two on their way. The others that were locked for it are soon free
      // again, though their locks are long; on a slow machine some were already, and some come later than others.
      while (40 - taken.length > 1 + stream.readableLength + 2) {
        const back = await activate({ maxJobsToActivate: 100, requestTimeout: 20_000, fetchVariable: ['none'] });
        assert.ok(back.length > 0, 'some came back');
        taken.push(...back);
      }
      stream.cancel();
      const last = await activate({ maxJobsToActivate: 100, requestTimeout: 20_000, fetchVariable: ['none'] });
      assert.equal(last.length, 1, 'the one that was on its way when the stream broke');
    });

    it('ends with UNAVAILABLE when the system goes down', async () => {
      const own = await startSystem({ grpc: true });
      const other = connect(own.grpc);
      const stream = other.stream('StreamActivatedJobs', { type, timeout: 1_000 });
      stream.resume();
      const ended = new Promise<{ code: number }>((resolve) => stream.once('error', resolve as never));
      await other.call('Topology');
      await own.stop();
      assert.equal((await ended).code, 14);
      other.close();
    });
  });
});
