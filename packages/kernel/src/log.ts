/** The kernel's log: one JSON line per event on standard output, and the newest lines kept for whoever looks. */
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { KernelLogLine, LogSource } from './kernel-port.ts';
import type { LogFile } from './log-file.ts';

export type LogLevel = KernelLogLine['level'];
export type LogFields = Readonly<Record<string, unknown>>;

/** Characters of the lines that wait for that; further ones are lost. */
const MOST_WAITING = 1024 * 1024;

export interface LogOptions {
  readonly level: LogLevel | 'silent';
  /** Default: standard output, written at once so that nothing is lost when the process ends. */
  readonly stream?: DestinationStream;
  /** Gets every line, too. */
  readonly file?: LogFile;
  /** Lines kept in memory. */
  readonly keep?: number;
  readonly now?: () => number;
}

/**
 * Writes `{"level","ts","source","event","text",…}`; `correlation_id` is the process instance an event belongs to.
 * The events are listed in docs/kernel-events.md.
 */
export class KernelLog implements LogSource {
  readonly file: LogFile | undefined;
  readonly #pino: Logger;
  readonly #keep: number;
  readonly #now: () => number;
  readonly #lines: KernelLogLine[] = [];
  readonly #followers = new Set<(line: KernelLogLine) => void>();

  constructor(options: LogOptions) {
    this.#keep = options.keep ?? 2_000;
    this.#now = options.now ?? Date.now;
    const { file } = options;
    this.file = file;
    const stream = options.stream ?? standardOutput();
    const both = {
      write(line: string): void {
        stream.write(line);
        file?.write(line);
      },
    };
    this.#pino = pino(
      {
        level: options.level,
        base: null,
        messageKey: 'text',
        timestamp: false,
        formatters: { level: (label) => ({ level: label }) },
      },
      file === undefined ? stream : both,
    );
  }

  debug(event: string, text: string, fields: LogFields = {}): void {
    this.write('debug', 'kernel', event, text, fields);
  }
  info(event: string, text: string, fields: LogFields = {}): void {
    this.write('info', 'kernel', event, text, fields);
  }
  warn(event: string, text: string, fields: LogFields = {}): void {
    this.write('warn', 'kernel', event, text, fields);
  }
  error(event: string, text: string, fields: LogFields = {}): void {
    this.write('error', 'kernel', event, text, fields);
  }

  write(level: LogLevel, source: string, event: string, text: string, fields: LogFields): void {
    const at = this.#now();
    this.#pino[level]({ ts: new Date(at).toISOString(), source, event, ...fields }, text);
    if (!this.#pino.isLevelEnabled(level) && level === 'debug') return;
    const line: KernelLogLine = { at, level, source, event, text, fields };
    this.#lines.push(line);
    // Cut in slices: shifting a line at a time would move the whole list at every line.
    if (this.#lines.length > this.#keep * 2) this.#lines.splice(0, this.#lines.length - this.#keep);
    for (const follower of this.#followers) follower(line);
  }

  recent(limit: number): readonly KernelLogLine[] {
    return limit > 0 ? this.#lines.slice(-Math.min(limit, this.#keep)) : [];
  }

  follow(listener: (line: KernelLogLine) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }
}

/** A full disk must not stop the kernel here either: what a file takes no more is tried again with the next line. */
function standardOutput(): DestinationStream {
  const stream = destination({ fd: 1, sync: true, maxLength: MOST_WAITING });
  stream.on('error', () => {});
  return stream;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function stackOf(error: unknown): string | null {
  return error instanceof Error ? (error.stack ?? null) : null;
}
