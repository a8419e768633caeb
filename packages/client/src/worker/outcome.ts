/** What a handler may throw, and how its outcome is told to the engine. */
import type { AiUsage } from '@procos/protocol';
import type { LockedExternalTask } from '../camunda7.ts';
import { type BackOff, backOff } from '../pause.ts';
import { type PlainValues, toTypedValues } from '../values.ts';

/** A business error that the model may catch at a boundary event; never retried. */
export class BpmnError extends Error {
  readonly code: string;
  readonly variables: PlainValues;
  constructor(code: string, message = '', variables: PlainValues = {}) {
    super(message);
    this.name = 'BpmnError';
    this.code = code;
    this.variables = variables;
  }
}

/** A failure whose further course the handler decides. Every other error counts as `retry: true`. */
export class WorkerFailure extends Error {
  /** False: trying again cannot help; the engine raises an incident at once. */
  readonly retry: boolean;
  /** ms until the next attempt; undefined: the worker's back-off. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: { retry?: boolean; retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WorkerFailure';
    this.retry = options.retry ?? true;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface HandlerResult {
  /** To the scopes above, where the engine finds each (Camunda's rule). */
  readonly variables?: PlainValues;
  /** To the task's own scope, where only the model's output mapping sees them. */
  readonly localVariables?: PlainValues;
  /** What an AI task has used: counted against the limits of its owners. */
  readonly usage?: AiUsage;
}

export interface RetryRule {
  /** Attempts in all when the model gives no number. */
  readonly attempts: number;
  readonly backOff: BackOff;
}

/** One request that ends the task: the operation after `/external-task/{id}/` and its body (without `workerId`). */
export interface Settlement {
  readonly operation: 'complete' | 'failure' | 'bpmnError';
  readonly body: Readonly<Record<string, unknown>>;
}

export function completed(result: HandlerResult): Settlement {
  return {
    operation: 'complete',
    body: {
      variables: toTypedValues(result.variables ?? {}),
      localVariables: toTypedValues(result.localVariables ?? {}),
      ...(result.usage === undefined ? {} : { usage: result.usage }),
    },
  };
}

/** `earlierFailures`: how often this worker saw the task fail before, for the length of the pause. */
export function failed(error: unknown, task: LockedExternalTask, earlierFailures: number, rule: RetryRule): Settlement {
  if (error instanceof BpmnError) {
    const variables = toTypedValues(error.variables);
    return { operation: 'bpmnError', body: { errorCode: error.code, errorMessage: error.message, variables } };
  }
  const retry = !(error instanceof WorkerFailure) || error.retry;
  const retries = retry ? Math.max(0, (task.retries ?? rule.attempts) - 1) : 0;
  const given = error instanceof WorkerFailure ? error.retryAfterMs : undefined;
  const retryTimeout = retries === 0 ? 0 : (given ?? backOff(earlierFailures, rule.backOff));
  const message = error instanceof Error ? error.message || error.name : String(error);
  const details = error instanceof Error ? (error.stack ?? message) : message;
  return {
    operation: 'failure',
    body: { errorMessage: message.slice(0, 2000), errorDetails: details.slice(0, 20_000), retries, retryTimeout },
  };
}
