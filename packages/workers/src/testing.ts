/** For tests: services with settings of one's own, and the check that a handler refuses for good. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  type Content,
  type Download,
  type LargeValue,
  type LargeValues,
  ProcosError,
  WorkerFailure,
} from '@procos/client';
import type { Capabilities } from '@procos/protocol';
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
  capabilities?: Capabilities,
): Services & { readonly lines: LoggedLine[]; readonly values: ValuesInMemory } {
  const lines: LoggedLine[] = [];
  const write = (level: string) => (event: string, text: string) => {
    lines.push({ level, event, text });
  };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const services = { settings: readSettings(env), log, signal, taskId: '7', values: new ValuesInMemory(), lines };
  return capabilities === undefined ? services : { ...services, capabilities };
}

/** A server that takes in everything: what it was given, by handle. */
export class ValuesInMemory implements LargeValues {
  readonly kept: Map<string, Buffer<ArrayBuffer>> = new Map();

  async upload(content: Content, about: Pick<LargeValue, 'name' | 'type'> = {}): Promise<LargeValue> {
    const parts: Uint8Array[] = [];
    if (content instanceof Uint8Array) parts.push(content);
    else for await (const part of content) parts.push(part);
    const bytes = Buffer.from(Buffer.concat(parts));
    const blob = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    this.kept.set(blob, bytes);
    return { blob, size: bytes.length, ...about };
  }

  async download({ blob }: Pick<LargeValue, 'blob'>): Promise<Download> {
    const bytes = this.kept.get(blob);
    if (bytes === undefined) throw new ProcosError('NOT_FOUND', 404, `There is no large value ${blob}.`);
    return { stream: new Blob([bytes]).stream(), size: bytes.length, type: 'application/octet-stream', name: null };
  }
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
