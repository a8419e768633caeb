/** What a query reads of the log at once is bounded by events, not only by records: one may hold tens of thousands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineEvent, LogRecord } from '@procos/engine';
import { Records, readFew } from './records.ts';

const NOTHING: EngineEvent = { type: 'signalBroadcast', name: 'nothing' };

/** A log of so many records with so many events each, and how often which records were read from it. */
function logOf(count: number, eventsEach: number) {
  const events = new Array<EngineEvent>(eventsEach).fill(NOTHING);
  const by = { kind: 'user', id: 'test' } as const;
  const log = Array.from({ length: count }, (_, index): LogRecord => {
    const sequence = index + 1;
    return { sequence, at: sequence, by, command: 'broadcastSignal', lastId: sequence * 10, events };
  });
  const reads: number[] = [];
  const read = (after: number, limit: number) => {
    const found = log.slice(after, after + limit);
    reads.push(found.length);
    return found;
  };
  return { read, reads, records: new Records(read, { first: 1, last: count }) };
}

const sequences = (records: readonly LogRecord[]) => records.map(({ sequence }) => sequence);

test('the newest and the oldest are as many as were asked for, in their order', () => {
  const { records } = logOf(100, 3);
  const newest = records.newest(40);
  assert.deepEqual(
    sequences(newest.records),
    Array.from({ length: 40 }, (_, index) => 61 + index),
  );
  const oldest = records.oldest(40);
  assert.deepEqual(
    sequences(oldest.records),
    Array.from({ length: 40 }, (_, index) => 1 + index),
  );
  assert.deepEqual([newest.isFull, oldest.isFull], [false, false]);
  assert.deepEqual([records.newest(500).records.length, records.oldest(500).records.length], [100, 100]);
  assert.deepEqual([records.newest(500).isFull, records.oldest(500).isFull], [false, false]);
});

test('of records with very many events no more are read than hold 200,000 and a piece', () => {
  const { records, reads } = logOf(5_000, 3_000);
  for (const window of [records.newest(4_097), records.oldest(4_097)]) {
    assert.ok(window.isFull);
    assert.ok(window.records.length >= 67 && window.records.length <= 67 + 16, `${window.records.length} records`);
  }
  assert.equal(records.newest(4_097).records.at(-1)?.sequence, 5_000);
  assert.ok(Math.max(...reads) <= 16, 'how long records are shows only when they are read');
});

test('what was read is kept, but not more events than that', () => {
  const { records, reads } = logOf(1_000, 3_000);
  records.get(1);
  records.get(1);
  assert.deepEqual(reads, [1]);
  for (let sequence = 2; sequence <= 100; sequence += 1) records.get(sequence);
  records.get(1);
  assert.equal(reads.length, 101, 'the first was forgotten meanwhile');
});

test('whoever reads on from a sequence gets few, and at least one', () => {
  const short = logOf(2_000, 3);
  assert.deepEqual(sequences(readFew(short.read, 10, 3)), [11, 12, 13]);
  assert.equal(readFew(short.read, 0, 1_000).length, 1_000);
  assert.equal(readFew(short.read, 1_990, 1_000).length, 10);
  const long = logOf(100, 300_000);
  assert.equal(readFew(long.read, 0, 1_000).length, 16);
});
