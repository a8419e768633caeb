/** Bounds that both languages share. */
import { ExpressionFailure } from './failure.ts';

/** Longest text that an expression may build, and largest result it may have (characters and entries together). */
const MAX_RESULT = 10_000_000;

/** Throws ExpressionFailure when a text or result of this size is not allowed. */
export function boundedSize(size: number): void {
  if (size > MAX_RESULT) throw new ExpressionFailure(`The result grows beyond ${MAX_RESULT} characters`);
}
