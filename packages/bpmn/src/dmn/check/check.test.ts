/** Stories of the deploy check of decisions: each says which element is wrong, and what about it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Problem } from '../../model.ts';
import { readDecisions } from '../read.ts';
import { checkImports, withImports } from './imports.ts';

const DMN = 'https://www.omg.org/spec/DMN/20191111/MODEL/';

function file(namespace: string, ...content: string[]): string {
  return `<definitions xmlns="${DMN}" id="file" name="File" namespace="${namespace}">\n${content.join('\n')}\n</definitions>`;
}

function problems(...content: string[]): readonly Problem[] {
  return readDecisions(file('here', ...content)).problems;
}

/** `severity rule element: message` of the only problem. */
function only(found: readonly Problem[]): string {
  assert.equal(found.length, 1, JSON.stringify(found));
  const [{ severity, rule, elementId, message }] = found as [Problem];
  return `${severity} ${rule} ${elementId}: ${message}`;
}

const literal = (text = '1') => `<literalExpression><text>${text}</text></literalExpression>`;
const decision = (id: string, requires: string, logic = literal()) =>
  `<decision id="${id}" name="${id.toUpperCase()}">${requires}${logic}</decision>`;
const needs = (id: string) => `<informationRequirement><requiredDecision href="#${id}" /></informationRequirement>`;
const knows = (id: string) => `<knowledgeRequirement><requiredKnowledge href="#${id}" /></knowledgeRequirement>`;
const knowledge = (id: string, requires = '') =>
  `<businessKnowledgeModel id="${id}" name="${id.toUpperCase()}"><encapsulatedLogic>${literal()}</encapsulatedLogic>${requires}</businessKnowledgeModel>`;
const service = (id: string, content: string) =>
  `<decisionService id="${id}" name="${id.toUpperCase()}">${content}</decisionService>`;

describe('requirements of decisions', () => {
  for (const [what, content, expected] of [
    [
      'a decision that requires what is not there',
      [decision('a', '<informationRequirement><requiredInput href="#x" /></informationRequirement>')],
      'error unresolved-reference a: Decision "A" requires "x" (requiredInput), which is not in this file: add it or correct the reference.',
    ],
    [
      'a knowledge model that requires what is not there',
      [knowledge('k', knows('x'))],
      'error unresolved-reference k: Knowledge model "K" requires "x" (requiredKnowledge), which is not in this file: add it or correct the reference.',
    ],
    [
      'a decision service with an output that is not there',
      [service('s', '<outputDecision href="#x" />')],
      'error unresolved-reference s: Decision service "S" requires "x" (outputDecision), which is not in this file: add it or correct the reference.',
    ],
    [
      'a decision service that gives out a knowledge model',
      [service('s', '<outputDecision href="#k" />'), knowledge('k')],
      'error unresolved-reference s: Decision service "S" requires the knowledge model "K" as outputDecision, which takes a decision: correct the reference.',
    ],
    [
      'a reference to a file that is not imported',
      [decision('a', '<informationRequirement><requiredDecision href="there#b" /></informationRequirement>')],
      'error unresolved-reference a: Decision "A" refers to "there#b" (requiredDecision), and no import has the namespace "there": import its file or correct the reference.',
    ],
    [
      'decisions that require each other',
      [decision('a', needs('b')), decision('b', needs('c')), decision('c', needs('b'))],
      'error decision-cycle b: Decision "B" requires itself (B → C → B): break the circle.',
    ],
    [
      'knowledge models that require each other',
      [knowledge('k', knows('l')), knowledge('l', knows('k'))],
      'error decision-cycle k: Knowledge model "K" requires itself (K → L → K): break the circle.',
    ],
    [
      'a service whose decision calls the service',
      [service('s', '<outputDecision href="#a" />'), decision('a', needs('b')), decision('b', knows('s'))],
      'error decision-cycle a: Decision "A" requires itself (A → B → S → A): break the circle.',
    ],
  ] as const)
    it(`${what}: named with the reference`, () => assert.equal(only(problems(...content)), expected));

  it('a reference with the namespace of its own file stays in the file', () => {
    const requires = '<informationRequirement><requiredDecision href="here#b" /></informationRequirement>';
    assert.deepEqual(problems(decision('a', requires), decision('b', '')), []);
  });

  it('an element that is named like a member of every object is no reference', () => {
    const odd = ['constructor', 'toString', '__proto__'].map((name) => `<${name} href="#x" />`).join('');
    assert.deepEqual(problems(decision('a', `<informationRequirement>${odd}</informationRequirement>`)), []);
  });

  it('what the caller of a service gives closes no circle', () => {
    const content = [
      service('s', '<outputDecision href="#a" /><inputDecision href="#b" />'),
      decision('a', needs('b')),
      decision('b', knows('s')),
    ];
    assert.deepEqual(problems(...content), []);
  });
});

