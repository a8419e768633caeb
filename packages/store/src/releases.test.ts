/** When something held comes free is asked for once, and again when that may have come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Releases } from './releases.ts';

test('the store is asked when the earliest end that is known has come, and not before', () => {
  let earliest = 50;
  let loads = 0;
  const releases = new Releases(() => {
    loads += 1;
    return earliest;
  });
  releases.add('mail', 1);
  assert.equal(releases.isDue('mail', 10), false);
  assert.equal(releases.isDue('mail', 49), false);
  assert.equal(loads, 1);
  releases.add('mail', 30);
  releases.add('mail', 40);
  assert.equal(releases.isDue('mail', 29), false);
  assert.equal(loads, 1);
  // What was to come free then has been done meanwhile.
  assert.equal(releases.isDue('mail', 30), false);
  assert.equal(releases.isDue('mail', 49), false);
  assert.equal(loads, 2);
  assert.equal(releases.isDue('mail', 50), true);
  assert.equal(releases.isDue('post', 10), false);
  earliest = 5;
  assert.equal(releases.isDue('post', 10), false);
  releases.forget();
  assert.equal(releases.isDue('post', 10), true);
});

test('of topics without end that somebody asks for not all are remembered', () => {
  let loads = 0;
  const releases = new Releases(() => {
    loads += 1;
    return Number.MAX_SAFE_INTEGER;
  });
  for (let round = 0; round < 2; round += 1)
    for (let topic = 0; topic < 15_000; topic += 1) releases.isDue(`topic-${topic}`, 0);
  assert.equal(loads, 30_000);
});
