/** A disk that fails while nobody asked for anything stops the kernel too: at the alarm, and for a request that waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore, type Store, StoreFailure } from '@procos/store';
import { EXIT_STORE_FAILED } from './kernel-options.ts';
import { startTestKernel } from './testing/system.ts';

/** A memory store of which one part can be made to fail. */
function failing(part: 'timers' | 'find') {
  const store = createMemoryStore();
  const disk = { failed: false };
  const refuse = (): void => {
    if (disk.failed) throw new StoreFailure('EIO: i/o error, read');
  };
  const { timers } = store.state;
  const nextDueAt = (): number | undefined => {
    refuse();
    return timers.nextDueAt();
  };
  const state = { ...store.state, timers: { ...timers, nextDueAt } };
  const overrides = new Map<PropertyKey, unknown>(
    part === 'timers'
      ? [['state', state]]
      : [
          [
            'find',
            (...args: Parameters<Store['find']>) => {
              refuse();
              return store.find(...args);
            },
          ],
        ],
  );
  const proxy = new Proxy(store, {
    get(target, name) {
      const value = overrides.get(name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' && !overrides.has(name) ? value.bind(target) : value;
    },
  });
  return { store: proxy, disk };
}

test('a disk that refuses the alarm its timers stops the kernel', async () => {
  const { store, disk } = failing('timers');
  const kernel = await startTestKernel({ store });
  await kernel.ready;
  disk.failed = true;
  const by = { kind: 'user', id: 'ada' } as const;
  await kernel.engine.submit({ type: 'publishMessage', name: 'm', correlationKey: 'k', timeToLiveMs: 60_000 }, by);
  assert.equal((await kernel.stopped).exitCode, EXIT_STORE_FAILED);
});

test('a disk that refuses a waiting request its read stops the kernel', async () => {
  const { store, disk } = failing('find');
  const kernel = await startTestKernel({ store });
  await kernel.ready;
  disk.failed = true;
  const topics = [{ topic: 'mail', lockMs: 1_000 }];
  const poll = { type: 'fetchAndLock', workerId: 'w', maxTasks: 1, usePriority: false, topics } as const;
  void kernel.engine.fetchAndLock(poll, { kind: 'worker', id: 'w' }, { waitMs: 60_000 });
  assert.equal((await kernel.stopped).exitCode, EXIT_STORE_FAILED);
});

test('a disk that refuses a new policy the tasks that it concerns stops the kernel', async () => {
  const { store, disk } = failing('find');
  const kernel = await startTestKernel({ store });
  await kernel.ready;
  disk.failed = true;
  const asked = kernel.engine.setPolicy({ rules: [] }, 'a test', { kind: 'user', id: 'ada' });
  await assert.rejects(asked, { name: 'Unavailable', code: 'FAILED' });
  assert.equal((await kernel.stopped).exitCode, EXIT_STORE_FAILED);
});
