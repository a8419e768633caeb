/** JUEL as models use it: values, coercions, methods, failures, and what must stay out of reach. */
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
  half: 0.5,
  numeric: '12',
  name: 'Ada',
  blank: '',
  list: [1, 2, 'three', null],
  none: [],
  order: { total: 120, customer: { name: 'Bob', tags: ['vip', 'eu'] }, 'first item': 'x', size: 'large' },
  emptyMap: {},
  'with-dash': 1,
  due: '2026-03-28T11:30:00.000Z',
  json: '{"a":{"b":[1,{"c":"deep"}]},"open":true}',
};

const context: EvaluationContext = {
  lookup: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
  names: () => Object.keys(variables),
  now: Date.UTC(2026, 2, 28, 10, 0, 0),
  zone: 'Europe/Berlin',
  user: 'ada',
  eventName: 'start',
  local: { lookup: (name) => (name === 'n' ? 7 : undefined), names: () => ['n'] },
  execution: {
    id: 'e1',
    processInstanceId: 'p1',
    businessKey: 'order-1',
    processDefinitionId: 'd1',
    currentActivityId: 'Task_1',
    currentActivityName: 'Check order',
    tenantId: null,
  },
};

function juel(text: string) {
  return evaluate({ language: 'juel', text }, context);
}

