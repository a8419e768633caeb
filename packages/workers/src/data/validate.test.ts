/** Data validation by simple rules and by JSON Schema. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Inputs } from '../handler.ts';
import { refusesForGood } from '../testing.ts';
import { dataValidation } from './validate.ts';

const run = async (inputs: Inputs): Promise<Inputs> => (await dataValidation(inputs)).local;
const rulesOf = (out: Inputs): unknown =>
  (out['errors'] as { field: string; rule: string }[]).map(({ field, rule }) => `${field}:${rule}`);

test('every rule that does not hold is named, all at once', async () => {
  const validation_rules = {
    name: { required: true, type: 'string', min_length: 2, maxLength: 5 },
    age: { type: 'integer', min: 18, max: 99 },
    mail: { type: 'email' },
    code: { pattern: '^[A-Z]{3}$' },
    kind: { enum: ['a', 'b'] },
    tags: { type: 'list', minLength: 1 },
    gone: { required: true },
    maybe: { type: 'string', min: 3 },
  };
  const bad = await run({
    data: { name: 'x', age: 17.5, mail: 'no', code: 'ab', kind: 'c', tags: [], gone: null },
    validation_rules,
  });
  assert.equal(bad['valid'], false);
  assert.deepEqual(rulesOf(bad), [
    'name:minLength',
    'age:type',
    'age:min',
    'mail:type',
    'code:pattern',
    'kind:enum',
    'tags:minLength',
    'gone:required',
  ]);
  const data = { name: 'Ada', age: 36, mail: 'ada@example.com', code: 'ABC', kind: 'a', tags: [1], gone: 0 };
  const good = await run({ data: JSON.stringify(data), validation_rules: JSON.stringify(validation_rules) });
  assert.deepEqual([good['valid'], good['errors'], good['warnings']], [true, [], []]);
  assert.deepEqual(good['validated_fields'], Object.keys(validation_rules));
});

test('an unknown rule is a warning, an unknown type or missing rules a failure', async () => {
  const out = await run({ data: { a: 1 }, validation_rules: { a: { between: [1, 2] } } });
  assert.equal(out['valid'], true);
  assert.equal((out['warnings'] as unknown[]).length, 1);
  await refusesForGood(run({ data: { a: 1 }, validation_rules: { a: { type: 'gizmo' } } }), /gizmo/);
  await refusesForGood(run({ data: { a: 1 } }), /missing/);
  await refusesForGood(run({ validation_rules: {} }), /'data' is missing/);
});

test('a JSON Schema is checked, with formats', async () => {
  const schema = {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer' }, at: { format: 'date' }, list: { type: 'array', items: { minimum: 3 } } },
  };
  const out = await run({ data: { at: '2025-02-30', list: [5, 1] }, validation_rules: schema });
  assert.deepEqual(rulesOf(out), ['/id:required', '/at:format', '/list/1:minimum']);
  assert.equal((await run({ data: { id: 1, at: '2024-02-29' }, schema }))['valid'], true);
  const patterns = { properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } };
  assert.deepEqual(rulesOf(await run({ data: { a: 'b', b: 'b' }, schema: patterns })), ['/a:pattern']);
  const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'string' };
  assert.equal((await run({ data: 'x', schema: draft7 }))['valid'], true);
  await refusesForGood(run({ data: {}, schema: { type: 'gizmo' } }), /JSON Schema/);
  await refusesForGood(run({ data: {}, schema: { $ref: 'http://example.com/x.json' } }), /JSON Schema/);
});

test('a pattern that would match for ever is stopped', async () => {
  const text = `${'a'.repeat(60)}!`;
  const before = Date.now();
  await refusesForGood(run({ data: { x: text }, validation_rules: { x: { pattern: '^(a+)+$' } } }), /longer than/);
  await refusesForGood(run({ data: text, schema: { pattern: '^(a+)+$' } }), /longer than/);
  await refusesForGood(run({ data: { x: 'a' }, validation_rules: { x: { pattern: 'a'.repeat(501) } } }), /longer than/);
  await refusesForGood(run({ data: { x: 'a' }, validation_rules: { x: { pattern: '(' } } }), /stopped/);
  assert.ok(Date.now() - before < 5000);
});

test('names from data do not touch prototypes', async () => {
  const data = JSON.parse('{"__proto__": {"polluted": true}, "constructor": "x"}') as Inputs;
  const out = await run({ data, validation_rules: { toString: { required: true }, constructor: { type: 'string' } } });
  assert.deepEqual(rulesOf(out), ['toString:required']);
  assert.equal(({} as Inputs)['polluted'], undefined);
});

test('data nested too deep is refused', async () => {
  const deep = JSON.parse('['.repeat(200) + ']'.repeat(200)) as unknown;
  await refusesForGood(run({ data: deep, schema: {} }), /nested deeper/);
});
