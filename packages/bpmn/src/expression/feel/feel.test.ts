/** FEEL by itself: names and scopes, functions, types, unary tests, order, and texts that nobody meant. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ExpressionFailure } from '../failure.ts';
import { equals, order } from './compare.ts';
import { checkExpressionText, compileExpression, compileTests } from './feel.ts';
import { BUILT_IN } from './functions/index.ts';
import { Run } from './run.ts';
import { Frame } from './scope.ts';
import { parseTemporal } from './temporal/values.ts';
import { type FeelValue, toJson } from './values.ts';

const AT = { now: Date.UTC(2026, 2, 28, 12), zone: 'UTC' };

function frameOf(names: Readonly<Record<string, FeelValue>>, warnings: string[] = []): Frame {
  const lookup = (name: string) => (Object.hasOwn(names, name) ? names[name] : undefined);
  return new Frame(new Run({ ...AT, lookup, warn: (_, message) => warnings.push(message) }), []);
}

/** The value as JSON; a list of warnings where there are any and they are asked for. */
function feel(text: string, names: Readonly<Record<string, FeelValue>> = {}, members: readonly string[] = []): unknown {
  const code = compileExpression(text).within({ names: () => Object.keys(names), members: () => members });
  return toJson(code(frameOf(names)));
}

function warningsOf(text: string, names: Readonly<Record<string, FeelValue>> = {}): readonly string[] {
  const warnings: string[] = [];
  compileExpression(text).within({ names: () => Object.keys(names) })(frameOf(names, warnings));
  return warnings;
}

function passes(tests: string, input: FeelValue, names: Readonly<Record<string, FeelValue>> = {}): boolean | null {
  return compileTests(tests).within({ names: () => Object.keys(names) })(frameOf(names), input);
}

describe('names', () => {
  it('with operators and keywords are names where they are in scope, and expressions where they are not', () => {
    assert.equal(feel('a-b', { a: 5, b: 3 }), 2);
    assert.equal(feel('a-b', { a: 5, b: 3, 'a-b': 99 }), 99);
    assert.equal(feel('a - b', { a: 5, b: 3, 'a-b': 99 }), 99);
    assert.equal(feel('height and width', { height: true, width: false }), false);
    assert.equal(feel('height and width', { 'height and width': 7 }), 7);
    assert.equal(feel('if it rains + 1', { 'if it rains': 1 }), 2);
    assert.throws(() => feel('if it rains + 1'), /incomplete/);
  });

  it('the longest one in scope is taken', () => {
    assert.equal(feel('a-b-c', { 'a-b': 5, c: 1 }), 4);
    assert.equal(feel('a-b-c', { 'a-b': 5, 'a-b-c': 9, c: 1 }), 9);
  });

  it('of entries, parameters and iterators hold in their own place only', () => {
    assert.deepEqual(feel('{a-b: 1, c: a-b + 1}'), { 'a-b': 1, c: 2 });
    assert.deepEqual(feel('{a: 5, b: 3, inner: {a-b: 1}, c: a-b}'), { a: 5, b: 3, inner: { 'a-b': 1 }, c: 2 });
    assert.deepEqual(feel('for a-b in [1, 2] return a-b * 2'), [2, 4]);
    assert.equal(feel('(function(in-time: number) in-time + 1)(2)'), 3);
    assert.deepEqual(feel('[{a-b: 1}, {a-b: 2}][a-b > 1]'), [{ 'a-b': 2 }]);
    assert.equal(feel('{x: {a-b: 4}}.x.a-b'), 4);
  });

  it('behind a dot are those that the model knows', () => {
    const order = { 'item-count': 3, item: 10 };
    assert.equal(feel('order.item-count', { order, count: 4 }), 6);
    assert.equal(feel('order.item-count', { order, count: 4 }, ['item-count']), 3);
    assert.equal(feel('order.`item-count`', { order }), 3);
    assert.equal(feel('item-count', { item: 9, count: 4 }, ['item-count']), 5);
  });

  it('in a filter are the entries of the element first, then what is around', () => {
    const people = [
      { name: 'Ada', age: 36 },
      { name: 'Bob', age: 9 },
      { name: 'Eve', item: 1 },
    ];
    assert.deepEqual(feel('people[age >= limit].name', { people, limit: 18 }), ['Ada']);
    assert.deepEqual(feel('people[item = 1].name', { people }), ['Eve']);
    assert.deepEqual(feel('[1, 2, 3][item > limit]', { limit: 2 }), [3]);
  });

  it('a variable, entry or parameter hides a function of its name, but not from a call', () => {
    assert.equal(feel('count + count([1, 2])', { count: 5 }), 7);
    const events = [{ date: '2026-01-31' }, { date: '2025-01-31' }];
    assert.deepEqual(feel('events[date(date) > date("2026-01-01")]', { events }), events.slice(0, 1));
    assert.deepEqual(feel('{date: "2026-01-31", year: date(date).year}.year'), 2026);
    assert.equal(feel('(function(abs) abs(2))(function(x) x * 10)'), 20);
  });
});

