/** Every transformation, by example. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusesForGood } from '../testing.ts';
import { dataTransform, type TransformationType } from './transform.ts';

const run = async (type: TransformationType, data: unknown, config: unknown = {}): Promise<unknown> =>
  (await dataTransform({ data, transformation_type: type, transformation_config: config })).local['transformed_data'];

const people = [
  { name: 'Ada', age: 36, city: { name: 'London' } },
  { name: 'Bob', age: 17, city: { name: 'Bonn' } },
  { name: 'Cid', city: { name: 'Bonn' } },
];

test('map builds new objects from paths, constants and templates', async () => {
  const fields = {
    who: 'name',
    town: 'city.name',
    kind: { value: 1 },
    line: { template: '{{name}} of {{ city.name }}{{nothing}}' },
  };
  assert.deepEqual(await run('map', people[0], { fields }), {
    who: 'Ada',
    town: 'London',
    kind: 1,
    line: 'Ada of London',
  });
  assert.deepEqual(await run('map', people, { fields: { a: 'age' } }), [{ a: 36 }, { a: 17 }, { a: null }]);
});

test('filter keeps what matches a condition', async () => {
  const names = async (config: unknown): Promise<unknown> =>
    ((await run('filter', people, config)) as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(await names({ field: 'age', operator: '>=', value: 18 }), ['Ada']);
  assert.deepEqual(await names({ field: 'city.name', value: 'Bonn' }), ['Bob', 'Cid']);
  assert.deepEqual(
    await names({
      any: [{ field: 'name', operator: 'starts_with', value: 'A' }, { not: { field: 'age', operator: 'exists' } }],
    }),
    ['Ada', 'Cid'],
  );
  assert.deepEqual(
    await names({
      all: [
        { field: 'name', operator: 'in', value: ['Ada', 'Bob'] },
        { field: 'age', operator: 'lt', value: 20 },
      ],
    }),
    ['Bob'],
  );
  assert.deepEqual(await names({ field: 'age', operator: 'gt', value: '1' }), []);
  await refusesForGood(run('filter', people, { field: 'age', operator: 'like' }), /operator/);
  await refusesForGood(run('filter', {}, { field: 'age' }), /needs a list/);
});

test('sort is stable, by several keys, with empty values last', async () => {
  const sorted = (await run('sort', people, { by: [{ field: 'city.name' }, { field: 'age', order: 'desc' }] })) as {
    name: string;
  }[];
  assert.deepEqual(
    sorted.map(({ name }) => name),
    ['Bob', 'Cid', 'Ada'],
  );
  assert.deepEqual(await run('sort', [10, 9, null, 1], { order: 'desc' }), [10, 9, 1, null]);
});

test('aggregate computes figures, whole or by group', async () => {
  const operations = {
    n: { op: 'count' },
    sum: { op: 'sum', field: 'age' },
    avg: { op: 'avg', field: 'age' },
    min: { op: 'min', field: 'age' },
    names: { op: 'list', field: 'name' },
  };
  assert.deepEqual(await run('aggregate', people, { operations }), {
    n: 3,
    sum: 53,
    avg: 26.5,
    min: 17,
    names: ['Ada', 'Bob', 'Cid'],
  });
  assert.deepEqual(
    await run('aggregate', people, {
      group_by: 'city.name',
      operations: { n: { op: 'count' }, most: { op: 'max', field: 'age' } },
    }),
    [
      { 'city.name': 'London', n: 1, most: 36 },
      { 'city.name': 'Bonn', n: 2, most: 17 },
    ],
  );
  await refusesForGood(run('aggregate', people, { operations: { x: { op: 'eval' } } }), /not known/);
});

test('select, rename and flatten reshape objects', async () => {
  assert.deepEqual(await run('select', people[0], { fields: ['name', 'city.name', 'nothing'] }), {
    name: 'London',
    nothing: null,
  });
  assert.deepEqual(await run('rename', [{ a: 1, b: 2 }], { fields: { a: 'x' } }), [{ x: 1, b: 2 }]);
  assert.deepEqual(await run('flatten', { a: { b: [1, { c: 2 }] }, d: {} }), { 'a.b.0': 1, 'a.b.1.c': 2, d: {} });
  assert.deepEqual(await run('flatten', [[1, [2]], 3], { depth: 2 }), [1, 2, 3]);
});

test('merge unites objects, lists and tables', async () => {
  assert.deepEqual(await run('merge', [{ a: 1 }, { b: 2 }, { a: 3 }]), { a: 3, b: 2 });
  assert.deepEqual(await run('merge', { a: { x: 1 } }, { with: { a: { y: 2 } }, deep: true }), { a: { x: 1, y: 2 } });
  assert.deepEqual(await run('merge', [{ id: 1, a: 1 }, { id: 2 }], { with: [{ id: 1, b: 2 }], on: 'id' }), [
    { id: 1, a: 1, b: 2 },
    { id: 2 },
  ]);
  assert.deepEqual(await run('merge', [{ a: 1 }], { with: [2] }), [{ a: 1 }, 2]);
});

test('CSV goes out and comes back the same, with quotes, delimiters and line ends in cells', async () => {
  const rows = [
    { a: 'x,"y"\nz', b: '' },
    { a: ' pad ', b: 'é' },
  ];
  const csv = await run('json_to_csv', rows);
  assert.equal(csv, 'a,b\r\n"x,""y""\nz",\r\n" pad ",é\r\n');
  assert.deepEqual(await run('csv_to_json', csv), rows);
  assert.deepEqual(await run('csv_to_json', '\uFEFFa;b\r\n1;007\r\n\r\ntrue;', { delimiter: ';', types: true }), [
    { a: 1, b: '007' },
    { a: true, b: null },
  ]);
  assert.deepEqual(await run('csv_to_json', '1,2\n3,4', { header: false }), [
    ['1', '2'],
    ['3', '4'],
  ]);
  assert.equal(
    await run('json_to_csv', people, { columns: ['name', 'city.name'], header: false }),
    'Ada,London\r\nBob,Bonn\r\nCid,Bonn\r\n',
  );
  await refusesForGood(run('csv_to_json', '"open'), /quoted/);
});

test('template fills in values and computes nothing', async () => {
  assert.equal(
    await run('template', people[0], { template: 'Dear {{name}}, ${1+1} {{city}}' }),
    'Dear Ada, ${1+1} {"name":"London"}',
  );
  assert.equal(await run('template', people, { template: '{{name}}', each: true, separator: '+' }), 'Ada+Bob+Cid');
  assert.equal(await run('template', {}, { template: '{{constructor.name}}{{__proto__}}' }), '');
});

test('the original stays beside the result, and names from data are only names', async () => {
  const data = JSON.parse('{"__proto__": {"x": 1}}') as unknown;
  const out = await dataTransform({ data, transformation_type: 'flatten' });
  assert.equal(out.local['original_data'], data);
  assert.deepEqual(Object.keys(out.local['transformed_data'] as object), ['__proto__.x']);
  const merged = (await run('merge', [data])) as object;
  assert.equal(Object.getPrototypeOf(merged), Object.prototype);
  assert.deepEqual(Object.keys(merged), ['__proto__']);
});
