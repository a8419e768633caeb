/** A signal to very many goes through in slices: others get their turn between them, and kill -9 between two changes nothing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LogRecord } from '@procos/engine';
import { openSqliteStore } from '@procos/store';
import type { RunningKernel } from './kernel-options.ts';
import { ADA, BROADCAST, heardIn, LISTENERS, startListener, startListeners } from './testing/listeners.ts';
import { startTestKernel, until } from './testing/system.ts';

const CRASH = fileURLToPath(new URL('./testing/crash-signal.ts', import.meta.url));

test('others get their turn between the slices, and who begins to wait meanwhile does not hear it', async (context) => {
  const kernel = await startTestKernel();
  context.after(() => stop(kernel));
  await kernel.ready;
  await startListeners(kernel);
  const records: LogRecord[] = [];
  kernel.engine.onCommitted((some) => records.push(...some));
  const outcome = await kernel.engine.submit(BROADCAST, ADA);
  assert.ok(outcome.ok);
  const first = heardIn(records).length;
  assert.equal(outcome.value.receivers, first);
  assert.ok(first < LISTENERS / 2, `${first} at once`);
  await startListener(kernel);
  assert.ok(heardIn(records).length < LISTENERS, 'the start has not waited for all');
  await until(kernel, () => isQuiet(kernel));
  assert.equal(heardIn(records).length, LISTENERS);
  assert.equal(new Set(heardIn(records)).size, LISTENERS);
  const longest = Math.max(...records.map((record) => heardIn([record]).length));
  assert.equal(longest, first, 'no slice is longer than the first');
  assert.equal(kernel.engine.count('subscriptions', { where: [{ column: 'name', op: '=', value: 'now' }] }), 1);
});

test('a kernel killed between two slices goes on with those that are left, and nobody hears it twice', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'procos-signals-'));
  let stopped = async (): Promise<void> => {};
  context.after(async () => {
    await stopped();
    rmSync(directory, { recursive: true });
  });
  const signal = await new Promise((resolve) => {
    execFile(process.execPath, [CRASH, directory], (error) => resolve(error?.signal));
  });
  assert.equal(signal, 'SIGKILL');
  const store = openSqliteStore({ directory });
  const before = heardIn(store.records(0, 10_000)).length;
  assert.ok(before > 0 && before < LISTENERS, `${before} before it was killed`);
  const kernel = await startTestKernel({ store });
  stopped = () => stop(kernel);
  await kernel.ready;
  await until(kernel, () => isQuiet(kernel));
  const heard = heardIn(kernel.engine.records(0, 10_000));
  assert.equal(heard.length, LISTENERS);
  assert.equal(new Set(heard).size, LISTENERS);
});

/** Nothing that is due is left to do. */
function isQuiet({ engine }: RunningKernel): boolean {
  return engine.find('timers').every(({ step }) => step?.kind !== 'continueTurn');
}

async function stop(kernel: RunningKernel): Promise<void> {
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
}
