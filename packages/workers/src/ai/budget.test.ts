/** What an answer costs, and how little is left for the next one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerFailure } from '@procos/client';
import { costOf, narrowed, priceOf } from './budget.ts';
import { readPrices } from './prices.ts';

const settings = {
  PROCOS_AI_PRICES: 'openai/gpt-4o-mini=0.15/0.60, openai/*=5/15',
  PROCOS_AI_MODEL_OPENAI: 'gpt-4o-mini',
  PROCOS_AI_MODEL_OLLAMA: '',
};
const prompt = { system: undefined, user: 'x'.repeat(400), model: undefined, maxTokens: undefined };

test('the first price that fits counts; what runs at home is free', () => {
  assert.deepEqual(priceOf('openai', 'gpt-4o-mini', settings), { input: 0.15, output: 0.6 });
  assert.deepEqual(priceOf('openai', 'gpt-9', settings), { input: 5, output: 15 });
  assert.deepEqual(priceOf('ollama', 'llama', settings), { input: 0, output: 0 });
  assert.equal(priceOf('openai', 'gpt-9', { ...settings, PROCOS_AI_PRICES: '' }), undefined);
});

test('costs are whole millionths, rounded up', () => {
  assert.equal(costOf({ input: 0.15, output: 0.6 }, 1_000, 500), 450);
  assert.equal(costOf({ input: 0.15, output: 0.6 }, 1, 0), 1);
});

test('an answer may have what is left beside its question, and never more than the task asks for', () => {
  assert.equal(narrowed(prompt, 'openai', { settings }), undefined);
  assert.equal(narrowed(prompt, 'openai', { settings, aiBudget: { tokens: 1_000 } }), 900);
  assert.equal(narrowed({ ...prompt, maxTokens: 50 }, 'openai', { settings, aiBudget: { tokens: 1_000 } }), 50);
  assert.equal(narrowed(prompt, 'openai', { settings, aiBudget: { cost: 615 } }), 1_000);
  assert.equal(narrowed(prompt, 'ollama', { settings, aiBudget: { cost: 0 } }), undefined);
});

test('a question that needs more than is left is not asked, nor one whose costs nobody knows', () => {
  const refusal = (budget: { tokens?: number; cost?: number }, prices: string) => {
    try {
      narrowed(prompt, 'openai', { settings: { ...settings, PROCOS_AI_PRICES: prices }, aiBudget: budget });
    } catch (error) {
      assert.ok(error instanceof WorkerFailure && !error.retry);
      return error.message;
    }
    return assert.fail('it was asked');
  };
  assert.match(refusal({ tokens: 100 }, ''), /less than its question needs \(about 100 tokens\)/);
  assert.match(refusal({ cost: 10 }, ''), /price of openai\/gpt-4o-mini is not known: add it to PROCOS_AI_PRICES/);
});

test('a list of prices that cannot be read is none', () => {
  for (const wrong of ['gpt=1/2', 'openai/x=1', 'openai/x=a/b', 'openai/x 1/2', 'openai/x=-1/2'])
    assert.equal(readPrices(wrong), undefined, wrong);
  assert.deepEqual(readPrices(''), []);
});
