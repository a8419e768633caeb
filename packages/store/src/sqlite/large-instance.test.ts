/** An instance with many element instances is written in part only, and comes back whole. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import { type CommandOf, type CommandType, execute, type ReplyOf } from '@procos/engine';
import { openSqlite, recordOf } from '../testing/fixtures.ts';

const MODEL = new URL('../../../engine/fixtures/multi-parallel.bpmn', import.meta.url);

test('after any change of an instance with hundreds of element instances the file holds what memory holds', async () => {
  using opened = openSqlite();
  function run<T extends CommandType>(command: CommandOf<T>): ReplyOf<T> {
    const { store } = opened;
    const outcome = execute(command, { state: store.state, now: 1_000, ids: store.ids, zone: 'UTC' });
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.rejection.message);
    if (outcome.events.length > 0)
      store.commit([{ ...recordOf(store, outcome.events, 1_000), lastId: store.ids.last }]);
    return outcome.value;
  }
  const content = readFileSync(MODEL, 'utf8');
  const { processes } = await readProcesses(content);
  const definitions = processes.map((model) => ({ resourceName: 'a.bpmn', checksum: 'c', model }));
  const resources = [{ name: 'a.bpmn', content }];
  run({ type: 'deploy', name: 'a', source: null, tenantId: null, resources, definitions, skipUnchanged: false });
  const items = Array.from({ length: 300 }, (_, index) => index);
  const { processInstanceId } = run({
    type: 'createProcessInstance',
    definition: { bpmnProcessId: 'multi-parallel' },
    variables: { items: { type: 'Json', value: items }, enough: { type: 'Integer', value: 1_000 } },
  });
  const topic = opened.store.find('externalTasks')[0]?.topic ?? '';
  for (let round = 0; round < 6; round += 1) {
    const topics = [{ topic, lockMs: 1_000 }];
    const { tasks } = run({ type: 'fetchAndLock', workerId: 'w', maxTasks: 25, usePriority: false, topics });
    for (const { task } of tasks)
      run({
        type: 'completeExternalTask',
        externalTaskId: task.id,
        workerId: 'w',
        localVariables: { round: { type: 'Integer', value: round } },
      });
    const [waiting] = opened.store.find('externalTasks');
    const scopeId = waiting?.elementInstanceId ?? 0;
    const variables = { touched: { type: 'Integer' as const, value: round } };
    run({ type: 'setVariables', processInstanceId, scopeId, variables, local: true });
    const before = structuredClone(opened.store.state.instances.get(processInstanceId));
    opened.reopen();
    assert.deepEqual(opened.store.state.instances.get(processInstanceId), before);
  }
});
