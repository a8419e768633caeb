/** The cache of rows: how many stay, and how much text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cache } from './cache.ts';

function cacheOf(most: number, ids: readonly number[], characters: (id: number) => number): Cache<string> {
  const cache = new Cache<string>(most);
  for (const id of ids) {
    cache.put(id, `row ${id}`);
    cache.weigh(id, characters(id));
  }
  return cache;
}
const idsOf = (cache: Cache<string>, upTo: number): number[] =>
  Array.from({ length: upTo }, (_, index) => index + 1).filter((id) => cache.has(id));
const MEGABYTE = 1024 * 1024;

test('beyond the number that may stay, the longest unused go', () => {
  const cache = cacheOf(3, [1, 2, 3, 4, 5], () => 100);
  assert.equal(cache.use(2), 'row 2');
  cache.evict();
  assert.deepEqual(idsOf(cache, 5), [2, 4, 5]);
});

test('rows with much text go before there are too many of them', () => {
  const cache = cacheOf(1_000, [1, 2, 3, 4, 5, 6], (id) => (id === 1 ? 10 : 5 * MEGABYTE));
  cache.evict();
  assert.deepEqual(idsOf(cache, 6), [4, 5, 6]);
});

test('a row is weighed as it is now: one that became light, was deleted or cleared makes room', () => {
  const cache = cacheOf(1_000, [1, 2, 3], () => 8 * MEGABYTE);
  cache.weigh(1, 10);
  cache.evict();
  assert.deepEqual(idsOf(cache, 3), [1, 2, 3]);
  cache.put(4, 'row 4');
  cache.weigh(4, 8 * MEGABYTE);
  cache.delete(3);
  cache.evict();
  assert.deepEqual(idsOf(cache, 4), [1, 2, 4]);
  cache.clear();
  for (const id of [5, 6]) {
    cache.put(id, `row ${id}`);
    cache.weigh(id, 8 * MEGABYTE);
  }
  cache.evict();
  assert.deepEqual(idsOf(cache, 6), [5, 6]);
});
