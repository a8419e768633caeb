/** The built-in topics: what each takes, and where its handler is (loaded at first use, to keep the host small). */

import type { SandboxLevel } from '@procos/protocol';
import { AI_COMMON_INPUTS, AI_INPUTS, type AiTopic } from './ai/inputs.ts';
import type { TaskHandler } from './handler.ts';
import { PURE_HANDLERS } from './pure-topics.ts';

export interface BuiltinTopic {
  readonly topic: string;
  /** Names of the inputs; `all`: every variable that the task sees. */
  readonly inputs: readonly string[] | 'all';
  /** Inputs that come from the model alone: a variable of that name is not looked at. Data is never code. */
  readonly fromModel?: readonly string[];
  /**
   * Codes of the BPMN errors that a task with `errors` = `bpmn` ends in where there is none of its own: for what it was
   * told, and for what did not succeed in its last attempt; absent: `TASK_REFUSED` and `TASK_FAILED`.
   */
  readonly refusedCode?: string;
  readonly failedCode?: string;
  /** Walls that every task of it has; absent: none. Those of scripts depend on their language. */
  readonly sandboxLevel?: SandboxLevel;
  readonly load: () => Promise<TaskHandler>;
}

const SERVICE_INPUTS = ['service', 'service_version', 'service_tags', 'service_strategy'];
const AI_TOPICS = Object.keys(AI_INPUTS) as AiTopic[];

export const BUILTIN_HANDLERS: readonly BuiltinTopic[] = [
  {
    topic: 'http_request',
    inputs: ['url', 'method', 'headers', 'params', 'data', 'timeout', ...SERVICE_INPUTS],
    refusedCode: 'REQUEST_REFUSED',
    failedCode: 'REQUEST_FAILED',
    load: async () => (await import('./http/http.ts')).httpRequest,
  },
  {
    topic: 'email_send',
    inputs: ['to_email', 'subject', 'body', 'body_type', 'from_email'],
    load: async () => (await import('./email/email.ts')).emailSend,
  },
  {
    topic: 'file_operation',
    inputs: ['file_path', 'operation', 'content', 'encoding', 'target_path', 'overwrite'],
    refusedCode: 'FILE_REFUSED',
    load: async () => (await import('./file/file.ts')).fileOperation,
  },
  ...AI_TOPICS.map((topic) => ({
    topic,
    inputs: [...AI_COMMON_INPUTS, ...AI_INPUTS[topic]],
    load: async () => (await import('./ai/ai.ts')).aiHandler(topic),
  })),
  {
    topic: 'service_choose',
    inputs: SERVICE_INPUTS,
    load: async () => (await import('./service/choose.ts')).serviceChoose,
  },
  {
    topic: 'service_check',
    inputs: ['checks'],
    load: async () => (await import('./service/check.ts')).serviceCheck,
  },
  {
    topic: 'program_run',
    inputs: ['program', 'arguments', 'stdin', 'accept'],
    refusedCode: 'PROGRAM_REFUSED',
    sandboxLevel: 'box',
    load: async () => (await import('./program/program.ts')).programRun,
  },
  ...PURE_HANDLERS,
];

export const BUILTIN_TOPICS: readonly string[] = BUILTIN_HANDLERS.map(({ topic }) => topic);
