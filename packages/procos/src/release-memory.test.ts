/** When the memory of the boot is given back: once, in a quiet moment, and never from under somebody's work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { cachedDataVersionTag } from 'node:v8';
import { lastResort, releaseMemoryOnceQuiet } from './release-memory.ts';

type Kernel = Parameters<typeof releaseMemoryOnceQuiet>[0];

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
  return { kernel: { ready, engine } as unknown as Kernel, commit, listeners };
}

test('what the boot left is collected once, not while something is committed, and nobody listens afterwards', async () => {
  const { kernel, commit, listeners } = kernelOf(Promise.resolve());
  const { promise, resolve } = Promise.withResolvers<void>();
  let collected = 0;
  releaseMemoryOnceQuiet(kernel, () => {
    collected += 1;
    resolve();
  });
  for (let at = 0; at < 6; at += 1) {
    await pause(250);
    commit();
  }
  assert.equal(collected, 0);
  await promise;
  assert.equal(listeners.size, 0);
});

test('a kernel that does not come up, and one that is stopped before it is quiet, are left alone', async () => {
  const failed = kernelOf(Promise.reject(new Error('no')));
  releaseMemoryOnceQuiet(failed.kernel, () => assert.fail('collected'));
  await pause(1);
  assert.equal(failed.listeners.size, 0);

  const stopped = kernelOf(Promise.resolve());
  const stop = releaseMemoryOnceQuiet(stopped.kernel, () => assert.fail('collected'));
  await pause(1);
  stop();
  await pause(1_500);
  assert.equal(stopped.listeners.size, 0);
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