const VALUES: readonly (readonly [text: string, value: Json])[] = [
  // who asks, and where it is asked
  ['${currentUser()}', 'ada'],
  ['${authenticatedUserId}', 'ada'],
  ['${currentUserGroups()}', null],
  ['${execution.eventName}', 'start'],
  ['${execution.getEventName()}', 'start'],
  ['${execution.processInstance.businessKey}', 'order-1'],
  ['${execution.getProcessInstance().getBusinessKey()}', 'order-1'],
  ["${execution.getVariableLocal('n')}", 7],
  ["${execution.getVariableLocal('name')}", null],
  ["${execution.hasVariableLocal('name')}", false],
  ['${execution.getVariablesLocal()}', { n: 7 }],
  ['${execution.getVariableNames().contains("name")}', true],
  ['${task.execution.processInstanceId}', 'p1'],
  // beans
  ['${order.getTotal()}', 120],
  ['${order.getCustomer().getName()}', 'Bob'],
  // dates, also such as variables keep them
  ['${due > now()}', true],
  ['${now() < due}', true],
  ['${due.after(now())}', true],
  ['${dateTime().isBefore(due)}', true],
  ['${now() == due}', false],
  ['${due.getTime()}', Date.UTC(2026, 2, 28, 11, 30)],
  ['${due.time - now().time}', 5_400_000],
  ['${now().time}', Date.UTC(2026, 2, 28, 10)],
  ['${dateTime().dayOfWeek}', 6],
  ['${dateTime().getHourOfDay()}', 11],
  ['${dateTime().plusDays(3).withTimeAtStartOfDay().plusHours(8).toDate()}', '2026-03-31T08:00:00.000+02:00'],
  ['${dateTime().withDayOfMonth(1).withHourOfDay(0)}', '2026-03-01T00:00:00.000+01:00'],
  ['${dateTime().withTime(17, 30, 0, 0)}', '2026-03-28T17:30:00.000+01:00'],
  ['${dateTime().withDayOfWeek(1).getDayOfMonth()}', 23],
  ['${dateTime().plusMillis(250).minus(250).isEqual(now())}', true],
  ['${dateTime().withMillis(due.time).equals(due)}', true],
  ["${dateTime().toString('yyyy-MM-dd')}", '2026-03-28'],
  ['${dateTime().toString("dd.MM.yy HH:mm \'Uhr\' ZZ")}', '28.03.26 11:00 Uhr +01:00'],
  // Spin
  ["${S(json).prop('a').prop('b').elements().get(0).numberValue()}", 1],
  ["${JSON(json).jsonPath('$.a.b[1].c').stringValue()}", 'deep'],
  ["${JSON(json).prop('open').boolValue()}", true],
  ["${S(order).hasProp('total') && order.prop('total').isNumber()}", true],
  ['${S(json).fieldNames()}', ['a', 'open']],
  ["${S('{}').prop('x', n).prop('y', name)}", { x: 7, y: 'Ada' }],
  ["${S(json).deleteProp('a').toString()}", '{"open":true}'],
  ["${S('[1,2]').isArray()}", true],
  // methods of text and lists
  ["${'a|b'.split('\\\\|')}", ['a', 'b']],
  ["${'a, b,c'.split(',\\\\s*')}", ['a', 'b', 'c']],
  ["${'x1y1'.replaceFirst('\\\\d', '-')}", 'x-y1'],
  ["${name.compareTo('Bob')}", -1],
  ["${name.indexOf('a', 1)}", 2],
  ['${list.subList(1, 3)}', [2, 'three']],
  ['${order.customer.tags.containsAll(order.customer.tags)}', true],
  // text and templates
  ['plain text', 'plain text'],
  ['', ''],
  ['a-${n}-b', 'a-7-b'],
  ['${name}${n}', 'Ada7'],
  ['#{n}', 7],
  ['${n}', 7],
  [' ${n}', ' 7'],
  ['x${nothing}y', 'xy'],
  ['${order.customer.tags}!', '["vip","eu"]!'],
  ['\\${n}', '${n}'],
  ['cost: $5 {n}', 'cost: $5 {n}'],
  // literals
  ['${1}', 1],
  ['${1.5e3}', 1500],
  ['${.5}', 0.5],
  ["${'a\\'b'}", "a'b"],
  ['${"a\\\\b"}', 'a\\b'],
  ["${'}'}", '}'],
  ['${true}', true],
  ['${null}', null],
  // arithmetic
  ['${1 + 2 * 3}', 7],
  ['${(1 + 2) * 3}', 9],
  ['${7 / 2}', 3.5],
  ['${7 div 2}', 3.5],
  ['${7 mod 4}', 3],
  ['${7 % 4}', 3],
  ['${10 - 2 - 3}', 5],
  ['${-n}', -7],
  ['${- -n}', 7],
  ['${nothing + 1}', 1],
  ['${numeric + 1}', 13],
  ["${'' + 1}", 1],
  ['${n * half}', 3.5],
  // comparison
  ['${n == 7}', true],
  ["${n == '7'}", true],
  ['${numeric == 12}', true],
  ['${n eq 7 and n ne 8}', true],
  ['${n lt 8 && n le 7 && n gt 6 && n ge 7}', true],
  ['${n < 7 || n > 7}', false],
  ['${n <= 7}', true],
  ['${n != 7}', false],
  ["${'b' > 'a'}", true],
  ["${'10' < '9'}", true],
  ["${'10' < 9}", false],
  ['${nothing == null}', true],
  ['${nothing == 0}', false],
  ['${nothing < 1}', false],
  ['${nothing >= nothing}', true],
  ["${yes == 'true'}", true],
  ['${list == list}', true],
  ['${order.customer.tags == order["customer"]["tags"]}', true],
  // logic
  ['${yes && !no}', true],
  ['${yes and not no}', true],
  ['${no || yes}', true],
  ['${no or no}', false],
  ['${no && missing}', false],
  ['${yes || missing}', true],
  ['${!nothing}', true],
  ["${!'TRUE'}", false],
  ['${yes || no && no}', true],
  // empty and ternary
  ['${empty nothing}', true],
  ['${empty blank}', true],
  ['${empty none}', true],
  ['${empty emptyMap}', true],
  ['${empty list}', false],
  ['${not empty name}', true],
  ['${!empty name && n == 7}', true],
  ["${n > 5 ? 'big' : 'small'}", 'big'],
  ["${n > 9 ? 'a' : n > 5 ? 'b' : 'c'}", 'b'],
  // members
  ['${order.total}', 120],
  ['${order.customer.name}', 'Bob'],
  ["${order['first item']}", 'x'],
  ['${order.customer.tags[1]}', 'eu'],
  ["${order['customer'].name}", 'Bob'],
  ['${list[0]}', 1],
  ["${list['1']}", 2],
  ['${list[9]}', null],
  ['${list[-1]}', null],
  ['${order.absent}', null],
  ['${order.absent.deeper}', null],
  ['${nothing.x}', null],
  ['${order.size}', 'large'],
  // methods
  ['${list.size()}', 4],
  ['${none.isEmpty()}', true],
  ["${list.contains('three')}", true],
  ["${list.contains('3')}", false],
  ['${list.get(1)}', 2],
  ['${list.indexOf(2)}', 1],
  ['${order.size()}', 4],
  ["${order.get('total')}", 120],
  ["${order.getOrDefault('absent', 5)}", 5],
  ["${order.containsKey('total')}", true],
  ['${order.customer.keys()}', ['name', 'tags']],
  ['${order.prop("customer").prop("name").stringValue()}', 'Bob'],
  ['${order.prop("total").numberValue() > 100}', true],
  ['${name.length()}', 3],
  ["${name.equals('Ada')}", true],
  ["${name.equalsIgnoreCase('ADA')}", true],
  ["${name.contains('d')}", true],
  ["${name.startsWith('A') && name.endsWith('a')}", true],
  ['${name.toUpperCase()}', 'ADA'],
  ['${name.toLowerCase()}', 'ada'],
  ["${' x '.trim()}", 'x'],
  ['${name.substring(1)}', 'da'],
  ['${name.substring(0, 1)}', 'A'],
  ["${name.indexOf('z')}", -1],
  ["${name.replace('a', '$&')}", 'Ad$&'],
  ["${'a,b,,'.split(',')}", ['a', 'b']],
  ["${name.concat('!')}", 'Ada!'],
  ["${name.matches('[A-Z][a-z]+')}", true],
  ["${name.matches('[a-z]+')}", false],
  ["${name.replaceAll('[a-d]', '<$&>')}", 'A<d><a>'],
  ['${n.toString()}', '7'],
  ['${half.intValue()}', 0],
  // execution
  ['${execution.processInstanceId}', 'p1'],
  ['${execution.getProcessInstanceId()}', 'p1'],
  ['${execution.businessKey}', 'order-1'],
  ['${execution.processBusinessKey}', 'order-1'],
  ['${execution.getBusinessKey()}', 'order-1'],
  ['${execution.currentActivityId}', 'Task_1'],
  ['${execution.tenantId}', null],
  ["${execution.getVariable('n') + 1}", 8],
  ["${execution.getVariable('missing')}", null],
  ["${execution.hasVariable('n')}", true],
  ["${execution.hasVariable('missing')}", false],
  ["${execution.getVariable('with-dash')}", 1],
  ['${task.name}', 'Check order'],
  // dates: plusDays keeps the wall clock over the change to summer time, plusHours does not
  ['${now()}', '2026-03-28T11:00:00.000+01:00'],
  ['${dateTime().plusDays(1).toDate()}', '2026-03-29T11:00:00.000+02:00'],
  ['${dateTime().plusHours(24)}', '2026-03-29T12:00:00.000+02:00'],
  ['${dateTime().minusMinutes(30).toDate()}', '2026-03-28T10:30:00.000+01:00'],
  ['${dateTime().plusWeeks(n)}', '2026-05-16T11:00:00.000+02:00'],
  ['${now().getTime()}', Date.UTC(2026, 2, 28, 10, 0, 0)],
  ['${dateTime() < dateTime().plusSeconds(1)}', true],
  ['at ${now()}', 'at 2026-03-28T11:00:00.000+01:00'],
];

