/** When memory is given back: in a quiet moment, when it is worth a pause, and never from under somebody's work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { cachedDataVersionTag } from 'node:v8';
import { lastResort, releaseMemoryWhenQuiet } from './release-memory.ts';

type Kernel = Parameters<typeof releaseMemoryWhenQuiet>[0];

function kernelOf(ready: Promise<void>) {
  const listeners = new Set<() => void>();
  const engine = {
    queued: 0,
    onCommitted(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const commit = (): void => {
    for (const listener of listeners) listener();
  };
  return { kernel: { ready, engine } as unknown as Kernel & { engine: { queued: number } }, commit, listeners };
}

/** A memory of which a collection leaves 100 MB. */
function memoryOf() {
  const memory = {
    collections: 0,
    residentBytes: 200e6,
    spentMs: 0,
    resident: () => memory.residentBytes,
    processorMs: () => memory.spentMs,
    collect: () => {
      memory.collections += 1;
      memory.residentBytes = 100e6;
    },
  };
  return memory;
}

test('memory is given back in the first quiet second after the boot and, once much has come, after ten seconds without work', async (t) => {
  let now = 0;
  t.mock.timers.enable({ apis: ['setInterval'] });
  t.mock.method(performance, 'now', () => now);
  const { kernel, commit, listeners } = kernelOf(Promise.resolve());
  const memory = memoryOf();
  const stop = releaseMemoryWhenQuiet(kernel, memory);
  await kernel.ready;
  const pass = (seconds: number, meanwhile: () => void = () => {}): void => {
    for (const until = now + seconds * 1_000; now < until; ) {
      now += 250;
      meanwhile();
      t.mock.timers.tick(250);
    }
  };
  pass(30, commit);
  assert.equal(memory.collections, 0);
  pass(2);
  assert.equal(memory.collections, 1);

  memory.residentBytes = 120e6;
  pass(60);
  assert.equal(memory.collections, 1, 'hardly anything to give back');

  memory.residentBytes = 300e6;
  pass(60, commit);
  assert.equal(memory.collections, 1, 'something is committed');
  pass(60, () => {
    memory.spentMs += 50;
  });
  assert.equal(memory.collections, 1, 'somebody reads');
  kernel.engine.queued = 1;
  pass(60);
  assert.equal(memory.collections, 1, 'somebody waits');
  kernel.engine.queued = 0;
  pass(8);
  assert.equal(memory.collections, 1, 'not yet');
  pass(4);
  assert.equal(memory.collections, 2);
  pass(60);
  assert.equal(memory.collections, 2, 'nothing has come since');

  stop();
  memory.residentBytes = 300e6;
  pass(60);
  assert.equal(memory.collections, 2);
  assert.equal(listeners.size, 0);
});

test('a kernel that does not come up, and one that is stopped before it is quiet, are left alone', async () => {
  const failed = kernelOf(Promise.reject(new Error('no')));
  const memory = memoryOf();
  releaseMemoryWhenQuiet(failed.kernel, memory);
  await pause(1);
  assert.equal(failed.listeners.size, 0);

  const stopped = kernelOf(Promise.resolve());
  const stop = releaseMemoryWhenQuiet(stopped.kernel, memory);
  await pause(1);
  stop();
  await pause(1_500);
  assert.equal(stopped.listeners.size, 0);
  assert.equal(memory.collections, 0);
});

test('the collection needs no flag of the process and leaves none: compiled code stays of use to the next start', async () => {
  const before = cachedDataVersionTag();
  const left = new WeakRef({});
  // What a turn has made or looked at is kept until it is over.
  await pause(1);
  lastResort();
  assert.equal(left.deref(), undefined);
  assert.equal(cachedDataVersionTag(), before);
});
