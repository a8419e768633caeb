/** Batches on a real kernel: one operation on many instances, as an instance of a system process. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Variables } from '@procos/engine';
import { openSqliteStore } from '@procos/store';
import type { RunningKernel } from '../kernel-options.ts';
import { manualClock } from '../testing/clock.ts';
import { standsAt, startTestKernel, until } from '../testing/system.ts';
import { BATCH_PROCESS, type BatchOperation, type ItemFailure, startBatch } from './operation.ts';

const BY = { kind: 'anonymous', id: 'anonymous' } as const;
const WAITS = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  id="d" targetNamespace="http://example.org">
  <bpmn:message id="M" name="paid" />
  <bpmn:process id="waits" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="work" />
    <bpmn:receiveTask id="receive" messageRef="M" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />
    <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="receive" />
    <bpmn:sequenceFlow id="f3" sourceRef="receive" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

const TO_RECEIVE = (definitionId: number): BatchOperation => ({
  type: 'modifyProcessInstance',
  definitionId,
  instructions: [
    { kind: 'cancelAll', elementId: 'work' },
    { kind: 'startBefore', elementId: 'receive' },
  ],
  skipListeners: false,
  skipMappings: false,
});

describe('a batch', () => {
  const clock = manualClock();
  let kernel: RunningKernel;
  let directory: string;
  let definitionId: number;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'procos-batch-'));
    kernel = await startTestKernel({ clock, store: openSqliteStore({ directory }) });
    const resources = [{ name: 'waits.bpmn', content: WAITS }];
    const deployed = await kernel.engine.deploy(
      { name: 'waits', source: 'test', tenantId: null, resources, skipUnchanged: false },
      BY,
    );
    assert.ok(deployed.ok);
    definitionId = deployed.value.definitionIds[0] ?? 0;
  });
  after(async () => {
    await kernel.requestShutdown({ kind: 'user', id: 'test' }, 'test');
    await kernel.stopped;
    rmSync(directory, { recursive: true });
  });

  async function start(count: number, variables: Variables = {}): Promise<number[]> {
    const started = await Promise.all(
      Array.from({ length: count }, () =>
        kernel.engine.submit({ type: 'createProcessInstance', definition: { definitionId }, variables }, BY),
      ),
    );
    return started.map((outcome) => (outcome.ok ? outcome.value.processInstanceId : 0));
  }
  async function begin(operation: BatchOperation, items: readonly number[]): Promise<number> {
    const outcome = await kernel.engine.submit(startBatch(operation, items), BY);
    assert.ok(outcome.ok);
    return outcome.value.processInstanceId;
  }
  const instance = (id: number) =>
    kernel.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0];
  const value = (id: number, name: string) =>
    kernel.engine.find('variables', {
      where: [
        { column: 'processInstanceId', op: '=', value: id },
        { column: 'scopeId', op: '=', value: id },
        { column: 'name', op: '=', value: name },
      ],
    })[0]?.value;
  async function run(operation: BatchOperation, items: readonly number[]): Promise<number> {
    const id = await begin(operation, items);
    await until(kernel, () => instance(id)?.state !== 'active');
    assert.equal(instance(id)?.state, 'completed');
    assert.equal(value(id, 'done'), items.length);
    return id;
  }

  it('ends every instance, in chunks, and completes', async () => {
    const ids = await start(250);
    const id = await run({ type: 'cancelProcessInstance', reason: 'no longer wanted' }, ids);
    assert.deepEqual([...new Set(ids.map((one) => instance(one)?.state))], ['canceled']);
    assert.equal(instance(ids[0] ?? 0)?.reason, 'no longer wanted');
    const where = [
      { column: 'processInstanceId', op: '=', value: id },
      { column: 'elementId', op: '=', value: 'run' },
    ] as const;
    assert.equal(kernel.engine.count('elementInstances', { where }), 3);
  });

  const standing = (id: number) => standsAt(kernel, id);
  const openIncidents = (id: number) =>
    kernel.engine.find('incidents', { where: [{ column: 'processInstanceId', op: '=', value: id }] });

  /** Until it holds, the pauses between rounds gone by at once. */
  async function passing(condition: () => boolean): Promise<void> {
    const tick = setInterval(() => clock.advance(200), 5);
    await until(kernel, condition).finally(() => clearInterval(tick));
  }
  const fails = (id: number) => passing(() => openIncidents(id).length > 0);

  it('suspends and resumes', async () => {
    const ids = await start(3);
    await run({ type: 'setSuspension', suspended: true }, ids);
    assert.deepEqual(
      ids.map((id) => instance(id)?.suspended),
      [true, true, true],
    );
    await run({ type: 'setSuspension', suspended: false }, ids);
    assert.equal(instance(ids[0] ?? 0)?.suspended, false);
  });

  it('sets variables in the name of who started it', async () => {
    const ids = await start(2);
    await run({ type: 'setVariables', variables: { amount: { type: 'Integer', value: 7 } } }, ids);
    assert.deepEqual(
      ids.map((id) => value(id, 'amount')),
      [7, 7],
    );
    const where = [{ column: 'processInstanceId', op: '=', value: ids[0] ?? 0 }] as const;
    assert.equal(kernel.engine.find('variables', { where })[0]?.updatedBy, 'anonymous:anonymous');
  });

  it('moves instances by a modification, each exactly once, and then correlates a message to each', async () => {
    const ids = await start(40);
    await run(TO_RECEIVE(definitionId), ids);
    assert.deepEqual(
      ids.map(standing),
      ids.map(() => ['receive']),
    );
    await run({ type: 'correlateMessage', name: 'paid', variables: { paid: { type: 'Boolean', value: true } } }, ids);
    assert.deepEqual([...new Set(ids.map((id) => instance(id)?.state))], ['completed']);
  });

  it('restarts what has ended with the variables that it began with, once each', async () => {
    const ids = await start(20, { amount: { type: 'Integer', value: 1 } });
    await run({ type: 'setVariables', variables: { amount: { type: 'Integer', value: 2 } } }, ids);
    await run({ type: 'cancelProcessInstance', reason: null }, ids);
    const before = kernel.engine.count('processInstances', {
      where: [{ column: 'definitionId', op: '=', value: definitionId }],
    });
    const last = kernel.engine.lastSequence;
    const instructions = [{ kind: 'startBefore', elementId: 'receive' }] as const;
    const rest = { withoutBusinessKey: false, skipListeners: false, skipMappings: false };
    await run(
      {
        type: 'restartProcessInstance',
        definitionId,
        startInstructions: instructions,
        initialVariables: true,
        ...rest,
      },
      ids,
    );
    const where = [{ column: 'definitionId', op: '=', value: definitionId }] as const;
    const all = kernel.engine.find('processInstances', { where });
    assert.equal(all.length, before + ids.length);
    const restarted = all.filter(({ startedIn }) => (startedIn ?? 0) > last);
    assert.deepEqual([...new Set(restarted.map(({ id }) => value(id, 'amount')))], [1]);
    assert.deepEqual(standing(restarted[0]?.id ?? 0), ['receive']);
  });

  it('sets the retries of external tasks, and resolves the incidents of those that have none', async () => {
    const ids = await start(3);
    const tasks = kernel.engine.find('externalTasks', {
      where: [{ column: 'processInstanceId', op: 'in', value: ids }],
    });
    const taskIds = tasks.map(({ id }) => id);
    await run({ type: 'setExternalTaskRetries', retries: 0 }, taskIds);
    const incidents = ids.flatMap((id) => openIncidents(id));
    assert.equal(incidents.length, 3);
    await run(
      { type: 'resolveIncident' },
      incidents.map(({ id }) => id),
    );
    assert.equal(ids.flatMap((id) => openIncidents(id)).length, 0);
  });

  it('goes on past what fails, tries it twice more, and names it with the reason in one incident', async () => {
    const [good = 0, other = 0] = await start(2);
    const id = await begin({ type: 'setSuspension', suspended: true }, [good, 999_999, other]);
    await fails(id);
    assert.deepEqual(
      [good, other].map((one) => instance(one)?.suspended),
      [true, true],
    );
    assert.match(openIncidents(id)[0]?.message ?? '', /1 of 3 items failed 3 times.*999999: process instance 999999/);
    assert.deepEqual(
      (value(id, 'failures') as unknown as ItemFailure[]).map(({ item }) => item),
      [999_999],
    );
    assert.equal(value(id, 'done'), 2);
    await kernel.engine.submit({ type: 'cancelProcessInstance', processInstanceId: id }, BY);
  });

  it('tries what has failed again when its incident is resolved, and completes when that goes well', async () => {
    const [one = 0] = await start(1);
    const id = await begin({ type: 'correlateMessage', name: 'paid', variables: {} }, [one]);
    await fails(id);
    await run(TO_RECEIVE(definitionId), [one]);
    await kernel.engine.submit({ type: 'resolveIncident', incidentId: openIncidents(id)[0]?.id ?? 0 }, BY);
    await passing(() => instance(id)?.state === 'completed');
    assert.deepEqual(value(id, 'failures'), []);
  });

  it('rests while it is suspended and goes on where it stood', async () => {
    const ids = await start(600);
    const id = await begin({ type: 'cancelProcessInstance', reason: null }, ids);
    await until(kernel, () => ids.some((one) => instance(one)?.state === 'canceled'));
    await kernel.engine.submit({ type: 'setSuspension', target: { processInstanceId: id }, suspended: true }, BY);
    const left = () => ids.filter((one) => instance(one)?.state === 'active').length;
    const then = left();
    assert.ok(then > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(left(), then);
    await kernel.engine.submit({ type: 'setSuspension', target: { processInstanceId: id }, suspended: false }, BY);
    await until(kernel, () => instance(id)?.state === 'completed');
    assert.equal(value(id, 'done'), ids.length);
  });

  it('stops when it is canceled', async () => {
    const ids = await start(600);
    const id = await begin({ type: 'cancelProcessInstance', reason: null }, ids);
    await until(kernel, () => ids.some((one) => instance(one)?.state === 'canceled'));
    await kernel.engine.submit({ type: 'cancelProcessInstance', processInstanceId: id }, BY);
    const left = () => ids.filter((one) => instance(one)?.state === 'active').length;
    const then = left();
    assert.ok(then > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(left(), then);
  });

  it('may do no more than who started it: PID 1 stays, and nobody changes what a batch is to do', async () => {
    const rootId = kernel.status().rootInstanceId ?? 0;
    const id = await begin({ type: 'cancelProcessInstance', reason: null }, [rootId]);
    await fails(id);
    assert.match(openIncidents(id)[0]?.message ?? '', /PID 1 is the system itself/);
    const variables = { items: { type: 'Json', value: [] } } as const;
    const change = { type: 'setVariables', processInstanceId: id, scopeId: id, variables, local: true } as const;
    const refused = await kernel.engine.submit(change, BY);
    assert.match(refused.ok ? '' : refused.rejection.message, /cannot be changed from outside/);
    await kernel.engine.submit({ type: 'cancelProcessInstance', processInstanceId: id }, BY);
  });

  it('that was started by hand without its variables says what it lacks', async () => {
    const definition = { bpmnProcessId: 'procos_system_batch' };
    const started = await kernel.engine.submit({ type: 'createProcessInstance', definition }, BY);
    const id = started.ok ? started.value.processInstanceId : 0;
    await fails(id);
    assert.match(openIncidents(id)[0]?.message ?? '', /items of the batch is no list/);
  });
});

