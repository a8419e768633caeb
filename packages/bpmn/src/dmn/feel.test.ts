/** Stories of FEEL in decisions: names of the file, types and what fits them, functions, imports, bounds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../values.ts';
import { type DecisionOutcome, evaluateDecision } from './evaluate.ts';
import type { DecisionModel } from './model.ts';
import { readDecisions } from './read.ts';

const DMN = 'https://www.omg.org/spec/DMN/20230324/MODEL/';

function file(content: string, namespace = 'here'): string {
  return `<definitions xmlns="${DMN}" id="file" name="File" namespace="${namespace}">${content}</definitions>`;
}

function read(content: string, namespace?: string): DecisionModel {
  const { model, problems } = readDecisions(file(content, namespace));
  assert.ok(model !== undefined, JSON.stringify(problems));
  return model;
}

function run(
  model: DecisionModel,
  input: Readonly<Record<string, Json>> = {},
  imported: readonly DecisionModel[] = [],
): DecisionOutcome & { readonly ok: true } {
  const outcome = evaluateDecision(model, 'd', {
    now: Date.UTC(2026, 0, 1),
    zone: 'UTC',
    lookup: (name) => input[name],
    names: () => Object.keys(input),
    resolve: (namespace) => imported.find((one) => one.namespace === namespace),
  });
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.message);
  return outcome;
}

const literal = (text: string) => `<literalExpression><text><![CDATA[${text}]]></text></literalExpression>`;
const decision = (text: string, requires = '', attributes = '') =>
  `<decision id="d" name="d"><variable name="d" ${attributes} />${requires}${literal(text)}</decision>`;
const input = (id: string, name: string, typeRef: string) =>
  `<inputData id="${id}" name="${name}"><variable name="${name}" typeRef="${typeRef}" /></inputData>`;
const needs = (id: string) => `<informationRequirement><requiredInput href="#${id}" /></informationRequirement>`;
const knows = (id: string) => `<knowledgeRequirement><requiredKnowledge href="#${id}" /></knowledgeRequirement>`;
const ORDER = `<itemDefinition name="tOrder">
  <itemComponent name="item-count"><typeRef>number</typeRef></itemComponent>
  <itemComponent name="due"><typeRef>date</typeRef></itemComponent>
</itemDefinition>`;

describe('names of a file', () => {
  it('with operators are read as names: of inputs, and of components behind a dot', () => {
    const model = read(
      ORDER + input('i', 'Pre-bureau order', 'tOrder') + decision('Pre-bureau order.item-count + 1', needs('i')),
    );
    assert.equal(run(model, { 'Pre-bureau order': { 'item-count': 2, due: '2026-01-31' } }).value, 3);
  });

  it('an expression that cannot be read is refused with the position', () => {
    const { problems } = readDecisions(file(decision('x > 1 and')));
    assert.deepEqual(
      problems.map(({ rule, message }) => `${rule}: ${message}`),
      [
        'decision-syntax: Syntax error in expression "x > 1 and" at position 10: the expression is incomplete; correct it.',
      ],
    );
  });
});

describe('types', () => {
  const model = read(ORDER + input('i', 'order', 'tOrder') + decision('order.due + duration("P1D")', needs('i')));

  it('text becomes a date where a component is one', () => {
    assert.equal(run(model, { order: { 'item-count': 1, due: '2026-01-31' } }).value, '2026-02-01');
  });

  it('a component that is left out is null, one of another type makes the input null', () => {
    const absent = run(model, { order: { due: '2026-01-31' } });
    assert.deepEqual([absent.value, absent.warnings], ['2026-02-01', []]);
    const wrong = run(model, { order: { 'item-count': 'two', due: '2026-01-31' } });
    assert.equal(wrong.value, null);
    assert.match(wrong.warnings[0] ?? '', /input "order" is a context that does not fit the type tOrder/);
  });

  it('a list of one and its element stand for each other', () => {
    const numbers = '<itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>';
    assert.deepEqual(run(read(numbers + decision('5', '', 'typeRef="tNumbers"'))).value, [5]);
    assert.equal(run(read(decision('[5]', '', 'typeRef="number"'))).value, 5);
    assert.deepEqual(run(read(decision('5', '', 'typeRef="list&lt;number>"'))).value, [5]);
  });

  it('a value that is not among the allowed ones does not fit', () => {
    const colours =
      '<itemDefinition name="tColour"><typeRef>string</typeRef><allowedValues><text>"red", "green"</text></allowedValues></itemDefinition>';
    assert.equal(run(read(colours + decision('"red"', '', 'typeRef="tColour"'))).value, 'red');
    assert.equal(run(read(colours + decision('"blue"', '', 'typeRef="tColour"'))).value, null);
    assert.equal(run(read(colours + decision('"blue" instance of tColour'))).value, false);
  });

  it('of an imported file have the name of the import in front', () => {
    const library = read(
      '<itemDefinition name="tName"><typeRef>string</typeRef></itemDefinition><itemDefinition name="tPerson"><itemComponent name="name"><typeRef>tName</typeRef></itemComponent></itemDefinition>',
      'library',
    );
    const importing = (text: string) =>
      read(
        `<import namespace="library" name="lib" importType="${DMN}" />${decision(text, '', 'typeRef="lib.tPerson"')}`,
      );
    assert.deepEqual(run(importing('{name: "Ada"}'), {}, [library]).value, { name: 'Ada' });
    assert.equal(run(importing('{name: 5}'), {}, [library]).value, null);
  });
});

describe('functions', () => {
  it('in Java or PMML are null, and say so', () => {
    const external = `<businessKnowledgeModel id="k" name="cosine"><encapsulatedLogic kind="Java"><formalParameter name="angle" />${literal('{class: "java.lang.Math", method signature: "cos(double)"}')}</encapsulatedLogic></businessKnowledgeModel>`;
    const found = run(read(external + decision('cosine(1)', knows('k'))));
    assert.equal(found.value, null);
    assert.match(found.warnings[0] ?? '', /external functions \(Java, PMML\) are not evaluated here/);
    const inline = run(read(decision('(function(x) external {java: {class: "a", method signature: "b"}})(1)')));
    assert.deepEqual([inline.value, inline.warnings.length], [null, 1]);
  });

  it('a call with other arguments is null with a warning, not a failure', () => {
    const found = run(read(decision('substring("a")')));
    assert.equal(found.value, null);
    assert.match(found.warnings[0] ?? '', /'substring\("a"\)' calls a function that .* takes other arguments/);
  });
});

describe('bounds', () => {
  it('all expressions of an evaluation spend from one budget', () => {
    const knowledge = `<businessKnowledgeModel id="k" name="f"><encapsulatedLogic><formalParameter name="n" /><formalParameter name="list" />${literal('count(for i in list return i + n)')}</encapsulatedLogic></businessKnowledgeModel>`;
    const model = read(knowledge + decision('for i in list return f(i, list)', knows('k')));
    const list = Array.from({ length: 5_000 }, (_, index) => index);
    const outcome = evaluateDecision(model, 'd', {
      now: 0,
      zone: 'UTC',
      lookup: (name) => (name === 'list' ? list : undefined),
      names: () => ['list'],
    });
    assert.ok(!outcome.ok);
    assert.match(outcome.message, /more than 4000000 steps/);
  });
});
