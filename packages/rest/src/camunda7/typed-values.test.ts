/** Typed values as Camunda takes and gives them, by table. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json, Variable } from '@procos/kernel';
import { RestError } from './errors.ts';
import { readVariable, readVariables, writeVariable } from './typed-values.ts';

const accepted: readonly (readonly [string, Json, Variable])[] = [
  ['whole number by inference', { value: 5 }, { type: 'Integer', value: 5 }],
  ['large whole number by inference', { value: 5_000_000_000 }, { type: 'Long', value: 5_000_000_000 }],
  ['fraction by inference', { value: 0.5 }, { type: 'Double', value: 0.5 }],
  ['text by inference', { value: 'a' }, { type: 'String', value: 'a' }],
  ['list by inference', { value: [1] }, { type: 'Json', value: [1] }],
  ['nothing by inference', { value: null }, { type: 'Null', value: null }],
  ['absent value', {}, { type: 'Null', value: null }],
  ['null type', { type: null, value: true }, { type: 'Boolean', value: true }],
  ['Integer', { type: 'Integer', value: 7 }, { type: 'Integer', value: 7 }],
  ['integer in lower case', { type: 'integer', value: 7 }, { type: 'Integer', value: 7 }],
  ['Integer as text', { type: 'Integer', value: '7' }, { type: 'Integer', value: 7 }],
  ['Integer null', { type: 'Integer', value: null }, { type: 'Integer', value: null }],
  ['Short', { type: 'Short', value: '-3' }, { type: 'Short', value: -3 }],
  ['long', { type: 'long', value: 5_000_000_000 }, { type: 'Long', value: 5_000_000_000 }],
  ['double as text', { type: 'double', value: '1.5e3' }, { type: 'Double', value: 1500 }],
  ['Boolean as text', { type: 'Boolean', value: 'true' }, { type: 'Boolean', value: true }],
  ['String from number', { type: 'String', value: 5 }, { type: 'String', value: '5' }],
  ['null type name', { type: 'null', value: 'ignored' }, { type: 'Null', value: null }],
  [
    'date',
    { type: 'date', value: '2026-01-15T10:30:00.000+0100' },
    { type: 'Date', value: '2026-01-15T09:30:00.000Z' },
  ],
  ['date with Z', { type: 'Date', value: '2026-01-15T10:30:00Z' }, { type: 'Date', value: '2026-01-15T10:30:00.000Z' }],
  ['json text', { type: 'json', value: '{"a":[1]}' }, { type: 'Json', value: { a: [1] } }],
  ['Xml', { type: 'Xml', value: '<a/>' }, { type: 'Xml', value: '<a/>' }],
  [
    'Object keeps its text and info',
    { type: 'Object', value: '{}', valueInfo: { objectTypeName: 'a.B', serializationDataFormat: 'application/json' } },
    { type: 'Object', value: '{}', info: { objectTypeName: 'a.B', serializationDataFormat: 'application/json' } },
  ],
  ['Bytes', { type: 'Bytes', value: 'aGk=' }, { type: 'Bytes', value: 'aGk=' }],
  [
    'File of the JavaScript client',
    { type: 'file', value: 'aGk=', valueInfo: { filename: 'a.txt', mimetype: 'text/plain', encoding: 'utf-8' } },
    { type: 'File', value: 'aGk=', info: { filename: 'a.txt', mimeType: 'text/plain', encoding: 'utf-8' } },
  ],
  [
    'transient',
    { type: 'String', value: 'a', valueInfo: { transient: true } },
    { type: 'String', value: 'a', info: { transient: true } },
  ],
];

const refused: readonly (readonly [string, Json, string])[] = [
  ['unknown type', { type: 'X', value: 1 }, "Unsupported value type 'X'"],
  [
    'no number',
    { type: 'Integer', value: 'x' },
    "Cannot convert value 'x' of type 'Integer' to java type java.lang.Integer",
  ],
  [
    'too large an Integer',
    { type: 'Integer', value: 3_000_000_000 },
    "Cannot convert value '3000000000' of type 'Integer' to java type java.lang.Integer",
  ],
  [
    'fraction as Long',
    { type: 'Long', value: 1.5 },
    "Cannot convert value '1.5' of type 'Long' to java type java.lang.Long",
  ],
  [
    'empty text as Integer',
    { type: 'Integer', value: '' },
    "Cannot convert value '' of type 'Integer' to java type java.lang.Integer",
  ],
  [
    'date without zone',
    { type: 'Date', value: '2026-01-15T10:30:00' },
    "Cannot convert value '2026-01-15T10:30:00' of type 'Date' to java type java.util.Date",
  ],
  [
    'Json that is no text',
    { type: 'Json', value: { a: 1 } },
    "Must provide 'null' or String value for value of SerializableValue type 'Json'.",
  ],
  ['file without a name', { type: 'File', value: '' }, "'filename' must be provided in the valueInfo of a File value"],
];

describe('typed values of a request', () => {
  for (const [title, input, expected] of accepted) {
    it(`takes: ${title}`, () => assert.deepEqual(plain(readVariable(input)), expected));
  }
  for (const [title, input, message] of refused) {
    it(`refuses: ${title}`, () => {
      assert.throws(
        () => readVariable(input),
        (error) => error instanceof RestError && error.status === 400 && error.message === message,
      );
    });
  }
  it('refuses Json that is nested too deep or malformed', () => {
    for (const value of [`${'['.repeat(65)}${']'.repeat(65)}`, '{', '{"__proto__":{}}']) {
      assert.throws(() => readVariable({ type: 'Json', value }), /Cannot read the value of type 'Json'/);
    }
  });
  it('refuses an Object whose text is JSON that is nested too deep: expressions take it apart', () => {
    const object = (levels: number, serializationDataFormat = 'application/json'): Json => ({
      type: 'Object',
      value: '['.repeat(levels) + ']'.repeat(levels),
      valueInfo: { objectTypeName: 'a.B', serializationDataFormat },
    });
    assert.throws(() => readVariable(object(65)), { status: 422, message: /nested deeper than 64 levels/ });
    assert.equal(readVariable(object(64)).type, 'Object');
    assert.equal(readVariable(object(65, 'application/x-java-serialized-object')).type, 'Object');
  });
  it('a variable may be named like a property of Object', () => {
    const variables = readVariables({ constructor: { value: 1 }, toString: { value: 2 } });
    assert.deepEqual(Object.keys(variables), ['constructor', 'toString']);
  });
});

describe('typed values of an answer', () => {
  const cases: readonly (readonly [Variable, Json])[] = [
    [
      { type: 'Json', value: { a: [1] } },
      { type: 'Json', value: '{"a":[1]}', valueInfo: {} },
    ],
    [
      { type: 'Date', value: '2026-01-15T10:30:00+01:00' },
      { type: 'Date', value: '2026-01-15T09:30:00.000+0000', valueInfo: {} },
    ],
    [
      { type: 'File', value: 'aGk=', info: { filename: 'a.txt', mimeType: 'text/plain' } },
      { type: 'File', value: null, valueInfo: { filename: 'a.txt', mimeType: 'text/plain' } },
    ],
    [
      { type: 'Object', value: 'x', info: { objectTypeName: 'a.B' } },
      { type: 'Object', value: 'x', valueInfo: { objectTypeName: 'a.B', serializationDataFormat: null } },
    ],
    [
      { type: 'Null', value: null },
      { type: 'Null', value: null, valueInfo: {} },
    ],
    [
      { type: 'Bytes', value: 'aGk=' },
      { type: 'Bytes', value: 'aGk=', valueInfo: {} },
    ],
  ];
  for (const [variable, expected] of cases) {
    it(`writes ${variable.type}`, () => assert.deepEqual(writeVariable(variable), expected));
  }
});

function plain(variable: Variable): unknown {
  return JSON.parse(JSON.stringify(variable));
}
