/** Stories of reading and evaluating decisions: hit policies, boxed expressions, both vendors' habits, and what is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../values.ts';
import { type DecisionOutcome, evaluateDecision } from './evaluate.ts';
import type { DecisionModel } from './model.ts';
import { readDecisions } from './read.ts';
import { mapResult } from './results.ts';

const DMN_13 = 'https://www.omg.org/spec/DMN/20191111/MODEL/';

function definitions(content: string, namespace: string = DMN_13): string {
  return `<definitions xmlns="${namespace}" xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="file" name="File" namespace="here">\n${content}\n</definitions>`;
}

function read(content: string, namespace?: string): DecisionModel {
  const { model, problems } = readDecisions(definitions(content, namespace));
  assert.ok(model !== undefined, JSON.stringify(problems));
  return model;
}

function run(
  model: DecisionModel,
  id: string,
  input: Readonly<Record<string, Json>> = {},
  strict = false,
): DecisionOutcome {
  return evaluateDecision(model, id, {
    now: Date.UTC(2026, 0, 1),
    zone: 'UTC',
    lookup: (name) => input[name],
    names: () => Object.keys(input),
    strict,
  });
}

function value(model: DecisionModel, id: string, input: Readonly<Record<string, Json>> = {}): Json {
  const outcome = run(model, id, input);
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.message);
  return outcome.value;
}

/** Rules `x >= 1 → a`, `x >= 2 → b`, `x >= 3 → c` with the given outputs. */
function table(attributes: string, outputs: readonly string[], output = '<output id="o" name="out" />'): DecisionModel {
  const rules = outputs.map(
    (text, index) =>
      `<rule id="r${index}"><inputEntry id="i${index}"><text>&gt;= ${index + 1}</text></inputEntry><outputEntry id="o${index}"><text>${text}</text></outputEntry></rule>`,
  );
  return read(
    `<decision id="d" name="D"><decisionTable id="t" ${attributes}><input id="i"><inputExpression id="e"><text>x</text></inputExpression></input>${output}${rules.join('')}</decisionTable></decision>`,
  );
}

const literal = (text: string) => `<literalExpression><text>${text}</text></literalExpression>`;
const decision = (id: string, logic: string, requires = '') =>
  `<decision id="${id}" name="${id}">${requires}${logic}</decision>`;

describe('hit policies', () => {
  const priorities = '<output id="o" name="out"><outputValues><text>"c","a","b"</text></outputValues></output>';

  it('unique: the one rule that matches; several are a null that says why', () => {
    const unique = table('hitPolicy="UNIQUE"', ['"a"', '"b"']);
    assert.equal(value(unique, 'd', { x: 1 }), 'a');
    const outcome = run(unique, 'd', { x: 2 });
    assert.ok(outcome.ok);
    assert.equal(outcome.value, null);
    assert.deepEqual(outcome.warnings, ['rules 1, 2 match, and the hit policy is unique']);
  });

  it('first, any, priority: one value', () => {
    assert.equal(value(table('hitPolicy="FIRST"', ['"a"', '"b"']), 'd', { x: 9 }), 'a');
    assert.equal(value(table('hitPolicy="ANY"', ['"a"', '"a"']), 'd', { x: 9 }), 'a');
    assert.equal(value(table('hitPolicy="ANY"', ['"a"', '"b"']), 'd', { x: 9 }), null);
    assert.equal(value(table('hitPolicy="PRIORITY"', ['"a"', '"b"', '"c"'], priorities), 'd', { x: 9 }), 'c');
  });

  it('rule order, output order, collect: lists', () => {
    assert.deepEqual(value(table('hitPolicy="RULE ORDER"', ['"a"', '"b"', '"c"']), 'd', { x: 2 }), ['a', 'b']);
    assert.deepEqual(value(table('hitPolicy="OUTPUT ORDER"', ['"a"', '"b"', '"c"'], priorities), 'd', { x: 9 }), [
      'c',
      'a',
      'b',
    ]);
    assert.deepEqual(value(table('hitPolicy="COLLECT"', ['1', '2']), 'd', { x: 0 }), []);
  });

  for (const [aggregation, result] of [
    ['SUM', 6],
    ['MIN', 1],
    ['MAX', 3],
    ['COUNT', 3],
  ] as const) {
    it(`collect with ${aggregation}`, () => {
      assert.equal(
        value(table(`hitPolicy="COLLECT" aggregation="${aggregation}"`, ['1', '2', '3']), 'd', { x: 9 }),
        result,
      );
    });
  }

  it('a default output stands in when no rule matches', () => {
    const output = '<output id="o" name="out"><defaultOutputEntry><text>"none"</text></defaultOutputEntry></output>';
    assert.equal(value(table('hitPolicy="UNIQUE"', ['"a"'], output), 'd', { x: 0 }), 'none');
  });

  it('an input that is not among the allowed values is a null that says so', () => {
    const model = read(
      decision(
        'd',
        '<decisionTable id="t"><input id="i" label="Colour"><inputExpression id="e"><text>colour</text></inputExpression><inputValues><text>"red"</text></inputValues></input><output id="o" /><rule id="r"><inputEntry id="a"><text>-</text></inputEntry><outputEntry id="b"><text>1</text></outputEntry></rule></decisionTable>',
      ),
    );
    assert.equal(value(model, 'd', { colour: 'red' }), 1);
    const outcome = run(model, 'd', { colour: 'blue' });
    assert.ok(outcome.ok);
    assert.match(outcome.warnings[0] ?? '', /input "Colour" has a value that is not among the allowed ones: "blue"/);
  });
});

