/** The installation process on a kernel: whose bundles it takes, what it says beforehand, and that it deploys all or nothing. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { createMemoryStore } from '@procos/store';
import { INSTALL_PROCESS, keepDraft } from '../deployment/draft.ts';
import type { RunningKernel } from '../kernel-options.ts';
import { put, user } from '../testing/people.ts';
import { startTestKernel, until } from '../testing/system.ts';
import { declaredBy, resourcesOf } from './declares.ts';
import { writeBundle } from './file.ts';
import { newKeyPair } from './keys.ts';

const ADA = { kind: 'user', id: 'ada' } as const;
const BOB = { kind: 'user', id: 'bob' } as const;
const KEY = newKeyPair();
const STRANGER = newKeyPair();
const trustedKeys = mkdtempSync(join(tmpdir(), 'procos-trusted-'));
writeFileSync(join(trustedKeys, 'ada.pub'), KEY.publicKey);
after(() => rmSync(trustedKeys, { recursive: true }));

function model(id: string, topic: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="${id}" isExecutable="true"><bpmn:startEvent id="start" /><bpmn:serviceTask id="work" camunda:type="external" camunda:topic="${topic}" /></bpmn:process>
</bpmn:definitions>`;
}

async function bundleOf(models: Readonly<Record<string, string>>, key: string | undefined): Promise<string> {
  const files = Object.entries(models).map(([name, content]) => ({ name, bytes: Buffer.from(content) }));
  const { processes, decisions } = await declaredBy(resourcesOf(files));
  const content = { name: 'orders', version: '1', files, processes, decisions };
  return writeBundle(content, key === undefined ? undefined : createPrivateKey(key)).toString();
}

async function handIn(kernel: RunningKernel, content: string): Promise<number> {
  const resources = [{ name: 'orders.bundle', content }];
  const request = { name: 'orders 1', source: null, tenantId: null, resources, skipUnchanged: true };
  const draft = await keepDraft(kernel.engine, request, ADA);
  assert.ok(draft.ok);
  return draft.value.deploymentId;
}

async function start(kernel: RunningKernel, bundle: number, by: typeof ADA | typeof BOB = ADA): Promise<number> {
  const variables = {
    bundle: { type: 'String', value: String(bundle) },
    approved: { type: 'Boolean', value: true },
  } as const;
  const definition = { bpmnProcessId: INSTALL_PROCESS };
  const created = await kernel.engine.submit({ type: 'createProcessInstance', definition, variables }, by);
  assert.ok(created.ok);
  return created.value.processInstanceId;
}

const ofInstance = (id: number) => ({ where: [{ column: 'processInstanceId', op: '=', value: id }] }) as const;

function variables(kernel: RunningKernel, id: number): Map<string, unknown> {
  return new Map(kernel.engine.find('variables', ofInstance(id)).map(({ name, value }) => [name, value]));
}

async function install(kernel: RunningKernel, content: string): Promise<Map<string, unknown>> {
  const id = await start(kernel, await handIn(kernel, content));
  await until(kernel, () => {
    const where = [{ column: 'id', op: '=', value: id }] as const;
    return kernel.engine.find('processInstances', { where })[0]?.state === 'completed';
  });
  return variables(kernel, id);
}

const version = (kernel: RunningKernel, id: string): number | undefined =>
  kernel.engine.latestDefinition(id, null)?.version;

const started: RunningKernel[] = [];

async function system(unknown: 'refuse' | 'ask' = 'refuse'): Promise<RunningKernel> {
  const kernel = await startTestKernel({ bundles: { trustedKeys, unknown } });
  started.push(kernel);
  await kernel.ready;
  return kernel;
}

/** Also after a test that failed. */
afterEach(async () => {
  for (const kernel of started.splice(0)) {
    kernel.handleSignal('SIGTERM');
    await kernel.stopped;
  }
});

