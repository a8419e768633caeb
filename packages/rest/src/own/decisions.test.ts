/** Decisions on our own face: their versions, what was evaluated and why, and what somebody should know. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CheckReport, DecisionDetail, DecisionList, EvaluationList, ProcessDetail } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const DMN = 'https://www.omg.org/spec/DMN/20191111/MODEL/';
const dmn = (namespace: string, content: string) =>
  `<definitions xmlns="${DMN}" id="f" name="f" namespace="${namespace}">${content}</definitions>`;
const rule = (from: number, result: string) =>
  `<rule id="from-${from}"><inputEntry id="i${from}"><text>&gt;= ${from}</text></inputEntry><outputEntry id="o${from}"><text>${result}</text></outputEntry></rule>`;
const DISCOUNT = dmn(
  'urn:discount',
  `<decision id="discount" name="Discount"><informationRequirement><requiredDecision href="#total" /></informationRequirement>
    <decisionTable id="t" hitPolicy="FIRST"><input id="in" label="Total"><inputExpression id="e"><text>total</text></inputExpression></input>
      <output id="out" />${rule(100, '0.1')}${rule(0, '0')}</decisionTable></decision>
  <decision id="total" name="total"><literalExpression><text>price * quantity</text></literalExpression></decision>`,
);
const ASKING = bpmn(
  'asking',
  '<bpmn:startEvent id="Start" /><bpmn:businessRuleTask id="Ask" camunda:decisionRef="discount" camunda:resultVariable="result" camunda:mapDecisionResult="singleEntry" /><bpmn:endEvent id="End" />',
  ['Start->Ask', 'Ask->End'],
);

describe('/api/decisions', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'discount.dmn': DISCOUNT, 'asking.bpmn': ASKING });
    await system.kernel.ready;
  });
  after(() => system.stop());

  const discount = async () => {
    const { decisions } = await system.get<DecisionList>('/api/decisions');
    const found = decisions.find(({ decisionId }) => decisionId === 'discount');
    assert.ok(found !== undefined);
    return found;
  };
  const start = (variables: Readonly<Record<string, unknown>>) =>
    system.post<{ id: string }>('/engine-rest/process-definition/key/asking/start', {
      variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { value }])),
    });

  it('lists the newest version of each decision, or all, and one with its versions and XML', async () => {
    const first = await discount();
    assert.deepEqual([first.name, first.version, first.resourceName], ['Discount', 1, 'discount.dmn']);
    await system.deploy({ 'discount.dmn': DISCOUNT.replace('0.1', '0.2') });
    const second = await discount();
    assert.deepEqual([second.version, second.camundaId], [2, `discount:2:${second.decisionDefinitionId}`]);
    const { decisions } = await system.get<DecisionList>('/api/decisions?all=true');
    assert.deepEqual(
      decisions.filter(({ decisionId }) => decisionId === 'discount').map(({ version }) => version),
      [2, 1],
    );
    const detail = await system.get<DecisionDetail>(`/api/decisions/${first.decisionDefinitionId}`);
    assert.deepEqual(
      detail.versions.map(({ version }) => version),
      [2, 1],
    );
    const xml = await system.app.inject(`/api/decisions/${first.decisionDefinitionId}/xml`);
    assert.equal(xml.body, DISCOUNT);
    const missing = await system.app.inject('/api/decisions/999999');
    assert.deepEqual([missing.statusCode, missing.json().code], [404, 'NOT_FOUND']);
  });

  it('shows every evaluation with its inputs, the rules that counted, and where it was asked for', async () => {
    const { id } = await start({ price: 60, quantity: 2 });
    const { decisionDefinitionId, evaluations, lastEvaluatedAt } = await discount();
    assert.equal(evaluations, 1);
    const list = await system.get<EvaluationList>(`/api/decisions/${decisionDefinitionId}/evaluations`);
    assert.equal(list.total, 1);
    const [one] = list.evaluations;
    assert.equal(one?.evaluatedAt, lastEvaluatedAt);
    assert.deepEqual([one?.pid, one?.elementId, one?.result], [id, 'Ask', 0.2]);
    assert.deepEqual(one?.decisions, [
      { decisionId: 'total', name: 'total', value: 120 },
      {
        decisionId: 'discount',
        name: 'Discount',
        value: 0.2,
        inputs: [{ label: 'Total', value: 120 }],
        rules: [{ id: 'from-100', index: 1, outputs: 0.2 }],
      },
    ]);
  });

  it('shows what was silently null: at the decision, and in the process that asked', async () => {
    const { id } = await start({ price: 'sixty', quantity: 2 });
    const { decisionDefinitionId } = await discount();
    const path = `/api/decisions/${decisionDefinitionId}/evaluations?limit=1`;
    const { evaluations, total } = await system.get<EvaluationList>(path);
    assert.deepEqual([evaluations.length, total], [1, 2]);
    const [inner] = evaluations[0]?.decisions ?? [];
    assert.deepEqual([inner?.decisionId, inner?.value], ['total', null]);
    assert.match(inner?.warnings?.[0] ?? '', /price \* quantity/);
    const { warnings } = await system.get<ProcessDetail>(`/api/processes/${id}`);
    assert.ok(warnings.some(({ elementId, message }) => elementId === 'Ask' && message.includes('price * quantity')));
  });

  it('checks decision files together, and says what they would define', async () => {
    const requires = '<informationRequirement><requiredDecision href="urn:discount#total" /></informationRequirement>';
    const importing = dmn(
      'urn:other',
      `<import namespace="urn:discount" name="d" importType="${DMN}" /><decision id="twice" name="Twice">${requires}<literalExpression><text>d.total * 2</text></literalExpression></decision>`,
    );
    const check = (resources: readonly object[]) => system.post<CheckReport>('/api/definitions/check', { resources });
    const twice = { name: 'twice.dmn', content: importing };
    const alone = await check([twice]);
    assert.deepEqual(
      [alone.refused, alone.findings[0]?.problems.map(({ rule: name }) => name)],
      [true, ['missing-import']],
    );
    const both = await check([twice, { name: 'discount.dmn', content: DISCOUNT }]);
    assert.deepEqual([both.refused, both.findings], [false, []]);
    assert.deepEqual(both.defines, [
      { kind: 'decision', id: 'twice', resource: 'twice.dmn' },
      { kind: 'decision', id: 'discount', resource: 'discount.dmn' },
      { kind: 'decision', id: 'total', resource: 'discount.dmn' },
    ]);
    const wrong = await system.app.inject({
      method: 'POST',
      url: '/api/definitions/check',
      payload: { resources: 'x' },
    });
    assert.deepEqual([wrong.statusCode, wrong.json().code], [400, 'INVALID_ARGUMENT']);
  });
});
