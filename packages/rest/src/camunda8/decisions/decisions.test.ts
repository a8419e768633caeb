/** Decisions over the Camunda 8 face, asked by the published client, which checks every answer. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const DISH = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="dinner" name="Dinner" namespace="http://example.org">
  <decision id="season" name="Season"><variable name="season" />
    <literalExpression><text>if month &gt; 5 then "summer" else "winter"</text></literalExpression>
  </decision>
  <decision id="dish" name="Dish"><variable name="dish" />
    <informationRequirement><requiredDecision href="#season" /></informationRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input id="i1" label="Season"><inputExpression typeRef="string"><text>season</text></inputExpression></input>
      <input id="i2" label="Guests"><inputExpression typeRef="number"><text>guests</text></inputExpression></input>
      <output id="o1" name="dish" typeRef="string" />
      <rule id="salad"><inputEntry><text>"summer"</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>"Salad"</text></outputEntry></rule>
      <rule id="stew"><inputEntry><text>"winter"</text></inputEntry><inputEntry><text>&lt; 9</text></inputEntry><outputEntry><text>"Stew"</text></outputEntry></rule>
      <rule id="soup"><inputEntry><text>"winter"</text></inputEntry><inputEntry><text>&gt; 7</text></inputEntry><outputEntry><text>"Soup"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>`;
/** More than an evaluation may take. */
const ENDLESS = DISH.replaceAll('dinner', 'endless')
  .replace('if month &gt; 5 then "summer" else "winter"', 'string(count(for i in 1..9999999 return i))')
  .replaceAll('"season"', '"tick"')
  .replaceAll('"dish"', '"tock"')
  .replace('#season', '#tick');
const EAT = zeebe(
  'eat',
  `<bpmn:startEvent id="Start" />
   <bpmn:businessRuleTask id="Choose"><bpmn:extensionElements><zeebe:calledDecision decisionId="dish" resultVariable="found" /></bpmn:extensionElements></bpmn:businessRuleTask>
   <bpmn:endEvent id="End" />`,
  ['Start->Choose', 'Choose->End'],
);
const NOW = { consistency: { waitUpToMs: 0 } };

