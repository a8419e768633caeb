/** What a large heap may grow by: little, and nothing of it is left behind. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { boundHeapGrowth } from './heap-growth.ts';

const LARGE = 300e6;
const SMALL = 60e6;

test('a heap that is large or was a moment ago may grow by little, and V8 hears of it only when that changes', async (t) => {
  const heard: number[] = [];
  let used = SMALL;
  let now = 0;
  t.mock.timers.enable({ apis: ['setInterval'] });
  t.mock.method(performance, 'now', () => now);
  const pass = (ms: number): void => {
    for (const until = now + ms; now < until; now += 500) t.mock.timers.tick(500);
  };
  const before = process.listenerCount('exit');
  const stop = boundHeapGrowth({ used: () => used, growBy: (percent) => heard.push(percent) });
  pass(5_000);
  assert.deepEqual(heard, []);
  used = LARGE;
  pass(1_000);
  used = SMALL;
  pass(9_000);
  assert.equal(heard.length, 1);
  assert.ok((heard[0] ?? 0) > 0);
  pass(2_000);
  assert.deepEqual(heard.slice(1), [0]);
  used = LARGE;
  pass(60_000);
  assert.equal(heard.length, 3);
  stop();
  assert.equal(heard.at(-1), 0);
  pass(2_000);
  assert.equal(heard.length, 4);
  assert.equal(process.listenerCount('exit'), before);
});

/** What is alive for two rounds, beside 100 MB that stay: the largest heap, MB, once old objects were collected twice; and whether the flags are as before. */
const PROGRAM = `
  import { PerformanceObserver } from 'node:perf_hooks';
  import { cachedDataVersionTag, getHeapStatistics } from 'node:v8';
  const { boundHeapGrowth } = await import(process.argv[1]);
  const before = cachedDataVersionTag();
  const stop = process.argv[2] === 'bound' ? boundHeapGrowth() : () => {};
  let collected = 0;
  const count = (list) => (collected += list.getEntries().filter(({ detail }) => detail.kind === 4).length);
  new PerformanceObserver(count).observe({ entryTypes: ['gc'] });
  const many = (count) => Array.from({ length: count }, (_, at) => ({ at, more: [at, at, at] }));
  const stays = many(600_000);
  let largest = 0;
  let last = [];
  await new Promise((resolve) => setTimeout(resolve, 600));
  collected = 0;
  for (let round = 0; collected < 4; round += 1) {
    last = [...last.slice(-1), many(60_000)];
    if (collected >= 2) largest = Math.max(largest, getHeapStatistics().used_heap_size);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  stop();
  console.log(Math.round(largest / 1e6), stays.length, cachedDataVersionTag() === before);
`;

function largestHeap(how: string): number {
  const module = new URL('./heap-growth.ts', import.meta.url).href;
  const args = ['--max-old-space-size=4000', '--input-type=module', '--eval', PROGRAM, module, how];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const [largest, , same] = stdout.trim().split(' ');
  assert.equal(same, 'true', stderr);
  return Number(largest);
}

test('what lives for a moment no longer makes a large heap several times as large', () => {
  const free = largestHeap('free');
  const bound = largestHeap('bound');
  assert.ok(bound < free * 0.7, `${bound} MB, without the bound ${free} MB`);
});
