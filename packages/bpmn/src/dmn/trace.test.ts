/** Stories of the trace: every decision on the way stands in it, in services and imported files too, with its own warnings. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateDecision } from './evaluate.ts';
import type { DecisionModel } from './model.ts';
import { readDecisions } from './read.ts';
import type { TracedDecision } from './trace.ts';

const DMN = 'https://www.omg.org/spec/DMN/20191111/MODEL/';

function read(namespace: string, ...content: string[]): DecisionModel {
  const xml = `<definitions xmlns="${DMN}" id="f" name="File ${namespace}" namespace="${namespace}">${content.join('\n')}</definitions>`;
  const { model, problems } = readDecisions(xml);
  assert.ok(model !== undefined, JSON.stringify(problems));
  return model;
}

function trace(model: DecisionModel, id: string, ...imported: DecisionModel[]): readonly TracedDecision[] {
  const outcome = evaluateDecision(model, id, {
    now: 0,
    zone: 'UTC',
    lookup: () => undefined,
    names: () => [],
    resolve: (namespace) => imported.find((one) => one.namespace === namespace),
  });
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.message);
  return outcome.trace as unknown as readonly TracedDecision[];
}

const decision = (id: string, text: string, requires = '') =>
  `<decision id="${id}" name="${id}">${requires}<literalExpression><text>${text}</text></literalExpression></decision>`;
const needs = (href: string) => `<informationRequirement><requiredDecision href="${href}" /></informationRequirement>`;
const knows = (href: string) => `<knowledgeRequirement><requiredKnowledge href="${href}" /></knowledgeRequirement>`;
const SERVICE =
  '<decisionService id="s" name="service"><outputDecision href="#inner" /><inputData href="#x" /></decisionService><inputData id="x" name="x" />';

describe('the trace of an evaluation', () => {
  it('has the decisions inside a decision service, with the name of the service', () => {
    const model = read('A', SERVICE, decision('inner', '2'), decision('outer', 'service(1) + 1', knows('#s')));
    assert.deepEqual(trace(model, 'outer'), [
      { decisionId: 'inner', name: 'inner', value: 2, service: 'service' },
      { decisionId: 'outer', name: 'outer', value: 3 },
    ]);
  });

  it('has the decisions of an imported file, with the name of its import', () => {
    const model = read(
      'A',
      `<import namespace="B" name="lib" importType="${DMN}" />`,
      decision('outer', 'lib.inner + 1', needs('B#inner')),
    );
    assert.deepEqual(trace(model, 'outer', read('B', decision('inner', '2'))), [
      { decisionId: 'inner', name: 'inner', value: 2, file: 'lib' },
      { decisionId: 'outer', name: 'outer', value: 3 },
    ]);
  });

  it('gives each warning to the decision that it is about', () => {
    const model = read('A', decision('inner', '1 + "a"'), decision('outer', '2 - "b"', needs('#inner')));
    const [inner, outer] = trace(model, 'outer');
    assert.equal(inner?.warnings?.length, 1);
    assert.match(inner?.warnings?.[0] ?? '', /1 \+ "a"/);
    assert.ok(outer?.warnings?.every((warning) => warning.includes('2 - "b"')));
  });

  it('lists a service that is called for every element of a long list up to a bound, and says how many are left out', () => {
    const model = read(
      'A',
      SERVICE,
      decision('inner', '2'),
      decision('outer', 'count(for i in 1..1100 return service(i))', knows('#s')),
    );
    const all = trace(model, 'outer');
    assert.equal(all.length, 1001);
    assert.deepEqual(all.at(-1), { decisionId: 'outer', name: 'outer', value: 1100, omitted: 100 });
  });
});
