/** The programs of `sim` and `bench`, started as a person starts them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PROGRAMS = globSync('{sim/*,bench}/run.ts', { cwd: ROOT }).sort();

function run(
  program: string,
  ...args: string[]
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: ROOT, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

describe('programs that are run by hand', () => {
  it('are five', () => assert.equal(PROGRAMS.length, 5, PROGRAMS.join(' ')));

  for (const program of PROGRAMS) {
    it(`${program} says for what it does not know how it is used, without a stack, and ends with 2`, () => {
      const { code, out, err } = run(program, '--nonsense');
      assert.deepEqual([code, out], [2, ''], err);
      assert.match(err, /^Unknown option '--nonsense'.*\nUsage: npm run \w+ -- /s);
      assert.doesNotMatch(err, /\n {4}at /);
    });
  }

  it('take names that there are and whole numbers only, and tell their usage when they are asked for it', () => {
    assert.match(run('sim/fuzz/run.ts', 'this').err, /^There is no this\.\nUsage/);
    const { code, err } = run('sim/fuzz/run.ts', '--count', 'many');
    assert.equal(code, 2);
    assert.match(err, /^--count takes a whole number, not 'many'\.\nUsage: npm run fuzz -- \[--seed N\] \[--count N\]/);
    assert.equal(run('sim/fuzz/run.ts', '--count').code, 2);
    const help = run('sim/fuzz/run.ts', '--help');
    assert.equal(help.code, 0);
    assert.match(help.out, /^Usage: .*\nDefaults: --seed 1, --count 1000\.\n$/);
  });
});
