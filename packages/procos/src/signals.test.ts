/** Signals: one Ctrl-C counts once, however often it arrives. */
import assert from 'node:assert/strict';
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
