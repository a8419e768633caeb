/** Every example of docs/testing.md is run as it stands there, and so are those of examples/testing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Inside the package: it knows itself by its name, whether or not it is linked. */
const FOLDER = fileURLToPath(new URL(`../.docs-${process.pid}/`, import.meta.url));
const page = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1] ?? '');

mkdirSync(FOLDER, { recursive: true });
after(() => rmSync(FOLDER, { recursive: true }));

function run(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    // Told apart from the runner of this file.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  assert.equal(status, 0, `${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

test('the examples of the page and of the folder pass, and the report on the page is what is printed', () => {
  const examples = blocks('js');
  assert.equal(examples.length, 6);
  const files = examples.map((example, at) => {
    const file = join(FOLDER, `${at}.test.mjs`);
    writeFileSync(file, example);
    return file;
  });
  const folder = ['claim', 'shipping'].map((name) => join(ROOT, `examples/testing/${name}.test.ts`));
  const printing = examples.findIndex((example) => example.includes('coverage.text()'));
  const others = files.filter((_, at) => at !== printing);
  // In one process: each costs a second.
  run('--test', '--test-isolation=none', ...others, ...folder);
  const printed = run(files[printing] ?? '');
  const report = blocks('text')[0] ?? '';
  assert.ok(printed.includes(report.trim()), `${report}\nis not in\n${printed}`);
});

test('the table of assertions has all of them', () => {
  const source = readFileSync(new URL('instance.ts', import.meta.url), 'utf8');
  const made = [...source.matchAll(/^ {2}(assert\w+)\(/gm)].map((match) => match[1]).sort();
  const listed = [...page.matchAll(/^\| `(assert\w+)\(/gm)].map((match) => match[1]).sort();
  assert.deepEqual(listed, made);
});
