/** For tests: services with settings of one's own, and the check that a handler refuses for good. */
import assert from 'node:assert/strict';
import { WorkerFailure } from '@procos/client';
import type { Services } from './handler.ts';
import { readSettings } from './settings.ts';

export interface LoggedLine {
  readonly level: string;
  readonly event: string;
  readonly text: string;
}

export function servicesWith(
  env: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): Services & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const write = (level: string) => (event: string, text: string) => {
    lines.push({ level, event, text });
  };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { settings: readSettings(env), log, signal, taskId: '7', lines };
}

/** The work fails, and trying again would not help. */
export function refusesForGood(work: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof WorkerFailure, String(error));
    assert.match(error.message, message);
    assert.equal(error.retry, false, `would be retried: ${error.message}`);
    return true;
  });
}

/** The work fails, and is worth another attempt. */
export function failsForNow(work: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof WorkerFailure, String(error));
    assert.match(error.message, message);
    assert.equal(error.retry, true, `would not be retried: ${error.message}`);
    return true;
  });
}
