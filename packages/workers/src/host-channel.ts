/** The line between a worker host and the kernel that started it: Node's IPC, or signals and stderr without it. */
import type { WorkerLogger } from '@procos/client';
import { redact, type Settings } from './settings.ts';

/** The shapes of packages/kernel/src/kernel-port.ts; a worker may not import the kernel. */
export type HostToKernel =
  | { readonly type: 'ready'; readonly topics: readonly string[] }
  | { readonly type: 'drained' }
  | { readonly type: 'alive' }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly event: string;
      readonly text: string;
      readonly fields?: Record<string, unknown>;
    };
export type KernelToHost = { readonly type: 'drain' } | Revoked;
/** `lockCount`: what has an older lock; null: any. */
export interface Revoked {
  readonly type: 'revoked';
  readonly taskId: string;
  readonly lockCount: number | null;
  readonly reason: string;
}
type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface HostChannel {
  /** False when there is no kernel on the line. */
  readonly connected: boolean;
  /** Resolves when the message has left this process (or never will). */
  send(message: HostToKernel): Promise<void>;
  /** Resolves when the kernel says `drain` or goes away, when SIGTERM comes, or SIGINT without a kernel. */
  untilDrain(): Promise<void>;
  /** The kernel has taken a task back. */
  onRevoked(listener: (revoked: Revoked) => void): void;
}

export function processChannel(): HostChannel {
  return {
    get connected() {
      return process.connected === true;
    },
    send(message) {
      return new Promise((resolve) => {
        // The kernel may go away at any moment; that is noticed by `disconnect`.
        if (process.connected) process.send?.(message, undefined, {}, () => resolve());
        else resolve();
      });
    },
    onRevoked(listener) {
      process.on('message', (message: KernelToHost) => {
        if (message?.type === 'revoked') listener(message);
      });
    },
    untilDrain() {
      return new Promise((resolve) => {
        process.on('message', (message: KernelToHost) => {
          if (message?.type === 'drain') resolve();
        });
        process.once('disconnect', resolve);
        process.on('SIGTERM', () => resolve());
        // Ctrl-C reaches the whole foreground group: with a kernel on the line, the kernel decides when to drain.
        process.on('SIGINT', () => {
          if (!process.connected) resolve();
        });
      });
    },
  };
}

/** Log lines go to the kernel, or as JSON to stderr when there is none. Debug lines stay out. */
export async function hostLogger(channel: HostChannel, settings: Settings): Promise<WorkerLogger> {
  const toStderr = channel.connected ? undefined : await stderrLogger();
  const write = (level: LogLevel, event: string, text: string, fields: Record<string, unknown> = {}): void => {
    const clean = redact(settings, text);
    if (toStderr !== undefined) toStderr(level, event, clean, fields);
    else void channel.send({ type: 'log', level, event, text: clean, fields });
  };
  return {
    debug() {},
    info: (event, text, fields) => write('info', event, text, fields),
    warn: (event, text, fields) => write('warn', event, text, fields),
    error: (event, text, fields) => write('error', event, text, fields),
  };
}

async function stderrLogger(): Promise<
  (level: LogLevel, event: string, text: string, fields: Record<string, unknown>) => void
> {
  const { destination, pino } = await import('pino');
  const logger = pino({ base: { source: 'worker-host' } }, destination(2));
  return (level, event, text, fields) => logger[level]({ event, ...fields }, text);
}
