/** Every look-up is a search of an index, and the file has the columns that the specs name. */
import assert from 'node:assert/strict';
import { constants, DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { FORMAT } from '../format.ts';
import type { Identified, Spec } from '../spec.ts';
import * as stateTables from '../tables/state-tables.ts';
import * as viewTables from '../tables/view-tables.ts';
import { createSqliteBackend } from './backend.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { countSql, findSql, lookupSql, sieveSql } from './query-sql.ts';

const specs = Object.values({ ...stateTables, ...viewTables }).filter(
  (value): value is Spec<never> => 'columns' in value && 'lookups' in value,
) as readonly Pick<Spec<Identified>, 'name' | 'columns' | 'lookups' | 'rareLookups'>[];

function emptyFile(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  migrate(database, 0);
  return database;
}

/** Plans are those of unbound parameters, as look-ups are compiled. */
function planOf(database: DatabaseSync, text: string): string[] {
  return database
    .prepare(`EXPLAIN QUERY PLAN ${text}`)
    .all()
    .map((row) => String(row['detail']));
}

/** What is found is sorted before the first of it is given: it is little, or asked for by few. */
const SORTED: ReadonlySet<unknown> = new Set([
  // Whose lock or back-off has run out.
  ...Object.values(stateTables.fetchableTasks).flatMap(({ oldest, newest }) => [oldest[1], newest[1]]),
  // The newest first among those of one priority.
  stateTables.fetchableTasks.byPriority.newest[0],
  // All of them are wanted.
  stateTables.identitiesOfKind,
  // Of one process instance.
  viewTables.ofInstance,
  viewTables.liveVariablesOfScope,
  viewTables.liveVariablesOfInstance,
  viewTables.goneVariables,
]);

test('no look-up scans a table, and none sorts what may be many', () => {
  using database = emptyFile();
  let lookups = 0;
  for (const { name, lookups: often, rareLookups } of specs) {
    for (const lookup of [...often, ...rareLookups]) {
      const sql = lookupSql(name, lookup);
      const plan = planOf(database, sql);
      const wanted = SORTED.has(lookup) ? /^(SEARCH|USE TEMP B-TREE)/ : /^SEARCH/;
      assert.ok(plan.length > 0 && plan.every((detail) => wanted.test(detail)), `${sql}\n${plan.join('\n')}`);
      lookups++;
    }
  }
  assert.ok(lookups > 20);
});

test('tasks are fetched in the order of an index, not sorted: by age, and by priority with the oldest first', () => {
  using database = emptyFile();
  const { byAge, byPriority } = stateTables.fetchableTasks;
  for (const [free] of [byAge.oldest, byAge.newest, byPriority.oldest]) {
    const sql = lookupSql('externalTasks', free);
    const plan = planOf(database, sql);
    assert.match(plan.join('\n'), /^SEARCH externalTasks USING INDEX/);
    const { text } = sieveSql([{ column: 'tenantId', among: ['a'] }]);
    const [search] = planOf(database, lookupSql('externalTasks', free, text));
    assert.equal(search, plan[0]);
    assert.doesNotMatch(plan.join('\n'), /TEMP B-TREE/, sql);
  }
});

test('one of many subscriptions of a name is found by an index that holds only what is asked for', () => {
  using database = emptyFile();
  for (const [lookup, index] of [
    [stateTables.subscriptionsByBusinessKey, 'subscriptionsByBusinessKey'],
    [stateTables.subscriptionsOfInstance, 'subscriptionsOfInstance'],
    [stateTables.startSubscriptionsByName, 'startSubscriptionsByName'],
    [stateTables.subscriptionsByKey, 'subscriptionsByKey'],
  ] as const) {
    const [plan] = database.prepare(`EXPLAIN QUERY PLAN ${lookupSql('subscriptions', lookup)}`).all(1, 1, 1, 1);
    assert.match(String(plan?.['detail']), new RegExp(`USING (COVERING )?INDEX ${index} `));
  }
});

test('the newest instances of a process are read from the end of an index, whether they run or not', () => {
  using database = emptyFile();
  const ofProcess = { column: 'bpmnProcessId', op: '=', value: 'order' } as const;
  const plans = [
    [[ofProcess], 'processInstancesByProcess'],
    [[ofProcess, { column: 'endedAt', op: 'notNull' }], 'processInstancesByProcess'],
    [[ofProcess, { column: 'endedAt', op: 'isNull' }], 'runningInstancesByProcess'],
    [
      [
        { column: 'state', op: '=', value: 'active' },
        { column: 'endedAt', op: 'isNull' },
      ],
      'processInstancesByState',
    ],
  ] as const;
  for (const [where, index] of plans) {
    const query = { where, orderBy: [{ column: 'id', descending: true }], offset: 0, limit: 50 } as const;
    const { text, values } = findSql('processInstances', '*', query);
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values);
    assert.deepEqual(plan.length, 1, JSON.stringify(plan));
    assert.match(String(plan[0]?.['detail']), new RegExp(`USING INDEX ${index} `));
  }
});

test('what runs of a definition is counted by an index alone: instances, visits of an element, incidents', () => {
  using database = emptyFile();
  const ofDefinition = { column: 'definitionId', op: '=', value: 1 } as const;
  const ofElement = { column: 'elementId', op: '=', value: 'task' } as const;
  const still = { column: 'endedAt', op: 'isNull' } as const;
  const plans = [
    ['processInstances', [ofDefinition, still], 'runningInstancesOfDefinition'],
    ['elementInstances', [ofDefinition, ofElement, still], 'activeElementsOfDefinition'],
    ['incidents', [ofDefinition, ofElement], 'incidentsOfDefinition'],
  ] as const;
  for (const [table, where, index] of plans) {
    const { text, values } = countSql(table, { where, orderBy: [], offset: 0, limit: -1 });
    const [plan] = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values);
    assert.match(String(plan?.['detail']), new RegExp(`USING (COVERING )?INDEX ${index} `));
  }
});

