/** A box that cannot be started is an answer, not the end of the worker host. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const PROGRAM = `
  import { openSync } from 'node:fs';
  const { runBoxed } = await import(process.argv[1]);
  const run = { command: ['true'], environment: {}, input: '', timeMs: 100, memoryBytes: 1e8, maxOutput: 100 };
  try {
    for (;;) openSync('/dev/null', 'r');
  } catch {}
  const why = await runBoxed({ ...run, signal: new AbortController().signal }).then(() => 'ran', ({ code }) => code);
  setTimeout(() => process.stderr.write(why), 100);
`;

test('a process that may open no more files refuses the run and goes on', {
  skip: process.platform === 'win32',
}, () => {
  const program = [process.execPath, '--input-type=module', '-e', PROGRAM, import.meta.resolve('./boxed-run.ts')];
  const { status, stderr } = spawnSync('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...program], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, 'EMFILE']);
});
