/** Requests with a key: their answers are as durable as their effects, also when the kernel is killed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createMemoryStore, openSqliteStore } from '@procos/store';
import { systemClock } from './clock.ts';
import { startTestKernel } from './testing/system.ts';

const CRASH = fileURLToPath(new URL('./testing/crash-keyed.ts', import.meta.url));
const ADA = { kind: 'user', id: 'ada' } as const;
const PUBLISH = { type: 'publishMessage', name: 'paid', correlationKey: 'k', timeToLiveMs: 60_000 } as const;

function publishAndDie(directory: string, key: string): Promise<{ readonly said: string; readonly signal: unknown }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CRASH, directory, key], (error, said) => resolve({ said, signal: error?.signal }));
  });
}

test('a request that is sent again after kill -9 gets the answer of before, and nothing happens twice', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'procos-answers-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const first = await publishAndDie(directory, 'one');
  assert.equal(first.signal, 'SIGKILL');
  const second = await publishAndDie(directory, 'one');
  assert.deepEqual([second.said, second.signal], [first.said, 'SIGKILL']);
  const kernel = await startTestKernel({ store: openSqliteStore({ directory }), hosts: [] });
  assert.notEqual(kernel.engine.answer('one'), undefined);
  assert.equal(kernel.engine.answer('two'), undefined);
  const again = await kernel.engine.submit(PUBLISH, ADA, { key: 'one', fingerprint: 'f' });
  assert.equal(JSON.stringify(again), first.said);
  const other = await kernel.engine.submit(PUBLISH, ADA, { key: 'one', fingerprint: 'g' });
  assert.equal(!other.ok && other.rejection.code, 'KEY_REUSED');
  const buffered = kernel.engine.records(0, 10_000).flatMap(({ events }) => events.filter(isBuffered));
  assert.equal(buffered.length, 1);
  await stop(kernel);
});

test('two of the same at once are done once, and both are answered alike', async () => {
  const kernel = await startTestKernel({ store: createMemoryStore(), hosts: [] });
  const send = () => kernel.engine.submit(PUBLISH, ADA, { key: 'one', fingerprint: 'f' });
  const [first, ...others] = await Promise.all([send(), send(), send()]);
  assert.ok(first?.ok);
  for (const other of others) assert.deepEqual(other, JSON.parse(JSON.stringify(first)));
  await stop(kernel);
});

test('a wall clock that is set forward ends no answer; the time that is really over does', async () => {
  let [jumped, passed] = [0, 0];
  const clock = {
    ...systemClock,
    wallNow: () => systemClock.wallNow() + jumped + passed,
    monotonicNow: () => systemClock.monotonicNow() + passed,
  };
  const kernel = await startTestKernel({ store: createMemoryStore(), hosts: [], clock });
  const send = async (key: string) => {
    const outcome = await kernel.engine.submit({ ...PUBLISH, timeToLiveMs: 1 }, ADA, { key, fingerprint: 'f' });
    return JSON.stringify(outcome);
  };
  const HOUR = 3_600_000;
  const first = await send('one');
  jumped += 48 * HOUR;
  assert.notEqual(kernel.engine.answer('one'), undefined);
  assert.equal(await send('one'), first);
  passed += HOUR;
  const second = await send('two');
  passed += 22 * HOUR;
  assert.equal(await send('one'), first);
  passed += 1.5 * HOUR;
  assert.equal(kernel.engine.answer('one'), undefined);
  assert.notEqual(await send('one'), first);
  assert.equal(await send('two'), second);
  passed += HOUR;
  assert.equal(kernel.engine.answer('two'), undefined, 'what was answered after the jump lasts no longer');
  await stop(kernel);
});

function isBuffered({ type }: { readonly type: string }): boolean {
  return type === 'messageBuffered';
}

async function stop(kernel: Awaited<ReturnType<typeof startTestKernel>>): Promise<void> {
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
}
