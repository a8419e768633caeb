/** Built-in workers that reach nothing outside, as handlers to be called in any process: the test kit runs them as they are. */
import type { Handler, WorkerLogger } from '@procos/client';
import { adapt } from './host.ts';
import { PURE_HANDLERS } from './pure-topics.ts';
import { closeScripts } from './script/script.ts';
import { readSettings } from './settings.ts';

export interface PureHandlers {
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Ends the processes that wait for scripts. */
  close(): void;
}

/** `env`: settings of the worker host, by their environment variable. Throws an `Error` for settings that make no sense. */
export function pureHandlers(env: Readonly<Record<string, string | undefined>>, log: WorkerLogger): PureHandlers {
  const settings = readSettings(env);
  return { handlers: new Map(PURE_HANDLERS.map((one) => [one.topic, adapt(one, settings, log)])), close: closeScripts };
}
