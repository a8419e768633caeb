/** Why an expression could not be read or evaluated; thrown inside this folder only, and turned into a value at its edge. */

export class ExpressionFailure extends Error {}

/** Text of a failure for an incident; anything else that was thrown is named without its stack. */
export function failureText(error: unknown): string {
  if (error instanceof ExpressionFailure) return error.message;
  if (error instanceof RangeError && /call stack/i.test(error.message)) return 'too deeply nested';
  return error instanceof Error ? error.message : String(error);
}

/** A syntax error with its place, 1-based. */
export function syntaxFailure(text: string, offset: number, why: string): ExpressionFailure {
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return new ExpressionFailure(`Syntax error in expression "${shown}" at position ${offset + 1}: ${why}`);
}
