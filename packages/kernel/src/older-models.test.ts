/** Definitions whose graph an earlier version stored go on after the upgrade: instances on their way, and new ones. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { MODEL_VERSION } from '@procos/bpmn';
import { openSqliteStore } from '@procos/store';
import type { RunningKernel } from './kernel-options.ts';
import { standsAt, startTestKernel } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;

const ORDER = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
  <bpmn:message id="m1" name="paid" /><bpmn:message id="m2" name="packed" />
  <bpmn:process id="order" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:eventBasedGateway id="wait"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing><bpmn:outgoing>f6</bpmn:outgoing></bpmn:eventBasedGateway>
    <bpmn:intermediateCatchEvent id="late"><bpmn:incoming>f6</bpmn:incoming><bpmn:outgoing>f7</bpmn:outgoing>
      <bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="paid"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing>
      <bpmn:messageEventDefinition messageRef="m1" /></bpmn:intermediateCatchEvent>
    <bpmn:receiveTask id="packed" messageRef="m2"><bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>f4</bpmn:outgoing></bpmn:receiveTask>
    <bpmn:userTask id="check"><bpmn:incoming>f4</bpmn:incoming><bpmn:outgoing>f5</bpmn:outgoing>
      <bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>
    <bpmn:endEvent id="end"><bpmn:incoming>f5</bpmn:incoming><bpmn:incoming>f7</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="wait" />
    <bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="paid" />
    <bpmn:sequenceFlow id="f3" sourceRef="paid" targetRef="packed" />
    <bpmn:sequenceFlow id="f4" sourceRef="packed" targetRef="check" />
    <bpmn:sequenceFlow id="f5" sourceRef="check" targetRef="end" />
    <bpmn:sequenceFlow id="f6" sourceRef="wait" targetRef="late" />
    <bpmn:sequenceFlow id="f7" sourceRef="late" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

async function start({ engine }: RunningKernel): Promise<number> {
  const definition = { bpmnProcessId: 'order' };
  const outcome = await engine.submit(
    { type: 'createProcessInstance', definition, variables: {}, businessKey: null },
    ADA,
  );
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value.processInstanceId;
}

/** Brings an instance that waits at the gateway to its end. */
async function finish(kernel: RunningKernel, processInstanceId: number): Promise<void> {
  const { engine } = kernel;
  assert.deepEqual(standsAt(kernel, processInstanceId), ['wait']);
  for (const name of ['paid', 'packed']) {
    const outcome = await engine.submit(
      { type: 'correlateMessage', name, processInstanceId, variables: {}, all: false },
      ADA,
    );
    assert.ok(outcome.ok, JSON.stringify(outcome));
  }
  const where = [{ column: 'processInstanceId', op: '=', value: processInstanceId }] as const;
  for (const round of [1, 2]) {
    const [task, ...others] = engine.find('userTasks', { where });
    assert.ok(task !== undefined && others.length === 0, `round ${round}`);
    await engine.submit({ type: 'completeUserTask', userTaskId: task.id }, ADA);
  }
  const [instance] = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: processInstanceId }] });
  assert.equal(instance?.state, 'completed');
}

async function shutDown(kernel: RunningKernel): Promise<void> {
  if (kernel.status().phase !== 'stopping') await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
}

/** Takes from every stored graph what version 1 did not write. Gives how many there were. */
function writeAsVersion1(path: string): number {
  using database = new DatabaseSync(path);
  const rows = database.prepare('SELECT id, rest FROM definitions').all();
  const update = database.prepare('UPDATE definitions SET rest = ? WHERE id = ?');
  for (const { id, rest } of rows) {
    const definition = JSON.parse(String(rest));
    definition.model.modelVersion = 1;
    for (const element of Object.values<Record<string, unknown>>(definition.model.elements)) {
      delete element['instantiate'];
      delete element['parallel'];
      if (element['loop'] !== undefined) delete (element['loop'] as Record<string, unknown>)['kind'];
    }
    update.run(JSON.stringify(definition), id as number);
  }
  return rows.length;
}

test('a graph of model version 1 executes after the upgrade, where an instance stands and from the start', async (context) => {
  assert.equal(MODEL_VERSION, 2, 'a newer model version needs its own story here');
  const directory = mkdtempSync(join(tmpdir(), 'procos-kernel-'));
  const kernels: RunningKernel[] = [];
  context.after(async () => {
    await Promise.all(kernels.map(shutDown));
    rmSync(directory, { recursive: true });
  });

  const before = await startTestKernel({ store: openSqliteStore({ directory }) });
  kernels.push(before);
  await before.ready;
  const resources = [{ name: 'order.bpmn', content: ORDER }];
  const request = { name: 'order', source: null, tenantId: null, resources, skipUnchanged: false };
  const deployed = await before.engine.deploy(request, ADA);
  assert.ok(deployed.ok, JSON.stringify(deployed));
  const waiting = await start(before);
  const rootId = before.status().rootInstanceId;
  await shutDown(before);

  assert.ok(writeAsVersion1(join(directory, 'procos.db')) > 1);

  const after = await startTestKernel({ store: openSqliteStore({ directory }) });
  kernels.push(after);
  await after.ready;
  await finish(after, waiting);
  await finish(after, await start(after));
  assert.equal(after.status().phase, 'ready');
  assert.equal(after.status().rootInstanceId, rootId);
  assert.equal(after.engine.count('incidents'), 0);
  await shutDown(after);
});
