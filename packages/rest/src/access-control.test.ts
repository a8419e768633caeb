/** `procos:accessControl` on every face, where people prove who they are: who may see, start and complete what. Real HTTP. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FeedEvent, FeedRecord, IdentityChangeReply } from '@procos/protocol';
import { connect, refused } from './camunda8/grpc/testing/zeebe.test.ts';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

/** One with a role for each action, one that everybody may see, and one that calls the first. */
const MODELS = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:procos="http://procos.dev/schema/1.0" id="d" targetNamespace="t">
  <bpmn:message id="m" name="apply"/><bpmn:message id="n" name="go"/><bpmn:signal id="s" name="all"/>
  <bpmn:process id="salaries" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:extensionElements><procos:security>
      <procos:allowedTasks><procos:task topic="pay"/></procos:allowedTasks>
      <procos:accessControl>
        <procos:role name="starter" may="start"/><procos:role name="auditor" may="read"/><procos:role name="clerk" may="complete"/>
      </procos:accessControl></procos:security></bpmn:extensionElements>
    <bpmn:startEvent id="begin"/><bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="check"/>
    <bpmn:startEvent id="applied"><bpmn:messageEventDefinition id="d1" messageRef="m"/></bpmn:startEvent>
    <bpmn:sequenceFlow id="f2" sourceRef="applied" targetRef="check"/>
    <bpmn:startEvent id="called"><bpmn:signalEventDefinition id="d2" signalRef="s"/></bpmn:startEvent>
    <bpmn:sequenceFlow id="f3" sourceRef="called" targetRef="check"/>
    <bpmn:startEvent id="rich"><bpmn:conditionalEventDefinition id="d4"><bpmn:condition xsi:type="bpmn:tFormalExpression">\${amount &gt; 1000}</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>
    <bpmn:sequenceFlow id="f4" sourceRef="rich" targetRef="check"/>
    <bpmn:userTask id="check" name="Check"/><bpmn:sequenceFlow id="f5" sourceRef="check" targetRef="transfer"/>
    <bpmn:serviceTask id="transfer" camunda:type="external" camunda:topic="pay"/>
    <bpmn:subProcess id="more" triggeredByEvent="true"><bpmn:startEvent id="go" isInterrupting="false"><bpmn:messageEventDefinition id="d3" messageRef="n"/></bpmn:startEvent></bpmn:subProcess>
  </bpmn:process>
  <bpmn:process id="lunch" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="l1"/><bpmn:sequenceFlow id="g1" sourceRef="l1" targetRef="eat"/><bpmn:userTask id="eat"/>
    <bpmn:startEvent id="l2"><bpmn:signalEventDefinition id="d5" signalRef="s"/></bpmn:startEvent>
    <bpmn:sequenceFlow id="g2" sourceRef="l2" targetRef="eat"/>
  </bpmn:process>
  <bpmn:process id="calls" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="c1"/><bpmn:sequenceFlow id="h1" sourceRef="c1" targetRef="call"/>
    <bpmn:callActivity id="call" calledElement="salaries"/>
  </bpmn:process>
