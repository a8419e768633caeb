/** FEEL as models use it: what the library yields, the clock of the command, and what is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../values.ts';
import type { EvaluationContext } from './contract.ts';
import { checkExpression, evaluate } from './evaluate.ts';

const variables: Record<string, Json> = {
  nothing: null,
  yes: true,
  no: false,
  n: 7,
  name: 'Ada',
  list: [1, 2, 3],
  orders: [
    { id: 'a', total: 5 },
    { id: 'b', total: 20 },
  ],
  order: { total: 120, customer: { name: 'Bob' } },
  'order total': 99,
  today2: '2026-01-31',
};

const context: EvaluationContext = {
  lookup: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
  names: () => Object.keys(variables),
  now: Date.UTC(2026, 2, 28, 23, 30, 0),
  zone: 'Europe/Berlin',
};

function feel(text: string, within: EvaluationContext = context) {
  return evaluate({ language: 'feel', text }, within);
}

const VALUES: readonly (readonly [text: string, value: Json])[] = [
  // literals and arithmetic
  ['1', 1],
  ['-1.5', -1.5],
  ['"text"', 'text'],
  ['"a\\"b"', 'a"b'],
  ['true', true],
  ['null', null],
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['7 / 2', 3.5],
  ['2 ** 10', 1024],
  ['-n', -7],
  ['modulo(7, 4)', 3],
  ['1 / 0', null],
  ['"a" + "b"', 'ab'],
  ['"a" + 1', null],
  ['nothing + 1', null],
  // comparison and logic
  ['n = 7', true],
  ['n != 7', false],
  ['n > 5 and n < 9', true],
  ['n > 9 or yes', true],
  ['not(yes)', false],
  ['n between 1 and 10', true],
  ['n in [1..7]', true],
  ['n in (1..7)', false],
  ['n in (1, 7)', true],
  ['"a" < "b"', true],
  ['nothing = null', true],
  ['n = "7"', null],
  ['missing', null],
  ['missing = null', true],
  ['missing > 1', null],
  ['missing.deeper.still', null],
  // names and paths
  ['name', 'Ada'],
  ['order.customer.name', 'Bob'],
  ['order total + 1', 100],
  ['order  total', 99],
  ['`order total`', 99],
  ['order.absent', null],
  // if, for, some, every
  ['if n > 5 then "big" else "small"', 'big'],
  ['if missing then 1 else 2', 2],
  ['for i in list return i * 2', [2, 4, 6]],
  ['for i in 1..3 return i', [1, 2, 3]],
  ['for i in [1, 2], j in [10, 20] return i + j', [11, 21, 12, 22]],
  ['some x in list satisfies x > 2', true],
  ['every x in list satisfies x > 2', false],
  // lists and contexts
  ['[1, "a", null]', [1, 'a', null]],
  ['list[1]', 1],
  ['list[-1]', 3],
  ['list[9]', null],
  ['list[item > 1]', [2, 3]],
  ['orders[total > 10].id', ['b']],
  ['orders[total > 10][1].id', 'b'],
  ['orders.total', [5, 20]],
  ['count(list)', 3],
  ['sum(orders.total)', 25],
  ['min(list)', 1],
  ['max([1, 5, 3])', 5],
  ['mean(list)', 2],
  ['list contains(list, 2)', true],
  ['append(list, 4)', [1, 2, 3, 4]],
  ['concatenate([1], [2])', [1, 2]],
  ['distinct values([1, 1, 2])', [1, 2]],
  ['flatten([1, [2, [3]]])', [1, 2, 3]],
  ['sort([3, 1, 2], function(a, b) a < b)', [1, 2, 3]],
  ['index of([1, 2, 1], 1)', [1, 3]],
  ['reverse(list)', [3, 2, 1]],
  ['{a: 1, b: a + 1}', { a: 1, b: 2 }],
  ['{"with blank": 1}', { 'with blank': 1 }],
  ['{a: {b: 1}}.a.b', 1],
  ['get value(order, "total")', 120],
  ['get entries({a: 1})', [{ key: 'a', value: 1 }]],
  ['context put({a: 1}, "b", 2)', { a: 1, b: 2 }],
  ['context merge([{a: 1}, {b: 2}])', { a: 1, b: 2 }],
  ['(function(x) x + 1)(2)', 3],
  // text
  ['string length(name)', 3],
  ['upper case(name)', 'ADA'],
  ['lower case(name)', 'ada'],
  ['substring(name, 2)', 'da'],
  ['substring(name, 1, 1)', 'A'],
  ['contains(name, "d")', true],
  ['starts with(name, "A")', true],
  ['ends with(name, "a")', true],
  ['substring before("a@b", "@")', 'a'],
  ['substring after("a@b", "@")', 'b'],
  ['split("a,b", ",")', ['a', 'b']],
  ['string join(["a", "b"], "-")', 'a-b'],
  ['replace("abcd", "(b)(c)", "[$2$1]")', 'a[cb]d'],
  ['replace("Ab", "B", "<$0>", "i")', 'A<b>'],
  ['matches("a1", "^[a-z][0-9]$")', true],
  ['matches(1, "a")', null],
  ['string(n) + "!"', '7!'],
  ['number("12") + 1', 13],
  ['trim("  a ")', 'a'],
  // numbers
  ['floor(1.7)', 1],
  ['ceiling(1.2)', 2],
  ['decimal(1.255, 2)', 1.26],
  ['0.1 + 0.2 = 0.3', true],
  ['0.1 + 0.2', 0.3],
  ['1 / 3 * 3', 1],
  ['(1 / 3) * 3 = 1', false],
  ['abs(-2)', 2],
  ['odd(3)', true],
  // ranges
  ['overlaps before([1..2], [2..3])', true],
  ['n in ]1..7[', false],
  // dates come out as ISO-8601 text
  ['date("2026-01-31")', '2026-01-31'],
  ['@"2026-01-31"', '2026-01-31'],
  ['date("2026-01-31") + duration("P1M")', '2026-02-28'],
  ['date(today2).year', 2026],
  ['date and time("2026-01-31T10:00:00Z")', '2026-01-31T10:00:00Z'],
  ['date and time("2026-01-31T10:00:00@Europe/Berlin")', '2026-01-31T10:00:00+01:00'],
  ['time("10:00:00")', '10:00:00'],
  ['duration("PT90M")', 'PT1H30M'],
  ['duration("P1Y2M")', 'P1Y2M'],
  ['date("2026-02-01") - date("2026-01-01")', 'P31D'],
  ['date("2026-02-01") > date("2026-01-01")', true],
  ['day of week(date("2026-03-28"))', 'Saturday'],
  ['[date("2026-01-31")]', ['2026-01-31']],
  ['{due: duration("PT1H")}', { due: 'PT1H' }],
  // the clock of the command, in its zone
  ['now()', '2026-03-29T00:30:00+01:00'],
  ['now() + duration("PT2H")', '2026-03-29T03:30:00+02:00'],
  ['today()', '2026-03-29'],
  ['today() > date("2026-03-28")', true],
  ['string(today())', '2026-03-29'],
  // Camunda's additions
  ['is defined(n)', true],
  ['is defined(missing)', false],
  ['get or else(missing, 5)', 5],
  ['get or else(n, 5) + 1', 8],
  ['is empty([])', true],
  ['is blank(" ")', true],
  // names of the host language are absent
  ['order.constructor', null],
  ['order.__proto__', null],
  ['name.constructor', null],
  ['list.constructor', [null, null, null]],
  ['constructor', null],
  ['__proto__', null],
  ['globalThis.process', null],
  ['get value(order, "constructor")', null],
  ['now().constructor', null],
  ['count.constructor', null],
  ['count.prototype.constructor', null],
  ['(function(x) x).fn', null],
  ['(function(x) x).invoke', null],
  // comments
  ['1 // one\n + 2', 3],
];

const FAILURES: readonly (readonly [text: string, message: RegExp])[] = [
  ['', /position 1: the expression is incomplete/],
  ['1 +', /position 4: the expression is incomplete/],
  ['n >', /incomplete/],
  [')', /position 1: unexpected '\)'/],
  ['if n then 1', /incomplete/],
  ['[1, 2', /position/],
  ['n == 7', /position 4: unexpected operator: FEEL compares with a single '='/],
  ['n && yes', /position/],
  ['uuid()', /'uuid\(\)' calls a function that is not available/],
  ['random number()', /not available/],
  ['[foo(1)]', /'foo\(1\)' calls a function/],
  ['order.constructor("return 1")()', /not available|position/],
  ['count', /is a function/],
  ['function(x) x', /is a function/],
  ['[count]', /is a function/],
  ['[1..3]', /is a range/],
  ['10 ** 400', /not a finite number/],
  ['matches("aaaa", "(a+)+$")', /could take too long/],
  ['matches("aaaa", "(a|a)*$")', /could take too long/],
  ['matches("aa", "(a)\\\\1")', /could take too long/],
  ['matches("a", "[")', /not a regular expression/],
  ['split("a", "(")', /not a regular expression/],
  ['overlaps before([1..2])', /not available or takes other arguments/],
  ['abs(1, 2)', /not available or takes other arguments/],
  ['substring(text: "abc")', /not available or takes other arguments/],
  ['for i in 1..100000000 return i', /may have 200000 in all/],
  ['for i in 1..500 return for j in 1..500 return j', /may have 200000 in all/],
  ['some i in 1..1000, j in 1..1000, k in 1..1000 satisfies i + j + k < 0', /A range/],
];

describe('FEEL', () => {
  for (const [text, value] of VALUES) {
    test(`${text} is ${JSON.stringify(value)}`, () => assert.deepEqual(feel(text), { ok: true, value }));
  }
  for (const [text, message] of FAILURES) {
    test(`${text || 'empty text'} fails`, () => {
      const result = feel(text);
      assert.equal(result.ok, false, JSON.stringify(result));
      if (!result.ok) assert.match(result.message, message);
    });
  }

  test('a variable called like a function of the clock wins', () => {
    const within = { ...context, names: () => ['now'], lookup: (name: string) => (name === 'now' ? 5 : undefined) };
    assert.deepEqual(feel('now + 1', within), { ok: true, value: 6 });
  });

  test('records without prototype are contexts', () => {
    const record: Json = Object.assign(Object.create(null), { a: 1 });
    const within = { ...context, names: () => ['record'], lookup: () => record };
    assert.deepEqual(feel('record.a', within), { ok: true, value: 1 });
    assert.deepEqual(feel('record = {a: 1}', within), { ok: true, value: true });
    assert.deepEqual(feel('record', within), { ok: true, value: { a: 1 } });
  });

  test('an entry called __proto__ changes no prototype', () => {
    const odd = JSON.parse('{"__proto__": {"polluted": true}}') as Json;
    const within = { ...context, names: () => ['odd'], lookup: () => odd };
    assert.equal(feel('context merge([odd, {a: 1}])', within).ok, true);
    assert.equal(feel('context put({}, ["__proto__", "polluted"], true)', within).ok, true);
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  test('variables that are not mentioned are not read', () => {
    const read: string[] = [];
    const within: EvaluationContext = {
      ...context,
      lookup: (name) => {
        read.push(name);
        return variables[name];
      },
    };
    feel('n + 1', within);
    assert.deepEqual(read, ['n']);
  });

  test('evaluation does not change the variables', () => {
    const before = JSON.stringify(variables);
    feel('sort(list, function(a, b) a > b)');
    feel('context put(order, "total", 0)');
    assert.equal(JSON.stringify(variables), before);
  });

  test('nested loops over long lists are refused, one loop is not', () => {
    const long = Array.from({ length: 20_000 }, (_, index) => index);
    const within = { ...context, names: () => ['long'], lookup: () => long };
    assert.deepEqual(feel('count(long[item > 9999])', within), { ok: true, value: 10_000 });
    assert.equal(feel('for i in 1..3 return long[i]', within).ok, true);
    assert.equal(feel('count(for i in 1..100, j in 1..100 return i)', within).ok, true);
    const nested = feel('for i in long return for j in long return i + j', within);
    assert.ok(!nested.ok && /more than 4000000 steps/.test(nested.message));
  });

  test('text cannot be doubled without bound', () => {
    const doubling = Array.from({ length: 40 }, (_, i) => `v${i + 1}: v${i} + v${i}`).join(', ');
    for (const text of [
      `{v0: "ab", ${doubling}}.v40`,
      `{v0: ["ab"], ${doubling.replaceAll(/v(\d+) \+ v\d+/g, '[v$1, v$1]')}}.v40`,
    ]) {
      const result = feel(text);
      assert.ok(!result.ok && /grows beyond|string length/.test(result.message), text);
    }
    const grown = feel('replace(replace(replace(name, "", long), "", long), "", long)', {
      ...context,
      lookup: () => 'x'.repeat(1_000),
      names: () => ['name', 'long'],
    });
    assert.ok(!grown.ok && /grows beyond/.test(grown.message));
  });

  test('nesting without end is refused, not a crash', () => {
    for (const text of ['('.repeat(3000) + 1 + ')'.repeat(3000), '['.repeat(3000) + ']'.repeat(3000)]) {
      const result = feel(text);
      assert.ok(!result.ok && /nested too deeply/.test(result.message));
    }
    const recursion = feel('(function(f) f(f))(function(f) f(f))');
    assert.equal(recursion.ok, false);
  });

  test('the deploy check reports syntax errors with their position', () => {
    assert.equal(checkExpression({ language: 'feel', text: 'later variable > 1' }), undefined);
    assert.equal(checkExpression({ language: 'feel', text: 'get or else(x, 1)' }), undefined);
    assert.match(checkExpression({ language: 'feel', text: 'x >' }) ?? '', /position 4: the expression is incomplete/);
    assert.match(checkExpression({ language: 'feel', text: '' }) ?? '', /incomplete/);
  });
});