describe('a batch and the end of the system', () => {
  it('that is shut down in the middle goes on with the next start, and does no item twice', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'procos-batch-'));
    const first = await startTestKernel({ store: openSqliteStore({ directory }) });
    await first.ready;
    const resources = [{ name: 'waits.bpmn', content: WAITS }];
    await first.engine.deploy({ name: 'waits', source: 'test', tenantId: null, resources, skipUnchanged: false }, BY);
    const create = { type: 'createProcessInstance', definition: { bpmnProcessId: 'waits' } } as const;
    const started = await Promise.all(Array.from({ length: 1_500 }, () => first.engine.submit(create, BY)));
    const ids = started.map((outcome) => (outcome.ok ? outcome.value.processInstanceId : 0));
    await first.engine.submit(startBatch({ type: 'cancelProcessInstance', reason: null }, ids), BY);
    const ended = [
      { column: 'bpmnProcessId', op: '=', value: 'waits' },
      { column: 'state', op: '=', value: 'canceled' },
    ] as const;
    await until(first, () => first.engine.count('processInstances', { where: ended }) > 0);
    await first.requestShutdown({ kind: 'user', id: 'test' }, 'test');
    assert.equal((await first.stopped).exitCode, 0);

    const second = await startTestKernel({ store: openSqliteStore({ directory }) });
    const left = ids.length - second.engine.count('processInstances', { where: ended });
    assert.ok(left > 0, 'it was shut down in the middle');
    const completed = [
      { column: 'bpmnProcessId', op: '=', value: BATCH_PROCESS },
      { column: 'state', op: '=', value: 'completed' },
    ] as const;
    await until(second, () => second.engine.count('processInstances', { where: completed }) === 1);
    assert.equal(second.engine.count('processInstances', { where: ended }), ids.length);
    const items = second.engine
      .records(0, 100_000)
      .flatMap(({ events }) => events)
      .flatMap((event) => (event.type === 'externalTaskItemDone' ? [event] : []));
    assert.equal(items.length, ids.length);
    await second.requestShutdown({ kind: 'user', id: 'test' }, 'test');
    await second.stopped;
    rmSync(directory, { recursive: true });
  });
});
