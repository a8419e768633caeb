/** The launcher: runs on every Node from 20 on, passes exit codes and signals through, and leaves no orphan. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { older, skip } from './testing/older-node.test.ts';

const LAUNCHER = fileURLToPath(new URL('../bin/procos.js', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function run(
  node: string,
  launcher: string,
  args: readonly string[],
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(node, [launcher, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

test('on Node 24 the command line runs as it is', () => {
  assert.deepEqual(run(process.execPath, LAUNCHER, ['--version']), { code: 0, out: `${version}\n`, err: '' });
  assert.equal(run(process.execPath, LAUNCHER, ['frob']).code, 2);
});

test('the kernel runs under flags that leave Node the compiled code of its own modules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-flags-'));
  const probe = join(folder, 'probe.cjs');
  // V8 takes compiled code only where this tag, which stands for its version and the flags, is the same.
  writeFileSync(
    probe,
    `if (process.execArgv.length > 0) {
       console.log(require('node:v8').cachedDataVersionTag(), process.execArgv.join(' '));
       process.exit();
     }`,
  );
  const env = { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(probe)}` };
  const { stdout } = spawnSync(process.execPath, [LAUNCHER, 'start'], { encoding: 'utf8', env });
  const plain = spawnSync(process.execPath, ['-p', 'v8.cachedDataVersionTag()'], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  const [tag, ...flags] = stdout.trim().split(' ');
  assert.ok(flags.includes('--disable-proto=delete'), stdout);
  assert.equal(tag, plain.stdout.trim());
});

test('on an older Node the installed Node 24 is taken, with its output and exit code', { skip }, () => {
  assert.ok(older !== undefined, 'an older Node');
  assert.deepEqual(run(older, LAUNCHER, ['--version']), { code: 0, out: `${version}\n`, err: '' });
  assert.equal(run(older, LAUNCHER, ['frob']).code, 2);
});

test('on an older Node without an installed Node 24 nothing is built, which one line says and no installation fails by', {
  skip,
}, () => {
  assert.ok(older !== undefined, 'an older Node');
  const folder = mkdtempSync(join(tmpdir(), 'procos-launcher-'));
  mkdirSync(join(folder, 'bin'));
  for (const name of ['build.js', 'node.js']) copyFileSync(join(dirname(LAUNCHER), name), join(folder, 'bin', name));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const { code, out, err } = run(older, join(folder, 'bin', 'build.js'), []);
  rmSync(folder, { recursive: true });
  assert.equal(code, 0);
  assert.equal(out, '');
  assert.match(err, /^ProcOS needs Node 24; .* Run npm install .*\n$/);
});

test('on an older Node without an installed Node 24 one line says what to do', { skip }, () => {
  assert.ok(older !== undefined, 'an older Node');
  const folder = mkdtempSync(join(tmpdir(), 'procos-launcher-'));
  mkdirSync(join(folder, 'bin'));
  for (const name of ['procos.js', 'node.js']) copyFileSync(join(dirname(LAUNCHER), name), join(folder, 'bin', name));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const { code, out, err } = run(older, join(folder, 'bin', 'procos.js'), ['--version']);
  rmSync(folder, { recursive: true });
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(
    err,
    /^ProcOS needs Node 24; this is Node \d+\.\d+\.\d+ and .* is not installed\. Run npm install .*\n$/,
  );
});
