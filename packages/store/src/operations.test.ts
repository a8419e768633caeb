/** What operations, decisions and warnings leave in the views, and that views follow from the log alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Element } from '@procos/bpmn';
import type { EngineEvent } from '@procos/engine';
import type { Store } from './contract.ts';
import type { TableName } from './query.ts';
import * as make from './testing/fixtures.ts';
import { commit, onBothStores } from './testing/fixtures.ts';

const common = { incoming: [], outgoing: [], line: 1, boundaryEvents: [] };
const at = { processInstanceId: 10, elementInstanceId: 11 };
const VIEWS: readonly TableName[] = [
  ...(['definitions', 'processInstances', 'elementInstances', 'variables', 'incidentHistory'] as const),
  ...(['decisionInstances', 'warnings'] as const),
];

function define(store: Store, id: number, version: number, elements: readonly Element[]): EngineEvent {
  const definition = make.definition({ id, version, model: make.modelOf('order', elements) });
  store.state.definitions.put(definition);
  return { type: 'processDefined', definition };
}

const created: EngineEvent = {
  type: 'processInstanceCreated',
  processInstanceId: 10,
  definitionId: 1,
  bpmnProcessId: 'order',
  version: 1,
  businessKey: null,
  tenantId: null,
  rootId: 10,
  parentId: null,
  parentElementInstanceId: null,
  startElementId: null,
};

function activated(elementInstanceId: number, elementId: string, role?: 'undo'): EngineEvent {
  const where = { processInstanceId: 10, elementInstanceId, elementId, scopeId: 10, consumedFlows: [] };
  return { type: 'elementActivated', ...where, ...(role === undefined ? {} : { role }) };
}

function decided(value: number): EngineEvent {
  const decision = { decisionDefinitionId: 3, decisionId: 'rate', version: 2 };
  return { type: 'decisionEvaluated', ...at, elementId: 'check', ...decision, value, trace: [{ rules: [1] }] };
}

const migrated: EngineEvent = {
  type: 'processInstanceMigrated',
  processInstanceId: 10,
  definitionId: 2,
  bpmnProcessId: 'order',
  version: 2,
  elements: [{ elementInstanceId: 11, elementId: 'checkAgain' }],
  flows: {},
  moved: { check: 'checkAgain' },
};

/** One commit per line; definitions are put into the state as the applier would. */
function story(store: Store): readonly (readonly EngineEvent[])[] {
  const check: Element = { ...common, id: 'check', name: 'Check', type: 'manualTask' };
  const again: Element = { ...common, id: 'checkAgain', name: 'Check again', type: 'manualTask' };
  const block: Element = { ...common, id: 'block', type: 'subProcess', eventSubProcesses: [] };
  return [
    [define(store, 1, 1, [check, block]), define(store, 2, 2, [again])],
    [created, activated(11, 'check'), activated(12, 'block', 'undo')],
    [{ type: 'incidentRaised', incident: make.incident({ id: 20, ...at, elementId: 'check', definitionId: 1 }) }],
    [decided(1), { type: 'warningIssued', ...at, elementId: 'check', message: 'the value is null' }, decided(2)],
    [{ type: 'variablesSet', ...at, scopeId: 11, variables: { a: { type: 'Integer', value: 1 } } }],
    [{ type: 'processInstanceSuspended', processInstanceId: 10 }],
    [migrated],
    [{ type: 'definitionSuspended', definitionId: 1 }],
  ];
}

