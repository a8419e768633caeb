/** Under a backlog commands and tasks are taken in turn: counted on the real engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import { apply, type CommandOf, type EventOf, execute, type LogRecord } from '@procos/engine';
import { createMemoryStore } from '@procos/store';
import { CommandLoop } from './loop.ts';
import { manualClock, settle } from './testing/clock.ts';

const BY = { kind: 'user', id: 'ada' } as const;

function model(id: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://procos.dev/tests">
  <bpmn:process id="${id}" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="shared" />
    <bpmn:sequenceFlow id="f" sourceRef="start" targetRef="work" />
  </bpmn:process>
</bpmn:definitions>`;
}

async function bench(...ids: readonly string[]) {
  const store = createMemoryStore();
  const clock = manualClock();
  const records: LogRecord[] = [];
  const failures: unknown[] = [];
  const loop = new CommandLoop({
    store,
    engine: { execute, apply },
    clock,
    zone: 'UTC',
    capacity: 20_000,
    onFatal: (error) => failures.push(error),
    onAssertion: (_command, error) => failures.push(error),
  });
  loop.onCommitted((committed) => records.push(...committed));
  const idle = async (): Promise<void> => {
    for (await settle(); loop.waiting > 0; await settle()) clock.advance(0);
    assert.deepEqual(failures, []);
  };
  for (const id of ids) {
    const content = model(id);
    const { processes } = await readProcesses(content);
    const resources = [{ name: `${id}.bpmn`, content }];
    const definitions = processes.map((one) => ({ resourceName: `${id}.bpmn`, checksum: id, model: one }));
    void loop.submit(
      { type: 'deploy', name: id, source: null, tenantId: null, resources, definitions, skipUnchanged: false },
      BY,
    );
  }
  await idle();
  const start = (bpmnProcessId: string) =>
    loop.submit({ type: 'createProcessInstance', definition: { bpmnProcessId } }, BY);
  const fetch = async (more: Partial<CommandOf<'fetchAndLock'>> = {}): Promise<string[]> => {
    const command = {
      type: 'fetchAndLock',
      workerId: 'w',
      maxTasks: 1,
      usePriority: true,
      topics: [{ topic: 'shared', lockMs: 60_000 }],
      ...more,
    } as const;
    const asked = loop.submit(command, BY);
    await idle();
    const outcome = await asked;
    return outcome.ok ? outcome.value.tasks.map(({ task }) => task.bpmnProcessId) : [];
  };
  return { loop, store, records, idle, start, fetch };
}

function started(records: readonly LogRecord[]): string[] {
  return records
    .flatMap(({ events }) => events)
    .filter((event): event is EventOf<'processInstanceCreated'> => event.type === 'processInstanceCreated')
    .map(({ bpmnProcessId }) => bpmnProcessId);
}

test('a command of a newcomer does not wait for the backlog of another process', async () => {
  const { records, idle, start } = await bench('flood', 'other', 'newcomer');
  for (let count = 0; count < 3_000; count += 1) void start('flood');
  for (let count = 0; count < 300; count += 1) void start('other');
  for (let count = 0; count < 5; count += 1) void start('newcomer');
  await idle();
  const order = started(records);
  assert.equal(order.length, 3_305);
  const places = order.flatMap((id, place) => (id === 'newcomer' ? [place] : []));
  // Three processes: each of its commands waits for at most one of each other one.
  for (const [index, place] of places.entries())
    assert.ok(place < 3 * (index + 1), `command ${index} came at ${place}`);
});

test('what one batch can take goes in the order in which it came', async () => {
  const { records, idle, start } = await bench('a', 'b');
  for (let count = 0; count < 100; count += 1) void start(count % 10 === 9 ? 'b' : 'a');
  await idle();
  assert.deepEqual(
    started(records).flatMap((id, place) => (id === 'b' ? [place] : [])),
    [9, 19, 29, 39, 49, 59, 69, 79, 89, 99],
  );
});

test('what is asked of one instance keeps its order under any backlog', async () => {
  const { loop, store, idle, start } = await bench('flood', 'mine');
  const asked = start('mine');
  await idle();
  const outcome = await asked;
  assert.ok(outcome.ok);
  const { processInstanceId } = outcome.value;
  for (let count = 0; count < 1_000; count += 1) {
    void start('flood');
    void loop.submit(
      {
        type: 'setVariables',
        processInstanceId,
        scopeId: processInstanceId,
        variables: { [`v${count}`]: { type: 'Integer', value: count } },
        local: true,
      },
      BY,
    );
  }
  await idle();
  const names = [
    ...(store.state.instances.get(processInstanceId)?.elements.get(processInstanceId)?.variables.keys() ?? []),
  ];
  assert.deepEqual(
    names,
    Array.from({ length: 1_000 }, (_, index) => `v${index}`),
  );
});

test('a worker gets the tasks of a newcomer though another process has very many, one by one or many at once', async () => {
  for (const usePriority of [false, true]) {
    const { idle, start, fetch } = await bench('flood', 'newcomer');
    for (let count = 0; count < 500; count += 1) void start('flood');
    await idle();
    assert.deepEqual(await fetch({ usePriority }), ['flood']);
    void start('newcomer');
    void start('newcomer');
    await idle();
    const got = [await fetch({ usePriority }), await fetch({ usePriority })].flat().toSorted();
    assert.deepEqual(got, ['flood', 'newcomer']);
    const many = await fetch({ usePriority, maxTasks: 10 });
    assert.equal(many.filter((id) => id === 'newcomer').length, 1, String(many));
  }
});

test('a worker that asks for an order gets that order', async () => {
  const { idle, start, fetch } = await bench('flood', 'newcomer');
  for (let count = 0; count < 50; count += 1) void start('flood');
  await idle();
  void start('newcomer');
  await idle();
  assert.deepEqual(new Set(await fetch({ createTimeOrder: 'asc', maxTasks: 50 })), new Set(['flood']));
  assert.deepEqual(await fetch({ createTimeOrder: 'desc', maxTasks: 1 }), ['newcomer']);
});

test('tasks of higher priority go first, whoever else waits', async () => {
  const { loop, idle, start, fetch } = await bench('low', 'high');
  void loop.submit(
    {
      type: 'setLimits',
      target: { kind: 'definition', bpmnProcessId: 'high', tenantId: null, version: null },
      nice: -5,
      reason: 'first',
    },
    BY,
  );
  for (let count = 0; count < 20; count += 1) void start('low');
  for (let count = 0; count < 5; count += 1) void start('high');
  await idle();
  assert.deepEqual(await fetch({ maxTasks: 6 }), ['high', 'high', 'high', 'high', 'high', 'low']);
});
