/** Tells what the maps of a command hold: whatever is put and taken out, the same as a table would. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SparseMap } from '../src/actions/sparse-map.ts';

const KEYS = [1, 2, 3] as const;
/** Puts one of the keys, or takes it out. */
const MOVES = KEYS.flatMap((key) => [{ key, puts: true } as const, { key, puts: false } as const]);
const LENGTH = 6;

test('a sparse map holds what a map holds, in the same order, after every way to get there', () => {
  for (let way = 0; way < MOVES.length ** LENGTH; way += 1) {
    const sparse = new SparseMap<number, number>();
    const map = new Map<number, number>();
    let rest = way;
    for (let step = 0; step < LENGTH; step += 1) {
      const { key, puts } = MOVES[rest % MOVES.length]!;
      rest = Math.floor(rest / MOVES.length);
      if (puts) {
        sparse.set(key, step);
        map.set(key, step);
      } else {
        sparse.delete(key);
        map.delete(key);
      }
    }
    const told = () => `after way ${way}`;
    assert.equal(sparse.size, map.size, told());
    if (JSON.stringify(sparse.entries()) !== JSON.stringify([...map]))
      assert.deepEqual(sparse.entries(), [...map], told());
    for (const key of KEYS)
      if (sparse.has(key) !== map.has(key) || sparse.get(key) !== map.get(key)) assert.fail(`${told()}: ${key}`);
  }
});

test('what is told of a sparse map stays as it was when more is put, or all is taken out', () => {
  const sparse = new SparseMap<string, number>();
  sparse.set('a', 1);
  sparse.set('b', 2);
  const before = sparse.entries();
  sparse.set('c', 3);
  sparse.clear();
  assert.deepEqual(before, [
    ['a', 1],
    ['b', 2],
  ]);
  assert.equal(sparse.size, 0);
  assert.deepEqual(sparse.entries(), []);
});
