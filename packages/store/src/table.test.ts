/** The write-back cache: bounded when settled, never behind the back of a batch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Health } from './health.ts';
import { createMemoryBackend } from './memory/backend.ts';
import { type Lookup, type Spec, table } from './spec.ts';
import { Table } from './table.ts';

interface Note {
  readonly id: number;
  text: string;
}
const withText: Lookup = { equal: ['text'], order: [{ column: 'id' }] };
const notes: Spec<Note> = table<Note>('notes', { text: 'text' }, { lookups: [withText], cacheSize: 3 });

function create() {
  const stored = createMemoryBackend().table(notes);
  const reads: number[] = [];
  const writes: number[] = [];
  const removals: number[] = [];
  /** How many rows each call read. */
  const goes: number[] = [];
  const watched = {
    read(id: number) {
      goes.push(1);
      reads.push(id);
      return stored.read(id);
    },
    write(cells: Parameters<typeof stored.write>[0]) {
      writes.push(Number(cells[0]));
      return stored.write(cells);
    },
    writeAll(all: Parameters<typeof stored.writeAll>[0]) {
      writes.push(...all.map(([id]) => Number(id)));
      return stored.writeAll(all);
    },
    remove(id: number) {
      removals.push(id);
      return stored.remove(id);
    },
    readAll(ids: readonly number[]) {
      reads.push(...ids);
      goes.push(ids.length);
      return stored.readAll(ids);
    },
    readFound: stored.readFound.bind(stored),
    idsFound: stored.idsFound.bind(stored),
    changeAll: stored.changeAll.bind(stored),
    removeAll(ids: readonly number[]) {
      removals.push(...ids);
      return stored.removeAll(ids);
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
  return { rows, settle, reads, goes, writes, removals };
}

test('a row that is over leaves memory as soon as it is written, and is found again', () => {
  const medium = createMemoryBackend();
  const ending = table<Note>('ending', { text: 'text' }, { cacheSize: 3, isOver: ({ text }) => text === 'over' });
  const rows = new Table(ending, medium.table(ending), new Health());
  const first = { id: 1, text: 'over' };
  const second = { id: 2, text: 'goes on' };
  rows.put(first);
  rows.put(second);
  assert.equal(rows.get(1), first);
  rows.write();
  rows.settle(Number.POSITIVE_INFINITY);
  assert.equal(rows.get(2), second);
  assert.deepEqual(rows.get(1), first);
  assert.notEqual(rows.get(1), first);
});

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

test('rows that are brought are read together, once, and a live object stays the only one', () => {
  const { rows, settle, reads } = create();
  for (let id = 1; id <= 9; id++) rows.put({ id, text: 'a' });
  settle();
  reads.length = 0;
  const live = rows.get(1)!;
  live.text = 'changed in place';
  rows.bring([1, 2, 3, 4, 3, 99]);
  assert.deepEqual(reads, [1, 2, 3, 4, 99]);
  for (const id of [2, 3, 4]) assert.deepEqual(rows.get(id), { id, text: 'a' });
  assert.equal(rows.get(1), live);
  assert.deepEqual(reads, [1, 2, 3, 4, 99]);
});

test('who goes through what a look-up finds reads the rows in a few goes, and whoever wants the first one reads one', () => {
  const { rows, settle, reads, goes } = create();
  for (let id = 1; id <= 100; id++) rows.put({ id, text: 'a' });
  settle();
  reads.length = 0;
  assert.equal(rows.first(withText, ['a'])?.id, 1);
  assert.deepEqual([reads, goes.length], [[1], 1]);
  goes.length = 0;
  assert.deepEqual(
    [...rows.select(withText, ['a'])].map(({ id }) => id),
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
  assert.ok(goes.length < 10, `${goes.length} goes`);
});

interface Item {
  readonly id: number;
  readonly owner: number;
  readonly place: number;
}
const ofOwner: Lookup = {
  equal: ['owner'],
  order: [{ column: 'place', descending: true }, { column: 'id' }],
};
const items: Spec<Item> = table<Item>('items', { owner: 'integer', place: 'integer' }, { lookups: [ofOwner] });

test('what is looked up for many values at once is in the order of the look-up and knows what has changed since', () => {
  const medium = createMemoryBackend().table(items);
  let selects = 0;
  const stored = Object.assign(Object.create(medium) as typeof medium, {
    read: (id: number) => medium.read(id),
    write: (cells: Parameters<typeof medium.write>[0]) => medium.write(cells),
    writeAll: (all: Parameters<typeof medium.writeAll>[0]) => medium.writeAll(all),
    remove: (id: number) => medium.remove(id),
    removeAll: (ids: readonly number[]) => medium.removeAll(ids),
    readAll: (ids: readonly number[]) => medium.readAll(ids),
    readFound: (...found: Parameters<typeof medium.readFound>) => medium.readFound(...found),
    changeAll: (all: Parameters<typeof medium.changeAll>[0]) => medium.changeAll(all),
    select: (...search: Parameters<typeof medium.select>) => {
      selects += 1;
      return medium.select(...search);
    },
  });
  const rows = new Table(items, stored, new Health());
  for (let id = 1; id <= 40; id++) rows.put({ id, owner: id % 4, place: id % 8 });
  rows.write();
  rows.settle(Number.POSITIVE_INFINITY);
  const idsOf = (owner: number): readonly number[] => [...rows.select(ofOwner, [owner])].map(({ id }) => id);
  const alone = [0, 1, 2].map(idsOf);
  assert.equal(selects, 3);

  const again = new Table(items, stored, new Health());
  again.delete(4);
  again.put({ id: 50, owner: 1, place: 100 });
  const read = again.bringFound(ofOwner, [], [0, 1, 2, 7]);
  assert.deepEqual(
    read.map(({ id }) => id).toSorted((one, other) => one - other),
    Array.from({ length: 40 }, (_, index) => index + 1).filter((id) => id % 4 < 3),
  );
  const brought = [0, 1, 2, 7].map((owner) => [...again.select(ofOwner, [owner])].map(({ id }) => id));
  assert.equal(selects, 3);
  assert.deepEqual(brought, [alone[0]!.filter((id) => id !== 4), [50, ...alone[1]!], alone[2], []]);
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

test('what is deleted by a look-up goes with what has changed in memory, and no other row', () => {
  const medium = createMemoryBackend().table(items);
  const rows = new Table(items, medium, new Health());
  const settle = (): void => {
    rows.write();
    rows.settle(Number.POSITIVE_INFINITY);
  };
  for (let id = 1; id <= 40; id++) rows.put({ id, owner: id % 4, place: id });
  settle();
  const moved = { id: 1, owner: 2, place: 1 };
  const come = { id: 2, owner: 1, place: 2 };
  rows.put(moved);
  rows.put(come);
  rows.put({ id: 41, owner: 1, place: 41 });
  rows.put({ id: 42, owner: 7, place: 42 });
  rows.deleteFound(ofOwner, [], [1, 3, 7]);
  const idsOf = (owner: number): readonly number[] => [...rows.select(ofOwner, [owner])].map(({ id }) => id);
  for (let twice = 0; twice < 2; twice += 1) {
    assert.deepEqual([idsOf(1), idsOf(3), idsOf(7)], [[], [], []]);
    assert.deepEqual(idsOf(2), [38, 34, 30, 26, 22, 18, 14, 10, 6, 1]);
    assert.equal(idsOf(0).length, 10);
    assert.deepEqual([rows.get(1), rows.get(2), rows.get(5), rows.get(41)], [moved, undefined, undefined, undefined]);
    settle();
  }
});
