/** The record log as a chain: every entry's hash covers the entry and the hash before it. */
import { hash } from 'node:crypto';
import type { LogRecord } from '@procos/engine';
import type { Backend, BackendLog, LogEntry } from './backend.ts';
import type { Verification } from './contract.ts';
import { recordFrom, textOf } from './record-text/record-text.ts';

/** Value of a store: sequence of the first record, once earlier ones were removed. */
const LOG_START = 'logStart';
/** Text of a store: sequence and hash of the last record that was removed. Stores that an earlier version has removed from have none. */
const LOG_BEFORE = 'logBefore';
/** Of records that may have megabytes each. */
const CHUNK = 16;
const TAIL = 256;

export function entryOf(record: LogRecord, previousHash: string): LogEntry {
  const { sequence, at } = record;
  const body = textOf(record);
  return { sequence, at, hash: link(previousHash, sequence, at, body), body };
}

export function recordOf({ sequence, at, body }: LogEntry): LogRecord {
  return recordFrom(sequence, at, body);
}

function link(previousHash: string, sequence: number, at: number, body: string): string {
  return hash('sha256', `${previousHash}\n${sequence} ${at}\n${body}`, 'base64url');
}

export type Chained = Pick<Backend, 'log' | 'value' | 'text'>;

/** Sequence of the first record that is kept; 1 while nothing was removed. */
export function logStart({ value }: Pick<Backend, 'value'>): number {
  return value(LOG_START) ?? 1;
}

/** Notes that `last` and everything before it is removed. */
export function noteRemoved({ setValue, setText }: Pick<Backend, 'setValue' | 'setText'>, last: LogEntry): void {
  setValue(LOG_START, last.sequence + 1);
  setText(LOG_BEFORE, `${last.sequence} ${last.hash}`);
}

/** Hash of the record before the first one that is kept; undefined: not known. */
function hashBefore({ text }: Chained, start: number): string | undefined {
  const [sequence, found] = (text(LOG_BEFORE) ?? '').split(' ');
  return Number(sequence) === start - 1 ? found : undefined;
}

export function verifyWhole(medium: Chained): Verification {
  const start = logStart(medium);
  const [first] = medium.log.read(Number.MIN_SAFE_INTEGER, 1);
  if (first !== undefined && first.sequence < start)
    return { ok: false, sequence: first.sequence, problem: `record ${first.sequence} is said to have been removed` };
  const before = start === 1 ? '' : hashBefore(medium, start);
  return before === undefined ? verifyFrom(medium.log, start) : verifyAfter(medium.log, start - 1, before);
}

/** The last entries, so that opening does not take longer with the length of the log. */
export function verifyTail(medium: Chained): Verification {
  const base = medium.log.lastSequence() - TAIL;
  return base <= logStart(medium) ? verifyWhole(medium) : verifyFrom(medium.log, base);
}

/** The entry at `base` is the anchor: only its hash counts. */
function verifyFrom(log: BackendLog, base: number): Verification {
  const [entry] = log.read(base - 1, 1);
  if (entry?.sequence !== base) return { ok: false, sequence: base, problem: `record ${base} is missing` };
  return verifyAfter(log, base, entry.hash);
}

function verifyAfter(log: BackendLog, base: number, baseHash: string): Verification {
  let previous = baseHash;
  let sequence = base;
  let at = 0;
  for (;;) {
    const entries = log.read(sequence, CHUNK);
    for (const entry of entries) {
      sequence += 1;
      const problem = problemOf(entry, sequence, at, previous);
      if (problem !== null) return { ok: false, sequence, problem };
      previous = entry.hash;
      at = entry.at;
    }
    if (entries.length < CHUNK) return { ok: true, records: sequence };
  }
}

function problemOf(entry: LogEntry, sequence: number, at: number, previousHash: string): string | null {
  if (entry.sequence !== sequence) return `record ${sequence} is missing`;
  if (entry.hash !== link(previousHash, entry.sequence, entry.at, entry.body)) {
    return `record ${sequence} does not match its checksum`;
  }
  return entry.at < at ? `record ${sequence} is older than the one before it` : null;
}
