/** The query language: both stores give equal answers to any query, and refuse what a table cannot be asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Condition, Query } from './query.ts';
import type { ExternalTask, UserTask } from './rows.ts';
import { commit, externalTask, onBothStores, openMemory, openSqlite, userTask } from './testing/fixtures.ts';

const texts = fc.oneof(
  fc.constantFrom('', 'a', 'A', 'ab', 'b%', '_', 'ä', '\u{1F600}', '\uFFFD', "'; --", 'null', '1'),
  fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', '\u{1F600}'), maxLength: 4 }),
);
const numbers = fc.constantFrom(-3, 0, 1, 2, 7.5);
const textColumn = fc.constantFrom('topic', 'businessKey', 'tenantId');
const numberColumn = fc.constantFrom('id', 'priority', 'retries', 'availableAt');
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 5 });
const comparison = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');

const task = fc.record({
  topic: texts,
  businessKey: orNull(texts),
  tenantId: orNull(texts),
  priority: numbers,
  retries: orNull(fc.constantFrom(0, 1, 2)),
  availableAt: fc.nat({ max: 3 }),
});
const condition = fc.oneof(
  fc.record({ column: textColumn, op: comparison, value: orNull(texts) }),
  fc.record({ column: numberColumn, op: comparison, value: orNull(numbers) }),
  fc.record({
    column: textColumn,
    op: fc.constantFrom('in', 'notIn'),
    value: fc.array(orNull(texts), { maxLength: 4 }),
  }),
  fc.record({
    column: numberColumn,
    op: fc.constantFrom('in', 'notIn'),
    value: fc.array(orNull(numbers), { maxLength: 4 }),
  }),
  fc.record({ column: textColumn, op: fc.constant('like'), value: texts }),
  fc.record({ column: fc.oneof(textColumn, numberColumn), op: fc.constantFrom('isNull', 'notNull') }),
) as fc.Arbitrary<Condition<ExternalTask>>;
const query = fc.record(
  {
    where: fc.array(condition, { maxLength: 3 }),
    orderBy: fc.array(fc.record({ column: fc.oneof(textColumn, numberColumn), descending: fc.boolean() }), {
      maxLength: 2,
    }),
    offset: fc.nat({ max: 4 }),
    limit: fc.nat({ max: 6 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Query<ExternalTask>>;

test('any query gives the same rows, in the same order, on SQLite and in memory', () => {
  fc.assert(
    fc.property(
      fc.array(task, { maxLength: 12 }),
      fc.array(query, { minLength: 30, maxLength: 30 }),
      (tasks, queries) => {
        using sqlite = openSqlite();
        using memory = openMemory();
        for (const { store } of [sqlite, memory]) {
          for (const [index, fields] of tasks.entries())
            store.state.externalTasks.put(externalTask({ id: index + 1, ...fields }));
          commit(store);
        }
        for (const asked of queries) {
          const page = sqlite.store.page('externalTasks', asked);
          assert.deepEqual(page, memory.store.page('externalTasks', asked));
          const counted = Math.min(page.total, asked.limit ?? page.total);
          for (const { store } of [sqlite, memory]) assert.equal(store.count('externalTasks', asked), counted);
        }
      },
    ),
    { numRuns: 40 },
  );
});

onBothStores((open) => {
  test('a column that the table does not have, and a value of another type, are TypeErrors that name it', () => {
    using opened = open();
    const { store } = opened;
    const ask = (condition: unknown) => () =>
      store.find('externalTasks', { where: [condition as Condition<ExternalTask>] });
    assert.throws(ask({ column: 'id; DROP TABLE records', op: '=', value: 1 }), TypeError);
    assert.throws(ask({ column: 'topic', op: '=', value: 1 }), /topic is compared with a string/);
    assert.throws(ask({ column: 'priority', op: 'in', value: ['1'] }), /priority is compared with a number/);
    assert.throws(ask({ column: 'priority', op: 'like', value: null }), /not text/);
    assert.throws(ask({ column: 'topic', op: 'is', value: 'a' }), /'is'/);
    assert.throws(() => store.find('userTasks', { orderBy: [{ column: 'candidateUsers' }] }), /candidateUsers/);
    assert.throws(() => store.find('userTasks', { limit: -1 }), TypeError);
    assert.deepEqual(store.find('externalTasks'), []);
  });

  test('hasAny: one of these is in the list, whole and as it is written', () => {
    using opened = open();
    const { store } = opened;
    const groups = [['sales'], ['sales', 'it'], [], ['x"it'], ['IT'], ['a\\', 'b"a\\']];
    for (const [index, candidateGroups] of groups.entries())
      store.state.userTasks.put(userTask({ id: index + 1, candidateGroups }));
    commit(store);
    const having = (...value: string[]) =>
      store.find('userTasks', { where: [{ column: 'candidateGroups', op: 'hasAny', value }] }).map(({ id }) => id);
    assert.deepEqual(having('sales'), [1, 2]);
    assert.deepEqual(having('it'), [2]);
    assert.deepEqual(having('it', 'IT'), [2, 5]);
    assert.deepEqual(having('a\\'), [6]);
    assert.deepEqual(having('it"'), []);
    assert.deepEqual(having(), []);
    assert.deepEqual(having('IT', ...Array.from({ length: 5_000 }, (_, at) => `group ${at}`), 'a\\'), [5, 6]);
    const ask = (where: object) => () => store.find('userTasks', { where: [where as Condition<UserTask>] });
    assert.throws(ask({ column: 'name', op: 'hasAny', value: ['a'] }), /not a list/);
    assert.throws(ask({ column: 'candidateGroups', op: '=', value: 'a' }), TypeError);
  });

  test('like: % is any text, _ is one character, letter case counts, and many % cost no time', () => {
    using opened = open();
    const { store } = opened;
    const topics = ['mail', 'Mail', 'e-mail', 'm\u{1F600}il', 'a'.repeat(5_000)];
    for (const [index, topic] of topics.entries())
      store.state.externalTasks.put(externalTask({ id: index + 1, topic }));
    commit(store);
    const like = (value: string) =>
      store.find('externalTasks', { where: [{ column: 'topic', op: 'like', value }] }).map(({ id }) => id);
    assert.deepEqual(like('mail'), [1]);
    assert.deepEqual(like('%mail'), [1, 3]);
    assert.deepEqual(like('m_il'), [1, 4]);
    assert.deepEqual(like('_ail'), [1, 2]);
    assert.deepEqual(like('%a%a%a%a%a%a%a%a%a%a%b'), []);
  });
});
