/** The deployment process on a kernel: drafts, the difference, in whose name it deploys, and what it says of a wrong draft. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import type { RunningKernel } from '../kernel-options.ts';
import { startTestKernel, until } from '../testing/system.ts';
import { differenceOf, summaryOf } from './difference.ts';
import { DEPLOYMENT_PROCESS, keepDraft } from './draft.ts';

const ADA = { kind: 'user', id: 'ada' } as const;

function model(id: string, tasks: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="${id}" isExecutable="true"><bpmn:startEvent id="start" />${tasks}</bpmn:process>
</bpmn:definitions>`;
}
const external = (id: string, topic: string): string =>
  `<bpmn:serviceTask id="${id}" camunda:type="external" camunda:topic="${topic}" />`;
const call = (id: string, process: string): string => `<bpmn:callActivity id="${id}" calledElement="${process}" />`;

async function read(content: string) {
  const [process] = (await readProcesses(content)).processes;
  assert.ok(process !== undefined);
  return process;
}

function requestOf(content: string) {
  const resources = [{ name: 'a.bpmn', content }];
  return { name: 'a', source: null, tenantId: null, resources, skipUnchanged: true };
}

async function run(kernel: RunningKernel, draft: string, smoke: string | null = null): Promise<Map<string, unknown>> {
  const started = await kernel.engine.submit(
    {
      type: 'createProcessInstance',
      definition: { bpmnProcessId: DEPLOYMENT_PROCESS },
      variables: { draft: { type: 'String', value: draft }, smoke: { type: 'String', value: smoke } },
    },
    ADA,
  );
  assert.ok(started.ok);
  const id = started.value.processInstanceId;
  const where = [{ column: 'processInstanceId', op: '=', value: id }] as const;
  await until(kernel, () => {
    const state = kernel.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0]?.state;
    return state === 'completed' || kernel.engine.count('incidents', { where }) > 0;
  });
  return new Map(kernel.engine.find('variables', { where }).map(({ name, value }) => [name, value]));
}

test('the difference names topics, system calls and called processes that are new or gone, each once', async () => {
  const before = { version: 4, model: await read(model('a', external('t', 'mail') + call('c', 'b'))) };
  const now = await read(
    model(
      'a',
      external('t', 'pay') + external('u', 'pay') + external('v', 'procos.power.off') + external('w', 'procos.script'),
    ),
  );
  const difference = differenceOf(now, before);
  assert.deepEqual(difference, {
    process: 'a',
    version: 4,
    topics: { added: ['pay'], removed: ['mail'] },
    scripts: { added: ['unknown'], removed: [] },
    system_calls: { added: ['procos.power.off'], removed: [] },
    calls: { added: [], removed: ['b'] },
    capabilities: { declares: false, added: [], removed: [] },
  });
  assert.equal(
    summaryOf([difference]),
    'a replaces version 4: uses the system call procos.power.off; uses the topic pay; uses scripts in unknown; ' +
      'no longer uses the topic mail; no longer calls b.',
  );
  assert.equal(summaryOf([differenceOf(before.model, before)]), 'a replaces version 4 and uses what it used before.');
});

test('a draft defines nothing; the process deploys it in the name of who started it', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  const request = requestOf(model('a', external('t', 'mail')));
  const [draft, same] = [await keepDraft(kernel.engine, request, ADA), await keepDraft(kernel.engine, request, ADA)];
  assert.ok(draft.ok && same.ok);
  assert.equal(draft.value.deploymentId, same.value.deploymentId);
  assert.equal(kernel.engine.latestDefinition('a', null), undefined);
  const before = kernel.engine.lastSequence;
  const variables = await run(kernel, String(draft.value.deploymentId));
  assert.deepEqual([variables.get('refused'), variables.get('summary')], [false, 'a is new: uses the topic mail.']);
  const definition = kernel.engine.latestDefinition('a', null);
  assert.equal(definition?.version, 1);
  const defined = kernel.engine
    .records(before, 1_000)
    .find(({ events }) =>
      events.some((event) => event.type === 'processDefined' && event.definition.id === definition?.id),
    );
  assert.deepEqual(defined?.by, ADA);
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
});

test('a tried start runs what it calls as that is now, and leaves nothing behind', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  const flows = (...ids: string[]) =>
    ids
      .slice(1)
      .map((id, at) => `<bpmn:sequenceFlow id="f${at}" sourceRef="${ids[at]}" targetRef="${id}" />`)
      .join('');
  const called = model('b', external('t', 'mail') + flows('start', 't'));
  const deployed = await kernel.engine.deploy({ ...requestOf(called), name: 'b' }, ADA);
  assert.ok(deployed.ok, JSON.stringify(deployed));
  for (const [name, state, refused] of [
    ['b', 'waits', false],
    ['nobody', 'incident', true],
  ] as const) {
    const request = requestOf(model('a', call('c', name) + flows('start', 'c')));
    const draft = await keepDraft(kernel.engine, request, ADA);
    assert.ok(draft.ok);
    const variables = await run(kernel, String(draft.value.deploymentId), 'a');
    assert.equal((variables.get('smoke_result') as { state: string } | undefined)?.state, state);
    assert.equal(variables.get('refused'), refused);
  }
  assert.equal(kernel.engine.latestDefinition('a', null)?.version, 1);
  assert.equal(kernel.engine.count('externalTasks', { where: [{ column: 'topic', op: '=', value: 'mail' }] }), 0);
  const where = [{ column: 'bpmnProcessId', op: 'in', value: ['a', 'b'] }] as const;
  assert.equal(kernel.engine.count('processInstances', { where }), 0);
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
});

test('a draft of somebody else is not deployed, whoever names it', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  const draft = await keepDraft(kernel.engine, requestOf(model('a', '')), { kind: 'user', id: 'eve' });
  assert.ok(draft.ok);
  await run(kernel, String(draft.value.deploymentId));
  assert.match(
    kernel.engine.find('incidents')[0]?.message ?? '',
    /handed in by user:eve and cannot be deployed for user:ada/,
  );
  assert.equal(kernel.engine.latestDefinition('a', null), undefined);
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
});

test('a request that PID 1 takes only later is that of who handed it in: his draft, and nobody else’s', async () => {
  const EVE = { kind: 'user', id: 'eve' } as const;
  const kernel = await startTestKernel();
  const { engine } = kernel;
  // PID 1 boots: what is asked of it now waits.
  const draft = await keepDraft(engine, requestOf(model('a', '')), ADA);
  assert.ok(draft.ok);
  const ask = (name: string, by: typeof ADA | typeof EVE) => {
    const variables = { draft: String(draft.value.deploymentId) };
    const value = { id: name, process: DEPLOYMENT_PROCESS, businessKey: name, variables };
    return engine.submit(
      {
        type: 'publishMessage',
        name: 'procos.user_request',
        correlationKey: '',
        timeToLiveMs: 60_000,
        once: true,
        variables: { request: { type: 'Json', value } },
      },
      by,
    );
  };
  for (const [name, by] of [['stolen', EVE] as const, ['own', ADA] as const]) {
    const asked = await ask(name, by);
    assert.ok(asked.ok && asked.value.correlated.length === 0, 'it is kept');
  }
  await kernel.ready;
  const row = (businessKey: string) =>
    engine.find('processInstances', { where: [{ column: 'businessKey', op: '=', value: businessKey }] })[0];
  await until(kernel, () => row('own')?.state === 'completed' && row('stolen')?.incidents === 1);
  assert.deepEqual([row('stolen')?.startedBy, row('own')?.startedBy], ['user:eve', 'user:ada']);
  assert.match(engine.find('incidents')[0]?.message ?? '', /handed in by user:ada and cannot be deployed for user:eve/);
  assert.equal(engine.latestDefinition('a', null)?.version, 1);
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
});

test('an id that names no draft is an incident that says so, and so is the id of another deployment', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  const deployed = await kernel.engine.deploy(requestOf(model('a', '')), ADA);
  assert.ok(deployed.ok);
  for (const draft of [String(deployed.value.deploymentId), 'nothing', '999999']) {
    await run(kernel, draft);
    const [incident] = kernel.engine.find('incidents', { orderBy: [{ column: 'id', descending: true }] });
    assert.match(incident?.message ?? '', /names no draft: hand the files in/);
  }
  assert.equal(kernel.engine.latestDefinition('a', null)?.version, 1);
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
});
