/** What outlives its time leaves the history and the log, and what it leaves behind is used again. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { apply, type EngineEvent } from '@procos/engine';
import type { Store, VerifiableStore } from './contract.ts';
import * as make from './testing/fixtures.ts';
import { commit, onBothStores, openSqlite } from './testing/fixtures.ts';

function define(store: Store): EngineEvent {
  const common = { incoming: [], outgoing: [], line: 1, boundaryEvents: [] };
  const definition = make.definition({
    id: 1,
    model: make.modelOf('order', [{ ...common, id: 'manual', type: 'manualTask' }]),
  });
  store.state.definitions.put(definition);
  return { type: 'processDefined', definition };
}

/** An instance with one element and one variable; `ended` when it is over. */
function instance(id: number, ended = true): EngineEvent[] {
  const processInstanceId = id;
  const elementInstanceId = id + 1;
  const own = { processInstanceId, elementInstanceId };
  const events: EngineEvent[] = [
    {
      type: 'processInstanceCreated',
      processInstanceId,
      definitionId: 1,
      bpmnProcessId: 'order',
      version: 1,
      businessKey: null,
      tenantId: null,
      rootId: id,
      parentId: null,
      parentElementInstanceId: null,
      startElementId: 'start',
    },
    {
      type: 'variablesSet',
      processInstanceId,
      scopeId: id,
      variables: { n: { type: 'String', value: 'x'.repeat(200) } },
    },
    { type: 'elementActivated', ...own, elementId: 'manual', scopeId: id, consumedFlows: [] },
    { type: 'warningIssued', ...own, elementId: 'manual', message: 'careful' },
    { type: 'elementCompleted', ...own, elementId: 'manual', takenFlows: [] },
  ];
  return ended ? [...events, { type: 'processInstanceCompleted', processInstanceId }] : events;
}

function rowsOf(store: Store, id: number): Record<string, number> {
  const where = [{ column: 'processInstanceId', op: '=', value: id }] as const;
  return {
    instances: store.count('processInstances', { where: [{ column: 'id', op: '=', value: id }] }),
    elements: store.count('elementInstances', { where }),
    variables: store.count('variables', { where }),
    warnings: store.count('warnings', { where }),
  };
}

const ALL = { instances: 1, elements: 1, variables: 1, warnings: 1 };
const NONE = { instances: 0, elements: 0, variables: 0, warnings: 0 };