const FAILURES: readonly (readonly [text: string, message: RegExp])[] = [
  ['${missing}', /^Unknown property used in expression: \$\{missing\}\. Cause: Cannot resolve identifier 'missing'$/],
  ['a ${missing.x} b', /Cannot resolve identifier 'missing'/],
  ['${empty missing}', /Cannot resolve identifier 'missing'/],
  ['${myBean.run()}', /Cannot resolve identifier 'myBean'/],
  ['${yes && missing}', /Cannot resolve identifier 'missing'/],
  ["${name + 'x'}", /Cannot coerce string 'Ada' to number/],
  ["${n == 'abc'}", /Cannot coerce string 'abc' to number/],
  ['${yes + 1}', /Cannot coerce boolean to number/],
  ['${n && true}', /Cannot coerce number to boolean/],
  ['${list < order}', /Cannot compare list with map/],
  ['${1 / 0}', /Division by zero/],
  ['${1 % 0}', /Division by zero/],
  ['${1e308 * 10}', /not a finite number/],
  ['${name.size}', /Cannot find property size in a string/],
  ['${nothing.size()}', /value before it is null/],
  ['${list.get(9)}', /Index 9 is out of range/],
  ['${name.substring(2, 1)}', /out of range/],
  ['${list.size(1)}', /takes 0 argument\(s\), not 1/],
  ['${list.add(1)}', /'add' is not available on a list/],
  ["${name.matches('(a+)+')}", /could take too long/],
  ["${name.matches('[')}", /not a regular expression/],
  ["${name.split('|')}", /has a meaning of its own: write/],
  ["${name.split('')}", /needs a separator/],
  ["${execution.setVariable('n', 1)}", /only in a listener or in a task/],
  ['${execution}', /name one of its properties/],
  ['${execution.engineServices}', /Cannot find property engineServices/],
  ['${currentUser(1)}', /takes no arguments/],
  ['${S()}', /takes one argument/],
  ["${S('no json')}", /The text is no JSON/],
  [`\${S('${'['.repeat(65)}${']'.repeat(65)}')}`, /nested deeper than 64 levels/],
  ["${S('<a/>')}", /XML cannot be taken apart/],
  ["${JSON(json).prop('none')}", /Unable to find 'none'/],
  ["${JSON(json).jsonPath('$.a[?(@.x)]')}", /name one place/],
  ["${JSON(json).jsonPath('$.none')}", /leads nowhere/],
  ['${execution.setVariables(n)}', /map of variables/],
  ["${execution.removeVariable('n')}", /only in a listener or in a task/],
  ["${task.setAssignee('ada')}", /only in a listener of the task/],
  ['${task.complete()}', /'complete' is not available on a task/],
  ["${dateTime().toString('EEEE')}", /as numbers/],
  ['${dateTime().withDayOfMonth(30).withMonthOfYear(2)}', /There is no such date/],
  ['${due < n}', /Cannot coerce string/],
  ['${dateTime(1)}', /takes no arguments/],
  ['${dateTime().plusDays(1.5)}', /whole number/],
  ['${dateTime().plusYears(9999999)}', /./],
  // syntax
  ['${n', /position 4: missing '\}'/],
  ['${}', /position 3: unexpected the closing '\}'/],
  ['${1 +}', /position 6: unexpected the closing '\}'/],
  ['${1 2}', /position 5: unexpected '2'/],
  ['${a = 1}', /position 5: unexpected '='; '==' compares/],
  ["${'open}", /position 3: the string is not closed/],
  ["${'a\\n'}", /may follow a backslash/],
  ['${list[1}', /expected '\]', found the closing/],
  ['${a.1}', /./],
  ['${(1}', /expected '\)'/],
  ['${yes ? 1}', /expected ':'/],
  ['${a;b}', /unexpected ';'/],
  ['${{}}', /unexpected '\{'/],
  // attempts to reach the host
  ["${''.constructor}", /Cannot find property constructor in a string/],
  ["${''.constructor.constructor('return 1')()}", /unexpected '\('/],
  ["${name.constructor('x')}", /'constructor' is not available on a string/],
  ['${list.constructor.name}', /not a whole number|Cannot coerce/],
  ['${list.map(1)}', /'map' is not available/],
  ["${order.constructor('x')}", /'constructor' is not available on a map/],
  ['${order.toString.call(1)}', /value before it is null/],
  ['${constructor}', /Cannot resolve identifier 'constructor'/],
  ['${__proto__}', /Cannot resolve identifier '__proto__'/],
  ['${globalThis.process}', /Cannot resolve identifier 'globalThis'/],
  ['${this}', /Cannot resolve identifier 'this'/],
  ["${''.getClass().forName('java.lang.Runtime')}", /'getClass' is not available/],
  ['${execution.constructor}', /Cannot find property constructor/],
  ["${execution.__defineGetter__('x', 1)}", /is not available on a execution/],
  ['${now().zone}', /Cannot find property zone in a date/],
  ['${now().constructor()}', /'constructor' is not available on a date/],
  ['${process.exit(1)}', /Cannot resolve identifier 'process'/],
  ["${require('fs')}", /'require' is not available/],
];

