/** A store that an earlier version wrote opens, and what it did not know yet reads as empty. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import * as make from '../testing/fixtures.ts';
import { commit } from '../testing/fixtures.ts';
import { MIGRATIONS } from './migrate.ts';
import { openSqliteStore } from './open.ts';

/** Rows as format 1 wrote them. */
const FORMAT_1 = `
INSERT INTO definitions VALUES (1, 'order', NULL, 1, NULL, 1,
  '{"name":null,"resourceName":"order.bpmn","deployedAt":10,"checksum":"c","model":{"modelVersion":1,"bpmnProcessId":"order","dialect":"camunda7","startable":true,"elements":{},"flows":{},"startEvents":[]}}');
INSERT INTO instances VALUES (10, '[1,null,null,10,null,null,10,[[10,"order",0,0,0,0,0,0,0,0,1],[11,"task",10,[["a",["Integer",3]]],12,0,[13]]]]');
INSERT INTO externalTasks VALUES (12, 'mail', 10, 11, 'task', 1, 'order', NULL, NULL, 10, 0, NULL, NULL, 0, 0, NULL, NULL, NULL);
INSERT INTO timers VALUES (13, 5, NULL, 1, 10, 11, 'late', NULL);
INSERT INTO subscriptions VALUES (14, 'message', 'paid', NULL, 1, 'order', 10, 11, 'task', NULL, NULL, 10, NULL);
INSERT INTO messages VALUES (15, 'paid', 'k', 100, '{"variables":{},"tenantId":null}');
INSERT INTO definitionViews VALUES (1, 'order', 1, NULL, NULL, 1, 'order.bpmn', NULL, 10, 'c', 1, NULL);
INSERT INTO processInstances VALUES (10, 1, 'order', 1, NULL, NULL, 'active', 10, NULL, 'start', 10, NULL, NULL, NULL, 'user:ada', 0, NULL);
`;

function writtenInFormat1(context: TestContext): string {
  const directory = make.temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  using database = new DatabaseSync(join(directory, 'procos.db'));
  database.exec(`PRAGMA journal_mode = WAL; ${MIGRATIONS[0]?.sql ?? ''}; PRAGMA user_version = 1; ${FORMAT_1}`);
  return directory;
}

test('a store of format 1 opens as if nothing of it were suspended, divided into parts or undone', (context) => {
  const directory = writtenInFormat1(context);
  for (const _ of ['brought to the new format', 'opened again']) {
    const store = openSqliteStore({ directory });
    try {
      const { state } = store;
      const [definition, task] = [state.definitions.get(1), state.externalTasks.get(12)];
      assert.equal(definition?.suspended, false);
      const at = { processInstanceId: 10, elementInstanceId: 11, definitionId: 1 };
      const inner = { ...at, bpmnProcessId: 'order' };
      assert.deepEqual(task, make.externalTask({ id: 12, ...inner }));
      assert.deepEqual(state.timers.get(13), make.timer({ id: 13, ...at, elementId: 'late', dueAt: 5 }));
      assert.deepEqual(state.subscriptions.get(14), make.subscription({ id: 14, ...inner }));
      assert.deepEqual(state.messages.get(15), make.message({ id: 15 }));
      const variables = new Map([['a', { type: 'Integer' as const, value: 3 }]]);
      const rest = { scopeId: 10, variables, externalTaskId: 12, timers: new Set([13]) };
      const elements = [
        make.element({ id: 10, elementId: 'order', children: 1 }),
        make.element({ id: 11, elementId: 'task', ...rest }),
      ];
      assert.deepEqual(
        state.instances.get(10),
        make.instance({ id: 10, elements: new Map(elements.map((element) => [element.id, element])) }),
      );
      assert.deepEqual([...state.externalTasks.fetchable('mail', 0, { byPriority: true, newestFirst: false })], [task]);
      assert.equal(state.timers.nextDueAt(), 5);
      assert.equal(store.find('definitions')[0]?.suspended, false);
      assert.equal(store.find('processInstances')[0]?.suspended, false);
      assert.equal(store.count('decisions') + store.count('decisionInstances') + store.count('warnings'), 0);
      assert.ok(store.verify().ok);
    } finally {
      store.close();
    }
  }
});

test('after the migration its rows are written and found like new ones', (context) => {
  const store = openSqliteStore({ directory: writtenInFormat1(context) });
  try {
    const task = store.state.externalTasks.get(12)!;
    task.suspended = true;
    store.state.externalTasks.put(task);
    commit(store, [{ type: 'externalTaskSuspended', externalTaskId: 12 }]);
    const order = { byPriority: false, newestFirst: false };
    assert.deepEqual([...store.state.externalTasks.fetchable('mail', 0, order)], []);
    const where = [{ column: 'suspended', op: '=', value: true }] as const;
    assert.equal(store.count('externalTasks', { where }), 1);
  } finally {
    store.close();
  }
});

test('who only looks is told that the store must be brought to the new format first', (context) => {
  const directory = writtenInFormat1(context);
  const refused = { name: 'StoreRefusal', code: 'UNWRITABLE', message: /has format 1.*Start the kernel once/ };
  assert.throws(() => openSqliteStore({ directory, readOnly: true }), refused);
});
