/** Every look-up is a search of an index, and the file has the columns that the specs name. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { FORMAT } from '../format.ts';
import type { Identified, Spec } from '../spec.ts';
import * as stateTables from '../tables/state-tables.ts';
import * as viewTables from '../tables/view-tables.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { lookupSql } from './query-sql.ts';

const specs = Object.values({ ...stateTables, ...viewTables }).filter(
  (value): value is Spec<never> => 'columns' in value && 'lookups' in value,
) as readonly Pick<Spec<Identified>, 'name' | 'columns' | 'lookups' | 'rareLookups'>[];

function emptyFile(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  migrate(database, 0);
  return database;
}

test('no look-up scans a table', () => {
  using database = emptyFile();
  let lookups = 0;
  for (const { name, lookups: often, rareLookups } of specs) {
    for (const lookup of [...often, ...rareLookups]) {
      const sql = lookupSql(name, lookup);
      const unbound = sql.replaceAll('?', '1');
      const plan = database
        .prepare(`EXPLAIN QUERY PLAN ${unbound}`)
        .all()
        .map((row) => String(row['detail']));
      assert.ok(
        plan.every((detail) => /^(SEARCH|USE TEMP B-TREE)/.test(detail)),
        `${sql}\n${plan.join('\n')}`,
      );
      lookups++;
    }
  }
  assert.ok(lookups > 20);
});

test('tasks are fetched in the order of an index, not sorted: by age, and by priority with the oldest first', () => {
  using database = emptyFile();
  const { byAge, byPriority } = stateTables.fetchableTasks;
  for (const [free] of [byAge.oldest, byAge.newest, byPriority.oldest]) {
    const sql = lookupSql('externalTasks', free).replaceAll('?', '1');
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => String(row['detail']));
    assert.match(plan.join('\n'), /^SEARCH externalTasks USING INDEX/);
    assert.doesNotMatch(plan.join('\n'), /TEMP B-TREE/, sql);
  }
});

test('the file has exactly the columns of the specs', () => {
  using database = emptyFile();
  assert.equal(specs.length, 19);
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
