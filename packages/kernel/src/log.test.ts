/** The log: one JSON line per event, the newest kept, followers told. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { KernelLog, type LogOptions } from './log.ts';

function bench(options: Partial<LogOptions> = {}) {
  const written: string[] = [];
  const log = new KernelLog({
    level: 'info',
    stream: { write: (line) => written.push(line) },
    now: () => 0,
    ...options,
  });
  return { log, written };
}

test('an event is one line of JSON with its name, time and fields', () => {
  const { log, written } = bench();
  log.info('kernel_ready', 'PID 1\nwaits', { correlation_id: 7 });
  assert.equal(written.length, 1);
  assert.equal(written[0]?.trimEnd().includes('\n'), false);
  assert.deepEqual(JSON.parse(written[0] ?? ''), {
    level: 'info',
    ts: '1970-01-01T00:00:00.000Z',
    source: 'kernel',
    event: 'kernel_ready',
    correlation_id: 7,
    text: 'PID 1\nwaits',
  });
});

test('the newest lines are kept, oldest first', () => {
  const { log } = bench({ keep: 3 });
  for (let number = 1; number <= 10; number++) log.info('event', String(number));
  assert.deepEqual(
    log.recent(100).map(({ text }) => text),
    ['8', '9', '10'],
  );
  assert.deepEqual(
    log.recent(1).map(({ text }) => text),
    ['10'],
  );
  assert.deepEqual(log.recent(0), []);
});

test('a silent log prints nothing and remembers all the same', () => {
  const { log, written } = bench({ level: 'silent' });
  log.error('event', 'heard');
  assert.deepEqual([written.length, log.recent(10).length], [0, 1]);
});

test('followers hear every line until they stop', () => {
  const { log } = bench();
  const heard: string[] = [];
  const stop = log.follow(({ text }) => heard.push(text));
  log.info('event', 'one');
  stop();
  log.info('event', 'two');
  assert.deepEqual(heard, ['one']);
});

/** Writes lines to standard output, and to standard error how many it remembers. */
const WRITER = `
  const { KernelLog } = await import(process.argv[1]);
  const log = new KernelLog({ level: 'info', now: () => 0 });
  for (const number of [1, 2, 3]) log.info('event', String(number));
  process.stderr.write(String(log.recent(10).length));
`;

test('a standard output that takes nothing more, as a file on a full disk, stops nobody', (context) => {
  if (!existsSync('/dev/full')) {
    context.skip('this system has no /dev/full');
    return;
  }
  const full = openSync('/dev/full', 'w');
  const args = ['--input-type=module', '-e', WRITER, import.meta.resolve('./log.ts')];
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
  closeSync(full);
  assert.deepEqual([status, stderr], [0, '3']);
});
