/** The caller's fault: a value, never thrown; nothing has changed. The faces translate the code. */
export type RejectionCode =
  | 'NOT_FOUND'
  | 'INVALID_ARGUMENT'
  | 'NOT_LOCKED_BY_WORKER'
  | 'LOCK_EXPIRED'
  | 'ALREADY_CLAIMED'
  | 'NO_MATCHING_SUBSCRIPTION'
  | 'AMBIGUOUS_CORRELATION'
  /** The same message is kept already. */
  | 'ALREADY_PUBLISHED'
  | 'INVALID_STATE'
  /** An owner's limit forbids it now. */
  | 'LIMIT_REACHED'
  /** Who asks may not: the kernel's gate says so. */
  | 'FORBIDDEN'
  /** The key of the request belongs to another request. */
  | 'KEY_REUSED';

export interface Rejection {
  readonly code: RejectionCode;
  /** What, where, what to do. */
  readonly message: string;
  /** What the message is about, for a face that words it itself: e.g. { externalTaskId, holder }. */
  readonly details?: Readonly<Record<string, string | number | null>>;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };
