/** Signals: one Ctrl-C counts once, however often it arrives. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { passSignals } from './signals.ts';

test('an interrupt that arrives three times at once counts once, a later one counts again', () => {
  const heard: string[] = [];
  let now = 5_000;
  const stop = passSignals({ handleSignal: (name) => heard.push(name) }, () => now);
  for (let times = 0; times < 3; times++) process.emit('SIGINT');
  assert.deepEqual(heard, ['SIGINT']);
  now += 1_500;
  process.emit('SIGINT');
  assert.deepEqual(heard, ['SIGINT', 'SIGINT']);
  process.emit('SIGHUP');
  assert.deepEqual(heard, ['SIGINT', 'SIGINT', 'SIGTERM']);
  stop();
  process.once('SIGINT', () => {});
  process.emit('SIGINT');
  assert.equal(heard.length, 3);
});

test('a launcher that went away while the kernel came up is heard of', async () => {
  const program = `const { passSignals } = await import(${JSON.stringify(new URL('signals.ts', import.meta.url).href)});
    while (process.connected) await new Promise((resolve) => setTimeout(resolve, 10));
    passSignals({ handleSignal: (name) => process.stdout.write(name, () => process.exit()) });
    setTimeout(() => process.exit(), 2_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child.disconnect();
  let heard = '';
  for await (const text of child.stdout ?? []) heard += String(text);
  assert.equal(heard, 'SIGTERM');
});
