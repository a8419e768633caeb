/** Ollama, over its own interface. */
import { WorkerFailure } from '@procos/client';
import { demand, invalid, isObject, type Services } from '../handler.ts';
import { numberSetting, setting } from '../settings.ts';
import type { Answer, Prompt } from './provider.ts';

const PROBE_MS = 1000;

/** Is it there? Asked anew for every choice: it may be started at any time. */
export async function ollamaAnswers(services: Services): Promise<boolean> {
  try {
    return (await call(services, '/api/tags', undefined, PROBE_MS)).status === 200;
  } catch {
    return false;
  }
}

export async function askOllama(prompt: Prompt, services: Services): Promise<Answer> {
  const timeoutMs = numberSetting(services.settings, 'PROCOS_AI_TIMEOUT_SECONDS') * 1000;
  const model = prompt.model ?? (setting(services.settings, 'PROCOS_AI_MODEL_OLLAMA') || (await firstModel(services)));
  demand(services, { kind: 'models', name: `ollama/${model}` });
  const { status, body } = await call(
    services,
    '/api/chat',
    {
      model,
      stream: false,
      messages: [
        ...(prompt.system === undefined ? [] : [{ role: 'system', content: prompt.system }]),
        { role: 'user', content: prompt.user },
      ],
      ...(prompt.maxTokens === undefined ? {} : { options: { num_predict: prompt.maxTokens } }),
    },
    timeoutMs,
  );
  if (status !== 200) {
    const why = `${status} ${typeof body['error'] === 'string' ? body['error'].slice(0, 500) : ''}`;
    if (status >= 400 && status < 500 && status !== 429) throw invalid(`Ollama refused the request: ${why}`);
    throw new WorkerFailure(`Ollama failed: ${why}`);
  }
  const content = isObject(body['message']) ? body['message']['content'] : undefined;
  if (typeof content !== 'string') throw new WorkerFailure('Ollama answered without content.');
  const tokens = (name: string): number => (typeof body[name] === 'number' ? body[name] : 0);
  const [prompt_tokens, completion_tokens] = [tokens('prompt_eval_count'), tokens('eval_count')];
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  return { model: typeof body['model'] === 'string' ? body['model'] : model, content, usage };
}

async function firstModel(services: Services): Promise<string> {
  const { body } = await call(services, '/api/tags', undefined, 5000);
  const first: unknown = Array.isArray(body['models']) ? body['models'][0] : undefined;
  if (isObject(first) && typeof first['name'] === 'string') return first['name'];
  throw invalid(
    'Ollama has no model. Install one (`ollama pull …`) or name one in the task or in PROCOS_AI_MODEL_OLLAMA.',
  );
}

async function call(
  { settings, signal }: Services,
  path: string,
  body: unknown,
  timeoutMs: number,
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  const url = setting(settings, 'OLLAMA_URL').replace(/\/+$/, '') + path;
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const parsed: unknown = await response.json();
    return { status: response.status, body: isObject(parsed) ? parsed : {} };
  } catch (error) {
    const { name, message, cause } = error as Error;
    if (name === 'TimeoutError') throw new WorkerFailure(`Ollama did not answer within ${timeoutMs / 1000} s.`);
    if (error instanceof SyntaxError) throw new WorkerFailure('Ollama answered with something that is not JSON.');
    throw new WorkerFailure(`Ollama at ${url} cannot be reached: ${cause instanceof Error ? cause.message : message}`);
  }
}