describe('functions', () => {
  for (const [text, value] of [
    ['substring(string: "foobar", start position: 3)', 'obar'],
    ['(function(a, b) a - b)(b: 1, a: 5)', 4],
    ['(function(x: number) x + 1)("a")', null],
    ['(function(x: number) x + 1)([4])', 5],
    ['{twice: function(f, x) f(f(x)), plus: function(x) x + 1, result: twice(plus, 1)}.result', 3],
    ['for i in 1..5 return if i < 3 then i else partial[i - 1] + partial[i - 2]', [1, 2, 3, 5, 8]],
    ['sort(["b", "a", "C"], function(x, y) lower case(x) < lower case(y))', ['a', 'b', 'C']],
    ['substring("\u{1f40e}ab", 2)', 'ab'],
    ['string length("\u{1f40e}ab")', 3],
    ['split("a1b2c", "([0-9])")', ['a', 'b', 'c']],
    ['string(1/3)', `0.${'3'.repeat(34)}`],
    ['string(10 ** 21)', '1000000000000000000000'],
    ['string([1, "a", {b: null}])', '[1, "a", {b: null}]'],
    ['number("1.000,5", ".", ",")', 1000.5],
    ['number("1,5", ",", ",")', null],
    ['modulo(-12, 5)', 3],
    ['decimal(-2.5, 0)', -2],
    ['round half up(-2.5, 0)', -3],
    ['floor(-1.5)', -2],
    ['decimal(1234, -2)', 1200],
    ['median([8, 2, 5, 3, 4])', 4],
    ['stddev([2, 4, 7, 5])', 2.0816659994661326],
    ['mode([6, 3, 9, 6, 6, 3, 3])', [3, 6]],
    ['sum([duration("PT1H"), duration("PT30M")])', 'PT1H30M'],
    ['list replace([2, 4, 7], function(item, newItem) item < newItem, 5)', [5, 5, 7]],
    ['context([{key: "a", value: 1}])', { a: 1 }],
    ['includes([1..10], 5)', true],
    ['before(1, (1..5])', true],
    ['meets([1..5], [5..8])', true],
    ['overlaps after([4..8], [1..5])', true],
    ['range("[1..3)") = [1..3)', true],
    ['5 in range("(..5]")', true],
    ['5 in range("[6..)")', false],
    ['range("[3..1]")', null],
    ['range("[x..1]")', null],
    ['replace("a.b.c", ".", "$", "q")', 'a$b$c'],
    ['matches("abc", "a b c", "x")', true],
    ['matches("abc", "b", "p")', null],
    ['{\u{1f40e}: "bar"}.\u{1f40e}', 'bar'],
    ['"\\U01F40E" = "\\uD83D\\uDC0E"', true],
    ['[1,2,3] in [[1,2,3,4], [1,2,3]]', true],
    ['{a: "foo"} in [{b: "bar"}, {a: "foo"}]', true],
    ['1 in (<= 10)', true],
    ['-"foo"', null],
    ['-@"P1D"', '-P1D'],
    ['2 ** 3 ** 2', 64],
    ['-2 ** 2', 4],
    ['1 + 2 between 2 and 4', true],
    ['not(null)', null],
    ['null and false', false],
    ['null or "x"', null],
    ['is(time("10:00:00Z"), time("11:00:00+01:00"))', false],
    ['@"P1D" * 2', 'P2D'],
    ['@"2026-03-28".weekday', 6],
    ['[1..5].start included', true],
  ] as const)
    it(`${text} is ${JSON.stringify(value)}`, () => assert.deepEqual(feel(text), value));

  it('each is there under its name, and calls by position take no more and no fewer arguments', () => {
    const none = [...BUILT_IN.values()].filter(({ name }) => name !== 'now' && name !== 'today');
    for (const builtIn of none) assert.equal(builtIn.arrange([], undefined), undefined, builtIn.name);
    assert.ok(BUILT_IN.size > 90);
  });
});

describe('types', () => {
  for (const [text, value] of [
    ['1 instance of number', true],
    ['null instance of number', false],
    ['null instance of Null', true],
    ['@"PT1H" instance of days and time duration', true],
    ['@"2026-01-01T00:00:00" instance of date and time', true],
    ['[1, 2] instance of list<number>', true],
    ['[1, "a"] instance of list<number>', false],
    ['{a: 1, b: 2} instance of context<a: number>', true],
    ['{b: 2} instance of context<a: number>', false],
    ['[1..2] instance of range<number>', true],
    ['(function(a: number) "x") instance of function<number> -> string', true],
    ['count instance of function', true],
    ['1 instance of tUnknown', null],
  ] as const)
    it(`${text} is ${value}`, () => assert.equal(feel(text), value));
});

