/** Time for the engine: forward with the wall clock, never back, never still. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineTime } from './engine-time.ts';
import { manualClock } from './testing/clock.ts';

const HOUR = 3_600_000;

function bench(lastAt = 0) {
  const clock = manualClock();
  const behind: number[] = [];
  const time = new EngineTime({ clock, lastAt, onBehind: (ms) => behind.push(ms) });
  return { clock, behind, time };
}

test('it is the wall clock, also after that was set forward', () => {
  const { clock, behind, time } = bench();
  assert.equal(time.now(), clock.wallNow());
  clock.advance(1_234);
  assert.equal(time.now(), clock.wallNow());
  clock.jumpTo(clock.wallNow() + HOUR);
  assert.equal(time.now(), clock.wallNow());
  assert.deepEqual(behind, []);
});

test('after the wall clock was set back it goes on at half speed until the wall clock has caught up', () => {
  const { clock, behind, time } = bench();
  const before = time.now();
  clock.jumpTo(before - HOUR);
  assert.equal(time.now(), before);
  clock.advance(60_000);
  assert.equal(time.now(), before + 30_000);
  clock.advance(2 * HOUR);
  assert.equal(time.now(), clock.wallNow());
  assert.deepEqual(behind, [HOUR]);
});

test('a start on a log that ends in the future goes on from there', () => {
  const { clock, behind, time } = bench(manualClock().wallNow() + HOUR);
  const first = time.now();
  assert.equal(first, clock.wallNow() + HOUR);
  clock.advance(10_000);
  assert.equal(time.now(), first + 5_000);
  assert.deepEqual(behind, [HOUR]);
});

test('often read, it loses nothing of a millisecond', () => {
  const { clock, time } = bench();
  const before = time.now();
  clock.jumpTo(before - HOUR);
  for (let ms = 0; ms < 100; ms += 1) {
    clock.advance(1);
    time.now();
  }
  assert.equal(time.now(), before + 50);
});

test('it counts how far it got ahead of what has really passed, until that is made up for', () => {
  const { clock, time } = bench();
  time.now();
  clock.advance(10_000);
  time.now();
  assert.equal(time.aheadMs, 0);
  clock.jumpTo(clock.wallNow() + HOUR);
  clock.advance(5_000);
  time.now();
  assert.equal(time.aheadMs, HOUR);
  time.settle();
  assert.equal(time.aheadMs, 0);
});

test('steps too small to notice add up', () => {
  const { clock, time } = bench();
  for (let step = 1; step <= 4; step += 1) {
    clock.jumpTo(clock.wallNow() + 300);
    clock.advance(1_000);
    time.now();
    assert.equal(time.aheadMs, step < 4 ? 0 : 1_200);
  }
});

test('what the wall clock did while nothing ran is no step of it', () => {
  const { time } = bench(manualClock().wallNow() - HOUR);
  time.now();
  assert.equal(time.aheadMs, 0);
});

test('after it was set back and forward again, only what half speed had lost is ahead', () => {
  const { clock, time } = bench();
  const before = time.now();
  clock.jumpTo(before - HOUR);
  clock.advance(60_000);
  time.now();
  clock.jumpTo(before + 60_000);
  time.now();
  assert.equal(time.aheadMs, 30_000);
});

test('pinned it stands still, at a later instant where it is pinned again, and goes back for nobody', () => {
  const { clock, behind, time } = bench();
  const before = time.now();
  assert.equal(time.pin(before + HOUR), true);
  assert.equal(time.pin(before + HOUR), false);
  clock.advance(2 * HOUR);
  assert.equal(time.now(), before + HOUR);
  assert.equal(time.pin(before + 3 * HOUR), true);
  assert.equal(time.now(), before + 3 * HOUR);
  time.pin(before);
  assert.equal(time.now(), before + 3 * HOUR);
  assert.deepEqual(behind, []);
});

test('no longer pinned it is the wall clock again, or ahead of it goes at half speed until that has caught up', () => {
  const { clock, behind, time } = bench();
  const before = time.now();
  time.pin(before + 1_000);
  clock.advance(HOUR);
  assert.equal(time.pin(null), true);
  assert.equal(time.now(), clock.wallNow());
  time.pin(clock.wallNow() + HOUR);
  time.pin(null);
  const ahead = time.now();
  assert.equal(ahead, clock.wallNow() + HOUR);
  clock.advance(60_000);
  assert.equal(time.now(), ahead + 30_000);
  clock.advance(2 * HOUR);
  assert.equal(time.now(), clock.wallNow());
  assert.deepEqual(behind, [HOUR]);
});

test('what a pin skips is counted as ahead, and so is what the wall clock did meanwhile', () => {
  const { clock, time } = bench();
  const before = time.now();
  time.pin(before + HOUR);
  time.now();
  assert.equal(time.aheadMs, HOUR);
  time.settle();
  clock.advance(2 * HOUR);
  time.now();
  assert.equal(time.aheadMs, 0);
  time.pin(null);
  assert.equal(time.now(), before + 2 * HOUR);
  assert.equal(time.aheadMs, HOUR);
});

test('while it stands still there is nothing to wait for, but what is due is due', () => {
  const { time } = bench();
  const before = time.now();
  assert.equal(time.untilMs(before + 5), 5);
  time.pin(before + 10);
  assert.equal(time.untilMs(before + 5), 0);
  assert.equal(time.untilMs(before + 10), 0);
  assert.equal(time.untilMs(before + 11), Number.POSITIVE_INFINITY);
});

test('pinned from the start it stands where it was pinned, or at the last record where that is later', () => {
  const clock = manualClock(2 * HOUR);
  const wall = clock.wallNow();
  assert.equal(new EngineTime({ clock, lastAt: 0, pinnedAt: wall - HOUR }).now(), wall - HOUR);
  assert.equal(new EngineTime({ clock, lastAt: wall, pinnedAt: wall - HOUR }).now(), wall);
});
