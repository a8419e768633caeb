/** The views follow the record log: what was, what is, and who did it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Element } from '@procos/bpmn';
import type { EngineEvent } from '@procos/engine';
import type { Store } from './contract.ts';
import * as make from './testing/fixtures.ts';
import { commit, onBothStores } from './testing/fixtures.ts';

const common = { incoming: [], outgoing: [], line: 1, boundaryEvents: [] };
const elements: Element[] = [
  { ...common, id: 'manual', name: 'By hand', type: 'manualTask' },
  { ...common, id: 'call', type: 'manualTask' },
];

function define(store: Store, fields: { id: number; version?: number; tenantId?: string | null }): EngineEvent {
  const definition = make.definition({ ...fields, model: make.modelOf('order', elements) });
  store.state.definitions.put(definition);
  return { type: 'processDefined', definition };
}

function created(id: number, parent: { id: number; elementInstanceId: number } | null = null): EngineEvent {
  return {
    type: 'processInstanceCreated',
    processInstanceId: id,
    definitionId: 1,
    bpmnProcessId: 'order',
    version: 1,
    businessKey: `b${id}`,
    tenantId: null,
    rootId: parent?.id ?? id,
    parentId: parent?.id ?? null,
    parentElementInstanceId: parent?.elementInstanceId ?? null,
    startElementId: 'start',
  };
}

function activated(processInstanceId: number, elementInstanceId: number, elementId: string): EngineEvent {
  const scopeId = processInstanceId;
  return { type: 'elementActivated', processInstanceId, elementInstanceId, elementId, scopeId, consumedFlows: [] };
}

function variablesSet(processInstanceId: number, scopeId: number, values: Record<string, number>): EngineEvent {
  const variables = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { type: 'Integer' as const, value }]),
  );
  return { type: 'variablesSet', processInstanceId, scopeId, variables };
}

onBothStores((open) => {
  test('definitions are listed without their graphs, and the latest version of each tenant is marked', () => {
    using opened = open();
    const { store } = opened;
    commit(store, [define(store, { id: 1 }), define(store, { id: 3, tenantId: 't' })]);
    commit(store, [define(store, { id: 2, version: 2 })]);
    const rows = store.find('definitions');
    assert.deepEqual(
      rows.map(({ id, latest }) => [id, latest]),
      [
        [1, false],
        [2, true],
        [3, true],
      ],
    );
    assert.ok(rows.every((row) => !('model' in row)));
    assert.deepEqual(store.find('definitions', { where: [{ column: 'latest', op: '=', value: false }] }), [rows[0]]);
  });

  test('an instance is active until it ends, and keeps why', () => {
    using opened = open();
    const { store } = opened;
    commit(store, [created(10), created(20), created(30)], 100);
    commit(store, [{ type: 'processInstanceCompleted', processInstanceId: 10 }], 200);
    commit(store, [{ type: 'processInstanceEnded', processInstanceId: 20, how: 'canceled', reason: 'no need' }], 300);
    const rows = store.find('processInstances');
    assert.deepEqual(
      rows.map(({ state, endedAt, reason }) => [state, endedAt, reason]),
      [
        ['completed', 200, null],
        ['canceled', 300, 'no need'],
        ['active', null, null],
      ],
    );
    assert.equal(rows[0]?.startedBy, 'user:ada');
    assert.equal(rows[0]?.startedAt, 100);
  });

  test('a visit of an element knows its name and type, its task, the instance it called, and its end', () => {
    using opened = open();
    const { store } = opened;
    commit(store, [define(store, { id: 1 }), created(10), activated(10, 10, 'order')], 100);
    commit(store, [
      activated(10, 11, 'manual'),
      { ...activated(10, 12, 'call'), role: 'body' } as EngineEvent,
      {
        type: 'externalTaskCreated',
        task: make.externalTask({ id: 50, processInstanceId: 10, elementInstanceId: 11 }),
      },
      created(20, { id: 10, elementInstanceId: 12 }),
    ]);
    commit(
      store,
      [
        { type: 'userTaskCreated', task: make.userTask({ id: 51, processInstanceId: 10, elementInstanceId: 12 }) },
        { type: 'userTaskAssigned', processInstanceId: 10, elementInstanceId: 12, userTaskId: 51, assignee: 'bob' },
        { type: 'elementCompleted', processInstanceId: 10, elementInstanceId: 11, elementId: 'manual', takenFlows: [] },
      ],
      150,
    );
    const [manual, call, ...others] = store.find('elementInstances');
    assert.deepEqual(others, []);
    assert.deepEqual(manual, {
      id: 11,
      processInstanceId: 10,
      definitionId: 1,
      bpmnProcessId: 'order',
      elementId: 'manual',
      elementName: 'By hand',
      elementType: 'manualTask',
      scopeId: 10,
      startedAt: 100,
      endedAt: 150,
      outcome: 'completed',
      calledInstanceId: null,
      externalTaskId: 50,
      userTaskId: null,
      assignee: null,
      loopIndex: null,
      sequence: 2,
    });
    assert.equal(call?.elementType, 'multiInstanceBody');
    assert.equal(call?.calledInstanceId, 20);
    assert.deepEqual([call?.userTaskId, call?.assignee, call?.outcome], [51, 'bob', 'active']);
    commit(store, [{ type: 'elementCanceled', processInstanceId: 10, elementInstanceId: 12, elementId: 'call' }], 170);
    assert.deepEqual(
      store.find('elementInstances').map(({ outcome, endedAt }) => [outcome, endedAt]),
      [
        ['completed', 150],
        ['canceled', 170],
      ],
    );
  });

  test('a variable keeps its last value when it is removed or its scope ends', () => {
    using opened = open();
    const { store } = opened;
    commit(store, [define(store, { id: 1 }), created(10), activated(10, 11, 'manual')], 100);
    commit(store, [variablesSet(10, 10, { a: 1, b: 2 }), variablesSet(10, 11, { a: 3 })], 110);
    commit(store, [variablesSet(10, 10, { a: 4 })], 120);
    commit(
      store,
      [
        { type: 'variablesRemoved', processInstanceId: 10, scopeId: 10, names: ['b', 'unknown'] },
        {
          type: 'elementCanceled',
          processInstanceId: 10,
          elementInstanceId: 11,
          elementId: 'manual',
          hadVariables: true,
        },
      ],
      130,
    );
    const shown = () => store.find('variables').map(({ name, scopeId, value, live }) => [name, scopeId, value, live]);
    assert.deepEqual(shown(), [
      ['a', 10, 4, true],
      ['b', 10, 2, false],
      ['a', 11, 3, false],
    ]);
    const [a] = store.find('variables');
    assert.deepEqual([a?.createdAt, a?.updatedAt, a?.updatedBy], [110, 120, 'user:ada']);
    commit(store, [{ type: 'processInstanceCompleted', processInstanceId: 10 }]);
    assert.equal(store.count('variables', { where: [{ column: 'live', op: '=', value: true }] }), 0);
  });

  test('incidents are counted while open; they are resolved, or deleted with their element or instance', () => {
    using opened = open();
    const { store } = opened;
    const raised = (id: number, elementInstanceId: number): EngineEvent => ({
      type: 'incidentRaised',
      incident: make.incident({ id, processInstanceId: 10, elementInstanceId }),
    });
    commit(store, [created(10), raised(1, 11), raised(2, 12), raised(3, 13)], 100);
    const open3 = store.find('processInstances')[0]?.incidents;
    commit(store, [{ type: 'incidentResolved', processInstanceId: 10, elementInstanceId: 11, incidentId: 1 }], 110);
    commit(store, [{ type: 'elementCanceled', processInstanceId: 10, elementInstanceId: 12, elementId: 'x' }], 120);
    const open1 = store.find('processInstances')[0]?.incidents;
    commit(store, [{ type: 'processInstanceEnded', processInstanceId: 10, how: 'canceled', reason: null }], 130);
    assert.deepEqual([open3, open1, store.find('processInstances')[0]?.incidents], [3, 1, 0]);
    assert.deepEqual(
      store.find('incidentHistory').map(({ state, resolvedAt }) => [state, resolvedAt]),
      [
        ['resolved', 110],
        ['deleted', 120],
        ['deleted', 130],
      ],
    );
  });

  test('tables of the live state show what was committed', () => {
    using opened = open();
    const { store } = opened;
    store.state.userTasks.put(make.userTask({ id: 5, assignee: 'ada' }));
    assert.equal(store.count('userTasks'), 0);
    commit(store);
    const query = { where: [{ column: 'assignee', op: '=', value: 'ada' }] } as const;
    assert.deepEqual(store.page('userTasks', query), { rows: [make.userTask({ id: 5, assignee: 'ada' })], total: 1 });
  });

  test('views that were left behind catch up from the log, also more than fits in memory', () => {
    using opened = open();
    opened.store.ids.skipTo(20_000);
    for (let batch = 0; batch < 3; batch++) {
      const records = Array.from({ length: 1_500 }, (_, index) => ({
        ...make.recordOf(opened.store, [created(10_000 + batch * 1_500 + index)]),
        sequence: opened.store.lastSequence + 1 + index,
      }));
      opened.store.commit(records);
      if (batch === 1) opened.reopen();
    }
    assert.equal(opened.store.count('processInstances'), 4_500);
    commit(opened.store, [{ type: 'processInstanceCompleted', processInstanceId: 10_000 }]);
    const active = { where: [{ column: 'state', op: '=', value: 'active' }] } as const;
    assert.equal(opened.store.count('processInstances', active), 4_499);
    assert.equal(opened.reopen().count('processInstances', active), 4_499);
  });
});
