/** Rows on a SQLite file: many in one statement, and of a row that is there only the columns that differ. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Backend } from '../backend.ts';
import type { ProcessInstanceView, VariableView } from '../rows.ts';
import { subscriptions, subscriptionsByKey } from '../tables/state-tables.ts';
import { liveVariablesOfInstance, processInstances, variables } from '../tables/view-tables.ts';
import { subscription } from '../testing/fixtures.ts';
import { createSqliteBackend } from './backend.ts';
import { migrate } from './migrate.ts';
import { foundSql } from './query-sql.ts';

function emptyFile(): { readonly database: DatabaseSync; readonly backend: Backend; [Symbol.dispose](): void } {
  const database = new DatabaseSync(':memory:');
  migrate(database, 0);
  return { database, backend: createSqliteBackend(database, '', () => {}), [Symbol.dispose]: () => database.close() };
}

const instance = (id: number): ProcessInstanceView => ({
  id,
  definitionId: 7,
  bpmnProcessId: 'p',
  version: 1,
  businessKey: null,
  tenantId: null,
  state: 'active',
  startedAt: 5,
  endedAt: null,
  startElementId: 'start',
  rootId: id,
  parentId: null,
  parentElementInstanceId: null,
  reason: null,
  startedBy: 'user:ann',
  incidents: 0,
  suspended: false,
  startedIn: 3,
  keptIn: [3],
});

test('any number of rows is written together, new or in the place of what is there', () => {
  for (const count of [0, 1, 7, 8, 9, 31, 32, 33, 45, 73, 100]) {
    using file = emptyFile();
    const rows = file.backend.table(processInstances);
    rows.write(processInstances.encode({ ...instance(3), state: 'canceled', endedAt: 9, reason: 'because' }));
    const all = Array.from({ length: count }, (_, index) => instance(index + 1));
    rows.writeAll(all.map(processInstances.encode));
    const found = rows.find({
      where: [{ column: 'state', op: '=', value: 'active' }],
      orderBy: [],
      offset: 0,
      limit: -1,
    });
    assert.deepEqual(found.map(processInstances.decode), all);
  }
});

test('any number of rows is read and removed together', () => {
  using file = emptyFile();
  const rows = file.backend.table(processInstances);
  const ids = Array.from({ length: 100 }, (_, index) => index + 1);
  rows.writeAll(ids.map((id) => processInstances.encode(instance(id))));
  for (const count of [0, 1, 2, 31, 32, 33, 100]) {
    const found = rows.readAll([...ids.slice(0, count), 1_000]).map((cells) => processInstances.decode(cells));
    assert.deepEqual(
      found.toSorted((one, other) => one.id - other.id),
      ids.slice(0, count).map(instance),
    );
  }
  const left = () => rows.count({ where: [], orderBy: [], offset: 0, limit: -1 });
  for (const [from, to, expected] of [
    [0, 0, 100],
    [0, 3, 97],
    [3, 40, 60],
    [40, 100, 0],
  ] as const) {
    rows.removeAll(ids.slice(from, to));
    assert.equal(left(), expected);
  }
});

test('what a look-up finds for many values is found by its index', () => {
  using file = emptyFile();
  const rows = file.backend.table(variables);
  const variable = (id: number, processInstanceId: number, live: boolean): VariableView => ({
    id,
    processInstanceId,
    scopeId: processInstanceId,
    name: `v${id}`,
    type: 'Json',
    value: { id },
    info: null,
    createdAt: 1,
    updatedAt: 1,
    updatedBy: 'user:ann',
    live,
  });
  const all = Array.from({ length: 90 }, (_, index) => variable(index + 1, 500 + (index % 45), index % 3 > 0));
  for (const row of all) rows.write(variables.encode(row));
  const asked = Array.from({ length: 40 }, (_, index) => 500 + index);
  assert.deepEqual(
    rows
      .readFound(liveVariablesOfInstance, [], asked)
      .map((cells) => variables.decode(cells))
      .toSorted((one, other) => one.id - other.id),
    all.filter(({ live, processInstanceId }) => live && processInstanceId < 540),
  );
  const plan = file.database
    .prepare(`EXPLAIN QUERY PLAN ${foundSql('variables', 'id', liveVariablesOfInstance, '(1, 2, 3)')}`)
    .all();
  assert.ok(
    plan.every(({ detail }) => String(detail).startsWith('SEARCH')),
    JSON.stringify(plan),
  );
});

test('a look-up with more equal columns is asked for many values of the last one', () => {
  using file = emptyFile();
  const rows = file.backend.table(subscriptions);
  const keyOf = (id: number): string | null => (id % 5 === 0 ? null : `k${id}`);
  for (let id = 1; id <= 80; id += 1)
    rows.write(
      subscriptions.encode(subscription({ id, name: id % 2 === 0 ? 'even' : 'odd', correlationKey: keyOf(id) })),
    );
  const asked = Array.from({ length: 60 }, (_, index) => `k${index + 1}`);
  const found = rows.readFound(subscriptionsByKey, ['even'], asked).map((cells) => subscriptions.decode(cells));
  assert.deepEqual(
    found.map(({ correlationKey }) => correlationKey).toSorted(),
    asked.filter((_key, index) => (index + 1) % 2 === 0 && (index + 1) % 5 !== 0).toSorted(),
  );
  assert.ok(found.every(({ name }) => name === 'even'));
});

test('of a row that is there the columns that differ are written, and it is there as it was meant', () => {
  using file = emptyFile();
  const rows = file.backend.table(processInstances);
  const { encode, decode } = processInstances;
  const first = instance(1);
  rows.write(encode(first));
  const { keptIn: _keptIn, ...withRows } = first;
  const changes: ProcessInstanceView[] = [
    { ...first, state: 'completed', endedAt: 9, keptIn: [3, 4] },
    { ...first, businessKey: 'k', incidents: 2 },
    withRows,
    first,
    { ...first, definitionId: 8, bpmnProcessId: 'q', version: 2, suspended: true, reason: 'r', businessKey: 'z' },
  ];
  let before = first;
  for (const row of changes) {
    rows.changeAll([{ before: encode(before), after: encode(row) }]);
    assert.deepEqual(decode(rows.read(1)!), row);
    before = row;
  }
  assert.throws(
    () => rows.changeAll([{ before: encode(instance(2)), after: encode({ ...instance(2), state: 'canceled' }) }]),
    /not where they were/,
  );
});

test('any number of rows that are there is changed together, whatever changes of each', () => {
  for (const count of [1, 7, 8, 31, 32, 33, 100]) {
    using file = emptyFile();
    const rows = file.backend.table(processInstances);
    const { encode, decode } = processInstances;
    const before = Array.from({ length: count }, (_, index) => instance(index + 1));
    rows.writeAll(before.map(encode));
    const after = before.map((row): ProcessInstanceView => {
      if (row.id % 10 === 0) return row;
      if (row.id % 10 === 1) return { ...row, incidents: row.id };
      if (row.id % 10 === 2) return { ...row, businessKey: 'k', tenantId: 't', reason: 'r', version: 2, incidents: 1 };
      return { ...row, state: 'completed', endedAt: row.id, keptIn: [3, row.id] };
    });
    rows.changeAll(before.map((row, index) => ({ before: encode(row), after: encode(after[index]!) })));
    assert.deepEqual(rows.readAll(before.map(({ id }) => id)).map(decode), after);
  }
});
