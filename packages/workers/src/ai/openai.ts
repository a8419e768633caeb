/** OpenAI and every server with its chat-completions interface. */
import { WorkerFailure } from '@procos/client';
import { demand, invalid, type Services } from '../handler.ts';
import { numberSetting, redact, setting } from '../settings.ts';
import type { Answer, Prompt } from './provider.ts';

export async function askOpenai(prompt: Prompt, services: Services): Promise<Answer> {
  const { settings, signal } = services;
  const { APIConnectionTimeoutError, APIError, OpenAI } = await import('openai');
  const baseURL = setting(settings, 'OPENAI_BASE_URL');
  const timeout = numberSetting(settings, 'PROCOS_AI_TIMEOUT_SECONDS') * 1000;
  const model = prompt.model ?? setting(settings, 'PROCOS_AI_MODEL_OPENAI');
  demand(services, { kind: 'models', name: `openai/${model}` });
  if (setting(settings, 'OPENAI_API_KEY') !== '') demand(services, { kind: 'secrets', name: 'OPENAI_API_KEY' });
  const client = new OpenAI({
    // A compatible server without keys still needs one to be sent.
    apiKey: setting(settings, 'OPENAI_API_KEY') || 'none',
    ...(baseURL === '' ? {} : { baseURL }),
    organization: null,
    project: null,
    maxRetries: 0,
    timeout,
    logLevel: 'off',
  });
  // The newer name is what OpenAI's current models demand; compatible servers know the older one.
  const limitName = baseURL === '' ? 'max_completion_tokens' : 'max_tokens';
  try {
    const reply = await client.chat.completions.create(
      {
        model,
        messages: [
          ...(prompt.system === undefined ? [] : [{ role: 'system' as const, content: prompt.system }]),
          { role: 'user' as const, content: prompt.user },
        ],
        ...(prompt.maxTokens === undefined ? {} : { [limitName]: prompt.maxTokens }),
      },
      { signal },
    );
    // Compatible servers do not always keep to the types.
    const content: unknown = reply.choices?.[0]?.message?.content;
    if (typeof content !== 'string') throw new WorkerFailure('OpenAI answered without content.');
    const usage = {
      prompt_tokens: reply.usage?.prompt_tokens ?? 0,
      completion_tokens: reply.usage?.completion_tokens ?? 0,
    };
    const total_tokens = reply.usage?.total_tokens ?? usage.prompt_tokens + usage.completion_tokens;
    return { model: reply.model ?? model, content, usage: { ...usage, total_tokens } };
  } catch (error) {
    if (error instanceof WorkerFailure) throw error;
    if (error instanceof APIConnectionTimeoutError)
      throw new WorkerFailure(`OpenAI did not answer within ${timeout / 1000} s.`);
    const message = redact(settings, error instanceof Error ? error.message : String(error));
    const status = error instanceof APIError ? (error.status as number | undefined) : undefined;
    const final = status !== undefined && status >= 400 && status < 500 && ![408, 409, 429].includes(status);
    if (final) throw invalid(`OpenAI refused the request: ${message}`);
    throw new WorkerFailure(`OpenAI failed: ${message}`);
  }
}