test('a bundle of a trusted key is deployed in the name of who handed it in, and a newer one says what it changes', async () => {
  const kernel = await system();
  const first = await install(
    kernel,
    await bundleOf({ 'a.bpmn': model('a', 'mail'), 'b.bpmn': model('b', 'mail') }, KEY.privateKey),
  );
  assert.deepEqual([first.get('refused'), first.get('trusted_as'), first.get('signer')], [false, 'ada', KEY.id]);
  assert.deepEqual([version(kernel, 'a'), version(kernel, 'b')], [1, 1]);
  const deployment = kernel.engine.find('deployments', {
    where: [{ column: 'id', op: '=', value: kernel.engine.latestDefinition('a', null)?.deploymentId ?? 0 }],
  })[0];
  assert.equal(deployment?.name, 'orders 1');
  const second = await install(
    kernel,
    await bundleOf({ 'a.bpmn': model('a', 'pay'), 'b.bpmn': model('b', 'mail') }, KEY.privateKey),
  );
  assert.match(
    String(second.get('summary')),
    /^a replaces version 1: uses the topic pay; no longer uses the topic mail\.$/m,
  );
  assert.equal(version(kernel, 'a'), 2);
});

test('nothing is deployed of a bundle that is not signed, changed, from a stranger, or has one model that is wrong', async () => {
  const kernel = await system();
  const models = { 'a.bpmn': model('a', 'mail') };
  const good = await bundleOf(models, KEY.privateKey);
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    [await bundleOf(models, undefined), 'BUNDLE_UNTRUSTED', /is not signed/],
    [await bundleOf(models, STRANGER.privateKey), 'BUNDLE_UNTRUSTED', new RegExp(STRANGER.id)],
    [good.replace('"version":"1"', '"version":"2"'), 'BUNDLE_SIGNATURE', /manifest/],
    [good.slice(0, -40), 'BUNDLE_DAMAGED', /middle of a line/],
    ['no bundle', 'BUNDLE_FORMAT', /procos pack/],
  ];
  for (const [content, code, reason] of cases) {
    const found = await install(kernel, content);
    assert.deepEqual([found.get('refused'), found.get('code')], [true, code]);
    assert.match(String(found.get('reason')), reason);
  }
  const broken = { ...models, 'b.bpmn': model('b', 'mail').replace('<bpmn:startEvent id="start" />', '') };
  const found = await install(kernel, await bundleOf(broken, KEY.privateKey));
  assert.deepEqual([found.get('refused'), found.get('code')], [true, null]);
  assert.match(JSON.stringify(found.get('findings')), /missing-start-event/);
  assert.equal(version(kernel, 'a'), undefined);
});

test('rules of policy that a bundle proposes are told and not applied; those that hold already are not told', async () => {
  const kernel = await system();
  const rule = (name: string) => ({ process: 'a', deny: { hosts: [{ name }] }, why: 'no need' });
  const proposal = JSON.stringify({ rules: [rule('b.example'), rule('c.example')] });
  assert.ok((await kernel.engine.setPolicy({ rules: [rule('b.example')] }, 'ours', ADA)).ok);
  const files = { 'a.bpmn': model('a', 'mail'), 'procos-policy.json': proposal };
  const found = await install(kernel, await bundleOf(files, KEY.privateKey));
  const told = String(found.get('summary')).split('\n').slice(1);
  assert.deepEqual(told, [
    'proposes a rule of policy, which does not hold by this: a may not use hosts:c.example: no need',
  ]);
  assert.equal(version(kernel, 'a'), 1);
  assert.deepEqual(kernel.engine.policy().rules, [rule('b.example')]);

  const nonsense = { name: 'procos-policy.json', bytes: Buffer.from('{"rules":[{"process":"a"}]}') };
  const content = { name: 'orders', version: '1', files: [nonsense], processes: [], decisions: [] };
  const refused = await install(kernel, writeBundle(content, createPrivateKey(KEY.privateKey)).toString());
  assert.equal(refused.get('code'), 'BUNDLE_POLICY');
  assert.match(String(refused.get('reason')), /Rule 1: "why" is missing/);
});

