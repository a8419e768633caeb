/**
 * How far the log has come, in a file beside the store. A write-ahead log that is damaged in the middle ends there without a
 * word when SQLite recovers it, and what is left of the chain is whole: only a note that is kept elsewhere tells that more
 * was acknowledged. It is written after each synced commit and is itself not synced: at worst it tells of an earlier one.
 */
import { hash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Chained, logStart } from '../chain.ts';
import type { Anchor, Anchored } from '../contract.ts';
import { ANCHOR, isFull } from './errors.ts';

/** A sector: one is written as a whole or not at all, and the other still holds the note before. */
const SLOT_BYTES = 512;

export function openAnchor(folder: string): Anchor {
  const path = join(folder, ANCHOR);
  const [first = null, second = null] = readSlots(path);
  let next = (first?.sequence ?? 0) > (second?.sequence ?? 0) ? 1 : 0;
  const handle = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  const slot = Buffer.alloc(SLOT_BYTES, ' ');
  slot.write('\n', SLOT_BYTES - 1);
  let closed = false;
  return {
    note({ sequence, hash }) {
      const text = `${sequence} ${hash}`;
      // None is shorter than one before it: only what it says is written into the slot.
      slot.write(`${text} ${checksumOf(text)} `, 'latin1');
      unlessFull(() => {
        if (writeSync(handle, slot, 0, SLOT_BYTES, next * SLOT_BYTES) === SLOT_BYTES) next = 1 - next;
      });
    },
    sync: () => unlessFull(() => fsyncSync(handle)),
    close() {
      if (!closed) closeSync(handle);
      closed = true;
    },
  };
}

/** The last note in a folder; null when there is none that can be read. */
export function readAnchor(folder: string): Anchored | null {
  const [first = null, second = null] = readSlots(join(folder, ANCHOR));
  return (first?.sequence ?? 0) >= (second?.sequence ?? 0) ? first : second;
}

/** It tells of a store that is no longer there. */
export function removeAnchor(folder: string): void {
  rmSync(join(folder, ANCHOR), { force: true });
}

/** What a log lacks of what was acknowledged, or `done` otherwise; null when it has all of it. */
export function missingOf(
  anchored: Anchored | null,
  medium: Chained,
  done = `acknowledged (${ANCHOR})`,
): { sequence: number; problem: string } | null {
  // Of records that were removed because they are old nothing is left to compare.
  if (anchored === null || anchored.sequence < logStart(medium)) return null;
  const { log } = medium;
  const { sequence, hash } = anchored;
  const last = log.lastSequence();
  if (last < sequence)
    return { sequence: last + 1, problem: `${sequence} records were ${done}, the log ends with record ${last}` };
  const [entry] = log.read(sequence - 1, 1);
  if (entry?.hash === hash) return null;
  return { sequence, problem: `record ${sequence} is not the one that was ${done}` };
}

/** What it would have told of is on the disk: without room it tells of an earlier one, and of the next one that finds some. */
function unlessFull(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

function readSlots(path: string): readonly (Anchored | null)[] {
  let bytes: string;
  try {
    bytes = readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return [0, 1].map((slot) => {
    const [sequence = '', hash = '', checksum] = bytes.slice(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES).split(' ');
    return checksum === checksumOf(`${sequence} ${hash}`) ? { sequence: Number(sequence), hash } : null;
  });
}

function checksumOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 16);
}
