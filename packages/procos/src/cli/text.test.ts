/** Plain text: tables, ages, sizes, and nothing that steers the terminal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, clock, count, pairs, printable, recordsOf, size, table, valueText } from './text.ts';

const plain = { colour: false };

test('columns are aligned two blanks apart, without blanks at the end', () => {
  const rows = [
    ['1', 'orchestrator', 'waits'],
    ['2251', 'order', ''],
  ];
  assert.deepEqual(table(plain, ['PID', 'NAME', 'STATE'], rows), [
    'PID   NAME          STATE',
    '1     orchestrator  waits',
    '2251  order',
  ]);
});

test('a table without rows is its headers', () => {
  assert.deepEqual(table(plain, ['PID', 'NAME'], []), ['PID  NAME']);
});

test('colour changes no width', () => {
  const rows = [[{ text: 'incident', style: 'red' as const }, 'x']];
  const coloured = table({ colour: true }, ['STATE', 'AT'], rows);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is removed
  const bare = coloured.map((line) => line.replace(/\u001b\[\d+m/g, ''));
  assert.notDeepEqual(coloured, bare);
  assert.deepEqual(bare, table(plain, ['STATE', 'AT'], rows));
});

test('control characters of a value do not reach the terminal', () => {
  assert.equal(printable('a\u001b[31mred\nb\u009b'), 'a [31mred b ');
  assert.deepEqual(table(plain, ['NAME'], [['x\u001b]0;title\u0007']]), ['NAME', 'x ]0;title ']);
  assert.deepEqual(pairs(plain, [['a', 'b\nc']]), ['a  b c']);
});

test('an age has its two largest units at most', () => {
  const from = '2026-01-01T00:00:00.000Z';
  const at = (seconds: number): string => age(from, Date.parse(from) + seconds * 1000);
  assert.deepEqual([-5, 0, 59, 60, 3599, 3600, 3660, 86_400, 90_000].map(at), [
    '0s',
    '0s',
    '59s',
    '1m',
    '59m',
    '1h',
    '1h 1m',
    '1d',
    '1d 1h',
  ]);
});

test('a size has at most one decimal', () => {
  assert.deepEqual([0, 999, 1000, 1449, 160_000_000, 2.5e12].map(size), [
    '0 B',
    '999 B',
    '1 kB',
    '1.4 kB',
    '160 MB',
    '2.5 TB',
  ]);
});

test('a value is one line: text as it is, the rest as JSON, long ones cut', () => {
  assert.deepEqual(
    ['plain', 12, null, undefined, { a: [1] }, 'two\nlines'].map((value) => valueText(value)),
    ['plain', '12', 'null', 'null', '{"a":[1]}', 'two lines'],
  );
  assert.equal(valueText('x'.repeat(300)).length, 200);
});

test('one is singular', () => {
  assert.deepEqual(
    [count(0, 'error'), count(1, 'error'), count(2, 'process', 'processes')],
    ['0 errors', '1 error', '2 processes'],
  );
});

test('the clock shows milliseconds', () => {
  assert.match(clock('2026-01-01T00:00:00.007Z'), /^\d\d:\d\d:\d\d\.007$/);
});

test('records are counted, or named where earlier ones were removed', () => {
  assert.equal(recordsOf({ records: 1 }), '1 record');
  assert.equal(recordsOf({ records: 28 }), '28 records');
  assert.equal(recordsOf({ records: 28, firstRecord: 16 }), 'records 16 to 28');
});
