/** Completion scripts: what bash makes of its own, and that the others name every command and option. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createProgram } from '../program.ts';
import { completionScript, SHELLS } from './completion.ts';
import type { Shell } from './shell.ts';

const program = await createProgram({ exitCode: 0, environment: {}, colour: false } as Shell);
const required = process.env['PROCOS_REQUIRE_ALL'] === '1';
/** Why the shell cannot be asked; false where it can, or must be. */
const absence = (shell: string): false | string =>
  required || spawnSync(shell, ['-c', 'true']).status === 0
    ? false
    : `there is no ${shell} on this machine: apt-get install ${shell}`;

describe('completion', () => {
  test('every script names every command, and its options', () => {
    for (const shell of SHELLS) {
      const script = completionScript(program, shell);
      for (const command of program.commands) {
        assert.ok(script.includes(`'${command.name()}'`), `${shell}: ${command.name()}`);
        for (const { long } of command.options) assert.ok(script.includes(long ?? ''), `${shell}: ${long}`);
      }
    }
  });

  for (const shell of SHELLS) {
    test(`${shell} can read its script`, { skip: absence(shell) }, (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'procos-completion-'));
      context.after(() => rmSync(folder, { recursive: true }));
      // From a file: fish does not take a script that it is only to read from its input.
      const file = join(folder, `procos.${shell}`);
      writeFileSync(file, completionScript(program, shell));
      const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
    });
  }

  describe('bash', { skip: absence('bash') }, () => {
    /** What bash offers for the last word; `procos` itself answers with two pids. */
    function offered(...words: readonly string[]): string[] {
      const given = ['procos', ...words].map((word) => `'${word}'`).join(' ');
      const script = `procos() { printf 'PID\\n2251\\n2260\\n'; }
${completionScript(program, 'bash')}
COMP_WORDS=(${given}); COMP_CWORD=${words.length}; _procos; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
      assert.equal(stderr, '');
      return stdout.trim().split('\n');
    }

    test('commands, and commands of commands', () => {
      assert.deepEqual(offered('ki'), ['kill']);
      assert.deepEqual(offered('batch', 's'), ['start', 'show']);
      assert.ok(offered('').includes('ps'));
    });

    test('the options of the command that stands there, also behind its arguments', () => {
      assert.deepEqual(offered('ps', '--tr'), ['--tree']);
      assert.deepEqual(offered('batch', 'list', '--a'), ['--all']);
      assert.deepEqual(offered('kill', '2251', '--re'), ['--reason']);
      assert.deepEqual(offered('--ver'), ['--version']);
    });

    test('process ids where they are asked for, and choices', () => {
      assert.deepEqual(offered('kill', '22'), ['2251', '2260']);
      assert.deepEqual(offered('ps', '22'), ['']);
      assert.deepEqual(offered('completion', 'z'), ['zsh']);
    });
  });
});
