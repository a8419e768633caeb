/** The AI topics and the names of their inputs. */

import type { AI_TOPICS } from '@procos/protocol';

export type AiTopic = (typeof AI_TOPICS)[number];

/** Besides those that all have. */
export const AI_INPUTS: Readonly<Record<AiTopic, readonly string[]>> = {
  ai_query: [],
  text_generation: ['prompt', 'style'],
  analysis: ['data', 'text', 'question'],
  code_generation: ['requirements', 'description', 'language'],
  translation: ['text', 'source_language', 'target_language'],
  code_analysis: ['code', 'language', 'focus'],
};
export const AI_COMMON_INPUTS: readonly string[] = [
  'query',
  'context',
  'system_prompt',
  'ai_provider',
  'model',
  'max_tokens',
  'complexity',
];