describe('decision tables', () => {
  const table = (attributes: string, outputs: string, rules = '') =>
    decision(
      'd',
      '',
      `<decisionTable id="t" ${attributes}><input id="i"><inputExpression><text>x</text></inputExpression></input>${outputs}${rules}</decisionTable>`,
    );
  const one = '<output id="o" />';
  const two = '<output id="o" name="a" /><output id="p" name="b" />';
  for (const [what, content, expected] of [
    [
      'an unknown hit policy',
      table('hitPolicy="MAYBE"', one),
      'error hit-policy t: The hit policy MAYBE is not known: use one of UNIQUE, FIRST, PRIORITY, ANY, COLLECT, RULE ORDER, OUTPUT ORDER.',
    ],
    [
      'an unknown aggregation',
      table('hitPolicy="COLLECT" aggregation="MEAN"', one),
      'error hit-policy t: The aggregation MEAN is not known: use one of SUM, COUNT, MIN, MAX.',
    ],
    [
      'an aggregation of several outputs',
      table('hitPolicy="COLLECT" aggregation="SUM"', two),
      'error hit-policy t: The aggregation SUM takes one output, and the table has 2: make it a table for each, or remove the aggregation.',
    ],
    [
      'an aggregation without collecting',
      table('aggregation="SUM"', one),
      'warning setting-without-effect t: The aggregation SUM has no effect with the hit policy UNIQUE: use COLLECT or remove it.',
    ],
    [
      'a priority of nothing',
      table('hitPolicy="PRIORITY"', one),
      'error hit-policy t: The hit policy PRIORITY orders by the allowed values of the outputs, and none has any: list them in the order of their priority.',
    ],
    ['no output at all', table('', ''), 'error decision-table t: A table has no output: give it one.'],
    [
      'several outputs, one without a name',
      table('', '<output id="o" name="a" /><output id="p" />'),
      'error decision-table p: Output 2 of 2 has no name: the result is a context, so give each output one.',
    ],
    [
      'two outputs of one name',
      table('', '<output id="o" name="a" /><output id="p" name="a" />'),
      'error duplicate-name p: Two outputs of a table are named "a": rename one.',
    ],
    [
      'a rule with too few cells',
      table('', one, '<rule id="r"><outputEntry><text>1</text></outputEntry></rule>'),
      'error decision-table r: Rule 1 has 0 input and 1 output entries, its table 1 inputs and 1 outputs: make them equal.',
    ],
  ] as const)
    it(what, () => assert.equal(only(problems(content)), expected));

  it('without fault: a count of several outputs, and an order by the values of one of them', () => {
    assert.deepEqual(problems(table('hitPolicy="COLLECT" aggregation="COUNT"', two)), []);
    const values = '<output id="o" name="a"><outputValues><text>"x","y"</text></outputValues></output>';
    assert.deepEqual(problems(table('hitPolicy="OUTPUT ORDER"', values)), []);
  });
});