describe('decisions of Camunda 8', () => {
  let system: System;
  let camunda: CamundaClient;

  before(async () => {
    system = await startSystem();
    camunda = camunda8Client(system.url);
    await system.deploy({ 'dinner.dmn': DISH, 'endless.dmn': ENDLESS, 'eat.bpmn': EAT });
  });
  after(() => system.stop());

  it('are found with the file that they stand in, one by one and as the file', async () => {
    const { items } = await camunda.searchDecisionDefinitions(
      { filter: { decisionRequirementsId: 'dinner', isLatestVersion: true }, sort: [{ field: 'name' }] },
      NOW,
    );
    assert.deepEqual(
      items?.map((one) => [one.decisionDefinitionId, one.name, one.version, one.decisionRequirementsName]),
      [
        ['dish', 'Dish', 1, 'Dinner'],
        ['season', 'Season', 1, 'Dinner'],
      ],
    );
    const [dish] = items ?? [];
    assert.ok(dish);
    const { decisionDefinitionKey, decisionRequirementsKey } = dish;
    assert.deepEqual(await camunda.getDecisionDefinition({ decisionDefinitionKey }, NOW), dish);
    assert.equal(await camunda.getDecisionDefinitionXml({ decisionDefinitionKey }, NOW), DISH);
    const files = await camunda.searchDecisionRequirements({ filter: { decisionRequirementsKey } }, NOW);
    assert.deepEqual(files.items, [
      {
        decisionRequirementsKey,
        decisionRequirementsId: 'dinner',
        decisionRequirementsName: 'Dinner',
        version: 1,
        resourceName: 'dinner.dmn',
        tenantId: '<default>',
      },
    ]);
    assert.deepEqual(await camunda.getDecisionRequirements({ decisionRequirementsKey }, NOW), files.items[0]);
    assert.equal(await camunda.getDecisionRequirementsXml({ decisionRequirementsKey }, NOW), DISH);
    const latest = await camunda.searchDecisionDefinitions({ filter: { decisionRequirementsKey } }, NOW);
    assert.equal(latest.page.totalItems, 2);
  });

  it('is evaluated, says how, and is found in the history', async () => {
    const answer = await camunda.evaluateDecision({
      decisionDefinitionId: 'dish' as never,
      variables: { month: 1, guests: 3 },
    });
    assert.deepEqual([answer.output, answer.failureMessage], ['"Stew"', null]);
    assert.deepEqual(
      answer.evaluatedDecisions.map((one) => [one.decisionDefinitionId, one.decisionDefinitionType, one.output]),
      [
        ['season', 'LITERAL_EXPRESSION', '"winter"'],
        ['dish', 'DECISION_TABLE', '"Stew"'],
      ],
    );
    const dish = answer.evaluatedDecisions[1];
    assert.deepEqual(
      dish?.evaluatedInputs.map(({ inputName, inputValue }) => [inputName, inputValue]),
      [
        ['Season', '"winter"'],
        ['Guests', '3'],
      ],
    );
    assert.deepEqual(
      dish?.matchedRules.map(({ ruleId, ruleIndex, evaluatedOutputs }) => [
        ruleId,
        ruleIndex,
        evaluatedOutputs[0]?.outputValue,
      ]),
      [['stew', 2, '"Stew"']],
    );
    const { decisionEvaluationKey } = answer;
    const kept = await camunda.searchDecisionInstances({ filter: { decisionEvaluationKey } }, NOW);
    assert.deepEqual(
      kept.items.map((one) => [one.decisionDefinitionId, one.result, one.state]),
      [
        ['dish', '"Stew"', 'EVALUATED'],
        ['season', '"winter"', 'EVALUATED'],
      ],
    );
    const [instance] = kept.items;
    assert.equal(instance?.decisionEvaluationInstanceKey, dish?.decisionEvaluationInstanceKey);
    const one = await camunda.getDecisionInstance(
      { decisionEvaluationInstanceKey: instance?.decisionEvaluationInstanceKey as never },
      NOW,
    );
    assert.deepEqual(one.matchedRules, dish?.matchedRules);
    const byKey = await camunda.evaluateDecision({
      decisionDefinitionKey: answer.decisionDefinitionKey,
      variables: { month: 7 },
    });
    assert.equal(byKey.output, '"Salad"');
    assert.notEqual(byKey.decisionEvaluationKey, decisionEvaluationKey);
  });

  it('tells of an evaluation that failed, and of one that cannot be', async () => {
    const failed = await camunda.evaluateDecision({ decisionDefinitionId: 'tick' as never, variables: {} });
    assert.deepEqual(
      [failed.failedDecisionDefinitionId, failed.output, failed.evaluatedDecisions],
      ['tick', 'null', []],
    );
    assert.match(failed.failureMessage ?? '', /decision 'tick': /);
    const refused = async (payload: object) => {
      const answer = await system.app.inject({ method: 'POST', url: '/v2/decision-definitions/evaluation', payload });
      return [answer.statusCode, answer.json().detail];
    };
    const [status, detail] = await refused({ decisionDefinitionId: 'nothing' });
    assert.equal(status, 404);
    assert.match(detail, /Command 'EVALUATE' rejected with code 'NOT_FOUND'/);
    assert.match((await refused({}))[1], /must be given, but neither is/);
    assert.match((await refused({ decisionDefinitionId: 'dish', colour: 1 }))[1], /'colour' is not known here/);
    const none = await system.app.inject({ method: 'GET', url: '/v2/decision-instances/999-1' });
    assert.equal(none.statusCode, 404);
    const wrong = await system.app.inject({ method: 'GET', url: '/v2/decision-instances/999' });
    assert.equal(wrong.statusCode, 400);
    const file = await system.app.inject({ method: 'GET', url: '/v2/decision-requirements/5' });
    assert.equal(file.statusCode, 404);
  });

  it('what a process has decided is found by its instance', async () => {
    const { processInstanceKey, processDefinitionKey } = await camunda.createProcessInstance({
      processDefinitionId: 'eat' as never,
      variables: { month: 8, guests: 1 },
    });
    for (const filter of [
      { processInstanceKey },
      { processDefinitionKey, decisionDefinitionType: 'DECISION_TABLE' as const },
      { processInstanceKey, decisionDefinitionName: 'Season' },
    ]) {
      const { items } = await camunda.searchDecisionInstances({ filter }, NOW);
      assert.ok(
        items.length > 0 && items.every((one) => one.processInstanceKey === processInstanceKey),
        JSON.stringify(filter),
      );
      assert.ok(items.every(({ elementInstanceKey }) => elementInstanceKey !== null));
    }
    const { items } = await camunda.searchDecisionInstances(
      { filter: { processInstanceKey }, sort: [{ field: 'decisionDefinitionName', order: 'DESC' }] },
      NOW,
    );
    assert.deepEqual(
      items.map(({ result }) => result),
      ['"summer"', '"Salad"'],
    );
  });
});