</bpmn:definitions>`;

describe('accessControl', () => {
  let system: System;
  let pid = '';
  /** By user: the header that proves him. */
  const proofs: Record<string, string> = {};
  /** `METHOD path` of whatever only reads. */
  const reading: string[] = [];

  async function ask(who: string, method: string, path: string, body?: object, more: Record<string, string> = {}) {
    const authorization = proofs[who] ?? '';
    const response = await fetch(system.url + path, {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }), ...more },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text };
  }
  const get = async (who: string, path: string): Promise<unknown> => {
    const { status, text } = await ask(who, 'GET', path);
    assert.equal(status, 200, `${who} ${path}: ${text}`);
    return JSON.parse(text);
  };
  /** Carried out by its process; the secrets of the tokens that it made. */
  async function change(...operations: object[]): Promise<readonly string[]> {
    const { status, text } = await ask('admin', 'POST', '/api/identity-changes', { operations });
    assert.equal(status, 202, text);
    const { businessKey, secrets } = JSON.parse(text) as IdentityChangeReply;
    // The token of the setup is for nothing any more when there is an administrator.
    if (proofs['root'] === undefined) proofs['admin'] = proofs['root'] = `Bearer ${secrets[0]}`;
    const path = `/api/processes?state=ended&businessKey=${encodeURIComponent(businessKey)}`;
    for (let turn = 0; turn < 1_000; turn += 1) {
      const answer = await ask('admin', 'GET', path);
      if (answer.status === 200 && answer.text.includes('"completed"')) return secrets;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('the change was not carried out');
  }
  const countOf = (state = 'active') =>
    system.kernel.engine.count('processInstances', {
      where: [
        { column: 'bpmnProcessId', op: '=', value: 'salaries' },
        { column: 'state', op: '=', value: state },
      ],
    });

  before(async () => {
    system = await startSystem({
      authentication: 'required',
      authorization: () => proofs['admin'] ?? '',
      grpc: true,
      onRoute: ({ method, url, config }) => {
        const action = String(config?.action);
        if (/\.read/.test(action) && /^(GET|POST)$/.test(String(method))) reading.push(`${method} ${url}`);
      },
    });
    proofs['admin'] = `Bearer ${system.kernel.identity.access.setupToken()}`;
    await system.kernel.ready;
    const token = (user: string) => ({ do: 'createToken', label: 'test', user });
    await change({ do: 'addUser', name: 'root', roles: ['administrator'] }, token('root'));
    const own = ['starter', 'auditor', 'clerk'].map((name) => ({
      do: 'setRole',
      name,
      permissions: ['read', 'start'],
    }));
    const roles = { sue: 'starter', abe: 'auditor', cleo: 'clerk', vic: 'viewer', opa: 'operator', wes: 'worker' };
    const people = Object.entries(roles).map(([name, role]) => ({ do: 'addUser', name, roles: [role] }));
    const secrets = await change(...own, ...people, ...Object.keys(roles).map(token));
    for (const [at, name] of Object.keys(roles).entries()) proofs[name] = `Bearer ${secrets[at]}`;
    await system.deploy({ 'models.bpmn': MODELS });
    const start = { variables: { amount: { value: 4711 } }, businessKey: 'secret-key' };
    const made = await ask('sue', 'POST', '/engine-rest/process-definition/key/salaries/start', start);
    assert.equal(made.status, 200, made.text);
    pid = (JSON.parse(made.text) as { id: string }).id;
    const lunch = await ask('vic', 'GET', '/api/system');
    assert.equal(lunch.status, 200);
    await ask('opa', 'POST', '/engine-rest/process-definition/key/lunch/start', {});
  });
  after(() => system.stop());

  /** Lists of all faces that would name the instance, and whatever is below its own address. */
  const LISTS = [
    '/api/processes?state=all',
    '/api/tasks',
    '/proc',
    '/engine-rest/process-instance',
    '/engine-rest/task',
    '/engine-rest/variable-instance',
    '/engine-rest/event-subscription',
    '/engine-rest/history/process-instance',
    '/engine-rest/history/activity-instance',
    '/engine-rest/history/variable-instance',
  ];
  const OWN = ['', '/status', '/tree', '/vars', '/trace', '/limits', '/caps', '/fd'];

  it('hides what a role may not see in every list, in /proc, and at its own address', async () => {
    const isIn = async (who: string, path: string): Promise<boolean> => {
      const { status, text } = await ask(who, 'GET', path, undefined, { accept: 'application/json' });
      assert.equal(status, 200, `${who} ${path}: ${text}`);
      return new RegExp(`"${pid}"|4711|secret-key`).test(text);
    };
    for (const path of LISTS) {
      for (const who of ['abe', 'cleo', 'admin']) assert.equal(await isIn(who, path), true, `${who} ${path}`);
      for (const who of ['vic', 'sue', 'opa']) assert.equal(await isIn(who, path), false, `${who} ${path}`);
    }
    const own = [
      ...OWN.map((file) => `/proc/${pid}${file}`),
      `/api/processes/${pid}`,
      `/api/processes/${pid}/holdings`,
      `/engine-rest/process-instance/${pid}`,
      `/engine-rest/process-instance/${pid}/variables`,
      `/engine-rest/history/process-instance/${pid}`,
    ];
    for (const path of own) {
      assert.equal((await ask('abe', 'GET', path)).status, 200, path);
      const { status, text } = await ask('vic', 'GET', path);
      assert.ok(status >= 400 && !text.includes('4711'), `${path}: ${status} ${text}`);
    }
  });

  it('counts only what may be seen', async () => {
    const counts = async (who: string) => [
      ((await get(who, '/engine-rest/process-instance/count?processDefinitionKey=salaries')) as { count: number })
        .count,
      ((await get(who, '/engine-rest/variable-instance/count')) as { count: number }).count > 0,
      ((await get(who, '/api/processes?definition=salaries')) as { total: number }).total,
    ];
    assert.deepEqual(await counts('abe'), [1, true, 1]);
    assert.deepEqual(
      (await counts('vic')).filter((_, at) => at !== 1),
      [0, 0],
    );
    const { counts: seen } = (await get('vic', '/api/system')) as { counts: { userTasks: number } };
    assert.equal(seen.userTasks, 1, 'that of lunch');
  });

  it('no address of any face that reads tells of it, whatever of it is asked for', async () => {
    const [task] = (await get('admin', '/engine-rest/task?processDefinitionKey=salaries')) as { id: string }[];
    const path = `/engine-rest/task/${task?.id}`;
    const comment = await ask('admin', 'POST', `${path}/comment/create`, { message: 'a whisper' });
    assert.equal(comment.status, 200, comment.text);
    const form = new FormData();
    form.append('attachment-name', 'payslip');
    form.append('content', new Blob(['4711']), 'payslip.txt');
    const authorization = proofs['admin'] ?? '';
    const sent = await fetch(`${system.url}${path}/attachment/create`, {
      method: 'POST',
      headers: { authorization },
      body: form,
    });
    const attachment = (await sent.json()) as { id: string };
    const where = [{ column: 'processInstanceId', op: '=', value: Number(pid) }] as const;
    const { engine } = system.kernel;
    const tables = ['elementInstances', 'variables', 'userTasks', 'subscriptions', 'notes'] as const;
    const ids = new Set([pid, ...tables.flatMap((table) => engine.find(table, { where }).map(({ id }) => String(id)))]);
    const tells = async (who: string, method: string, path: string): Promise<boolean> => {
      const { text } = await ask(who, method, path, method === 'POST' ? {} : undefined);
      return /4711|secret-key|whisper|payslip/.test(text);
    };
    const addresses = new Set(
      reading.flatMap((route) => {
        // The feed does not end, and one engine is the other.
        if (/\/events$|\/engine\/default/.test(route)) return [];
        const named = route
          .replace(/:(attachmentId|commentId)/, attachment.id)
          .replace(/:(varName|name)\b/, 'amount')
          .replace('*', '');
        return [...ids].map((id) => named.replaceAll(/:\w+/g, id));
      }),
    );
    for (const known of [
      `GET ${path}/comment`,
      `GET ${path}/attachment/${attachment.id}/data`,
      'POST /v2/variables/search',
    ]) {
      const [method = '', address = ''] = known.split(' ');
      assert.ok(addresses.has(known), known);
      assert.equal(await tells('abe', method, address), true, known);
    }
    const told: string[] = [];
    for (const asked of addresses) {
      const [method = '', address = ''] = asked.split(' ');
      if (await tells('vic', method, address)) told.push(asked);
    }
    assert.deepEqual(told, []);
  });

  it('the feed of events tells nothing of it', async () => {
    const read = async (who: string): Promise<string> => {
      const stop = new AbortController();
      const authorization = proofs[who] ?? '';
      const response = await fetch(`${system.url}/api/events?after=0`, {
        headers: { authorization },
        signal: stop.signal,
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!/Filter last for user tasks set/.test(text))
        text += (await reader?.read())?.value ?? assert.fail(text.slice(-2000));
      stop.abort();
      return text;
    };
    const last = await ask('admin', 'POST', '/engine-rest/filter/create', { resourceType: 'Task', name: 'last' });
    assert.equal(last.status, 200, last.text);
    /** Events about the instance: those that say so, and those whose text names something of it. */
    const told = async (who: string): Promise<FeedEvent[]> =>
      [...(await read(who)).matchAll(/^data: (.*)$/gm)]
        .flatMap(([, json = '']) => (JSON.parse(json) as FeedRecord).events)
        .filter((event) => event.pid === pid || /secret-key|"Check"|amount|Comment|payslip/.test(event.text));
    const types = new Set((await told('abe')).map(({ type }) => type));
    for (const type of ['processInstanceCreated', 'variablesSet', 'userTaskCreated', 'elementActivated', 'noteAdded'])
      assert.ok(types.has(type), type);
    assert.deepEqual(await told('vic'), []);
  });

  it('who may start it and not see it gets no variables with the answer', async () => {
    const started = async (who: string) => {
      const body = { withVariablesInReturn: true, variables: { amount: { value: 4711 } }, businessKey: 'returned' };
      const { status, text } = await ask(who, 'POST', '/engine-rest/process-definition/key/salaries/start', body);
      assert.equal(status, 200, text);
      const { id, variables } = JSON.parse(text) as { id: string; variables: Record<string, unknown> };
      assert.equal((await ask('admin', 'DELETE', `/engine-rest/process-instance/${id}`)).status, 204);
      return Object.keys(variables);
    };
    assert.deepEqual(await started('sue'), []);
    assert.deepEqual(await started('admin'), ['amount']);
  });

  it('who listens while it is deployed is asked again, and learns nothing of it', async () => {
    const authorization = proofs['vic'] ?? '';
    const response = await fetch(`${system.url}/api/events`, { headers: { authorization } });
    const closed = `<procos:security><procos:accessControl><procos:role name="auditor" may="read"/></procos:accessControl></procos:security>`;
    const model = bpmn(
      'bonuses',
      `<bpmn:extensionElements>${closed}</bpmn:extensionElements><bpmn:startEvent id="b"/>`,
      [],
    );
    await system.deploy({
      'bonuses.bpmn': model.replace(
        '<bpmn:definitions ',
        '<bpmn:definitions xmlns:procos="http://procos.dev/schema/1.0" ',
      ),
    });
    const text = await response.text();
    assert.match(text, /event: end\ndata: \{"reason":"users"/);
    assert.doesNotMatch(text, /event: record/);
  });

  it('over gRPC it is as if there were none, too', async () => {
    const client = connect(system.grpc, { authorization: proofs['opa'] ?? '' });
    const change = { elementInstanceKey: pid, variables: '{"amount":1}' };
    await refused('NOT_FOUND', /no active element instance/, client.call('SetVariables', change));
    client.close();
  });

  it('a batch of somebody who does not see it leaves it alone, and nobody changes what he does not see', async () => {
    const batch = await ask('opa', 'POST', '/api/batches', { operation: 'cancel', bpmnProcessId: 'salaries' });
    assert.equal(batch.status, 409, batch.text);
    const canceled = await ask('opa', 'DELETE', `/engine-rest/process-instance/${pid}`);
    assert.ok([403, 404].includes(canceled.status), canceled.text);
    assert.equal(countOf(), 1);
  });

  it('who works on external tasks is given them as ever, and sees them', async () => {
    const [task] = (await get('cleo', '/engine-rest/task?processDefinitionKey=salaries')) as { id: string }[];
    // A role of one's own without the permission to work.
    await change({ do: 'changeUser', name: 'cleo', roles: ['clerk', 'worker'] });
    const done = await ask('cleo', 'POST', `/engine-rest/task/${task?.id}/complete`, {});
    assert.equal(done.status, 204, done.text);
    const poll = { workerId: 'w', maxTasks: 1, topics: [{ topicName: 'pay', lockDuration: 60_000 }] };
    const [fetched] = JSON.parse((await ask('wes', 'POST', '/engine-rest/external-task/fetchAndLock', poll)).text) as {
      id: string;
      variables: { amount: { value: number } };
    }[];
    assert.equal(fetched?.variables.amount.value, 4711);
    assert.match((await ask('wes', 'GET', '/engine-rest/external-task')).text, /"pay"/);
    assert.doesNotMatch((await ask('vic', 'GET', '/engine-rest/external-task')).text, /"pay"/);
    const completed = await ask('wes', 'POST', `/engine-rest/external-task/${fetched?.id}/complete`, { workerId: 'w' });
    assert.equal(completed.status, 204, completed.text);
    assert.match((await ask('vic', 'GET', '/api/processes?state=ended')).text, /^(?!.*secret-key)/);
  });

  it('starts it by a message only for who may, also when the message would be kept', async () => {
    const correlate = (who: string) => ask(who, 'POST', '/engine-rest/message', { messageName: 'apply' });
    const publish = (who: string, timeToLiveMs: number) =>
      ask(who, 'POST', '/api/messages', { name: 'apply', correlationKey: 'k', timeToLiveMs });
    const before = countOf();
    for (const answer of [await correlate('abe'), await publish('abe', 0), await publish('abe', 60_000)]) {
      assert.equal(answer.status, 403, answer.text);
      assert.match(answer.text, /abe may not start process salaries: to start it takes the role starter/);
    }
    assert.equal(countOf(), before);
    for (const answer of [await correlate('sue'), await publish('sue', 0), await publish('sue', 60_000)])
      assert.ok(answer.status < 300, answer.text);
    assert.equal(countOf(), before + 3);
  });

  it('a message that somebody waits for is delivered, whoever may start it', async () => {
    const body = { messageName: 'go', businessKey: 'waits' };
    const start = { businessKey: 'waits' };
    await ask('sue', 'POST', '/engine-rest/process-definition/key/salaries/start', start);
    const answer = await ask('abe', 'POST', '/engine-rest/message', body);
    assert.equal(answer.status, 204, answer.text);
  });

  it('starts it by a signal and by a condition only for who may; others begin, and the record says who did not', async () => {
    const before = countOf();
    const lunches = () =>
      system.kernel.engine.count('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: 'lunch' }] });
    const had = lunches();
    const last = system.kernel.engine.lastSequence;
    assert.equal((await ask('abe', 'POST', '/engine-rest/signal', { name: 'all' })).status, 204);
    assert.deepEqual([countOf(), lunches()], [before, had + 1]);
    const events = system.kernel.engine.records(last, 100).flatMap((record) => record.events);
    assert.ok(events.some((event) => event.type === 'startRefused' && /abe may not start/.test(event.message)));
    assert.equal((await ask('sue', 'POST', '/engine-rest/signal', { name: 'all' })).status, 204);
    assert.deepEqual([countOf(), lunches()], [before + 1, had + 2]);
    const condition = { variables: { amount: { value: 5000 } } };
    assert.equal((await ask('abe', 'POST', '/engine-rest/condition', condition)).status, 403);
    assert.equal((await ask('sue', 'POST', '/engine-rest/condition', condition)).status, 200);
    assert.equal(countOf(), before + 2);
  });

  it('a process that calls it is the one who starts it: whoever may start that', async () => {
    const before = countOf();
    const made = await ask('abe', 'POST', '/engine-rest/process-definition/key/calls/start', {});
    assert.equal(made.status, 200, made.text);
    assert.equal(countOf(), before + 1);
  });
});