describe('names and types', () => {
  const item = (name: string, content = '<typeRef>string</typeRef>') =>
    `<itemDefinition name="${name}">${content}</itemDefinition>`;
  for (const [what, content, expected] of [
    [
      'two elements of one name',
      [decision('a', ''), '<inputData id="i" name="A" />'],
      'warning duplicate-name i: Two elements of the file are named "A": what requires both sees only one of them; rename one.',
    ],
    [
      'two item definitions of one name',
      [item('t'), item('t')],
      'error duplicate-name file: Two item definitions are named "t": rename one.',
    ],
    [
      'two entries of a context of one name',
      [
        decision(
          'a',
          '',
          `<context>${`<contextEntry><variable name="x" />${literal()}</contextEntry>`.repeat(2)}</context>`,
        ),
      ],
      'error duplicate-name a: Two entries of a context are named "x": rename one.',
    ],
    [
      'a type that nothing defines, of a variable',
      [decision('a', '<variable name="a" typeRef="tPrice" />')],
      'warning unknown-type a: The type "tPrice" is none of FEEL\'s, and no item definition has this name: its values are not checked; define it or correct the name.',
    ],
    [
      'a type that nothing defines, of an item definition',
      [item('t', '<typeRef>strnig</typeRef>')],
      'warning unknown-type file: The type "strnig" is none of FEEL\'s, and no item definition has this name: its values are not checked; define it or correct the name.',
    ],
  ] as const)
    it(what, () => assert.equal(only(problems(...content)), expected));

  it('types of FEEL, of Camunda 7, of the file and of imports are known', () => {
    const types = [
      'number',
      'feel:string',
      'date and time',
      'dateTime',
      'integer',
      'long',
      't',
      'Any',
      'list<number>',
      'lib.tPrice',
    ];
    const decisions = types.map((type, index) =>
      decision(`d${index}`, `<variable name="v${index}" typeRef="${type.replace('<', '&lt;')}" />`),
    );
    assert.deepEqual(problems('<import namespace="there" name="lib" />', item('t'), ...decisions), []);
  });
});

describe('imports between the files of a deployment', () => {
  function models(...files: string[]) {
    return files.map((xml, index) => {
      const { model, problems: found } = readDecisions(xml);
      assert.ok(model !== undefined, JSON.stringify(found));
      return { resourceName: `${'abc'[index]}.dmn`, model };
    });
  }
  const imports = (namespace: string) =>
    `<import id="im" namespace="${namespace}" name="${namespace}" importType="${DMN}" />`;
  const outside = (reference: string) =>
    `<informationRequirement><requiredDecision href="${reference}" /></informationRequirement>`;
  const check = (...files: string[]) =>
    checkImports(models(...files)).map(
      ({ resourceName, problem }) => `${resourceName}:${problem.line} ${problem.rule} ${problem.message}`,
    );

  it('are all there, or the file that is missing is named', () => {
    const a = file('A', imports('B'), decision('a', outside('B#b')));
    assert.deepEqual(check(a, file('B', decision('b', ''))), []);
    assert.deepEqual(check(a), [
      'a.dmn:2 missing-import The import "B" wants the file with the namespace B, which is not in this deployment: deploy both together.',
    ]);
    assert.deepEqual(check(a, file('B', decision('b', '')), file('B', decision('b', ''))), [
      'a.dmn:2 missing-import The import "B" wants the file with the namespace B, and there are 2 (b.dmn, c.dmn): give each its own namespace.',
    ]);
  });

  it('lead to elements that are there', () => {
    assert.deepEqual(check(file('A', imports('B'), decision('a', outside('B#x'))), file('B', decision('b', ''))), [
      'a.dmn:3 unresolved-reference Decision "A" requires "x" of b.dmn, which has no such element: add it or correct the reference.',
    ]);
  });

  it('close no circle', () => {
    const files = [
      file('A', imports('B'), decision('a', outside('B#b'))),
      file('B', imports('A'), decision('b', outside('A#a'))),
    ];
    assert.deepEqual(check(...files), [
      'a.dmn:3 decision-cycle "a" requires itself through other files (A (a.dmn) → B (b.dmn) → A (a.dmn)): break the circle.',
    ]);
  });

  it('of other kinds than decisions are no part of the model', () => {
    const schema = '<import namespace="urn:types" name="x" importType="http://www.w3.org/2001/XMLSchema" />';
    assert.deepEqual(check(file('A', schema, decision('a', ''))), []);
  });

  it('go with the model, also those of imports', () => {
    const [a, b, c] = withImports(
      models(
        file('A', imports('B'), decision('a', outside('B#b'))),
        file('B', imports('C'), decision('b', '')),
        file('C', knowledge('k')),
      ),
    );
    assert.deepEqual(
      a?.model.imported?.map(({ namespace }) => namespace),
      ['B', 'C'],
    );
    assert.deepEqual(
      b?.model.imported?.map(({ namespace }) => namespace),
      ['C'],
    );
    assert.equal(c?.model.imported, undefined);
  });
});