test('suspended instances are found by an index that holds no others', () => {
  using database = emptyFile();
  const where = [
    { column: 'suspended', op: '=', value: true },
    { column: 'state', op: '=', value: 'active' },
  ] as const;
  const { text, values } = findSql('processInstances', '*', { where, orderBy: [], offset: 0, limit: -1 });
  const [plan] = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values);
  assert.match(String(plan?.['detail']), /USING INDEX suspendedInstances/);
});

test('what a worker holds is found by an index of what is held at all', () => {
  using database = emptyFile();
  const where = [{ column: 'workerId', op: '=', value: 'w' }] as const;
  const { text, values } = findSql('externalTasks', '*', { where, orderBy: [], offset: 0, limit: -1 });
  const [plan] = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values);
  assert.match(String(plan?.['detail']), /USING INDEX heldExternalTasks/);
});

test('lists that are asked for again and again search an index', () => {
  using database = emptyFile();
  const equal = (column: string) => ({ column, op: '=', value: 1 }) as const;
  const lists = [
    ['processInstances', [equal('definitionId')]],
    ['processInstances', [equal('businessKey')]],
    ['processInstances', [equal('parentId')]],
    ['processInstances', [equal('state')]],
    ['elementInstances', [equal('processInstanceId')]],
    ['elementInstances', [equal('processInstanceId'), { column: 'endedAt', op: 'isNull' }]],
    ['elementInstances', [equal('definitionId'), { column: 'endedAt', op: 'isNull' }]],
    ['variables', [equal('processInstanceId')]],
    ['variables', [equal('processInstanceId'), equal('scopeId'), equal('live')]],
    ['incidentHistory', [equal('processInstanceId')]],
    ['incidents', [equal('processInstanceId')]],
    ['decisionInstances', [equal('processInstanceId')]],
    ['decisionInstances', [equal('rootId')]],
    ['warnings', [equal('processInstanceId')]],
    ['externalTasks', [equal('processInstanceId')]],
    ['userTasks', [equal('processInstanceId')]],
    ['userTasks', [equal('assignee')]],
    ['timers', [equal('processInstanceId')]],
    ['subscriptions', [equal('processInstanceId')]],
  ] as const;
  for (const [table, where] of lists) {
    const query = { where, orderBy: [], offset: 0, limit: 50 } as const;
    const statements = [
      findSql(table, '*', query),
      countSql(table, { ...query, limit: -1 }),
      // As many as the limit are looked for in a query inside.
      countSql(table, query),
    ];
    for (const { text, values } of statements) {
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values);
      const ofTable = plan.map(({ detail }) => String(detail)).filter((detail) => !detail.includes('(subquery'));
      assert.match(String(ofTable[0]), /^SEARCH .* USING (COVERING )?INDEX/, text);
    }
  }
});

test('large values are found by their hash, their chunks and holders by the value', () => {
  using database = emptyFile();
  const texts: string[] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = (sql) => {
    texts.push(sql);
    return prepare(sql);
  };
  const { blobs } = createSqliteBackend(database, '', () => {});
  const holder = { kind: 'instance', id: 7 } as const;
  const { id } = blobs.create(0);
  blobs.writeChunk(id, 0, 's', new Uint8Array(1));
  blobs.update({ id, sha256: 'a', size: 1, chunks: 1, at: 0 });
  blobs.hold('a', holder);
  assert.equal(blobs.byHash('a')?.id, id);
  assert.equal(blobs.list(0, 1).length, 1);
  assert.equal(blobs.readChunk(id, 0)?.bytes.length, 1);
  assert.equal(blobs.holders(id, 1).length, 1);
  blobs.release(id, holder);
  assert.equal(blobs.removeChunks(id, 1), 1);
  blobs.remove(id);
  assert.equal(texts.length, 12);
  database.prepare = prepare;
  for (const text of texts) {
    const plan = planOf(database, text);
    assert.ok(
      plan.every((detail) => /^(SEARCH|LIST SUBQUERY)/.test(detail)),
      `${text}\n${plan.join('\n')}`,
    );
  }
});

test('the file has exactly the columns of the specs', () => {
  using database = emptyFile();
  assert.equal(specs.length, 25);
  for (const { name, columns } of specs) {
    const there = database
      .prepare(`PRAGMA table_info(${name})`)
      .all()
      .map((row) => row['name']);
    assert.deepEqual(there.toSorted(), ['id', ...columns.map((column) => column.name), 'rest'].toSorted(), name);
  }
});

test('migrations are numbered without gaps up to the format of this code', () => {
  assert.deepEqual(
    MIGRATIONS.map(({ format }) => format),
    Array.from({ length: FORMAT }, (_, index) => index + 1),
  );
});

test('no look-up is compiled again, whatever it is asked for', () => {
  using database = emptyFile();
  let compiled = 0;
  // SQLite asks while it compiles, and at no other time.
  database.setAuthorizer(() => {
    compiled += 1;
    return constants.SQLITE_OK;
  });
  const { log, table } = createSqliteBackend(database, '', () => {});
  const askAll = (number: number) => {
    log.read(number, number);
    for (const spec of specs)
      for (const lookup of [...spec.lookups, ...spec.rareLookups])
        table(spec as unknown as Spec<Identified>).select(
          lookup,
          lookup.equal.map(() => number),
          number,
          number,
          number,
        );
  };
  askAll(1);
  assert.ok(compiled > 0);
  compiled = 0;
  askAll(2);
  assert.equal(compiled, 0);
});
