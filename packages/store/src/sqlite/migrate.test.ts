/** A store that an earlier version wrote opens, and what it did not know yet reads as empty. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { recordFrom } from '../record-text/record-text.ts';
import * as make from '../testing/fixtures.ts';
import { commit } from '../testing/fixtures.ts';
import { verifySqliteFile } from './file-check.ts';
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

/** A definition as formats from 3 on have it. */
const DEFINITION = `
INSERT INTO definitions (id, bpmnProcessId, version, deploymentId, suspended, rest) VALUES (1, 'order', 1, 1, 0,
  '{"name":null,"resourceName":"order.bpmn","deployedAt":10,"checksum":"c","model":{"modelVersion":1,"bpmnProcessId":"order","dialect":"camunda7","startable":true,"elements":{"task":{"id":"task","type":"manualTask","incoming":[],"outgoing":[],"line":1,"boundaryEvents":[]}},"flows":{},"startEvents":[]}}');
`;

/** Rows as format 3 wrote them: an instance that has ended, and one that goes on. */
const FORMAT_3 = `${DEFINITION}
INSERT INTO processInstances VALUES
  (10, 1, 'order', 1, NULL, NULL, 'completed', 10, 20, 'start', 10, NULL, NULL, NULL, 'user:ada', 0, '{"startedIn":1}', 0),
  (20, 1, 'order', 1, NULL, NULL, 'active', 10, NULL, 'start', 20, NULL, NULL, NULL, 'user:ada', 0, '{"startedIn":2}', 0);
INSERT INTO elementInstances VALUES
  (11, 10, 1, 'order', 'task', NULL, 'manualTask', 10, 10, 20, 'completed', NULL, NULL, NULL, NULL, NULL, 1, NULL),
  (21, 20, 1, 'order', 'task', NULL, 'manualTask', 20, 10, NULL, 'active', NULL, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO variables VALUES
  (1, 10, 10, 'a', 'Integer', '1', NULL, 10, 10, 'user:ada', 0, NULL),
  (2, 20, 20, 'a', 'Integer', '2', NULL, 10, 10, 'user:ada', 1, NULL);
INSERT INTO singletons VALUES ('lastVariableViewId', 2);
`;

function written(context: TestContext, format: number, rows: string): string {
  const directory = make.temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  using database = new DatabaseSync(join(directory, 'procos.db'));
  const sql = MIGRATIONS.slice(0, format).map((migration) => migration.sql);
  database.exec(`PRAGMA journal_mode = WAL; ${sql.join(';')}; PRAGMA user_version = ${format}; ${rows}`);
  return directory;
}

