/** How whatever was thrown or refused becomes a status of gRPC, with the meaning that Zeebe gives it. */
import type { ServiceError } from '@grpc/grpc-js';
import { KeptRefusal } from '../../idempotency.ts';
import { type ProblemTitle, problemOf } from '../errors.ts';

/** Numbers of gRPC; its own table is not loaded before somebody calls. */
export const CODES = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export const CODE_OF: Readonly<Record<ProblemTitle, keyof typeof CODES>> = {
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  UNAUTHORIZED: 'UNAUTHENTICATED',
  FORBIDDEN: 'PERMISSION_DENIED',
  NOT_FOUND: 'NOT_FOUND',
  METHOD_NOT_ALLOWED: 'UNIMPLEMENTED',
  ALREADY_EXISTS: 'ALREADY_EXISTS',
  INVALID_STATE: 'FAILED_PRECONDITION',
  // Not RESOURCE_EXHAUSTED, as gRPC itself says it of a message: clients would send the same again.
  PAYLOAD_TOO_LARGE: 'INVALID_ARGUMENT',
  UNSUPPORTED_MEDIA_TYPE: 'INVALID_ARGUMENT',
  INTERNAL: 'INTERNAL',
  NOT_IMPLEMENTED: 'UNIMPLEMENTED',
  RESOURCE_EXHAUSTED: 'RESOURCE_EXHAUSTED',
  UNAVAILABLE: 'UNAVAILABLE',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
};

export type Status = Pick<ServiceError, 'code' | 'details'>;

export function statusOf(error: unknown): Status & { readonly unknown?: true } {
  if (error instanceof KeptRefusal) return { code: error.status, details: String(error.body) };
  const known = problemOf(error);
  if (known !== null) return status(CODE_OF[known.title], known.message);
  const text = error instanceof Error ? error.message : String(error);
  return { ...status('INTERNAL', `Internal error: ${text}. The log of the kernel says more.`), unknown: true };
}

/** It travels in a header, percent-encoded, and Java's client takes 8 KiB of headers. */
const MOST_ENCODED = 6_000;

export function status(code: keyof typeof CODES, text: string): Status {
  // Half of a surrogate pair, e.g. from a name in the request, cannot be encoded.
  const details = text.toWellFormed();
  return { code: CODES[code], details: encodeURI(details).length <= MOST_ENCODED ? details : shortened(details) };
}

function shortened(text: string): string {
  let kept = text.slice(0, MOST_ENCODED);
  while (encodeURI(kept.toWellFormed()).length > MOST_ENCODED) kept = kept.slice(0, Math.floor(kept.length * 0.9));
  return `${kept.toWellFormed()}…`;
}
