/** The one error that the client throws: what was refused or could not be reached, with code and HTTP status. */

/** Codes of the client itself; every other code comes from the server (docs/errors.md, or Camunda's exception type). */
export type ConnectionCode = 'CONNECTION_REFUSED' | 'CONNECTION_LOST' | 'TIMEOUT' | 'BAD_ANSWER';

export class ProcosError extends Error {
  /** Stable name: a `ConnectionCode`, the `code` of an `/api` error, or the `type` of an `/engine-rest` error. */
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The parsed body of the refusal, for callers that show its details (for example the problems of a refused model). */
  readonly details: unknown;

  constructor(code: string, status: number, message: string, details: unknown = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ProcosError';
    this.code = code;
    this.status = status;
    this.details = details;
  }

  /** No answer came: trying again later may help. */
  get connectionLost(): boolean {
    return this.status === 0 && this.code !== 'BAD_ANSWER';
  }

  /** The server asks to come back later (429, 502, 503, 504) or did not answer at all. */
  get temporary(): boolean {
    return this.connectionLost || [429, 502, 503, 504].includes(this.status);
  }
}

const REFUSED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Turns what `fetch` threw into a `ProcosError` that says what to do. */
export function connectionError(cause: unknown, baseUrl: string): ProcosError {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'TimeoutError') {
    return new ProcosError('TIMEOUT', 0, `${baseUrl} did not answer in time. Is the server overloaded?`, null, cause);
  }
  const code = systemCode(cause);
  if (code !== undefined && REFUSED.has(code)) {
    return new ProcosError(
      'CONNECTION_REFUSED',
      0,
      `No ProcOS answers at ${baseUrl} (${code}). Start one with \`procos start\`, or give the address of a running one.`,
      null,
      cause,
    );
  }
  const why = code ?? (cause instanceof Error ? cause.message : String(cause));
  return new ProcosError('CONNECTION_LOST', 0, `The connection to ${baseUrl} broke (${why}).`, null, cause);
}

function systemCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError && at.errors.length > 0) return systemCode(at.errors[0]);
  }
  return undefined;
}
