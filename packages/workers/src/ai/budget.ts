/** What an AI answer costs, and how long it may become when little is left to spend. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ReserveAi, WorkerFailure } from '@procos/client';
import type { AiBudget } from '@procos/protocol';
import { invalid, type Services } from '../handler.ts';
import { numberSetting, type Settings, setting } from '../settings.ts';
import { type Price, readPrices } from './prices.ts';
import type { Prompt, ProviderName } from './provider.ts';

export const FREE: Price = { input: 0, output: 0 };
/** About as many characters as a token has; fewer in other languages than English. */
const CHARACTERS_OF_A_TOKEN = 4;

/** The first that fits. Undefined: the list does not have it. */
export function priceOf(provider: ProviderName, model: string, settings: Settings): Price | undefined {
  const name = `${provider}/${model}`;
  const found = readPrices(setting(settings, 'PROCOS_AI_PRICES'))?.find(({ pattern }) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
  return found?.price ?? (provider === 'ollama' ? FREE : undefined);
}

/** Millionths of the currency. */
export function costOf({ input, output }: Price, inputTokens: number, outputTokens: number): number {
  return Math.ceil(inputTokens * input + outputTokens * output);
}

/** Of an answer whose task asks for no `max_tokens`, where a limit holds: what is reserved for one is not there for others. */
const MOST_ANSWER = 8_192;
/** A shorter answer is asked for only when nobody holds what may be left over. */
const LEAST_ANSWER = 256;
const AGAIN_MS = 1_000;

/**
 * How many tokens the answer may have, which are held for it from now on; undefined: as many as it likes. Waits as long as
 * an answer may take for what others hold. Throws where nothing would be left for it.
 */
export async function reserved(
  { system = '', user, model, maxTokens }: Prompt,
  provider: ProviderName,
  { aiBudget, reserveAi, settings, signal }: Pick<Services, 'aiBudget' | 'reserveAi' | 'settings' | 'signal'>,
): Promise<number | undefined> {
  if (aiBudget === undefined) return maxTokens;
  const asked = Math.ceil((system.length + user.length) / CHARACTERS_OF_A_TOKEN);
  const price = aiBudget.cost === undefined ? FREE : limitedPrice(provider, model, settings);
  const ask = reserveAi ?? alone(aiBudget);
  let answer = maxTokens ?? MOST_ANSWER;
  for (let waited = 0; ; ) {
    const { granted, left, held } = await ask({ tokens: asked + answer, cost: costOf(price, asked, answer) });
    if (granted) return answer;
    // Less each time: what is computed may cost one millionth more than it was computed from.
    const most = Math.min(mostFor(left, asked, price), answer - 1);
    if (most >= (held ? Math.min(answer, LEAST_ANSWER) : 1)) {
      answer = most;
      continue;
    }
    if (!held)
      throw invalid(
        `What is left for this task (${JSON.stringify(left)}, costs in millionths) is less than its question needs (about ${asked} tokens): raise the limit, or ask for less.`,
      );
    if (waited >= numberSetting(settings, 'PROCOS_AI_TIMEOUT_SECONDS') * 1_000)
      throw new WorkerFailure(
        `Other AI tasks hold what is left (${JSON.stringify(left)} beside them, costs in millionths), and this question needs about ${asked} tokens: it is tried again.`,
      );
    await pause(AGAIN_MS, undefined, { signal });
    waited += AGAIN_MS;
  }
}

/** Tokens of an answer for which there is enough. */
function mostFor({ tokens, cost }: AiBudget, asked: number, price: Price): number {
  const bounds = [Number.POSITIVE_INFINITY];
  if (tokens !== undefined) bounds.push(tokens - asked);
  if (cost !== undefined) {
    const left = cost - price.input * asked;
    if (price.output > 0) bounds.push(Math.floor(left / price.output));
    else if (left < 0) bounds.push(0);
  }
  return Math.min(...bounds);
}

/** Nobody else is there to hold anything. */
function alone(left: AiBudget): ReserveAi {
  return async ({ tokens, cost = 0 }) => ({
    granted: tokens <= (left.tokens ?? tokens) && cost <= (left.cost ?? cost),
    left,
    held: false,
  });
}

function limitedPrice(provider: ProviderName, model: string | undefined, settings: Settings): Price {
  const name = model ?? setting(settings, provider === 'openai' ? 'PROCOS_AI_MODEL_OPENAI' : 'PROCOS_AI_MODEL_OLLAMA');
  const price = priceOf(provider, name, settings);
  if (price !== undefined) return price;
  throw invalid(
    `The costs of this task are limited, and the price of ${provider}/${name} is not known: add it to PROCOS_AI_PRICES.`,
  );
}
