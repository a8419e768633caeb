/** What a person types becomes the typed variable that the Camunda 7 face takes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { draftOf, parseDraft, parseDrafts, parseObject, typedValue } from './typed-values.ts';

describe('typed values', () => {
  it('a whole number is an Integer while it has 32 bits, then a Long', () => {
    assert.deepEqual(typedValue(2_147_483_647), { type: 'Integer', value: 2_147_483_647 });
    assert.deepEqual(typedValue(2_147_483_648), { type: 'Long', value: 2_147_483_648 });
    assert.deepEqual(typedValue(0.5), { type: 'Double', value: 0.5 });
  });

  it('lists and maps travel as Json text', () => {
    assert.deepEqual(typedValue({ a: [1] }), { type: 'Json', value: '{"a":[1]}' });
    assert.deepEqual(typedValue(null), { type: 'Null', value: null });
  });

  it('a draft that is not of its type says what is expected', () => {
    assert.deepEqual(parseDraft({ type: 'Integer', text: '1.5' }), { ok: false, problem: 'a whole number' });
    assert.deepEqual(parseDraft({ type: 'Boolean', text: 'yes' }), { ok: false, problem: 'true or false' });
    assert.equal(parseDraft({ type: 'Json', text: '{' }).ok, false);
    assert.equal(parseDraft({ type: 'Double', text: ' ' }).ok, false);
  });

  it('a text keeps its blanks', () => {
    assert.deepEqual(parseDraft({ type: 'String', text: ' a ' }), {
      ok: true,
      value: { type: 'String', value: ' a ' },
    });
  });

  it('a date is sent in the form of Camunda', () => {
    assert.deepEqual(parseDraft({ type: 'Date', text: '2025-01-31T09:00:00Z' }), {
      ok: true,
      value: { type: 'Date', value: '2025-01-31T09:00:00.000+0000' },
    });
  });

  it('empty lines are left out, nameless and repeated ones are problems', () => {
    const { variables, problems } = parseDrafts([
      { name: 'a', type: 'Integer', text: '1' },
      { name: '', type: 'String', text: '' },
      { name: '', type: 'String', text: 'x' },
      { name: 'a', type: 'String', text: 'again' },
    ]);
    assert.deepEqual(variables, { a: { type: 'Integer', value: 1 } });
    assert.deepEqual([...problems.keys()], [2, 3]);
  });

  it('the JSON mode takes one object and nothing else', () => {
    assert.deepEqual(parseObject('{"a":1}'), { ok: true, value: { a: 1 } });
    assert.deepEqual(parseObject('  '), { ok: true, value: {} });
    assert.equal(parseObject('[1]').ok, false);
  });

  it('a stored value comes back as it would be typed', () => {
    assert.deepEqual(draftOf('n', 'Long', 7), { name: 'n', type: 'Integer', text: '7' });
    assert.deepEqual(draftOf('d', 'Date', '2025-01-31'), { name: 'd', type: 'Date', text: '2025-01-31' });
    assert.equal(draftOf('j', 'Json', { a: 1 }).text, '{\n  "a": 1\n}');
  });
});
