/** What every AI provider does, and the choice between them. */
import { WorkerFailure } from '@procos/client';
import { invalid, type Services } from '../handler.ts';
import { type Settings, setting } from '../settings.ts';
import { ollamaAnswers } from './ollama.ts';

export interface Prompt {
  readonly system: string | undefined;
  readonly user: string;
  /** undefined: the default of the settings. */
  readonly model: string | undefined;
  readonly maxTokens: number | undefined;
}
export interface Answer {
  readonly model: string;
  readonly content: string;
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
}
export type ProviderName = 'openai' | 'ollama';

/** Longer prompts than this go to OpenAI. */
export const LONG_PROMPT = 2000;
/** More complex ones than this, too. */
export const COMPLEX_PROMPT = 0.8;

/**
 * `auto`: long or complex → OpenAI where it is configured; otherwise Ollama if it answers; else OpenAI; else a failure
 * that says what to set up. `complexity` (0–1) as given by the task, else estimated.
 */
export async function chooseProvider(
  wanted: ProviderName | 'auto',
  prompt: Prompt,
  complexity: number | undefined,
  services: Services,
): Promise<ProviderName> {
  const openai = hasOpenai(services.settings);
  if (wanted === 'openai' && !openai) {
    throw invalid(
      'OpenAI is not configured. Set OPENAI_API_KEY (or OPENAI_BASE_URL of a compatible server) for the worker host.',
    );
  }
  if (wanted !== 'auto') return wanted;
  const demanding =
    prompt.user.length > LONG_PROMPT || (complexity ?? estimateComplexity(prompt.user)) > COMPLEX_PROMPT;
  if (demanding && openai) return 'openai';
  if (await ollamaAnswers(services)) return 'ollama';
  if (openai) return 'openai';
  throw new WorkerFailure(
    `No AI provider answers. Start Ollama at ${setting(services.settings, 'OLLAMA_URL')} or set OPENAI_API_KEY for the worker host.`,
  );
}

export function hasOpenai(settings: Settings): boolean {
  return setting(settings, 'OPENAI_API_KEY') !== '' || setting(settings, 'OPENAI_BASE_URL') !== '';
}

/**
 * 0–1, a rough guess from the text alone: a third each for many words (300 count fully), long words (share of those with
 * more than nine letters, a third counts fully) and separate demands (questions, list items, steps; six count fully).
 */
export function estimateComplexity(prompt: string): number {
  const words = prompt.split(/\s+/).filter((word) => word !== '');
  const long = words.filter((word) => word.length > 9).length / Math.max(1, words.length);
  const demands = prompt.match(/\?|^\s*([-*]|\d+[.)])\s/gm)?.length ?? 0;
  return (Math.min(1, words.length / 300) + Math.min(1, long * 3) + Math.min(1, demands / 6)) / 3;
}
