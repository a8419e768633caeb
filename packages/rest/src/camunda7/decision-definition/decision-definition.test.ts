/** Decisions over the Camunda 7 face, on the real engine: deployed, listed, evaluated, and seen in the history. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const DISH = readFileSync(new URL('../../../../engine/fixtures/dish.dmn', import.meta.url), 'utf8');

let system: System;
before(async () => {
  system = await startSystem();
  await system.deploy({ 'dish.dmn': DISH });
});
after(() => system.stop());

const send = async (method: 'GET' | 'POST', path: string, payload?: object) => {
  const answer = await system.app.inject({ method, url: `/engine-rest${path}`, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
};

it('a decision is found by its key and given back byte for byte', async () => {
  const { body: one } = await send('GET', '/decision-definition/key/dish');
  assert.deepEqual([one.key, one.name, one.version, one.versionTag], ['dish', 'Dish', 1, 'menu']);
  // Three of the file, and the two of the system.
  assert.equal((await send('GET', '/decision-definition/count?latestVersion=true')).body.count, 5);
  assert.equal((await send('GET', `/decision-definition/${one.id}/xml`)).body.dmnXml, DISH);
  assert.equal((await send('GET', '/decision-definition/key/none')).status, 404);
});

it('it is evaluated with typed variables, and the history tells inputs and rules', async () => {
  const variables = { temperature: { value: 5 }, guests: { value: 11, type: 'Integer' } };
  const { status, body } = await send('POST', '/decision-definition/key/dish/evaluate', { variables });
  assert.equal(status, 200);
  assert.equal(body[0].dish.value, 'Pasta');
  assert.equal(body[0].drink.type, 'String');
  const { body: history } = await send(
    'GET',
    '/history/decision-instance?decisionDefinitionKey=dish&includeInputs=true&includeOutputs=true',
  );
  assert.deepEqual(
    history[0].inputs.map((input: { clauseName: string; value: unknown }) => [input.clauseName, input.value]),
    [
      ['Season', 'winter'],
      ['Guests', 11],
    ],
  );
  assert.deepEqual(
    history[0].outputs.map((output: { ruleId: string; variableName: string }) => [output.ruleId, output.variableName]),
    [
      ['winterMany', 'dish'],
      ['winterMany', 'drink'],
    ],
  );
});

it('the history has one row for each decision of the graph that was evaluated, and says which was asked for', async () => {
  const list = async (query: string) => (await send('GET', `/history/decision-instance?${query}`)).body;
  const [dish] = await list('decisionDefinitionKey=dish');
  const [season] = await list('decisionDefinitionKey=season');
  assert.equal(dish.rootDecisionInstanceId, null);
  assert.equal(season.rootDecisionInstanceId, dish.id);
  assert.match(season.decisionDefinitionId, /^season:1:\d+$/);
  assert.deepEqual([dish.decisionDefinitionName, dish.inputs, dish.outputs], ['Dish', null, null]);

  const keys = (rows: readonly { decisionDefinitionKey: string }[]) => rows.map((row) => row.decisionDefinitionKey);
  assert.deepEqual(keys(await list('rootDecisionInstancesOnly=true')), ['dish']);
  assert.deepEqual(keys(await list(`rootDecisionInstanceId=${dish.id}`)), ['dish', 'season']);
  assert.deepEqual(keys(await list(`rootDecisionInstanceId=${season.id}`)), []);
  assert.deepEqual(keys(await list('decisionRequirementsDefinitionKey=dinner')), ['dish', 'season']);
  const { decisionRequirementsDefinitionId: graph } = dish;
  assert.deepEqual(keys(await list(`decisionRequirementsDefinitionId=${graph}`)), ['dish', 'season']);
  assert.deepEqual(await list('decisionRequirementsDefinitionKey=lunch'), []);
  assert.deepEqual(keys(await list(`decisionDefinitionId=${season.decisionDefinitionId}`)), ['season']);
  assert.equal((await send('GET', '/history/decision-instance/count')).body.count, 2);

  const { body: found } = await send('GET', '/decision-definition?decisionRequirementsDefinitionKey=dinner');
  assert.deepEqual(found.map(({ key }: { key: string }) => key).sort(), ['discounts', 'dish', 'season']);
});
