/** What a command may touch of the world around it: its two output streams, the clock, the environment and its exit code. */
import { once } from 'node:events';
import { onInterrupt } from '../signals.ts';
import { inShellWords } from './addresses.ts';
import { askSecret } from './secret.ts';
import { EXIT, UserError } from './user-error.ts';

export interface Shell {
  /** One line of result, to standard output. */
  readonly print: (line: string) => void;
  /** Content as it is, to standard output; resolves when more may come. */
  readonly writeBytes: (bytes: Uint8Array) => Promise<void>;
  /** One line for a person, to standard error. */
  readonly note: (line: string) => void;
  /** From now on the end of who reads what is written does not end the command: lines go nowhere. */
  readonly outlive: () => void;
  /** Asks for a secret: without echo on a terminal, else the next line of standard input. */
  readonly secret: (question: string) => Promise<string>;
  readonly now: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Whether standard output is a terminal that shows colours. */
  readonly colour: boolean;
  /** Whether standard output is a terminal. */
  readonly terminal: boolean;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** How the command ended; 0 unless it says otherwise. */
  exitCode: number;
}

/** The shell of this host process. */
export function processShell(): Shell {
  const outlive = endWithReader();
  // Listened for only once somebody asks: other commands just end at Ctrl-C.
  let interrupted: AbortSignal | undefined;
  return {
    print: (line) => process.stdout.write(`${line}\n`),
    writeBytes: async (bytes) => {
      if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
    },
    note: (line) => process.stderr.write(`${line}\n`),
    outlive,
    secret: askSecret,
    now: Date.now,
    environment: process.env,
    workingDirectory: process.cwd(),
    terminal: process.stdout.isTTY === true,
    colour: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    get interrupted() {
      interrupted ??= untilInterrupt();
      return interrupted;
    },
    exitCode: 0,
  };
}

/** Aborts at Ctrl-C; a second one ends the process. */
function untilInterrupt(): AbortSignal {
  const controller = new AbortController();
  onInterrupt(() => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  });
  return controller.signal;
}

/** `procos logs -f | head`, or a terminal that was closed: a command ends without a stack trace. Returns how to go on nevertheless. */
function endWithReader(): () => void {
  let ends = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!ends) return;
    if (error.code === 'EPIPE' || error.code === 'EIO') process.exit(0);
    throw error;
  });
  // What is only said to a person changes nothing of how the command ends.
  process.stderr.on('error', () => {});
  return () => {
    ends = false;
  };
}

/** One line for the person; with `--json` as an object. Returns the exit code. */
export function report(shell: Shell, error: unknown, json: boolean): number {
  const { code, message, exitCode } = described(error);
  shell.note(json ? JSON.stringify({ code, message }) : `procos: ${message}`);
  return exitCode;
}

function described(error: unknown): { code: string; message: string; exitCode: number } {
  if (error instanceof UserError) return error;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return { code: error.code, message: inShellWords(error.message), exitCode: 1 };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'UNEXPECTED', message: `unexpected failure: ${detail}`, exitCode: 1 };
}
