/** The error that a person is to read: one line that says what, where and what to do, and the exit code. */

/** Exit codes of every command; `run` adds that of an incident. */
export const EXIT = { ok: 0, failed: 1, usage: 2, incident: 3, interrupted: 130 } as const;

export class UserError extends Error {
  readonly code: string;
  readonly exitCode: number;
  constructor(code: string, message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.exitCode = exitCode;
  }
}