/** Names that exist on every JavaScript object are absent entries here, not the host's. */
const ABSENT = [
  '${order.constructor}',
  '${order.__proto__}',
  "${order['__proto__']}",
  '${order.hasOwnProperty}',
  '${order.toString}',
  "${order.get('constructor')}",
  '${order.constructor.constructor}',
  "${execution.getVariable('__proto__')}",
  "${execution.getVariable('toString')}",
];

describe('JUEL', () => {
  for (const [text, value] of VALUES.filter(([text]) => !text.includes("''s"))) {
    test(`${text} is ${JSON.stringify(value)}`, () => assert.deepEqual(juel(text), { ok: true, value }));
  }
  for (const [text, message] of FAILURES) {
    test(`${text} fails`, () => {
      const result = juel(text);
      assert.equal(result.ok, false, JSON.stringify(result));
      if (!result.ok) assert.match(result.message, message);
    });
  }
  for (const text of ABSENT) {
    test(`${text} is absent`, () => assert.deepEqual(juel(text), { ok: true, value: null }));
  }

  test('an own entry called __proto__ is an entry like any other', () => {
    variables['odd'] = JSON.parse('{"__proto__": {"a": 1}}') as Json;
    assert.deepEqual(juel('${odd.__proto__.a}'), { ok: true, value: 1 });
  });

  test('a literal is its text, even with ${…} inside', () => {
    assert.deepEqual(evaluate({ language: 'literal', text: '${n}' }, context), { ok: true, value: '${n}' });
  });

  test('text longer than 64 KB is refused', () => {
    const result = juel(`\${'${'x'.repeat(70_000)}'}`);
    assert.ok(!result.ok && /longer than 65536/.test(result.message));
  });

  test('nesting deeper than 100 levels is refused with its position, not by exhausting the stack', () => {
    for (const deep of ['('.repeat(5000), '!'.repeat(1900), '-'.repeat(1900), 'a['.repeat(900), '1?'.repeat(900)]) {
      const result = juel(`\${${deep}}`);
      assert.ok(!result.ok && /nested more than 100|more than 2000/.test(result.message), deep.slice(0, 3));
    }
    assert.deepEqual(juel(`\${${'('.repeat(90)}n${')'.repeat(90)}}`), { ok: true, value: 7 });
  });

  test('a long chain of operators is evaluated, a longer one is refused', () => {
    assert.deepEqual(juel(`\${0${'+1'.repeat(900)}}`), { ok: true, value: 900 });
    const result = juel(`\${0${'+1'.repeat(30_000)}}`);
    assert.ok(!result.ok && /more than 2000/.test(result.message));
  });

  test('text cannot be grown without bound', () => {
    const grow = ".replace('x', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')".repeat(8);
    const result = juel(`\${'x'${grow}}`);
    assert.ok(!result.ok && /grows beyond/.test(result.message));
  });

  test('the deploy check reports syntax and unknown functions, but not variables that come later', () => {
    assert.equal(checkExpression({ language: 'juel', text: '${notYetThere > 1}' }), undefined);
    assert.match(checkExpression({ language: 'juel', text: '${1 +}' }) ?? '', /position 6/);
    assert.match(checkExpression({ language: 'juel', text: '${foo()}' }) ?? '', /'foo' is not available/);
    assert.equal(checkExpression({ language: 'literal', text: '${' }), undefined);
  });

  test('without an execution its name is unknown', () => {
    const { execution: _, ...bare } = context;
    const result = evaluate({ language: 'juel', text: '${execution.id}' }, bare);
    assert.ok(!result.ok && /Cannot resolve identifier 'execution'/.test(result.message));
  });

  test('a lookup that throws becomes a failure', () => {
    const broken: EvaluationContext = {
      ...context,
      lookup: () => {
        throw new Error('no store');
      },
    };
    assert.deepEqual(evaluate({ language: 'juel', text: '${n}' }, broken), { ok: false, message: 'no store' });
  });
});
