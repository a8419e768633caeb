/** An instance with many element instances is written in part only, and comes back whole. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import { type CommandOf, type CommandType, execute, type ReplyOf } from '@procos/engine';
import { openSqlite, recordOf } from '../testing/fixtures.ts';

const MODEL = new URL('../../../engine/fixtures/multi-parallel.bpmn', import.meta.url);
const COLLECTING = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="http://procos.dev/stories">
  <bpmn:process id="collecting" isExecutable="true"><bpmn:startEvent id="start"/>
  <bpmn:sequenceFlow id="f" sourceRef="start" targetRef="each"/>
  <bpmn:serviceTask id="each"><bpmn:extensionElements><zeebe:taskDefinition type="each"/></bpmn:extensionElements>
  <bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements>
  <zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="all" outputElement="=item"/>
  </bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:serviceTask></bpmn:process></bpmn:definitions>`;

async function bench(content: string) {
  const opened = openSqlite();
  function run<T extends CommandType>(command: CommandOf<T>): ReplyOf<T> {
    const { store } = opened;
    const outcome = execute(command, { state: store.state, now: 1_000, ids: store.ids, zone: 'UTC' });
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.rejection.message);
    if (outcome.events.length > 0)
      store.commit([{ ...recordOf(store, outcome.events, 1_000), lastId: store.ids.last }]);
    return outcome.value;
  }
  const { processes } = await readProcesses(content);
  const definitions = processes.map((model) => ({ resourceName: 'a.bpmn', checksum: 'c', model }));
  const resources = [{ name: 'a.bpmn', content }];
  run({ type: 'deploy', name: 'a', source: null, tenantId: null, resources, definitions, skipUnchanged: false });
  const work = (maxTasks: number, round: number): void => {
    const topics = [{ topic: 'each', lockMs: 1_000 }];
    for (const { task } of run({ type: 'fetchAndLock', workerId: 'w', maxTasks, usePriority: false, topics }).tasks)
      run({
        type: 'completeExternalTask',
        externalTaskId: task.id,
        workerId: 'w',
        localVariables: { round: { type: 'Integer', value: round } },
      });
  };
  /** The file holds what memory holds. */
  const assertKept = (processInstanceId: number): void => {
    const before = structuredClone(opened.store.state.instances.get(processInstanceId));
    opened.reopen();
    assert.deepEqual(opened.store.state.instances.get(processInstanceId), before);
  };
  const parts = (): number => {
    using file = new DatabaseSync(opened.store.description.path ?? '', { readOnly: true });
    return Number(file.prepare('SELECT count(*) AS parts FROM instanceParts').get()?.['parts']);
  };
  return { opened, run, work, assertKept, parts, [Symbol.dispose]: () => opened[Symbol.dispose]() };
}

const list = (length: number) => ({ type: 'Json' as const, value: Array.from({ length }, (_, index) => index) });

test('after any change of an instance with hundreds of element instances the file holds what memory holds', async () => {
  using made = await bench(readFileSync(MODEL, 'utf8'));
  const { opened, run, work } = made;
  const { processInstanceId } = run({
    type: 'createProcessInstance',
    definition: { bpmnProcessId: 'multi-parallel' },
    variables: { items: list(300), enough: { type: 'Integer', value: 1_000 } },
  });
  for (let round = 0; round < 6; round += 1) {
    work(25, round);
    const [waiting] = opened.store.find('externalTasks');
    const scopeId = waiting?.elementInstanceId ?? 0;
    const variables = { touched: { type: 'Integer' as const, value: round } };
    run({ type: 'setVariables', processInstanceId, scopeId, variables, local: true });
    made.assertKept(processInstanceId);
  }
});

test('a long sequential loop keeps its items and results apart; nothing of it is left when it ends', async () => {
  using made = await bench(COLLECTING);
  const { run, work } = made;
  const { processInstanceId } = run({
    type: 'createProcessInstance',
    definition: { bpmnProcessId: 'collecting' },
    variables: { items: list(1_500) },
  });
  for (let round = 0; round < 4; round += 1) {
    work(1, round);
    made.assertKept(processInstanceId);
    work(1, round);
  }
  // The process, the loop with its items and two lots of results, the instance at work.
  assert.equal(made.parts(), 6);
  run({ type: 'cancelProcessInstance', processInstanceId });
  assert.equal(made.parts(), 0);
});

test('what was undone is not in the parts: the instance is read back as it was committed', async () => {
  using made = await bench(readFileSync(MODEL, 'utf8'));
  const { opened, run, work } = made;
  const { processInstanceId } = run({
    type: 'createProcessInstance',
    definition: { bpmnProcessId: 'multi-parallel' },
    variables: { items: list(100), enough: { type: 'Integer', value: 1_000 } },
  });
  const { store } = opened;
  const before = structuredClone(store.state.instances.get(processInstanceId));
  const instance = store.state.instances.get(processInstanceId);
  assert.ok(instance !== undefined);
  instance.elements.delete([...instance.elements.keys()].at(-1) ?? 0);
  store.state.instances.put(instance);
  store.rollback();
  assert.deepEqual(store.state.instances.get(processInstanceId), before);
  work(10, 1);
  made.assertKept(processInstanceId);
});
