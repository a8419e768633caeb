/** Our own face on the real engine: system, processes, definitions, tasks with forms, requests to PID 1, shutdown, logs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { KernelLog } from '@procos/kernel';
import type {
  CheckReport,
  DefinitionDetail,
  DefinitionList,
  LogLine,
  ProcessDetail,
  ProcessList,
  PublishReply,
  RedeployReply,
  RequestReply,
  SystemStatus,
  TaskDetail,
  TaskList,
} from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const FORM = '{"id":"approval","type":"default","components":[{"type":"textfield","key":"note","label":"Note"}]}';
const FORMS = bpmn(
  'forms',
  `<bpmn:startEvent id="Start" />
    <bpmn:parallelGateway id="Split" />
    <bpmn:userTask id="ByReference" camunda:formRef="approval" camunda:formRefBinding="latest" />
    <bpmn:userTask id="ByKey" camunda:formKey="camunda-forms:deployment:approval.form" />
    <bpmn:userTask id="Foreign" camunda:formKey="app:my-form.html" />
    <bpmn:userTask id="Generated"><bpmn:extensionElements><camunda:formData>
      <camunda:formField id="amount" label="Amount" type="long" defaultValue="3" />
      <camunda:formField id="size" label="Size" type="enum"><camunda:value id="s" name="Small" /></camunda:formField>
      <camunda:formField id="sure" type="boolean" />
    </camunda:formData></bpmn:extensionElements></bpmn:userTask>
    <bpmn:userTask id="Plain" />`,
  ['Start->Split', 'Split->ByReference', 'Split->ByKey', 'Split->Foreign', 'Split->Generated', 'Split->Plain'],
);
const WORK = bpmn(
  'work',
  '<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Do" name="Do it" camunda:type="external" camunda:topic="do" /><bpmn:endEvent id="End" />',
  ['Start->Do', 'Do->End'],
);

describe('/api', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'forms.bpmn': FORMS, 'approval.form': FORM, 'work.bpmn': WORK });
    await system.kernel.ready;
  });
  after(() => system.stop());
  const refused = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const answer = await system.app.inject({ method, url, ...(payload ? { payload } : {}) });
    return [answer.statusCode, answer.json<{ code: string }>().code];
  };

  it('system: how the kernel is, and where PID 1 waits', async () => {
    const status = await system.get<SystemStatus>('/api/system');
    assert.equal(status.phase, 'ready');
    assert.equal(status.root?.bpmnProcessId, 'procos_system_orchestrator');
    assert.ok(status.root?.waitsAt.length, 'PID 1 waits somewhere');
    assert.equal(status.store.kind, 'memory');
    assert.ok(status.counts.definitions >= 2);
    assert.match(status.now, /Z$/);
  });

  it('processes: a running one waits somewhere, its detail shows what it did, 1 is PID 1', async () => {
    const { id } = await system.post<{ id: string }>('/engine-rest/process-definition/key/work/start', {
      businessKey: 'B',
      variables: { amount: { value: 3 } },
    });
    const { processes, total } = await system.get<ProcessList>('/api/processes?state=active&definition=work');
    assert.equal(total, 1);
    const [row] = processes;
    assert.deepEqual(
      [row?.pid, row?.businessKey, row?.state, row?.name, row?.waitsAt.map((point) => point.elementId)],
      [id, 'B', 'active', 'Process work', ['Do']],
    );
    const detail = await system.get<ProcessDetail>(`/api/processes/${id}`);
    assert.deepEqual(
      detail.elements.map(({ elementId, outcome }) => [elementId, outcome]),
      [
        ['Start', 'completed'],
        ['Do', 'active'],
      ],
    );
    assert.deepEqual(
      detail.variables.map(({ name, type, value, elementId, live }) => [name, type, value, elementId, live]),
      [['amount', 'Integer', 3, null, true]],
    );
    const root = await system.get<ProcessDetail>('/api/processes/1');
    assert.deepEqual([root.pid, root.bpmnProcessId], ['1', 'procos_system_orchestrator']);
    assert.deepEqual(await refused('GET', '/api/processes/999999'), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused('GET', '/api/processes?state=odd'), [400, 'INVALID_ARGUMENT']);
  });

  it('activations: activities of an ad-hoc sub-process are started by name', async () => {
    const content = readFileSync(new URL('../../../engine/fixtures/ad-hoc.bpmn', import.meta.url), 'utf8');
    await system.deploy({ 'ad-hoc.bpmn': content });
    const started = await system.app.inject({
      method: 'POST',
      url: '/engine-rest/process-definition/key/ad-hoc/start',
      payload: {},
    });
    const { id } = started.json();
    const post = (payload: object) =>
      system.app.inject({ method: 'POST', url: `/api/processes/${id}/activations`, payload });
    const elements = [{ elementId: 'a', variables: { note: 'first' } }];
    assert.equal((await post({ elementId: 'free', elements })).statusCode, 204);
    const [task] = system.kernel.engine.find('externalTasks', {
      where: [{ column: 'processInstanceId', op: '=', value: Number(id) }],
    });
    assert.equal(task?.elementId, 'a');
    const refused = await post({ elementId: 'free', elements: [{ elementId: 'c' }] });
    assert.equal(refused.statusCode, 400);
    assert.match(refused.json().message, /'c' is no activity directly inside/);
    assert.equal((await post({ elementId: 'none', elements })).statusCode, 404);
  });

  it('definitions: the latest, which are system ones, what stands where, the XML', async () => {
    const { definitions } = await system.get<DefinitionList>('/api/definitions');
    const work = definitions.find((definition) => definition.bpmnProcessId === 'work');
    const orchestrator = definitions.find((definition) => definition.bpmnProcessId === 'procos_system_orchestrator');
    assert.deepEqual([work?.system, orchestrator?.system], [false, true]);
    assert.equal(work?.camundaId, `work:1:${work?.definitionId}`);
    const detail = await system.get<DefinitionDetail>(`/api/definitions/${work?.definitionId}`);
    assert.deepEqual(detail.elements, [{ elementId: 'Do', active: 1, incidents: 0 }]);
    assert.equal(detail.startForm, null);
    assert.equal(detail.versions.length, 1);
    const xml = await system.app.inject(`/api/definitions/${work?.definitionId}/xml`);
    assert.match(String(xml.headers['content-type']), /^application\/xml/);
    assert.equal(xml.body, WORK);
    assert.deepEqual(await refused('GET', '/api/definitions/999999'), [404, 'NOT_FOUND']);
  });

  it('definitions: a file is checked as deploying would, without deploying it', async () => {
    const check = (name: string, content: string) =>
      system.post<CheckReport>('/api/definitions/check', { name, content });
    const before = await system.get<{ count: number }>('/engine-rest/deployment/count');
    assert.deepEqual(await check('approval.form', FORM), { refused: false, findings: [], defines: [] });
    assert.equal((await check('work.bpmn', WORK)).refused, false);
    const broken = await check('broken.bpmn', WORK.replace('targetRef="End"', 'targetRef="Nowhere"'));
    assert.equal(broken.refused, true);
    assert.deepEqual(
      broken.findings.map(({ resource }) => resource),
      ['broken.bpmn'],
    );
    assert.ok((broken.findings[0]?.problems[0]?.line ?? 0) > 0);
    assert.deepEqual(await system.get('/engine-rest/deployment/count'), before);
  });

  it('definitions: an earlier version is deployed anew, with its forms and without the other models of its deployment', async () => {
    const named = (id: string, name: string) => WORK.replaceAll('"work"', `"${id}"`).replace('Do it', name);
    const first = { 'line.bpmn': named('line', 'First'), 'other.bpmn': named('other', 'Other'), 'line.form': FORM };
    await system.deploy(first);
    await system.deploy({ 'line.bpmn': named('line', 'Second') });
    const all = async (id: string) =>
      (await system.get<DefinitionList>('/api/definitions?all=true')).definitions.filter(
        (row) => row.bpmnProcessId === id,
      );
    const target = (await all('line')).find(({ version }) => version === 1);
    const reply = await system.post<RedeployReply>(`/api/definitions/${target?.definitionId}/redeploy`, {});
    assert.deepEqual(
      reply.definitions.map(({ bpmnProcessId, version }) => [bpmnProcessId, version]),
      [['line', 3]],
    );
    assert.equal((await all('other')).length, 1);
    const files = await system.get<{ name: string }[]>(`/engine-rest/deployment/${reply.deploymentId}/resources`);
    assert.deepEqual(files.map(({ name }) => name).sort(), ['line.bpmn', 'line.form']);
    const xml = await system.app.inject(`/api/definitions/${reply.definitions[0]?.definitionId}/xml`);
    assert.equal(xml.body, first['line.bpmn']);
    assert.deepEqual(await refused('POST', '/api/definitions/999999/redeploy', {}), [404, 'NOT_FOUND']);
  });

  it('tasks: every kind of form becomes a schema, or says that it cannot', async () => {
    await system.post('/engine-rest/process-definition/key/forms/start', { variables: { customer: { value: 'Ada' } } });
    const { tasks, total } = await system.get<TaskList>('/api/tasks');
    assert.equal(total, 5);
    const details = new Map<string, TaskDetail>();
    for (const task of tasks) details.set(task.elementId, await system.get<TaskDetail>(`/api/tasks/${task.taskId}`));
    const schema = JSON.parse(FORM) as unknown;
    assert.deepEqual(details.get('ByReference')?.form, { kind: 'form-js', schema, key: 'approval' });
    assert.deepEqual(details.get('ByKey')?.form?.schema, schema);
    assert.deepEqual(details.get('Foreign')?.form, { kind: 'key', schema: null, key: 'app:my-form.html' });
    assert.equal(details.get('Plain')?.form, null);
    assert.deepEqual(details.get('Plain')?.variables, { customer: 'Ada' });
    const generated = details.get('Generated')?.form?.schema as { components: Record<string, unknown>[] };
    assert.deepEqual(
      generated.components.map(({ key, type, label, defaultValue }) => [key, type, label, defaultValue]),
      [
        ['amount', 'number', 'Amount', 3],
        ['size', 'select', 'Size', undefined],
        ['sure', 'checkbox', 'sure', false],
      ],
    );
    assert.deepEqual(await refused('GET', '/api/tasks/999999'), [404, 'NOT_FOUND']);
  });

  it('tasks: the version of the form that the model binds to, and the headers of the model', async () => {
    const version = (title: string, tag: string) =>
      JSON.stringify({ id: 'bound', versionTag: tag, components: [{ type: 'text', text: title }] });
    const task = (id: string, form: string) =>
      `<bpmn:userTask id="${id}"><bpmn:extensionElements><zeebe:userTask />${form}<zeebe:taskHeaders><zeebe:header key="k" value="${id}" /></zeebe:taskHeaders></bpmn:extensionElements></bpmn:userTask><bpmn:sequenceFlow id="f${id}" sourceRef="S" targetRef="${id}" />`;
    const zeebe = `<?xml version="1.0"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="x"><bpmn:process id="bound-c8" isExecutable="true"><bpmn:startEvent id="S" />${[
      task('Latest', '<zeebe:formDefinition formId="=f" />'),
      task('Own', '<zeebe:formDefinition formId="bound" bindingType="deployment" />'),
      task('Tagged', '<zeebe:formDefinition formId="bound" bindingType="versionTag" versionTag="t2" />'),
    ].join('')}</bpmn:process></bpmn:definitions>`;
    const numbered = (id: string, n: number) =>
      `<bpmn:userTask id="${id}" camunda:formRef="bound" camunda:formRefBinding="version" camunda:formRefVersion="${n}" />`;
    await system.deploy({ 'bound.form': version('one', 't1'), 'bound-c8.bpmn': zeebe });
    await system.deploy({ 'bound.form': version('two', 't2') });
    await system.deploy({
      'bound.form': version('three', 't3'),
      'bound-c7.bpmn': bpmn('bound-c7', `<bpmn:startEvent id="S" />${numbered('Second', 2)}${numbered('Fourth', 4)}`, [
        'S->Second',
        'S->Fourth',
      ]),
    });
    for (const key of ['bound-c8', 'bound-c7'])
      await system.post(`/engine-rest/process-definition/key/${key}/start`, { variables: { f: { value: 'bound' } } });
    const { tasks } = await system.get<TaskList>('/api/tasks');
    const shown: Record<string, unknown> = {};
    for (const { bpmnProcessId, taskId, elementId } of tasks) {
      if (!bpmnProcessId.startsWith('bound-')) continue;
      const { form, headers } = await system.get<TaskDetail>(`/api/tasks/${taskId}`);
      const schema = form?.schema as { components: { text: string }[] } | null;
      shown[elementId] = [schema?.components[0]?.text, headers['k']];
    }
    assert.deepEqual(shown, {
      Latest: ['three', 'Latest'],
      Own: ['one', 'Own'],
      Tagged: ['two', 'Tagged'],
      Second: ['two', undefined],
      Fourth: [undefined, undefined],
    });
    const [second] = await system.get<{ camundaFormRef: unknown }[]>('/engine-rest/task?taskDefinitionKey=Second');
    assert.deepEqual(second?.camundaFormRef, { key: 'bound', binding: 'version', version: 2 });
  });

  it('requests: PID 1 runs the process as its child, and the answer names it', async () => {
    const reply = await system.post<RequestReply>('/api/requests', {
      bpmnProcessId: 'work',
      businessKey: 'from-shell',
      variables: { amount: 5, tags: ['a'] },
    });
    assert.ok(reply.pid, 'the child is known');
    const child = await system.get<ProcessDetail>(`/api/processes/${reply.pid}`);
    assert.equal(child.bpmnProcessId, 'work');
    assert.ok(child.parentPid, 'it has a parent');
    const again = await system.post<RequestReply>('/api/requests', { bpmnProcessId: 'work' });
    assert.notEqual(again.pid, reply.pid);
    assert.deepEqual(await refused('POST', '/api/requests', { bpmnProcessId: 'nothing' }), [404, 'NOT_FOUND']);
    assert.deepEqual(await refused('POST', '/api/requests', {}), [400, 'INVALID_ARGUMENT']);
  });

  it('messages: published by their key, kept for their time, and the same one once', async () => {
    const content = readFileSync(new URL('../../../engine/fixtures/message-start-c8.bpmn', import.meta.url), 'utf8');
    await system.deploy({ 'message-start-c8.bpmn': content });
    const message = {
      name: 'order',
      correlationKey: 'k',
      timeToLiveMs: 60_000,
      uniqueId: 'one',
      variables: { key: 'k' },
    };
    const reply = await system.post<PublishReply>('/api/messages', message);
    const [first, ...others] = reply.received;
    assert.deepEqual([first?.started, others], [true, []]);
    const { variables } = await system.get<ProcessDetail>(`/api/processes/${first?.pid}`);
    assert.deepEqual(
      variables.map(({ name, value }) => [name, value]),
      [['key', 'k']],
    );
    assert.deepEqual(await refused('POST', '/api/messages', message), [409, 'ALREADY_PUBLISHED']);
    const other = await system.post<PublishReply>('/api/messages', { ...message, uniqueId: 'two' });
    assert.deepEqual(other.received, [], 'the first instance still has the key');
    for (const wrong of [{}, { name: 'order', timeToLiveMs: -1 }, { name: 'order', timeToLiveMs: '5' }])
      assert.deepEqual(await refused('POST', '/api/messages', wrong), [400, 'INVALID_ARGUMENT']);
  });

  it('logs: the newest lines of the kernel', async () => {
    const { lines } = await system.get<{ lines: LogLine[] }>('/api/logs?limit=5');
    assert.ok(lines.length > 0 && lines.length <= 5);
    assert.deepEqual(Object.keys(lines[0] ?? {}), ['at', 'level', 'source', 'event', 'text', 'fields']);
  });

  it('logs: what follows is sent as it is written', async (test) => {
    const gone = new AbortController();
    test.after(() => gone.abort());
    const response = await fetch(`${system.url}/api/logs?follow=true&limit=1`, { signal: gone.signal });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (!text.includes('hear_me')) (system.kernel.log as KernelLog).info('hear_me', 'A line for the follower.');
      else break;
    }
    const data = /^data: (.*hear_me.*)$/m.exec(text)?.[1] ?? '{}';
    assert.equal((JSON.parse(data) as LogLine).text, 'A line for the follower.');
  });

  it('shutdown: PID 1 is told, and afterwards new work is 503', async () => {
    const answer = await system.app.inject({ method: 'POST', url: '/api/shutdown', payload: {} });
    assert.deepEqual([answer.statusCode, answer.json()], [202, {}]);
    await system.kernel.stopped;
    const late = await system.app.inject({ method: 'POST', url: '/api/requests', payload: { bpmnProcessId: 'work' } });
    assert.deepEqual([late.statusCode, late.headers['retry-after']], [503, '1']);
  });
});
