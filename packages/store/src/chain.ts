/** The record log as a chain: every entry's hash covers the entry and the hash before it. */
import { hash } from 'node:crypto';
import type { LogRecord } from '@procos/engine';
import type { BackendLog, LogEntry } from './backend.ts';
import type { Verification } from './contract.ts';

const CHUNK = 1_000;
const TAIL = 256;

type Body = Omit<LogRecord, 'sequence' | 'at'>;

export function entryOf(record: LogRecord, previousHash: string): LogEntry {
  const { sequence, at, by, command, lastId, events } = record;
  const body: Body = { by, command, lastId, events };
  const text = JSON.stringify(body);
  return { sequence, at, hash: link(previousHash, sequence, at, text), body: text };
}

export function recordOf({ sequence, at, body }: LogEntry): LogRecord {
  return { sequence, at, ...(JSON.parse(body) as Body) };
}

function link(previousHash: string, sequence: number, at: number, body: string): string {
  return hash('sha256', `${previousHash}\n${sequence} ${at}\n${body}`, 'base64url');
}

export function verifyWhole(log: BackendLog): Verification {
  return verifyAfter(log, 0, '');
}

/** The last entries, so that opening does not take longer with the length of the log. */
export function verifyTail(log: BackendLog): Verification {
  const base = log.lastSequence() - TAIL;
  if (base <= 0) return verifyWhole(log);
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
