/** The error body of our own face, and how whatever was thrown becomes one. */
import { type Rejection, TooMuchAsked, Unavailable, ValueTooLarge } from '@procos/kernel';
import type { ApiError } from '@procos/protocol';
import { TooManyGuesses, Unauthenticated } from '../authentication.ts';
import { Forbidden } from '../gate.ts';
import { KeyReused } from '../idempotency.ts';
import { BadRequest } from '../origin.ts';
import { JsonRefusal } from '../safe-json.ts';

/** A refused request on `/api`. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiRefusal';
    this.status = status;
    this.code = code;
  }
}

const STATUS: Readonly<Partial<Record<Rejection['code'], number>>> = {
  NOT_FOUND: 404,
  INVALID_ARGUMENT: 400,
  FORBIDDEN: 403,
};

export function rejected(rejection: Rejection): ApiRefusal {
  const status = STATUS[rejection.code] ?? 409;
  return new ApiRefusal(status, rejection.code, rejection.message);
}

export interface ApiErrorReply {
  readonly status: number;
  readonly body: ApiError;
  readonly headers?: Readonly<Record<string, string>>;
  /** Nobody expected this: to be logged. */
  readonly unknown?: true;
}

export function errorReply(error: unknown): ApiErrorReply {
  if (error instanceof ApiRefusal) return reply(error.status, error.code, error.message);
  if (error instanceof Unavailable) {
    return { ...reply(503, error.code, error.message), headers: { 'retry-after': '1' } };
  }
  if (error instanceof TooMuchAsked) return reply(422, 'TOO_COMPLEX', `${error.message}.`);
  if (error instanceof ValueTooLarge) return reply(413, 'TOO_LARGE', `${error.message}.`);
  if (error instanceof Forbidden) return reply(403, 'FORBIDDEN', error.message);
  if (error instanceof Unauthenticated)
    return {
      ...reply(401, 'UNAUTHENTICATED', error.message),
      headers: { 'www-authenticate': 'Bearer realm="procos"' },
    };
  if (error instanceof TooManyGuesses)
    return { ...reply(429, 'TOO_MANY_GUESSES', error.message), headers: { 'retry-after': String(error.retryAfterS) } };
  if (error instanceof KeyReused) return reply(422, 'KEY_REUSED', error.message);
  if (error instanceof JsonRefusal && error.status === 422) return reply(422, 'TOO_COMPLEX', error.message);
  if (error instanceof JsonRefusal) return reply(400, 'INVALID_JSON', error.message);
  if (error instanceof BadRequest) return reply(error.status, 'BAD_REQUEST', error.message);
  const { statusCode, message } = error as { readonly statusCode?: number; readonly message?: string };
  if (statusCode === 413) return reply(413, 'TOO_LARGE', `${message}: send less, or large values as bytes.`);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return reply(statusCode, 'BAD_REQUEST', message ?? 'Bad request');
  }
  const text = error instanceof Error ? error.message : String(error);
  return { ...reply(500, 'INTERNAL', `Internal error: ${text}. The log of the kernel says more.`), unknown: true };
}

function reply(status: number, code: string, message: string): ApiErrorReply {
  return { status, body: { code, message } };
}