describe('unary tests', () => {
  const rows: readonly (readonly [tests: string, input: FeelValue, result: boolean | null])[] = [
    ['-', null, true],
    ['-5', -5, true],
    ['"a", "b"', 'b', true],
    ['not("a", "b")', 'b', false],
    ['not("a", "b")', 'c', true],
    ['< 5', 4, true],
    ['< 5', null, null],
    ['[1..5)', 5, false],
    [']1..5], > 10', 1, false],
    ['null', null, true],
    ['true', true, true],
    ['true', false, false],
    ['? > 3 and ? < 6', 4, true],
    ['contains(?, "x")', 'axb', true],
    ['not(contains(?, "x"))', 'axb', false],
    ['limit', 7, true],
    ['list', 2, true],
    ['> limit', 8, true],
    ['limit > 5', 'anything', true],
    ['"7"', 7, null],
  ];
  for (const [tests, input, result] of rows)
    it(`${tests} on ${JSON.stringify(input)} is ${result}`, () =>
      assert.equal(passes(tests, input, { limit: 7, list: [1, 2] }), result));
});

describe('warnings', () => {
  it('say why a value is null', () => {
    assert.deepEqual(warningsOf('missing + 1'), ["there is no variable 'missing'", 'a null + a number has no result']);
    assert.deepEqual(warningsOf('order.absent', { order: {} }), ["a context has no 'absent'"]);
    assert.deepEqual(warningsOf('substring(5, 1)'), ["the argument 'string' of substring cannot be a number"]);
    assert.deepEqual(warningsOf('1 / 0'), ['a division by zero has no result']);
  });

  it('are silent where something may be missing', () => {
    assert.deepEqual(warningsOf('is defined(missing.deeper)'), []);
    assert.deepEqual(warningsOf('get or else(missing, 1)'), []);
    assert.deepEqual(warningsOf('order.nothing', { order: { nothing: null } }), []);
  });
});

describe('bounds', () => {
  for (const text of [
    'for i in 1..200000 return string length(long)',
    'for i in 1..200000 return matches(long, "a.*b")',
    'for i in 1..200000 return 2 ** 0.5',
    'for i in 1..100000 return for j in partial return j',
    'some a in long list, b in long list satisfies a + b < 0',
    '{f: function(n) f(n + 1)}.f(1)',
  ])
    it(`${text} ends with a failure, and soon`, () => {
      const names = { long: 'x'.repeat(100_000), 'long list': Array.from({ length: 10_000 }, (_, index) => index) };
      assert.throws(
        () => feel(text.replace('f(n + 1)', '(function(g, n) g(g, n))(function(g, n) g(g, n), n)'), names),
        ExpressionFailure,
      );
    });
});

const WORDS =
  `a b-c "x" 'y' 1 .5 1.. ..2 [ ] ( ) { } < <= = != >= > + - * / ** , : . ? @"P1D" @ if then else for in return some every
  satisfies function not and or between instance of list< > true false null // /* */ \` date and time`.split(/\s+/);

describe('texts that nobody meant', () => {
  it('are read, or refused with a position, within a short time', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }), (words) => {
        const text = words.join(' ');
        try {
          checkExpressionText(text);
        } catch (error) {
          assert.ok(error instanceof ExpressionFailure, String(error));
          assert.match(error.message, /at position \d+: \S|nested too deeply/);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('that open brackets without end, or ranges that may be filters, do not take forever', () => {
    for (const part of [']1..5[ ', '(', '[', '{a:', 'not(', 'f(x, ', 'if a then ', '-', 'a[', 'a.', '1..', 'list<'])
      for (const count of [20, 2_000]) {
        const text = `x in ${part.repeat(count)}`;
        assert.throws(() => checkExpressionText(text), ExpressionFailure, part);
      }
  });
});

describe('order', () => {
  const valuesOf: Readonly<Record<string, fc.Arbitrary<FeelValue>>> = {
    number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    string: fc.string(),
    date: fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => parseTemporal(date.toISOString().slice(0, 10))),
    'days and time duration': fc
      .integer()
      .map((seconds) => parseTemporal(`${seconds < 0 ? '-' : ''}PT${Math.abs(seconds)}S`)),
    'years and months duration': fc
      .integer()
      .map((months) => parseTemporal(`${months < 0 ? '-' : ''}P${Math.abs(months)}M`)),
  };
  for (const [kind, values] of Object.entries(valuesOf))
    it(`of values of the kind ${kind} is total, and agrees with equality`, () => {
      const { run } = frameOf({});
      fc.assert(
        fc.property(values, values, values, (a, b, c) => {
          const [ab, ba, bc, ac] = [order(a, b), order(b, a), order(b, c), order(a, c)];
          assert.ok(ab !== null && ba !== null && bc !== null && ac !== null);
          assert.equal(Math.sign(ab) + Math.sign(ba), 0);
          if (ab <= 0 && bc <= 0) assert.ok(ac <= 0);
          assert.equal(equals(a, b, run), ab === 0);
        }),
        { numRuns: 500 },
      );
    });
});
