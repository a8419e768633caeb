/** The AI workers against local servers with recorded answers. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Inputs } from '../handler.ts';
import { failsForNow, refusesForGood, servicesWith } from '../testing.ts';
import { aiHandler } from './ai.ts';
import { estimateComplexity } from './provider.ts';

interface Ai {
  readonly url: string;
  readonly asked: { readonly path: string; readonly authorization: string | undefined; readonly body: Inputs }[];
}
type Reply = { readonly status?: number; readonly body: unknown } | 'hang' | 'cut';

async function fakeAi(t: TestContext, replies: Readonly<Record<string, Reply>>): Promise<Ai> {
  const asked: Ai['asked'] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const path = request.url ?? '';
    asked.push({
      path,
      authorization: request.headers.authorization,
      body: text === '' ? {} : (JSON.parse(text) as Inputs),
    });
    const reply = replies[path] ?? { status: 404, body: { error: 'not found' } };
    if (reply === 'hang') return;
    if (reply === 'cut') return request.destroy();
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const CHAT = '/v1/chat/completions';
const OPENAI = {
  [CHAT]: {
    body: {
      id: 'c1',
      object: 'chat.completion',
      model: 'gpt-test-1',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Paris.' } }],
      usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
    },
  },
};
const OLLAMA = {
  '/api/tags': { body: { models: [{ name: 'tiny:latest' }] } },
  '/api/chat': {
    body: {
      model: 'tiny:latest',
      message: { role: 'assistant', content: 'Bonjour.' },
      done: true,
      prompt_eval_count: 5,
      eval_count: 3,
    },
  },
};
const NOWHERE = { OLLAMA_URL: 'http://127.0.0.1:1' };
const openaiEnv = (ai: Ai): Record<string, string> => ({
  ...NOWHERE,
  OPENAI_BASE_URL: `${ai.url}/v1`,
  OPENAI_API_KEY: 'sk-canary-4711',
});
const query = async (inputs: Inputs, env: Record<string, string>): Promise<Inputs> =>
  (await aiHandler('ai_query')(inputs, servicesWith(env))).local;

test('OpenAI gets system prompt, context and limit; its answer comes back with usage', async (t) => {
  const ai = await fakeAi(t, OPENAI);
  const out = await query(
    {
      query: 'Capital?',
      context: { land: 'F' },
      system_prompt: 'Be brief.',
      max_tokens: '50',
      ai_provider: 'openai',
      model: 'm',
    },
    openaiEnv(ai),
  );
  const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
  assert.deepEqual(out, { success: true, provider: 'openai', model: 'gpt-test-1', content: 'Paris.', usage });
  assert.equal(ai.asked[0]?.authorization, 'Bearer sk-canary-4711');
  assert.deepEqual(ai.asked[0]?.body, {
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Context:\n{"land":"F"}\n\nCapital?' },
    ],
    max_tokens: 50,
  });
});

test('Ollama uses its first model when none is named', async (t) => {
  const ai = await fakeAi(t, OLLAMA);
  const out = await query({ query: 'Hello?' }, { OLLAMA_URL: ai.url });
  const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 };
  assert.deepEqual(out, { success: true, provider: 'ollama', model: 'tiny:latest', content: 'Bonjour.', usage });
  assert.equal(ai.asked.at(-1)?.body['model'], 'tiny:latest');
});

test('auto: long or complex questions go to OpenAI, others to Ollama if it answers, else to OpenAI, else a clear failure', async (t) => {
  const [openai, ollama] = [await fakeAi(t, OPENAI), await fakeAi(t, OLLAMA)];
  const both = { ...openaiEnv(openai), OLLAMA_URL: ollama.url };
  const provider = async (inputs: Inputs, env: Record<string, string>): Promise<unknown> =>
    (await query(inputs, env))['provider'];
  assert.equal(await provider({ query: 'short' }, both), 'ollama');
  assert.equal(await provider({ query: 'x'.repeat(2001) }, both), 'openai');
  assert.equal(await provider({ query: 'short', complexity: 0.9 }, both), 'openai');
  assert.equal(await provider({ query: 'short' }, openaiEnv(openai)), 'openai');
  assert.equal(await provider({ query: 'x'.repeat(2001) }, { OLLAMA_URL: ollama.url }), 'ollama');
  await failsForNow(query({ query: 'short' }, NOWHERE), /Start Ollama at .* or set OPENAI_API_KEY/);
  assert.ok(estimateComplexity('What is this?') < 0.3);
  assert.ok(estimateComplexity('Internationalisation considerations?\n'.repeat(200)) > 0.8);
});

test('wrong inputs and refusals are not tried again, and no key gets out', async (t) => {
  const ai = await fakeAi(t, {
    [CHAT]: { status: 401, body: { error: { message: 'Incorrect API key provided: sk-canary-4711' } } },
  });
  await refusesForGood(query({}, openaiEnv(ai)), /'query' is missing/);
  await refusesForGood(query({ query: 'x', max_tokens: 'many' }, openaiEnv(ai)), /max_tokens/);
  await refusesForGood(query({ query: 'x', ai_provider: 'hal' }, openaiEnv(ai)), /ai_provider/);
  await refusesForGood(query({ query: 'x', ai_provider: 'openai' }, NOWHERE), /OPENAI_API_KEY/);
  await refusesForGood(
    query({ query: 'x' }, openaiEnv(ai)),
    /refused the request: 401 Incorrect API key provided: \[OPENAI_API_KEY\]$/,
  );
  const empty = await fakeAi(t, { '/api/tags': { body: { models: [] } } });
  await refusesForGood(query({ query: 'x' }, { OLLAMA_URL: empty.url }), /has no model/);
});

const TROUBLES: Readonly<Record<string, Reply>> = {
  'too many requests': { status: 429, body: { error: { message: 'slow down' } } },
  'server error': { status: 500, body: { error: { message: 'oops' } } },
  'not JSON': { body: '<html>' },
  'no content': { body: { choices: [], message: {} } },
  'wrong shape': { body: [1] },
  'cut connection': 'cut',
  'no answer': 'hang',
};
for (const [name, reply] of Object.entries(TROUBLES)) {
  test(`${name}: tried again later, with either provider`, async (t) => {
    const ai = await fakeAi(t, { [CHAT]: reply, '/api/chat': reply });
    const env = { ...openaiEnv(ai), OLLAMA_URL: ai.url, PROCOS_AI_MODEL_OLLAMA: 'm', PROCOS_AI_TIMEOUT_SECONDS: '1' };
    await Promise.all([
      failsForNow(query({ query: 'x', ai_provider: 'openai' }, env), /OpenAI/),
      failsForNow(query({ query: 'x', ai_provider: 'ollama' }, env), /Ollama/),
    ]);
  });
}

test('the other topics put their question in their own way', async (t) => {
  const ai = await fakeAi(t, OLLAMA);
  const services = servicesWith({ OLLAMA_URL: ai.url });
  await aiHandler('translation')({ text: 'Guten Tag', target_language: 'French' }, services);
  await aiHandler('code_analysis')({ code: 'x = 1', focus: 'naming' }, services);
  await aiHandler('analysis')({ data: [1, 2] }, services);
  await aiHandler('text_generation')({ query: 'a poem' }, services);
  await aiHandler('code_generation')({ requirements: 'sort', language: 'C' }, services);
  const users = ai.asked
    .filter(({ path }) => path === '/api/chat')
    .map(({ body }) => (body['messages'] as { content: string }[])[1]?.content);
  assert.deepEqual(users, [
    'Guten Tag\n\nInto: French',
    'x = 1\n\nLook above all at: naming',
    '[1,2]',
    'a poem',
    'sort\n\nLanguage: C',
  ]);
  await refusesForGood(aiHandler('translation')({ text: 'x' }, services), /target_language/);
});
