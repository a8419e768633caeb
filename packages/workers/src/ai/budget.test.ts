/** What an answer costs, and how little is left for the next one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerFailure } from '@procos/client';
import type { AiBudget } from '@procos/protocol';
import { costOf, priceOf, reserved } from './budget.ts';
import { readPrices } from './prices.ts';
import type { Prompt, ProviderName } from './provider.ts';

const signal = new AbortController().signal;
const settings = {
  PROCOS_AI_TIMEOUT_SECONDS: '1',
  PROCOS_AI_PRICES: 'openai/gpt-4o-mini=0.15/0.60, openai/*=5/15',
  PROCOS_AI_MODEL_OPENAI: 'gpt-4o-mini',
  PROCOS_AI_MODEL_OLLAMA: '',
};
const prompt: Prompt = { system: undefined, user: 'x'.repeat(400), model: undefined, maxTokens: undefined };

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

test('an answer may have what is left beside its question, and never more than the task asks for', async () => {
  const most = (budget: AiBudget | undefined, one: Prompt = prompt, provider: ProviderName = 'openai') =>
    reserved(one, provider, { settings, signal, ...(budget === undefined ? {} : { aiBudget: budget }) });
  assert.equal(await most(undefined), undefined);
  assert.equal(await most({ tokens: 1_000 }), 900);
  assert.equal(await most({ tokens: 1_000 }, { ...prompt, maxTokens: 50 }), 50);
  assert.equal(await most({ cost: 615 }), 1_000);
  assert.equal(await most({ cost: 0 }, prompt, 'ollama'), 8_192);
  assert.equal(await most({ tokens: 1_000_000 }), 8_192, 'not all that there is, for others may need some');
});

test('a question that needs more than is left is not asked, nor one whose costs nobody knows', async () => {
  const refusal = async (budget: { tokens?: number; cost?: number }, prices: string) => {
    try {
      const services = { settings: { ...settings, PROCOS_AI_PRICES: prices }, aiBudget: budget, signal };
      await reserved(prompt, 'openai', services);
    } catch (error) {
      assert.ok(error instanceof WorkerFailure && !error.retry);
      return error.message;
    }
    return assert.fail('it was asked');
  };
  assert.match(await refusal({ tokens: 100 }, ''), /less than its question needs \(about 100 tokens\)/);
  assert.match(
    await refusal({ cost: 10 }, ''),
    /price of openai\/gpt-4o-mini is not known: add it to PROCOS_AI_PRICES/,
  );
});

test('costs that come out a little higher than what is left are asked for once, and then less', async () => {
  const services = { settings: { ...settings, PROCOS_AI_PRICES: 'openai/*=0.05/0.4' }, signal, aiBudget: { cost: 14 } };
  // 8 tokens and 34 are 14.000000000000002 millionths, and 14 were the reason for 34.
  assert.equal(await reserved({ ...prompt, user: 'x'.repeat(32) }, 'openai', services), 33);
});

test('what others hold is waited for; when it stays held the task is tried again later', async () => {
  const wanted: number[] = [];
  let left = 100;
  const services = {
    settings,
    signal,
    aiBudget: { tokens: 5_000 },
    reserveAi: async ({ tokens }: { readonly tokens: number }) => {
      wanted.push(tokens);
      const reply = { granted: tokens <= left, left: { tokens: left }, held: left < 5_000 };
      left = 5_000;
      return reply;
    },
  };
  assert.equal(await reserved(prompt, 'openai', services), 4_900);
  assert.deepEqual(wanted, [8_292, 8_292, 5_000]);
  const never = { ...services, reserveAi: async () => ({ granted: false, left: { tokens: 100 }, held: true }) };
  await assert.rejects(reserved(prompt, 'openai', never), (error) => {
    assert.ok(error instanceof WorkerFailure && error.retry);
    assert.match(error.message, /Other AI tasks hold what is left/);
    return true;
  });
});

test('a list of prices that cannot be read is none', () => {
  for (const wrong of ['gpt=1/2', 'openai/x=1', 'openai/x=a/b', 'openai/x 1/2', 'openai/x=-1/2'])
    assert.equal(readPrices(wrong), undefined, wrong);
  assert.deepEqual(readPrices(''), []);
});
