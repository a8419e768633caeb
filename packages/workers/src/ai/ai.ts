/** Topics `ai_query`, `text_generation`, `analysis`, `code_generation`, `translation`, `code_analysis`. */
import {
  choice,
  type Inputs,
  invalid,
  type Outputs,
  optionalNumber,
  optionalText,
  type Services,
  type TaskHandler,
  text,
} from '../handler.ts';
import { costOf, FREE, priceOf, reserved } from './budget.ts';
import type { AiTopic } from './inputs.ts';
import { askOllama } from './ollama.ts';
import { askOpenai } from './openai.ts';
import { chooseProvider, type Prompt } from './provider.ts';

/** Longer prompts are a mistake of the model, not a question. */
const MAX_PROMPT = 1_000_000;

/** How a kind of question is put: what the system says first, and the user's text. */
interface Kind {
  readonly system: string;
  readonly user: (inputs: Inputs) => string;
}

const KINDS: Readonly<Record<AiTopic, Kind>> = {
  /** query*, context */
  ai_query: {
    system: 'Answer the question helpfully, correctly and briefly.',
    user: (inputs) => text(inputs, 'query'),
  },
  /** prompt* (or query), style */
  text_generation: {
    system: 'Write the text that is asked for. Answer with the text alone.',
    user: (inputs) => lines(main(inputs, 'prompt'), ['Style', optionalText(inputs, 'style')]),
  },
  /** data* (or text, query), question */
  analysis: {
    system: 'Analyse what you are given: findings first, then the reasons, then what is uncertain.',
    user: (inputs) => lines(main(inputs, 'data', 'text'), ['Question', optionalText(inputs, 'question')]),
  },
  /** requirements* (or description, query), language */
  code_generation: {
    system: 'Write code that meets the requirements. Answer with the code alone, with short comments where needed.',
    user: (inputs) =>
      lines(main(inputs, 'requirements', 'description'), ['Language', optionalText(inputs, 'language')]),
  },
  /** text* (or query), target_language*, source_language */
  translation: {
    system: 'Translate faithfully; keep names, numbers and markup. Answer with the translation alone.',
    user: (inputs) =>
      lines(
        main(inputs, 'text'),
        ['From', optionalText(inputs, 'source_language')],
        ['Into', text(inputs, 'target_language')],
      ),
  },
  /** code* (or query), language, focus */
  code_analysis: {
    system: 'Review the code: mistakes, security, performance, readability; most important first, each with a remedy.',
    user: (inputs) =>
      lines(
        main(inputs, 'code'),
        ['Language', optionalText(inputs, 'language')],
        ['Look above all at', optionalText(inputs, 'focus')],
      ),
  },
};

/**
 * All take also: context, system_prompt (instead of the topic's own), ai_provider (auto | openai | ollama), model,
 * max_tokens, complexity (0–1, for the choice of the provider). Outputs: success, provider, model, content, usage
 * {prompt_tokens, completion_tokens, total_tokens}. Wrong inputs and refusals of the provider are not retried.
 */
export function aiHandler(topic: AiTopic): TaskHandler {
  return (inputs, services) => ask(KINDS[topic], inputs, services);
}

async function ask(kind: Kind, inputs: Inputs, services: Services): Promise<Outputs> {
  const context = textOrJson(inputs, 'context');
  const user = kind.user(inputs);
  const prompt: Prompt = {
    system: optionalText(inputs, 'system_prompt') ?? kind.system,
    user: context === undefined ? user : `Context:\n${context}\n\n${user}`,
    model: optionalText(inputs, 'model'),
    maxTokens: optionalNumber(inputs, 'max_tokens', 1, 1_000_000),
  };
  if (prompt.user.length > MAX_PROMPT)
    throw invalid(`The prompt has ${prompt.user.length} characters; at most ${MAX_PROMPT} are allowed.`);
  const wanted = choice(inputs, 'ai_provider', ['auto', 'openai', 'ollama'] as const, 'auto');
  const complexity = optionalNumber(inputs, 'complexity', 0, 1);
  const provider = await chooseProvider(wanted, prompt, complexity, services);
  const maxTokens = await reserved(prompt, provider, services);
  const answer = await (provider === 'openai' ? askOpenai : askOllama)({ ...prompt, maxTokens }, services);
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = answer.usage;
  const price = priceOf(provider, answer.model, services.settings) ?? FREE;
  const usage = {
    inputTokens,
    outputTokens,
    cost: costOf(price, inputTokens, outputTokens),
    model: `${provider}/${answer.model}`,
  };
  return { local: { success: true, provider, ...answer }, usage };
}

/** The first of these inputs that is there, else `query`. Objects and lists are given as JSON. */
function main(inputs: Inputs, ...names: readonly string[]): string {
  for (const name of [...names, 'query']) {
    const found = textOrJson(inputs, name);
    if (found !== undefined) return found;
  }
  throw invalid(`Input '${names[0]}' is missing. Set it by an input mapping of the task.`);
}

function textOrJson(inputs: Inputs, name: string): string | undefined {
  const value = inputs[name];
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : optionalText(inputs, name);
}

function lines(first: string, ...rest: readonly (readonly [string, string | undefined])[]): string {
  return [first, ...rest.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}`)].join(
    '\n\n',
  );
}
