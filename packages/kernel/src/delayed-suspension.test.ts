/** A suspension that is asked for now and carried out later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '@procos/store';
import { type DelayedSuspension, suspendLater } from './delayed-suspension.ts';
import type { RunningKernel } from './kernel-options.ts';
import { startTestKernel, until } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;
const FAR = Date.UTC(2999, 0, 1);

async function opened() {
  const kernel = await startTestKernel({ store: createMemoryStore() });
  await kernel.ready;
  return {
    kernel,
    async [Symbol.asyncDispose]() {
      await kernel.requestShutdown(ADA, 'test');
      await kernel.stopped;
    },
  };
}

async function deploy(
  { engine }: RunningKernel,
  version: string,
  element = '<bpmn:userTask id="ask"/>',
  id = 'ask',
): Promise<number> {
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><bpmn:process id="order" name="${version}" isExecutable="true"><bpmn:startEvent id="start"/>${element}<bpmn:sequenceFlow id="f" sourceRef="start" targetRef="${id}"/></bpmn:process></bpmn:definitions>`;
  const resources = [{ name: 'order.bpmn', content }];
  const request = { name: version, source: null, tenantId: null, resources, skipUnchanged: false };
  const outcome = await engine.deploy(request, ADA);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value.definitionIds[0] ?? 0;
}

async function ask({ engine }: RunningKernel, request: DelayedSuspension): Promise<number> {
  const outcome = await engine.submit(suspendLater(request), ADA);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value.processInstanceId;
}

async function start({ engine }: RunningKernel, definitionId: number): Promise<number> {
  const outcome = await engine.submit({ type: 'createProcessInstance', definition: { definitionId } }, ADA);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value.processInstanceId;
}

async function ended(kernel: RunningKernel, id: number): Promise<void> {
  const where = [{ column: 'id', op: '=', value: id }] as const;
  await until(kernel, () => kernel.engine.find('processInstances', { where })[0]?.state === 'completed');
}

/** Names of what is suspended of the process, its instances as numbers. */
function suspended({ engine }: RunningKernel): readonly (string | number | null)[] {
  const where = [
    { column: 'bpmnProcessId', op: '=', value: 'order' },
    { column: 'suspended', op: '=', value: true },
  ] as const;
  const definitions = engine.find('definitions', { where }).map(({ name }) => name);
  return [...definitions, ...engine.find('processInstances', { where }).map(({ id }) => id)];
}

test('waits for its time, then suspends all versions that there are by then, with their running instances', async () => {
  await using system = await opened();
  const { kernel } = system;
  const first = await start(kernel, await deploy(kernel, 'one'));
  const id = await ask(kernel, { of: { bpmnProcessId: 'order' }, suspended: true, withInstances: true, at: FAR });
  const second = await start(kernel, await deploy(kernel, 'two'));
  assert.deepEqual(suspended(kernel), []);
  const [timer] = kernel.engine.find('timers', { where: [{ column: 'processInstanceId', op: '=', value: id }] });
  assert.equal(timer?.dueAt, FAR);
  await kernel.engine.submit({ type: 'triggerTimer', timerId: timer.id }, ADA);
  await ended(kernel, id);
  assert.deepEqual(suspended(kernel), ['one', 'two', first, second]);
});

test('a time that has passed is now; definitions by id leave their instances as they are', async () => {
  await using system = await opened();
  const { kernel } = system;
  const definitionId = await deploy(kernel, 'one');
  await start(kernel, definitionId);
  const of = { definitionIds: [definitionId] };
  await ended(kernel, await ask(kernel, { of, suspended: true, withInstances: false, at: 0 }));
  assert.deepEqual(suspended(kernel), ['one']);
  await ended(kernel, await ask(kernel, { of, suspended: false, withInstances: false, at: 0 }));
  assert.deepEqual(suspended(kernel), []);
});

test('timers of an element rest from that time on, and with them those that are set already', async () => {
  await using system = await opened();
  const { kernel } = system;
  const { engine } = kernel;
  const wait =
    '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1000H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>';
  const definitionId = await deploy(kernel, 'one', wait, 'wait');
  const timers = () =>
    engine
      .find('timers', { where: [{ column: 'definitionId', op: '=', value: definitionId }] })
      .map(({ suspended: rests }) => rests);
  await start(kernel, definitionId);
  const timersOf = [{ definitionId, elementId: 'wait', from: 'event' }] as const;
  const request = { of: { timersOf }, suspended: true, at: 0 } as const;
  await ended(kernel, await ask(kernel, { ...request, withInstances: false }));
  await start(kernel, definitionId);
  assert.deepEqual(timers(), [false, true]);
  await ended(kernel, await ask(kernel, { ...request, withInstances: true }));
  assert.deepEqual(timers(), [true, true]);
  await ended(kernel, await ask(kernel, { ...request, suspended: false, withInstances: true }));
  await start(kernel, definitionId);
  assert.deepEqual(timers(), [false, false, false]);
  assert.deepEqual(suspended(kernel), [], 'nothing else rests');
});

test('what is no list of elements waits in an incident that says so', async () => {
  await using system = await opened();
  const { engine } = system.kernel;
  for (const value of [{}, [1], [{ definitionId: 1, elementId: 'wait', from: 'nowhere' }]] as const) {
    const { variables, ...command } = suspendLater({
      of: { timersOf: [] },
      suspended: true,
      withInstances: false,
      at: 0,
    });
    const given = { ...variables, timers_of: { type: 'Json', value } } as const;
    const outcome = await engine.submit({ ...command, variables: given }, ADA);
    assert.ok(outcome.ok);
    const where = [{ column: 'processInstanceId', op: '=', value: outcome.value.processInstanceId }] as const;
    await until(system.kernel, () => engine.count('incidents', { where }) > 0);
    assert.match(engine.find('incidents', { where })[0]?.message ?? '', /timers_of .* is no list/);
  }
});

test('nobody changes what was asked for in the name of somebody; it can be called off', async () => {
  await using system = await opened();
  const { kernel } = system;
  const definitionId = await deploy(kernel, 'one');
  const of = { definitionIds: [definitionId] };
  const id = await ask(kernel, { of, suspended: true, withInstances: false, at: FAR });
  const scope = { processInstanceId: id, scopeId: id, local: true } as const;
  const changed = await kernel.engine.submit(
    { type: 'setVariables', ...scope, variables: { bpmn_process_id: { type: 'String', value: 'procos_system_boot' } } },
    ADA,
  );
  assert.ok(!changed.ok);
  assert.match(changed.rejection.message, /in the name of/);
  assert.ok((await kernel.engine.submit({ type: 'cancelProcessInstance', processInstanceId: id }, ADA)).ok);
  assert.deepEqual(suspended(kernel), []);
});