function writtenInFormat1(context: TestContext): string {
  return written(context, 1, FORMAT_1);
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

test('what an instance of format 3 has left or still leaves behind keeps its rows, beside what lies in the log', (context) => {
  const directory = written(context, 3, FORMAT_3);
  const store = openSqliteStore({ directory });
  try {
    store.ids.skipTo(1_100);
    const visit = (processInstanceId: number, elementInstanceId: number) =>
      ({ processInstanceId, elementInstanceId, elementId: 'task' }) as const;
    const start = { definitionId: 1, bpmnProcessId: 'order', version: 1, businessKey: null, tenantId: null } as const;
    const alone = { parentId: null, parentElementInstanceId: null, startElementId: null } as const;
    const set = (processInstanceId: number, name: string) =>
      ({
        type: 'variablesSet',
        processInstanceId,
        scopeId: processInstanceId,
        variables: { [name]: { type: 'Integer', value: 3 } },
      }) as const;
    commit(
      store,
      [
        set(20, 'b'),
        { type: 'elementCompleted', ...visit(20, 21), takenFlows: [] },
        { type: 'processInstanceCompleted', processInstanceId: 20 },
        { type: 'processInstanceCreated', processInstanceId: 1_050, ...start, rootId: 1_050, ...alone },
        set(1_050, 'c'),
        { type: 'elementActivated', ...visit(1_050, 1_051), scopeId: 1_050, consumedFlows: [] },
        { type: 'elementCompleted', ...visit(1_050, 1_051), takenFlows: [] },
        { type: 'processInstanceCompleted', processInstanceId: 1_050 },
      ],
      30,
    );
    const newest = [{ column: 'startedAt', descending: true }] as const;
    assert.deepEqual(
      store.find('elementInstances', { orderBy: newest }).map(({ id, outcome, endedAt }) => [id, outcome, endedAt]),
      [
        [1_051, 'completed', 30],
        [11, 'completed', 20],
        [21, 'completed', 30],
      ],
    );
    assert.deepEqual(
      store.find('variables').map(({ name, processInstanceId, live }) => [name, processInstanceId, live]),
      [
        ['a', 10, false],
        ['a', 20, false],
        ['b', 20, false],
        ['c', 1_050, false],
      ],
    );
    assert.equal(store.count('elementInstances'), 3);
    assert.equal(store.count('variables'), 4);
  } finally {
    store.close();
  }
  using database = new DatabaseSync(join(directory, 'procos.db'), { readOnly: true });
  const rows = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'];
  assert.deepEqual([rows('elementInstances'), rows('variables')], [2, 3]);
});

test('records of format 13 stay as they were written, and are read in one chain with the short ones after them', (context) => {
  const visit = { processInstanceId: 1_050, elementInstanceId: 1_051, elementId: 'task' };
  const start = { definitionId: 1, bpmnProcessId: 'order', version: 1, businessKey: null, tenantId: null } as const;
  const alone = { parentId: null, parentElementInstanceId: null, startElementId: null } as const;
  const begun = [
    { type: 'processInstanceCreated', processInstanceId: 1_050, ...start, rootId: 1_050, ...alone },
    { type: 'elementActivated', ...visit, scopeId: 1_050, consumedFlows: [] },
  ];
  const body = JSON.stringify({ by: { kind: 'user', id: 'ada' }, command: 'start', lastId: 1_100, events: begun });
  const sum = hash('sha256', `\n1 10\n${body}`, 'base64url');
  const record = `INSERT INTO records VALUES (1, 10, '${sum}', '${body}')`;
  const directory = written(context, 13, `${record};${DEFINITION}`);
  for (const _ of ['brought to the new format', 'opened again']) {
    const store = openSqliteStore({ directory });
    try {
      if (store.lastSequence === 1) {
        const over = { type: 'processInstanceCompleted', processInstanceId: 1_050 } as const;
        commit(store, [{ type: 'elementCompleted', ...visit, takenFlows: [] }, over], 20);
      }
      assert.deepEqual(
        store.records(0, 9).map(({ at, lastId, events }) => [at, lastId, events.map(({ type }) => type)]),
        [
          [10, 1_100, ['processInstanceCreated', 'elementActivated']],
          [20, 1_100, ['elementCompleted', 'processInstanceCompleted']],
        ],
      );
      assert.deepEqual(store.records(0, 1)[0]?.events, begun);
      assert.deepEqual(
        store.find('elementInstances').map(({ id, startedAt, endedAt }) => [id, startedAt, endedAt]),
        [[1_051, 10, 20]],
      );
      assert.deepEqual(store.verify(), { ok: true, records: 2 });
    } finally {
      store.close();
    }
  }
  using database = new DatabaseSync(join(directory, 'procos.db'), { readOnly: true });
  const texts = database.prepare('SELECT body FROM records').all();
  assert.equal(texts[0]?.['body'], body);
  const short = String(texts[1]?.['body']);
  assert.ok(short.startsWith('[1,') && recordFrom(2, 20, short).events.length === 2, short);
});

test('a store of an earlier format is whole also for a deep check, which says where it could not compare', (context) => {
  const directory = make.temporaryDirectory();
  context.after(() => rmSync(directory, { recursive: true }));
  const fixtures = join(import.meta.dirname, '../../fixtures');
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.db.gz'));
  assert.ok(names.length >= 8);
  for (const name of names) {
    const path = join(directory, name.replace('.gz', ''));
    writeFileSync(path, gunzipSync(readFileSync(join(fixtures, name))));
    const found = verifySqliteFile(path, { deep: true });
    assert.ok(found.ok, name);
    if (found.format < 13)
      assert.match(found.notCompared ?? '', /^it is of format \d+, whose tables are others; /, name);
    else assert.equal(found.notCompared, undefined, name);
  }
});
