/** Camunda 8's error body (RFC 9457), and how whatever was thrown or refused becomes one. The gateway for gRPC reads the titles. */
import { type Rejection, TooMuchAsked, Unavailable, ValueTooLarge } from '@procos/kernel';
import { TooManyGuesses, Unauthenticated } from '../authentication.ts';
import { Forbidden } from '../gate.ts';
import { KeyReused } from '../idempotency.ts';
import { BadRequest } from '../origin.ts';
import { JsonRefusal } from '../safe-json.ts';

/** What clients tell apart, each with its usual status. */
const STATUS = {
  INVALID_ARGUMENT: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ALREADY_EXISTS: 409,
  INVALID_STATE: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INTERNAL: 500,
  NOT_IMPLEMENTED: 501,
  RESOURCE_EXHAUSTED: 503,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

export type ProblemTitle = keyof typeof STATUS;

/** A refused request, in Camunda 8's words. */
export class Problem extends Error {
  readonly title: ProblemTitle;
  readonly status: number;
  constructor(title: ProblemTitle, detail: string, status: number = STATUS[title]) {
    super(detail);
    this.name = 'Problem';
    this.title = title;
    this.status = status;
  }
}

/** The request itself is wrong; the detail says which member, what is there and what is expected. */
export function invalid(detail: string): Problem {
  return new Problem('INVALID_ARGUMENT', detail);
}

export function notFound(detail: string): Problem {
  return new Problem('NOT_FOUND', detail);
}

/** There is such a thing, but not in a state in which this can be done. */
export function wrongState(detail: string): Problem {
  return new Problem('INVALID_STATE', detail);
}

/** A member, value or operation that Camunda 8 knows and this server does not serve. `instead`: where else to look. */
export function notServed(what: string, instead?: string): Problem {
  const detail = `${what} is part of the Camunda 8 REST API but not served by this server`;
  return new Problem('NOT_IMPLEMENTED', instead === undefined ? detail : `${detail}: ${instead}`);
}

const TITLES: Readonly<Record<Rejection['code'], ProblemTitle>> = {
  NOT_FOUND: 'NOT_FOUND',
  NO_MATCHING_SUBSCRIPTION: 'NOT_FOUND',
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  FORBIDDEN: 'FORBIDDEN',
  ALREADY_PUBLISHED: 'ALREADY_EXISTS',
  NOT_LOCKED_BY_WORKER: 'INVALID_STATE',
  LOCK_EXPIRED: 'INVALID_STATE',
  ALREADY_CLAIMED: 'INVALID_STATE',
  AMBIGUOUS_CORRELATION: 'INVALID_STATE',
  INVALID_STATE: 'INVALID_STATE',
  // Not RESOURCE_EXHAUSTED: a client slows down everything for that, and this is about one process.
  LIMIT_REACHED: 'INVALID_STATE',
  KEY_REUSED: 'INVALID_ARGUMENT',
};

/** What Camunda 8 answers to a refusal of the engine. */
export function rejected({ code, message }: Rejection): Problem {
  return new Problem(TITLES[code], message);
}

/** Any failure as a problem; null: nobody expected this. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof Unavailable)
    return new Problem(error.passes ? 'RESOURCE_EXHAUSTED' : 'UNAVAILABLE', error.message);
  if (error instanceof Forbidden) return new Problem('FORBIDDEN', error.message);
  if (error instanceof Unauthenticated) return new Problem('UNAUTHORIZED', error.message);
  if (error instanceof TooManyGuesses) return new Problem('UNAUTHORIZED', error.message, 429);
  if (error instanceof TooMuchAsked) return new Problem('INVALID_ARGUMENT', error.message);
  if (error instanceof ValueTooLarge) return new Problem('PAYLOAD_TOO_LARGE', error.message);
  if (error instanceof KeyReused) return new Problem('INVALID_ARGUMENT', error.message, 422);
  if (error instanceof JsonRefusal || error instanceof BadRequest)
    return new Problem('INVALID_ARGUMENT', error.message, error.status);
  return ofFramework(error);
}

function ofFramework(error: unknown): Problem | null {
  const { statusCode: status, message = 'Bad request' } = error as { statusCode?: number; message?: string };
  if (status === 413) return new Problem('PAYLOAD_TOO_LARGE', `${message}: send less, or large values as bytes`);
  if (status === 415)
    return new Problem('UNSUPPORTED_MEDIA_TYPE', `${message}: send application/json, or a form where files are sent`);
  return status !== undefined && status >= 400 && status < 500
    ? new Problem('INVALID_ARGUMENT', message, status)
    : null;
}

export const PROBLEM_TYPE = 'application/problem+json';

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
}

export interface ProblemReply {
  readonly status: number;
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;
  /** To be logged. */
  readonly unknown?: true;
}

/** Any failure as Camunda 8 answers it on `url`. */
export function errorReply(error: unknown, url: string): ProblemReply {
  const known = problemOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const { title, status, message } = known ?? new Problem('INTERNAL', `Internal error: ${text}`);
  return {
    status,
    body: problemBody(title, status, message, url),
    headers: headersFor(error, status),
    ...(known === null ? { unknown: true } : {}),
  };
}

export function problemBody(title: string, status: number, detail: string, url: string): ProblemBody {
  return { type: 'about:blank', title, status, detail, instance: url.split('?')[0] ?? url };
}

function headersFor(error: unknown, status: number): Readonly<Record<string, string>> {
  if (error instanceof TooManyGuesses) return { 'retry-after': String(error.retryAfterS) };
  if (status === 401) return { 'www-authenticate': 'Basic realm="procos"' };
  return status === 503 ? { 'retry-after': '1' } : {};
}