test('a manifest that declares something else than its files is refused, whoever has signed it', async () => {
  const kernel = await system();
  const files = [{ name: 'a.bpmn', bytes: Buffer.from(model('a', 'mail')) }];
  const lie = { name: 'orders', version: '1', files, processes: [], decisions: [] };
  const found = await install(kernel, writeBundle(lie, createPrivateKey(KEY.privateKey)).toString());
  assert.equal(found.get('code'), 'BUNDLE_DECLARES');
  assert.equal(version(kernel, 'a'), undefined);
});

test('where a person is asked about a stranger, the yes of another one deploys it for who handed it in; what came with the start counts for nothing', async () => {
  const kernel = await system('ask');
  const content = await bundleOf({ 'a.bpmn': model('a', 'mail') }, STRANGER.privateKey);
  for (const approved of [false, true]) {
    const id = await start(kernel, await handIn(kernel, content));
    await until(kernel, () => kernel.engine.count('userTasks', ofInstance(id)) === 1);
    assert.match(String(variables(kernel, id).get('summary')), /^a is new: uses the topic mail/);
    assert.deepEqual([variables(kernel, id).get('approved'), version(kernel, 'a')], [false, undefined]);
    const [task] = kernel.engine.find('userTasks', ofInstance(id));
    const answer = { approved: { type: 'Boolean', value: approved } } as const;
    const done = await kernel.engine.submit(
      { type: 'completeUserTask', userTaskId: task?.id ?? 0, variables: answer },
      BOB,
    );
    assert.ok(done.ok);
    await until(kernel, () => {
      const where = [{ column: 'id', op: '=', value: id }] as const;
      return kernel.engine.find('processInstances', { where })[0]?.state === 'completed';
    });
    assert.equal(version(kernel, 'a'), approved ? 1 : undefined);
  }
});

test('where people prove who they are, nobody trusts a stranger for what he has handed in himself', async () => {
  const store = createMemoryStore();
  put(store, ...['ada', 'bob'].map((name) => ({ set: user(name, 'administrator') })));
  const kernel = await startTestKernel({ store, authentication: 'required', bundles: { trustedKeys, unknown: 'ask' } });
  started.push(kernel);
  await kernel.ready;
  const content = await bundleOf({ 'a.bpmn': model('a', 'mail') }, STRANGER.privateKey);
  const id = await start(kernel, await handIn(kernel, content));
  await until(kernel, () => kernel.engine.count('userTasks', ofInstance(id)) === 1);
  const userTaskId = kernel.engine.find('userTasks', ofInstance(id))[0]?.id ?? 0;
  const answer = { approved: { type: 'Boolean', value: true } } as const;
  const own = await kernel.engine.submit({ type: 'completeUserTask', userTaskId, variables: answer }, ADA);
  assert.match(own.ok ? '' : own.rejection.message, /a second person must look at it/);
  assert.ok((await kernel.engine.submit({ type: 'completeUserTask', userTaskId, variables: answer }, BOB)).ok);
  await until(kernel, () => version(kernel, 'a') === 1);
  const last = kernel.engine.records(0, 10_000).findLast(({ command }) => command === 'deploy');
  assert.deepEqual(last?.by, ADA);
});

test('nobody installs what somebody else has handed in', async () => {
  const kernel = await system();
  const draft = await handIn(kernel, await bundleOf({ 'a.bpmn': model('a', 'mail') }, KEY.privateKey));
  const id = await start(kernel, draft, BOB);
  await until(kernel, () => kernel.engine.count('incidents', ofInstance(id)) === 1);
  assert.match(kernel.engine.find('incidents', ofInstance(id))[0]?.message ?? '', /handed in by user:ada/);
  assert.equal(version(kernel, 'a'), undefined);
});