describe('boxed expressions', () => {
  it('contexts, lists, relations, conditionals, filters and iterators', () => {
    const entry = (name: string, text: string) =>
      `<contextEntry><variable name="${name}" />${literal(text)}</contextEntry>`;
    const model = read(
      [
        decision(
          'context',
          `<context>${entry('a', '2')}${entry('b', 'a * 3')}<contextEntry>${literal('a + b')}</contextEntry></context>`,
        ),
        decision('list', `<list>${literal('1')}${literal('1 + 1')}</list>`),
        decision(
          'relation',
          `<relation><column name="n" /><column name="m" /><row>${literal('1')}${literal('"x"')}</row></relation>`,
        ),
        decision(
          'conditional',
          `<conditional><if>${literal('x &gt; 1')}</if><then>${literal('"big"')}</then><else>${literal('"small"')}</else></conditional>`,
        ),
        decision('filter', `<filter><in>${literal('[1,2,3]')}</in><match>${literal('item &gt; 1')}</match></filter>`),
        decision(
          'for',
          `<for iteratorVariable="i"><in>${literal('[1,2]')}</in><return>${literal('i * 10')}</return></for>`,
        ),
        decision(
          'every',
          `<every iteratorVariable="i"><in>${literal('[1,2]')}</in><satisfies>${literal('i &gt; 1')}</satisfies></every>`,
        ),
      ].join(''),
    );
    assert.deepEqual(
      model.decisions.map(({ id }) => value(model, id, { x: 2 })),
      [8, [1, 2], [{ n: 1, m: 'x' }], 'big', [2, 3], [10, 20], false],
    );
  });

  it('business knowledge is a function, called by an invocation or in FEEL', () => {
    const model = read(
      `<businessKnowledgeModel id="bkm" name="double it"><encapsulatedLogic><formalParameter name="the number" />${literal('the number * 2')}</encapsulatedLogic></businessKnowledgeModel>` +
        decision(
          'called',
          `<invocation>${literal('double it')}<binding><parameter name="the number" />${literal('21')}</binding></invocation>`,
          '<knowledgeRequirement><requiredKnowledge href="#bkm" /></knowledgeRequirement>',
        ) +
        decision(
          'inFeel',
          literal('double it(4)'),
          '<knowledgeRequirement><requiredKnowledge href="#bkm" /></knowledgeRequirement>',
        ),
    );
    assert.deepEqual([value(model, 'called'), value(model, 'inFeel')], [42, 8]);
  });

  it('a decision that calls itself without end fails, and does not hang', () => {
    const model = read(
      `<businessKnowledgeModel id="bkm" name="f"><encapsulatedLogic><formalParameter name="n" /><invocation>${literal('f')}<binding><parameter name="n" />${literal('n')}</binding></invocation></encapsulatedLogic><knowledgeRequirement><requiredKnowledge href="#other" /></knowledgeRequirement></businessKnowledgeModel><businessKnowledgeModel id="other" name="g" />` +
        decision(
          'd',
          literal('f(1)'),
          '<knowledgeRequirement><requiredKnowledge href="#bkm" /></knowledgeRequirement>',
        ),
    );
    const outcome = run(model, 'd');
    assert.ok(!outcome.ok || outcome.value === null);
  });
});

describe('strict mode', () => {
  it('a null that came from something wrong fails with the reason', () => {
    const model = read(decision('d', literal('1 + "a"')));
    const outcome = run(model, 'd', {}, true);
    assert.ok(!outcome.ok);
    assert.match(outcome.message, /1 \+ "a"/);
  });
});

