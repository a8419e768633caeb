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
  assert.equal((await send('GET', '/decision-definition/count?latestVersion=true')).body.count, 3);
  assert.equal((await send('GET', `/decision-definition/${one.id}/xml`)).body.dmnXml, DISH);
  assert.equal((await send('GET', '/decision-definition/key/none')).status, 404);
});

it('it is evaluated with typed variables, and the history tells inputs and rules', async () => {
  const variables = { temperature: { value: 5 }, guests: { value: 11, type: 'Integer' } };
  const { status, body } = await send('POST', '/decision-definition/key/dish/evaluate', { variables });
  assert.equal(status, 200);
  assert.equal(body[0].dish.value, 'Pasta');
  assert.equal(body[0].drink.type, 'String');
  const { body: history } = await send('GET', '/history/decision-instance?decisionDefinitionKey=dish');
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
