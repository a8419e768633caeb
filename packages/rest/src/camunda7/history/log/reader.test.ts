import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord } from '@procos/kernel';
import type { Call } from '../../../call.ts';
import { countLog, type Entry } from './reader.ts';

const RECORDS = 10_000;

/** A log of so many records, of each of which one entry is made. */
function asking(raw: { destroyed: boolean }, onPortion: (after: number) => void = () => {}) {
  const engine = {
    records(after: number, limit: number) {
      onPortion(after);
      const count = Math.min(limit, RECORDS - after);
      return Array.from({ length: count }, (_, at) => ({ sequence: after + at + 1, at: 0, events: [] }));
    },
    find: () => [],
  };
  return { engine, query: {}, body: {}, reply: { raw } } as unknown as Call;
}

const SPEC = {
  parameters: {},
  sortBy: {},
  reader:
    () =>
    ({ sequence, at }: LogRecord): Entry[] => [{ id: String(sequence), at, sequence, processInstanceId: null }],
};

test('the log is read to its end for who waits for the answer, and no further for who has hung up', async () => {
  assert.deepEqual(await countLog(asking({ destroyed: false }), SPEC), { count: RECORDS });
  const raw = { destroyed: false };
  const { count } = await countLog(
    asking(raw, (after) => {
      raw.destroyed = after > 0;
    }),
    SPEC,
  );
  assert.ok(count < 1_000, String(count));
});
