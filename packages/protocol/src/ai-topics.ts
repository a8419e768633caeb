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

/** `POST /api/external-tasks/{id}/ai-reservation`: what a task will use at most, said by its worker before it asks. */
export interface AiReservation {
  readonly workerId: string;
  /** That of the task: only while the worker holds this very lock. */
  readonly lockCount?: number;
  /** In and out. */
  readonly tokens: number;
  /** Millionths of the currency. Default 0. */
  readonly cost?: number;
}
export interface AiReservationReply {
  readonly granted: boolean;
  /** Now, beside what others hold; of what nothing is said there is no limit. */
  readonly left: AiBudget;
  /** Others hold something, and may leave some of it. */
  readonly held: boolean;
}

/** What is left for a task when it is handed out; absent: without limit. */
export interface AiBudget {
  readonly tokens?: number;
  /** Millionths of the currency. */
  readonly cost?: number;
}
