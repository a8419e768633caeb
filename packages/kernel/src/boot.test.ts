/** The life of the system: power-on, PID 1 at work, shutdown, and the same PID 1 again. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inferVariable } from '@procos/bpmn';
import { createMemoryStore, openSqliteStore, StoreFailure } from '@procos/store';
import { EXIT_STORE_FAILED, type RunningKernel } from './kernel-options.ts';
import { thisMachine } from './machine.ts';
import { manualClock, QUIET, settle } from './testing/clock.ts';
import { standsAt, startTestKernel, until } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;

const CHILD = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
  <bpmn:process id="greeting" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="greet"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="greet" />
    <bpmn:sequenceFlow id="f2" sourceRef="greet" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

async function deployChild({ engine }: RunningKernel): Promise<void> {
  const outcome = await engine.deploy(
    {
      name: 'greeting',
      source: null,
      tenantId: null,
      resources: [{ name: 'greeting.bpmn', content: CHILD }],
      skipUnchanged: false,
    },
    ADA,
  );
  assert.ok(outcome.ok, JSON.stringify(outcome));
}

function request(kernel: RunningKernel, businessKey: string) {
  const value = { id: businessKey, process: 'greeting', businessKey, variables: { whom: businessKey } };
  return kernel.engine.submit(
    {
      type: 'correlateMessage',
      name: 'procos.user_request',
      variables: { request: inferVariable(value) },
      all: false,
    },
    ADA,
  );
}

const rootOf = (kernel: RunningKernel): number => kernel.status().rootInstanceId ?? 0;
const children = (kernel: RunningKernel, bpmnProcessId: string) =>
  kernel.engine.find('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: bpmnProcessId }] });
const waitsForWork = (kernel: RunningKernel): boolean => standsAt(kernel, rootOf(kernel)).includes('wait_for_work');

async function shutDown(kernel: RunningKernel): Promise<number> {
  await kernel.requestShutdown(ADA, 'test');
  return (await kernel.stopped).exitCode;
}

test('after power-on PID 1 has booted the system and waits for work', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  assert.equal(kernel.status().phase, 'ready');
  assert.deepEqual(standsAt(kernel, rootOf(kernel)), ['wait_for_work']);
  const [boot] = children(kernel, 'procos_system_boot');
  assert.deepEqual([boot?.state, boot?.parentId], ['completed', rootOf(kernel)]);
  const events = kernel.log.recent(100).map(({ event }) => event);
  for (const event of ['kernel_starting', 'kernel_bootstrap_start', 'kernel_bootstrap_complete', 'kernel_ready']) {
    assert.ok(events.includes(event), event);
  }
  assert.equal(await shutDown(kernel), 0);
});

test('a user request runs as a child of PID 1, which is at once ready for the next', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  await deployChild(kernel);
  const outcomes = await Promise.all([request(kernel, 'first'), request(kernel, 'second')]);
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [true, true],
  );
  const running = children(kernel, 'greeting');
  assert.deepEqual(
    running.map(({ businessKey, parentId }) => [businessKey, parentId]),
    [
      ['first', rootOf(kernel)],
      ['second', rootOf(kernel)],
    ],
  );
  const whom = kernel.engine.find('variables', { where: [{ column: 'name', op: '=', value: 'whom' }] });
  assert.deepEqual(
    whom.map(({ value }) => value),
    ['first', 'second'],
  );
  assert.deepEqual(standsAt(kernel, rootOf(kernel)), ['run_request', 'run_request', 'wait_for_work']);
  const [task] = kernel.engine.find('userTasks');
  await kernel.engine.submit({ type: 'completeUserTask', userTaskId: task?.id ?? 0 }, ADA);
  assert.deepEqual(standsAt(kernel, rootOf(kernel)), ['run_request', 'wait_for_work']);
  await shutDown(kernel);
});

test('nobody outside can end or change PID 1; the kernel can, and then PID 1 is started again at once', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  const rootId = rootOf(kernel);
  for (const command of [
    { type: 'cancelProcessInstance', processInstanceId: rootId },
    { type: 'setVariables', processInstanceId: rootId, scopeId: rootId, variables: {}, local: true },
    { type: 'modifyProcessInstance', processInstanceId: rootId, instructions: [] },
    { type: 'setSuspension', target: { processInstanceId: rootId }, suspended: true },
  ] as const) {
    const outcome = await kernel.engine.submit(command, ADA);
    assert.match(outcome.ok ? '' : outcome.rejection.message, /PID 1 is the system itself/);
  }
  await kernel.engine.submit(
    { type: 'cancelProcessInstance', processInstanceId: rootId },
    { kind: 'kernel', id: 'test' },
  );
  await until(kernel, () => kernel.status().phase === 'ready' && waitsForWork(kernel));
  assert.notEqual(rootOf(kernel), rootId);
  assert.equal(kernel.engine.count('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] }), 1);
  assert.equal(await shutDown(kernel), 0);
});

test('requests that are published while the system boots are all run once PID 1 waits for work', async () => {
  const kernel = await startTestKernel();
  assert.equal(kernel.status().phase, 'booting');
  await deployChild(kernel);
  for (const businessKey of ['first', 'second', 'third']) {
    const value = { id: businessKey, process: 'greeting', businessKey, variables: {} };
    const variables = { request: inferVariable(value) };
    const message = { name: 'procos.user_request', correlationKey: '', timeToLiveMs: 60_000, variables };
    await kernel.engine.submit({ type: 'publishMessage', ...message }, ADA);
  }
  await kernel.ready;
  await until(kernel, () => children(kernel, 'greeting').length === 3);
  assert.deepEqual(
    children(kernel, 'greeting').map(({ businessKey }) => businessKey),
    ['first', 'second', 'third'],
  );
  assert.ok(waitsForWork(kernel));
  await shutDown(kernel);
});

test('the health check comes every 30 s, also when requests come all the time', async () => {
  const clock = manualClock(QUIET);
  const kernel = await startTestKernel({ clock });
  await kernel.ready;
  await deployChild(kernel);
  for (let round = 0; round < 4; round++) {
    clock.advance(9_000);
    await request(kernel, `request ${round}`);
  }
  await settle();
  await until(kernel, () => children(kernel, 'procos_system_health_monitoring')[0]?.state === 'completed');
  assert.equal(children(kernel, 'procos_system_health_monitoring').length, 1);
  clock.advance(30_000);
  await until(kernel, () => children(kernel, 'procos_system_health_monitoring').length === 2);
  assert.ok(waitsForWork(kernel));
  await shutDown(kernel);
});

test('a machine with much to do boots at the first attempt, and says that it was slow', async () => {
  const machine = { ...thisMachine, eventLoopDelayMs: () => 2_000 };
  const kernel = await startTestKernel({ machine });
  await kernel.ready;
  assert.deepEqual(
    children(kernel, 'procos_system_boot').map(({ state }) => state),
    ['completed'],
  );
  const said = kernel.log.recent(100).find(({ event }) => event === 'kernel_metrics_snapshot');
  assert.match(said?.text ?? '', /held up for 2000 ms/);
  assert.equal(await shutDown(kernel), 0);
});

test('a shutdown parks PID 1; the next start resumes the same one, with its children', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'procos-boot-'));
  try {
    const first = await startTestKernel({ store: openSqliteStore({ directory }) });
    await first.ready;
    await deployChild(first);
    await request(first, 'survivor');
    const rootId = rootOf(first);
    assert.equal(await shutDown(first), 0);
    await assert.rejects(first.engine.submit({ type: 'broadcastSignal', name: 'x' }, ADA), { code: 'STOPPING' });

    const second = await startTestKernel({ store: openSqliteStore({ directory }) });
    await second.ready;
    assert.equal(rootOf(second), rootId);
    assert.deepEqual(standsAt(second, rootId), ['run_request', 'wait_for_work']);
    assert.equal(children(second, 'procos_system_orchestrator').length, 1);
    assert.deepEqual(
      children(second, 'greeting').map(({ state }) => state),
      ['active'],
    );
    assert.deepEqual(
      children(second, 'procos_system_boot').map(({ state }) => state),
      ['completed', 'completed'],
    );
    const where = [{ column: 'name', op: '=', value: 'procos-system' }] as const;
    assert.equal(second.engine.count('deployments', { where }), 1);
    assert.equal(await shutDown(second), 0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('an order to shut down while the system still boots is not lost', async () => {
  const kernel = await startTestKernel();
  assert.equal(kernel.status().phase, 'booting');
  assert.equal(await shutDown(kernel), 0);
  const events = kernel.log.recent(100).map(({ event }) => event);
  assert.ok(!events.includes('kernel_ready'));
});

test('SIGTERM shuts down in order', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  kernel.handleSignal('SIGTERM');
  assert.deepEqual(await kernel.stopped, { exitCode: 0 });
});

test('a second SIGINT ends at once', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  kernel.handleSignal('SIGINT');
  kernel.handleSignal('SIGINT');
  assert.deepEqual(await kernel.stopped, { exitCode: 130 });
});

test('a process that was not shipped with the system gets an incident instead of a system call', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  const content = CHILD.replace(
    '<bpmn:userTask',
    '<bpmn:serviceTask camunda:type="external" camunda:topic="procos.power.off"',
  )
    .replace('</bpmn:userTask>', '</bpmn:serviceTask>')
    .replace('xmlns:bpmn=', 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:bpmn=');
  const resources = [{ name: 'evil.bpmn', content }];
  const deployed = await kernel.engine.deploy(
    { name: 'evil', source: null, tenantId: null, resources, skipUnchanged: false },
    ADA,
  );
  assert.ok(deployed.ok && JSON.stringify(deployed.warnings).includes('system-call-refused'));
  await kernel.engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'greeting' } }, ADA);
  await until(kernel, () => kernel.engine.count('incidents') === 1);
  assert.match(kernel.engine.find('incidents')[0]?.message ?? '', /only processes deployed from the source "system"/);
  assert.equal(kernel.status().phase, 'ready');
  await shutDown(kernel);
});

test('nobody outside the kernel gets hold of a system call', async () => {
  const kernel = await startTestKernel();
  await kernel.ready;
  const poll = (workerId: string, topic: string) =>
    kernel.engine.fetchAndLock(
      { type: 'fetchAndLock', workerId, maxTasks: 1, usePriority: false, topics: [{ topic, lockMs: 1_000 }] },
      ADA,
      { waitMs: 0 },
    );
  assert.equal((await poll('mine', 'procos.power.off')).ok, false);
  assert.equal((await poll('kernel', 'mail')).ok, false);
  assert.equal((await poll('mine', 'mail')).ok, true);
  assert.equal((await poll('mine', 'procos.script')).ok, true);
  await shutDown(kernel);
});

test('when the disk refuses, the kernel stops at once and answers nobody', async () => {
  const store = createMemoryStore();
  const kernel = await startTestKernel({ store });
  await kernel.ready;
  Object.assign(store, {
    commit() {
      throw new StoreFailure('disk full');
    },
  });
  let answered = false;
  const note = (): void => {
    answered = true;
  };
  kernel.engine.submit({ type: 'broadcastSignal', name: 'x' }, ADA).then(note, note);
  assert.deepEqual(await kernel.stopped, { exitCode: EXIT_STORE_FAILED });
  await settle();
  assert.equal(answered, false);
  const failed = kernel.log.recent(10).find(({ event }) => event === 'kernel_failed');
  assert.match(failed?.text ?? '', /disk full/);
});

test('when the disk refuses during the boot, whoever boots is told so', async () => {
  for (const commits of [0, 1]) {
    const store = createMemoryStore();
    const commit = store.commit.bind(store);
    let left = commits;
    Object.assign(store, {
      commit(records: Parameters<typeof commit>[0]) {
        if (left === 0) throw new StoreFailure('input/output error');
        left -= 1;
        commit(records);
      },
    });
    const failure = { name: 'BootFailure', message: /The store failed/, exitCode: EXIT_STORE_FAILED };
    await assert.rejects(startTestKernel({ store }), failure);
  }
});

test('a system that cannot be deployed does not start, and says why', async () => {
  const start = startTestKernel({ systemModels: [{ name: 'boot.bpmn', content: 'broken' }] });
  await assert.rejects(start, { name: 'BootFailure', message: /cannot be deployed.*boot\.bpmn/ });
});