describe('files', () => {
  for (const namespace of [
    'http://www.omg.org/spec/DMN/20151101/dmn.xsd',
    'http://www.omg.org/spec/DMN/20180521/MODEL/',
    'https://www.omg.org/spec/DMN/20191111/MODEL/',
    'https://www.omg.org/spec/DMN/20211108/MODEL/',
    'https://www.omg.org/spec/DMN/20230324/MODEL/',
  ]) {
    it(`of ${namespace} are read`, () => {
      assert.equal(value(read(decision('d', literal('1')), namespace), 'd'), 1);
    });
  }

  it('of Camunda 7 may use JUEL and name their inputs', () => {
    const model = read(
      decision(
        'd',
        '<decisionTable id="t"><input id="i" camunda:inputVariable="sum"><inputExpression id="e" expressionLanguage="juel"><text>${amount * 2}</text></inputExpression></input><output id="o" name="out" /><rule id="r"><inputEntry id="a" expressionLanguage="juel"><text>${sum &gt; 10}</text></inputEntry><outputEntry id="b" expressionLanguage="juel"><text>${amount}</text></outputEntry></rule></decisionTable>',
      ),
    );
    assert.equal(value(model, 'd', { amount: 6 }), 6);
    assert.equal(value(model, 'd', { amount: 5 }), null);
  });

  it('that are no DMN, or carry a DOCTYPE, are refused', () => {
    const rules = (xml: string) => readDecisions(xml).problems.map(({ rule }) => rule);
    assert.deepEqual(rules('<definitions xmlns="urn:else" />'), ['not-dmn']);
    assert.deepEqual(rules(`<!DOCTYPE definitions>${definitions('')}`), ['doctype']);
    assert.deepEqual(rules('<definitions'), ['malformed-xml']);
  });

  it('all problems come at once, each with its line', () => {
    const content = [
      decision('a', literal('1'), '<informationRequirement><requiredDecision href="#b" /></informationRequirement>'),
      decision('b', literal('1'), '<informationRequirement><requiredDecision href="#a" /></informationRequirement>'),
      decision(
        'c',
        literal('(1'),
        '<informationRequirement><requiredInput href="#nothing" /></informationRequirement>',
      ),
      decision(
        'c',
        '<decisionTable id="t" hitPolicy="MAYBE"><input id="i"><inputExpression id="e" expressionLanguage="groovy"><text>x</text></inputExpression></input><output id="o" /><rule id="r"><outputEntry id="b"><text>1</text></outputEntry></rule></decisionTable>',
      ),
    ].join('\n');
    const { model, problems } = readDecisions(definitions(content));
    assert.equal(model, undefined);
    assert.deepEqual(
      problems.map(({ line, rule }) => `${line} ${rule}`).toSorted(),
      [
        '2 decision-cycle',
        '4 decision-syntax',
        '4 unresolved-reference',
        '5 decision-language',
        '5 decision-table',
        '5 duplicate-id',
        '5 duplicate-name',
        '5 hit-policy',
      ].toSorted(),
    );
  });
});

describe('results as Camunda 7 maps them', () => {
  const model = table('hitPolicy="COLLECT"', ['1', '2']);

  it('by how many rules and outputs there are', () => {
    const map = (value: Json, how: Parameters<typeof mapResult>[3], hits = 0, of = model) =>
      mapResult(of, 'd', { value, hits }, how);
    assert.deepEqual(map([1, 2], 'resultList'), { ok: true, value: [{ out: 1 }, { out: 2 }] });
    assert.deepEqual(map([1, 2], 'collectEntries'), { ok: true, value: [1, 2] });
    assert.deepEqual(map([1], 'singleResult'), { ok: true, value: { out: 1 } });
    assert.deepEqual(map([1], 'singleEntry'), { ok: true, value: 1 });
    assert.deepEqual(map([], 'singleEntry'), { ok: true, value: null });
    assert.equal(map([1, 2], 'singleEntry').ok, false);
    const unique = table('', ['1']);
    assert.deepEqual(map(null, 'resultList', 0, unique), { ok: true, value: [] });
    assert.deepEqual(map(null, 'resultList', 1, unique), { ok: true, value: [{ out: null }] });
    assert.deepEqual(map(null, 'singleResult', 1, unique), { ok: true, value: { out: null } });
    assert.deepEqual(map(null, 'resultList', 2, unique), { ok: true, value: [] });
  });
});
