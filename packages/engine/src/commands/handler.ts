/** What every command's file exports: check first, then emit and enqueue; refusals are values. */
import type { Turn } from '../actions/turn.ts';
import type { CommandOf, CommandType, ReplyOf } from '../records/commands.ts';
import { LAST_INSTANT } from '../records/limits.ts';
import type { Outcome, Rejection, RejectionCode } from '../records/rejection.ts';

export type CommandHandler<T extends CommandType> = (command: CommandOf<T>, turn: Turn) => Outcome<ReplyOf<T>>;

export type Refused = { readonly ok: false; readonly rejection: Rejection };

export function reject(code: RejectionCode, message: string, details?: Rejection['details']): Refused {
  return { ok: false, rejection: details === undefined ? { code, message } : { code, message, details } };
}

/** `what` would end later than a date can be; undefined: it does not. */
export function tooLong(turn: Turn, ms: number, what: string): Refused | undefined {
  if (turn.now + ms <= LAST_INSTANT) return undefined;
  return reject('INVALID_ARGUMENT', `${what} would end after the year 9999: ${ms} ms are too many`);
}

export const DONE: { readonly ok: true; readonly value: Record<never, never> } = { ok: true, value: {} };
