import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Kernel, Unavailable } from '@procos/kernel';
import { endOf, refuseToAwaitMore } from './awaited.ts';

test('no more ends are awaited than there is room for, and there is again when some wait no longer', async () => {
  const engine = { find: () => [{ state: 'active' }], onCommitted: () => () => {} };
  const kernel = { engine } as unknown as Kernel;
  const closing = new AbortController();
  const gone = new AbortController();
  const wait = (id: number, { signal }: AbortController) => endOf(kernel, id, { waitMs: 60_000, signal });
  const waits = Array.from({ length: 9_999 }, (_, id) => wait(id + 1, closing));
  refuseToAwaitMore(kernel);
  const last = wait(10_000, gone);
  assert.throws(() => refuseToAwaitMore(kernel), Unavailable);
  gone.abort();
  assert.equal(await last, undefined);
  refuseToAwaitMore(kernel);
  closing.abort();
  assert.equal((await Promise.all(waits)).length, 9_999);
});
