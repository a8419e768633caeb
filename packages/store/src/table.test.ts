/** The write-back cache: bounded when settled, never behind the back of a batch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Health } from './health.ts';
import { createMemoryBackend } from './memory/backend.ts';
import { type Spec, table } from './spec.ts';
import { Table } from './table.ts';

interface Note {
  readonly id: number;
  text: string;
}
const notes: Spec<Note> = table<Note>('notes', { text: 'text' }, { cacheSize: 3 });

function create() {
  const stored = createMemoryBackend().table(notes);
  const reads: number[] = [];
  const writes: number[] = [];
  const removals: number[] = [];
  const watched = {
    read(id: number) {
      reads.push(id);
      return stored.read(id);
    },
    write(cells: Parameters<typeof stored.write>[0]) {
      writes.push(Number(cells[0]));
      return stored.write(cells);
    },
    remove(id: number) {
      removals.push(id);
      return stored.remove(id);
    },
    select: stored.select.bind(stored),
    find: stored.find.bind(stored),
    count: stored.count.bind(stored),
  };
  const rows = new Table(notes, watched, new Health());
  const settle = () => {
    rows.write();
    rows.settle(Number.POSITIVE_INFINITY);
  };
  return { rows, settle, reads, writes, removals };
}

test('the least recently used rows leave memory when a batch is settled', () => {
  const { rows, settle, reads } = create();
  for (let id = 1; id <= 3; id++) rows.put({ id, text: 'a' });
  settle();
  rows.get(1);
  rows.put({ id: 4, text: 'a' });
  settle();
  for (const id of [1, 3, 4, 2]) assert.deepEqual(rows.get(id), { id, text: 'a' });
  assert.deepEqual(reads, [2]);
});

test('no live object is lost within a batch, however many rows it touches', () => {
  const { rows, settle, reads } = create();
  for (let id = 1; id <= 9; id++) rows.put({ id, text: 'a' });
  settle();
  reads.length = 0;
  const first = rows.get(1);
  for (let id = 2; id <= 9; id++) rows.get(id);
  assert.equal(rows.get(1), first);
  assert.equal(reads.filter((id) => id === 1).length, 1);
});

test('a row that came and went between two commits never touches the disk; a stored one is removed once', () => {
  const { rows, settle, writes, removals } = create();
  rows.put({ id: 1, text: 'a' });
  rows.delete(1);
  rows.put({ id: 2, text: 'a' });
  settle();
  assert.deepEqual([writes, removals], [[2], []]);
  rows.put({ id: 2, text: 'b' });
  rows.delete(2);
  settle();
  assert.deepEqual([writes, removals], [[2], [2]]);
  assert.equal(rows.get(2), undefined);
});

test('a number that no store could give back is refused when it is put, not when it is read', () => {
  interface Lock {
    readonly id: number;
    readonly until: number | null;
  }
  const spec: Spec<Lock> = table<Lock>('locks', { until: 'integer' });
  const rows = new Table(spec, createMemoryBackend().table(spec), new Health());
  rows.put({ id: 1, until: Number.MAX_SAFE_INTEGER });
  rows.put({ id: 2, until: null });
  for (const until of [2 ** 53, Number.POSITIVE_INFINITY, Number.NaN])
    assert.throws(() => rows.put({ id: 3, until }), /until of locks 3 is .*; a store gives back/);
  assert.equal(rows.get(3), undefined);
});
