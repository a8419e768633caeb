/** Topics of the built-in AI workers: their tasks have a budget of tokens and costs. */

export const AI_TOPICS = [
  'ai_query',
  'text_generation',
  'analysis',
  'code_generation',
  'translation',
  'code_analysis',
] as const;

/** What a worker says that its task has used. Tokens are counted by the provider. */
export interface AiUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Millionths of the currency of the price list. */
  readonly cost: number;
  /** `provider/model`. */
  readonly model: string;
}

/** What is left for a task when it is handed out; absent: without limit. */
export interface AiBudget {
  readonly tokens?: number;
  /** Millionths of the currency. */
  readonly cost?: number;
}
