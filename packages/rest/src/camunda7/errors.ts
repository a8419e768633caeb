/** Camunda's error body, and how whatever was thrown or refused becomes one. */
import { type Rejection, TooMuchAsked, Unavailable, ValueTooLarge } from '@procos/kernel';
import type { FastifyError } from 'fastify';
import { TooManyGuesses, Unauthenticated } from '../authentication.ts';
import { Forbidden } from '../gate.ts';
import { KeyReused } from '../idempotency.ts';
import { BadRequest } from '../origin.ts';
import { JsonRefusal } from '../safe-json.ts';

/** Simple names of the Java classes that Camunda shows as `type`. */
export type ErrorType =
  | 'RestException'
  | 'InvalidRequestException'
  | 'ProcessEngineException'
  | 'NullValueException'
  | 'BadUserRequestException'
  | 'AuthenticationException'
  | 'AuthorizationException'
  | 'ParseException'
  | 'TaskAlreadyClaimedException'
  | 'NotFoundException'
  | 'NotAllowedException'
  | 'NotSupportedException'
  | 'NotImplementedException'
  | 'ServiceUnavailableException';

/** A refused request, in Camunda's words. `code` is 0 unless Camunda has a number for it; null where no engine was asked. */
export class RestError extends Error {
  readonly status: number;
  readonly type: ErrorType;
  readonly code: number | null;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(
    status: number,
    type: ErrorType,
    message: string,
    options: { readonly code?: number | null; readonly extra?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.name = 'RestError';
    this.status = status;
    this.type = type;
    this.code = options.code === undefined ? 0 : options.code;
    this.extra = options.extra ?? {};
  }
}

/** 415: the operation takes a form with files. */
export function notMultipart(): RestError {
  const message = 'HTTP 415 Unsupported Media Type: send multipart/form-data';
  return new RestError(415, 'NotSupportedException', message, { code: null });
}

/** The request itself is wrong: a parameter or member that cannot be what it says. */
export function invalid(message: string): RestError {
  return new RestError(400, 'InvalidRequestException', message, { code: null });
}

/** No such resource; most of Camunda's resources say it with `InvalidRequestException`. */
export function notFound(message: string): RestError {
  return new RestError(404, 'InvalidRequestException', message, { code: null });
}

/** A value, parameter or option that Camunda knows and this server does not serve yet. */
export function unsupported(what: string): RestError {
  return invalid(`${what} is not supported yet by this server`);
}

/** A whole operation of Camunda's that is not served. `instead`: where else to look. */
export function notServed(operation: string, instead?: string): RestError {
  const why = `${operation} is part of the Camunda 7 REST API but not served by this server`;
  const message = instead === undefined ? why : `${why}: ${instead}`;
  return new RestError(501, 'NotImplementedException', message, { code: null });
}

/** For operations with words of their own for a refusal: the kernel's gate has none but these. */
export function refuseForbidden({ code, message }: Rejection): void {
  if (code === 'FORBIDDEN') throw forbidden(message);
}

function forbidden(message: string): RestError {
  return new RestError(403, 'AuthorizationException', message);
}

/** What Camunda answers to a refusal of the engine where the operation has no words of its own. */
export function rejected(rejection: Rejection): RestError {
  switch (rejection.code) {
    case 'NOT_FOUND':
      return new RestError(404, 'RestException', rejection.message);
    case 'INVALID_ARGUMENT':
    case 'NOT_LOCKED_BY_WORKER':
    case 'LOCK_EXPIRED':
    case 'NO_MATCHING_SUBSCRIPTION':
    case 'AMBIGUOUS_CORRELATION':
    case 'ALREADY_PUBLISHED':
    case 'KEY_REUSED':
      return new RestError(400, 'RestException', rejection.message);
    // Nothing is wrong with the request, and later it may be accepted.
    case 'LIMIT_REACHED':
      return new RestError(409, 'RestException', rejection.message);
    case 'FORBIDDEN':
      return forbidden(rejection.message);
    case 'ALREADY_CLAIMED':
    case 'INVALID_STATE':
      return new RestError(500, 'RestException', rejection.message);
  }
}

export interface ErrorReply {
  readonly status: number;
  readonly body: { readonly type: string; readonly message: string; readonly code: number | null };
  readonly headers?: Readonly<Record<string, string>>;
}

/** Any failure as Camunda would word it to `userId`. Unknown ones are 500 and `unknown` (to be logged). */
export function errorReply(error: unknown, userId: string | null = null): ErrorReply & { readonly unknown?: true } {
  // What is missing is a role, which Camunda has no word for.
  const missing = { userId, missingAuthorizations: [] };
  if (error instanceof RestError) {
    const { type, message, code, extra } = error;
    const about = type === 'AuthorizationException' ? missing : {};
    return { status: error.status, body: { type, message, code, ...about, ...extra } };
  }
  if (error instanceof Unavailable) {
    return { status: 503, body: body('ServiceUnavailableException', error.message), headers: { 'retry-after': '1' } };
  }
  if (error instanceof Forbidden) {
    return { status: 403, body: { ...body('AuthorizationException', error.message, 0), ...missing } };
  }
  if (error instanceof TooMuchAsked) return { status: 422, body: body('InvalidRequestException', error.message) };
  if (error instanceof ValueTooLarge) return { status: 413, body: body('InvalidRequestException', error.message) };
  if (error instanceof Unauthenticated) {
    const headers = { 'www-authenticate': 'Basic realm="procos"' };
    return { status: 401, body: body('AuthenticationException', error.message), headers };
  }
  if (error instanceof TooManyGuesses) {
    const headers = { 'retry-after': String(error.retryAfterS) };
    return { status: 429, body: body('AuthenticationException', error.message), headers };
  }
  if (error instanceof KeyReused) return { status: 422, body: body('InvalidRequestException', error.message) };
  if (error instanceof JsonRefusal)
    return { status: error.status, body: body('InvalidRequestException', error.message) };
  if (error instanceof BadRequest)
    return { status: error.status, body: body('InvalidRequestException', error.message) };
  return frameworkReply(error);
}

function frameworkReply(error: unknown): ErrorReply & { readonly unknown?: true } {
  const { statusCode, message } = error as Partial<FastifyError>;
  if (statusCode === 413) {
    return { status: 413, body: body('InvalidRequestException', `${message}: send less, or large values as bytes`) };
  }
  if (statusCode === 415)
    return {
      status: 415,
      body: body('NotSupportedException', 'HTTP 415 Unsupported Media Type: send application/json'),
    };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, body: body('InvalidRequestException', message ?? 'Bad request') };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { status: 500, body: { ...body('RestException', `Internal error: ${text}`), code: 0 }, unknown: true };
}

function body(type: ErrorType, message: string, code: number | null = null): ErrorReply['body'] {
  return { type, message, code };
}