onBothStores((open) => {
  test('instances go with all their rows, those not named stay, also while the removal is only in memory', () => {
    using opened = open();
    const { store } = opened;
    store.ids.skipTo(5_000);
    commit(store, [define(store), ...instance(2_000), ...instance(3_000)]);
    assert.deepEqual(rowsOf(store, 2_000), ALL);
    commit(store, [...instance(4_000)]);
    commit(store, [{ type: 'historyRemoved', target: { processInstanceIds: [2_000, 4_000] }, atMost: 100 }]);
    assert.deepEqual(rowsOf(store, 2_000), NONE);
    assert.deepEqual(rowsOf(store, 3_000), ALL);
    assert.deepEqual(rowsOf(store, 4_000), NONE);
    assert.deepEqual(rowsOf(opened.reopen(), 4_000), NONE);
  });

  test('what was said about an instance goes with it, and what was said about others stays', () => {
    using opened = open();
    const { store } = opened;
    store.ids.skipTo(5_000);
    commit(store, [define(store), ...instance(2_000), ...instance(3_000)]);
    const said = [2_000, 3_000].map((processInstanceId) => {
      return make.comment({ id: store.ids.next(), processInstanceId, userTaskId: null });
    });
    for (const note of said) apply(store.state, { type: 'noteAdded', note }, 0);
    commit(store);
    const step = { type: 'historyRemoved', target: { processInstanceIds: [2_000] }, atMost: 100 } as const;
    apply(store.state, step, 0);
    commit(store, [step]);
    assert.deepEqual(opened.reopen().find('notes'), said.slice(1));
  });

  test('a step takes no more rows than it may, and the instance itself is the last to go', () => {
    using opened = open();
    const { store } = opened;
    store.ids.skipTo(5_000);
    commit(store, [define(store), ...instance(2_000)]);
    const step = { type: 'historyRemoved', target: { processInstanceIds: [2_000] }, atMost: 2 } as const;
    commit(store, [step]);
    assert.deepEqual(rowsOf(store, 2_000), { ...NONE, instances: 1, warnings: 1 });
    commit(store, [step]);
    assert.deepEqual(rowsOf(store, 2_000), NONE);
  });

  test('history outlives the records that held it', () => {
    using opened = open();
    const { store } = opened;
    store.ids.skipTo(5_000);
    commit(store, [define(store)], 100);
    commit(store, [...instance(2_000), ...instance(2_010, false)], 100);
    commit(store, instance(3_000), 200);
    const [elements, variables] = [store.find('elementInstances'), store.find('variables')];
    assert.equal(store.trimLog(150, 100), 2);
    for (const again of [false, true]) {
      const now = again ? opened.reopen() : store;
      assert.deepEqual(now.find('elementInstances'), elements);
      assert.deepEqual(now.find('variables'), variables);
      assert.deepEqual(rowsOf(now, 2_000), ALL);
    }
    const ended: EngineEvent = { type: 'processInstanceCompleted', processInstanceId: 2_010 };
    commit(opened.store, [ended], 300);
    assert.deepEqual(rowsOf(opened.store, 2_010), ALL);
  });

  test('of an instance that runs only what is over by then goes', () => {
    using opened = open();
    const { store } = opened;
    store.ids.skipTo(5_000);
    commit(store, [define(store), ...instance(2_000, false)], 100);
    const alive: EngineEvent = {
      type: 'elementActivated',
      processInstanceId: 2_000,
      elementInstanceId: 2_005,
      elementId: 'manual',
      scopeId: 2_000,
      consumedFlows: [],
    };
    commit(store, [alive], 200);
    const sweep = (overBy: number): EngineEvent => ({
      type: 'historyRemoved',
      target: { processInstanceId: 2_000, overBy },
      atMost: 100,
    });
    commit(store, [sweep(99)], 300);
    assert.deepEqual(rowsOf(store, 2_000), { ...ALL, elements: 2 });
    commit(store, [sweep(250)], 300);
    assert.deepEqual(rowsOf(store, 2_000), { ...ALL, warnings: 0 }, 'the variable lives, and the second element too');
  });

  test('old records leave the log from its beginning, at most so many at once, and the rest still proves whole', () => {
    using opened = open();
    const { store } = opened;
    for (let at = 100; at <= 1_000; at += 100) commit(store, [], at);
    assert.equal(store.firstSequence, 1);
    assert.equal(store.trimLog(650, 4), 4);
    assert.equal(store.trimLog(650, 4), 2);
    assert.equal(store.trimLog(650, 4), 0);
    assert.equal(store.firstSequence, 7);
    assert.deepEqual(
      store.records(0, 100).map(({ sequence }) => sequence),
      [7, 8, 9, 10],
    );
    const again = opened.reopen();
    assert.equal(again.firstSequence, 7);
    assert.equal(again.lastSequence, 10);
    assert.equal(again.verify().ok, true);
    commit(again, [], 2_000);
    assert.equal(again.verify().ok, true);
  });

  test('the last record stays, whatever its age: the chain goes on from it', () => {
    using opened = open();
    const { store } = opened;
    for (let at = 100; at <= 300; at += 100) commit(store, [], at);
    assert.equal(store.trimLog(10_000, 100), 2);
    assert.equal(store.trimLog(10_000, 100), 0);
    commit(store, [], 400);
    assert.equal(store.verify().ok, true);
  });
});

test('records that were cut off by anything else than a trim are missed', () => {
  using opened = openSqlite();
  const { store } = opened;
  for (let at = 100; at <= 500; at += 100) commit(store, [], at);
  store.trimLog(250, 100);
  opened.reopen();
  tamper(opened.store, 'DELETE FROM records WHERE sequence = 3');
  const found = opened.store.verify();
  assert.deepEqual(found, { ok: false, sequence: 3, problem: 'record 3 is missing' });
});

test('what was freed is used again: the file does not grow while as much goes as comes', () => {
  using opened = openSqlite();
  const { store } = opened;
  commit(store, [define(store)]);
  let at = 1_000;
  let id = 10_000;
  const round = (): number => {
    const ids: number[] = [];
    const from = at;
    for (let n = 0; n < 20; n++) {
      const some = Array.from({ length: 30 }, (_, index) => id + 10 * index);
      ids.push(...some);
      id += 300;
      at += 1;
      store.ids.skipTo(id);
      commit(
        store,
        some.flatMap((one) => instance(one)),
        at,
      );
    }
    commit(store, [{ type: 'historyRemoved', target: { processInstanceIds: ids }, atMost: 10_000 }], at);
    while (store.trimLog(from, 1_000) > 0);
    store.checkpoint();
    return store.description.sizeBytes();
  };
  round();
  const settled = round();
  for (let n = 0; n < 6; n++) round();
  const grown = round();
  assert.ok(grown <= settled * 1.1, `${settled} bytes after two rounds, ${grown} after nine`);
});

function tamper(store: VerifiableStore, sql: string): void {
  const { path } = store.description;
  assert.ok(path !== null);
  // Another connection, as an intruder would.
  using database = new DatabaseSync(path);
  database.exec(sql);
}
