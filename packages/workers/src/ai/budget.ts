/** What an AI answer costs, and how long it may become when little is left to spend. */
import { invalid, type Services } from '../handler.ts';
import { type Settings, setting } from '../settings.ts';
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

/** How many tokens the answer may have; undefined: as many as it likes. Throws where nothing would be left for it. */
export function narrowed(
  { system = '', user, model, maxTokens }: Prompt,
  provider: ProviderName,
  { aiBudget, settings }: Pick<Services, 'aiBudget' | 'settings'>,
): number | undefined {
  if (aiBudget === undefined) return maxTokens;
  const asked = Math.ceil((system.length + user.length) / CHARACTERS_OF_A_TOKEN);
  const bounds = maxTokens === undefined ? [] : [maxTokens];
  if (aiBudget.tokens !== undefined) bounds.push(aiBudget.tokens - asked);
  if (aiBudget.cost !== undefined) {
    const name =
      model ?? setting(settings, provider === 'openai' ? 'PROCOS_AI_MODEL_OPENAI' : 'PROCOS_AI_MODEL_OLLAMA');
    const price = priceOf(provider, name, settings);
    if (price === undefined)
      throw invalid(
        `The costs of this task are limited, and the price of ${provider}/${name} is not known: add it to PROCOS_AI_PRICES.`,
      );
    const left = aiBudget.cost - price.input * asked;
    if (price.output > 0) bounds.push(Math.floor(left / price.output));
    else if (left < 0) bounds.push(0);
  }
  const most = Math.min(...bounds);
  if (most >= 1) return most === Number.POSITIVE_INFINITY ? undefined : most;
  throw invalid(
    `What is left for this task (${JSON.stringify(aiBudget)}, costs in millionths) is less than its question needs (about ${asked} tokens): raise the limit, or ask for less.`,
  );
}