onBothStores((open) => {
  test('a suspended instance or definition says so until it is resumed', () => {
    using opened = open();
    const { store } = opened;
    for (const events of story(store)) commit(store, events);
    const suspended = { where: [{ column: 'suspended', op: '=', value: true }] } as const;
    assert.deepEqual([store.count('processInstances', suspended), store.count('definitions', suspended)], [1, 1]);
    commit(store, [{ type: 'processInstanceResumed', processInstanceId: 10 }]);
    commit(store, [{ type: 'definitionResumed', definitionId: 1 }]);
    assert.deepEqual([store.count('processInstances', suspended), store.count('definitions', suspended)], [0, 0]);
  });

  test('a migrated instance, its running elements and its open incidents show the new definition', () => {
    using opened = open();
    const { store } = opened;
    for (const events of story(store)) commit(store, events);
    const [instance] = store.find('processInstances');
    assert.deepEqual([instance?.definitionId, instance?.version], [2, 2]);
    const [element, undoing] = store.find('elementInstances');
    assert.deepEqual(
      [element?.definitionId, element?.elementId, element?.elementName],
      [2, 'checkAgain', 'Check again'],
    );
    assert.deepEqual([undoing?.elementId, undoing?.elementType], ['block', 'subProcess']);
    const [incident] = store.find('incidentHistory');
    assert.deepEqual([incident?.definitionId, incident?.elementId, incident?.state], [2, 'checkAgain', 'open']);
  });

  test('every evaluation of a decision and every warning is kept, with where and when', () => {
    using opened = open();
    const { store } = opened;
    for (const events of story(store)) commit(store, events, 50);
    const [first, second, ...others] = store.find('decisionInstances');
    assert.deepEqual(others, []);
    const decision = { decisionDefinitionId: 3, decisionId: 'rate', version: 2 };
    const row = { ...at, elementId: 'check', ...decision, evaluatedAt: 50, rootId: null, trace: [{ rules: [1] }] };
    assert.deepEqual(first, { id: first?.id, ...row, value: 1 });
    assert.deepEqual(second, { id: second?.id, ...row, value: 2 });
    const [warning] = store.find('warnings', { where: [{ column: 'processInstanceId', op: '=', value: 10 }] });
    assert.deepEqual(warning, { id: warning?.id, ...at, elementId: 'check', message: 'the value is null', at: 50 });
  });

  test('an evaluation that was asked for from outside belongs to no instance', () => {
    using opened = open();
    const nowhere = { processInstanceId: null, elementInstanceId: null, elementId: null };
    commit(opened.store, [{ ...decided(1), ...nowhere } as EngineEvent]);
    const where = [{ column: 'processInstanceId', op: 'isNull' }] as const;
    assert.equal(opened.store.count('decisionInstances', { where }), 1);
  });

  test('a decision that another one of its file required has a row of its own, those of services and other files have not', () => {
    using opened = open();
    const { store } = opened;
    const file = { deploymentId: 1, resourceName: 'rates.dmn' };
    for (const [id, decisionId] of [
      [3, 'rate'],
      [4, 'zone'],
    ] as const)
      store.state.decisions.put(make.decision({ id, decisionId, version: 2, ...file }));
    const zone = { decisionId: 'zone', name: 'Zone', value: 'inner' };
    const inside = [
      { ...zone, service: 'help' },
      { ...zone, file: 'other' },
      { decisionId: 'unknown', value: 1 },
    ];
    const nowhere = { processInstanceId: null, elementInstanceId: null, elementId: null };
    const trace = [zone, ...inside, { decisionId: 'rate', name: 'Rate', value: 1 }];
    commit(store, [{ ...decided(1), ...nowhere, trace } as EngineEvent], 50);
    const [root] = store.find('decisionInstances', { where: [{ column: 'rootId', op: 'isNull' }] });
    assert.deepEqual([root?.decisionId, root?.trace], ['rate', trace]);
    const required = store.find('decisionInstances', { where: [{ column: 'rootId', op: '=', value: root?.id ?? 0 }] });
    const own = { decisionDefinitionId: 4, decisionId: 'zone', version: 2, value: 'inner', trace: [zone] };
    assert.deepEqual(required, [{ ...nowhere, ...own, id: required[0]?.id, evaluatedAt: 50, rootId: root?.id }]);
  });

  test('changes of a user task are seen where user tasks are queried', () => {
    using opened = open();
    const { store } = opened;
    const task = make.userTask({ id: 5 });
    store.state.userTasks.put(task);
    commit(store);
    Object.assign(task, { candidateGroups: ['sales'], dueAt: 70, priority: 9 });
    store.state.userTasks.put(task);
    commit(store);
    const where = [{ column: 'dueAt', op: '<=', value: 70 }] as const;
    assert.deepEqual(store.find('userTasks', { where }), [task]);
  });

  test('views that follow every commit, views that follow at the end, and views after a reopening are the same', () => {
    using eager = open();
    using late = open();
    using reopened = open();
    for (const events of story(eager.store)) {
      commit(eager.store, events);
      eager.store.followUp();
    }
    for (const events of story(late.store)) commit(late.store, events);
    for (const events of story(reopened.store)) {
      commit(reopened.store, events);
      reopened.reopen();
    }
    late.store.checkpoint();
    for (const view of VIEWS) {
      const rows = eager.store.find(view);
      assert.ok(rows.length > 0, view);
      assert.deepEqual(late.store.find(view), rows, view);
      assert.deepEqual(reopened.store.find(view), rows, view);
    }
    assert.deepEqual(late.store.verify(), { ok: true, records: story(late.store).length });
  });
});
