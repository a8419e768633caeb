/** What was built runs in the place of the sources as long as it is made of exactly these, and does the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { older, skip } from './testing/older-node.test.ts';

const BIN = fileURLToPath(new URL('../bin/', import.meta.url));
const ROLLDOWN = dirname(dirname(fileURLToPath(import.meta.resolve('rolldown'))));
const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A program in the place of ProcOS, beside the real files that build and start one. */
const PROGRAM: Readonly<Record<string, string>> = {
  'package.json': '{"type":"module"}',
  'packages/procos/src/main.ts': `
    import { readFileSync } from 'node:fs';
    import { name } from 'library';
    import { word } from './part.ts';
    import data from './data.json' with { type: 'json' };
    import { BUILT_MODELS } from './built-models.ts';
    import { id } from '../../bpmn/src/id.ts';
    class Shape { readonly of!: string; plain?: number }
    const kept: string = readFileSync(new URL('kept.txt', import.meta.url), 'utf8');
    const lazy = await import('./lazy.ts');
    if (process.argv[3] === 'models') console.log(readFileSync(BUILT_MODELS, 'utf8'), id);
    else console.log(JSON.stringify({
      word, name, kept, data, lazy: lazy.value, members: Object.keys(new Shape()), lazily: lazy.default.name,
      url: import.meta.url, library: import.meta.resolve('library'), beside: import.meta.resolve('./part.ts'),
    }));`,
  'packages/procos/src/part.ts': `export const word: string = 'one';`,
  'packages/procos/src/lazy.ts': `export const value = 1; export default function word(): void {}`,
  'packages/procos/src/data.json': '{"__proto__": 1, "quoted": "\\"\\u2028"}',
  'packages/procos/src/kept.txt': 'kept',
  'packages/procos/src/built-models.ts': 'export const BUILT_MODELS = undefined;',
  'packages/bpmn/src/index.ts': `
    import { id } from './id.ts';
    export const readDecisions = (xml: string) => ({ model: { id, xml }, problems: [] });
    export const readProcesses = async (xml: string) => ({ processes: [{ id, xml }], problems: [] });
    export const reviveModel = (model: unknown) => model;`,
  'packages/bpmn/src/id.ts': `export const id: string = 'read';`,
  'system/lib/one.bpmn': '<one/>',
  'system/two.dmn': '<two/>',
  'packages/workers/src/host-main.ts': `console.log('host');`,
  'node_modules/library/package.json': '{"name":"library","exports":"./index.cjs"}',
  'node_modules/library/index.cjs': `exports.name = 'first'`,
  'node_modules/.package-lock.json': '{}',
};

function tree(program: Readonly<Record<string, string>> = PROGRAM): string {
  const root = mkdtempSync(join(tmpdir(), 'procos-built-'));
  made.push(root);
  const bin = join(root, 'packages/procos/bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['node.js', 'entry.js', 'build.js', 'build-all.js', 'build-models.js', 'build-plugin.js'])
    copyFileSync(BIN + name, join(bin, name));
  writeFileSync(join(bin, 'run.js'), `import { entry } from './entry.js'; await import(entry(process.argv[2]));`);
  writeFileSync(join(bin, 'where.js'), `import { entry } from './entry.js'; console.log(entry('main'));`);
  for (const [path, text] of Object.entries(program)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  symlinkSync(ROLLDOWN, join(root, 'node_modules', 'rolldown'), 'dir');
  return root;
}

function node(root: string, file: string, ...args: string[]): { out: string; err: string; code: number | null } {
  return runBy(process.execPath, root, file, args);
}

function runBy(node: string, root: string, file: string, args: readonly string[] = []) {
  const run = spawnSync(node, [join(root, 'packages/procos/bin', file), ...args], { encoding: 'utf8' });
  return { out: run.stdout.trim(), err: run.stderr.trim(), code: run.status };
}

function build(root: string): void {
  assert.deepEqual(node(root, 'build.js'), { out: '', err: '', code: 0 });
}

function isBuilt(root: string): boolean {
  const { out, err } = node(root, 'where.js');
  assert.equal(err, '');
  if (out.endsWith('/packages/procos/src/main.ts')) return false;
  assert.match(out, /\/packages\/procos\/dist\/main-[\w-]+\.js$/);
  return true;
}

/** What the program says, by whatever is run. */
function says(root: string): Record<string, unknown> {
  const { out, err, code } = node(root, 'run.js', 'main');
  assert.equal(code, 0, err);
  return JSON.parse(out) as Record<string, unknown>;
}

const PART = 'packages/procos/src/part.ts';

test('what is built says the same as the sources, also where a module or a library lies, and what a class has', () => {
  const root = tree();
  assert.equal(isBuilt(root), false, 'nothing is built');
  const before = says(root);
  assert.deepEqual(before['members'], ['of', 'plain']);
  assert.equal(before['lazily'], 'word');
  build(root);
  assert.equal(isBuilt(root), true);
  assert.deepEqual(says(root), before);
  assert.equal(node(root, 'run.js', 'worker-host').out, 'host');
});

test('who edits a file and starts again gets his change, also when size and time stay the same', () => {
  const root = tree();
  build(root);
  const { atime, mtime } = statSync(join(root, PART));
  writeFileSync(join(root, PART), `export const word: string = 'two';`);
  utimesSync(join(root, PART), atime, mtime);
  assert.equal(isBuilt(root), false);
  assert.equal(says(root)['word'], 'two');
  assert.equal(node(root, 'run.js', 'worker-host').out, 'host');

  build(root);
  assert.equal(isBuilt(root), true);
  assert.equal(says(root)['word'], 'two');
});

test('a file whose content is the same again is the same file, and so is a copy of the whole folder', () => {
  const root = tree();
  build(root);
  const text = readFileSync(join(root, PART), 'utf8');
  writeFileSync(join(root, PART), `${text}\n`);
  assert.equal(isBuilt(root), false);
  writeFileSync(join(root, PART), text);
  assert.equal(isBuilt(root), true);

  const copy = mkdtempSync(join(tmpdir(), 'procos-built-'));
  made.push(copy);
  cpSync(root, copy, { recursive: true });
  assert.equal(isBuilt(copy), true);
  assert.match(String(says(copy)['url']), new RegExp(`${copy}/packages/procos/src/main.ts$`));
});

for (const [what, change] of [
  ['a module that is loaded later', (root) => appendFileSync(join(root, 'packages/procos/src/lazy.ts'), '\n')],
  ['data that a module imports', (root) => writeFileSync(join(root, 'packages/procos/src/data.json'), '{}')],
  ['a module that is gone', (root) => rmSync(join(root, 'packages/procos/src/data.json'))],
  ['what npm has installed', (root) => writeFileSync(join(root, 'node_modules/.package-lock.json'), '{"packages":{}}')],
  ['what a library exports', (root) => appendFileSync(join(root, 'node_modules/library/package.json'), '\n')],
  ['the list of what was built', (root) => writeFileSync(join(root, 'packages/procos/dist/manifest.json'), '{"ent')],
  ['a part of what was built', (root) => appendFileSync(join(root, partOf(root)), '//')],
  ['a part of what was built that is gone', (root) => rmSync(join(root, partOf(root)))],
] satisfies [string, (root: string) => void][]) {
  test(`the sources run when something else is not what it was: ${what}`, () => {
    const root = tree();
    build(root);
    change(root);
    assert.equal(isBuilt(root), false);
  });
}

test('what was read of the shipped models goes with the code that has read it', () => {
  const root = tree();
  build(root);
  const sha256 = 'e4b90b5280cb1cb8a3784cb35a7811e6bf221cf3c0a16aa81e8a1be237618efc';
  const table = '0a2874a21b92644a9707f6cca0f8b3e1ad2fc3b269c7a482572a39fc76319264';
  const read = JSON.stringify({
    processes: { [sha256]: { processes: [{ id: 'read', xml: '<one/>' }], problems: [] } },
    decisions: { [table]: { model: { id: 'read', xml: '<two/>' }, problems: [] } },
  });
  assert.equal(node(root, 'run.js', 'main', 'models').out, `${read} read`);

  const models = readdirSync(join(root, 'packages/procos/dist')).find((name) => name.startsWith('models-'));
  writeFileSync(join(root, 'packages/procos/dist', models ?? ''), '{}');
  assert.equal(isBuilt(root), false);
  build(root);
  assert.equal(isBuilt(root), true);
  writeFileSync(join(root, 'packages/bpmn/src/id.ts'), `export const id: string = 'other';`);
  assert.equal(isBuilt(root), false);
  build(root);
  assert.equal(node(root, 'run.js', 'main', 'models').out, `${read.replaceAll('"read"', '"other"')} other`);
});

test('on an older Node the installed Node 24 builds', { skip }, () => {
  assert.ok(older !== undefined, 'an older Node');
  const root = tree();
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const bin = join(root, 'node_modules', `node-${system}-${process.arch}`, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, join(bin, process.platform === 'win32' ? 'node.exe' : 'node'));
  assert.deepEqual(runBy(older, root, 'build.js'), { out: '', err: '', code: 0 });
  assert.equal(isBuilt(root), true);
});

test('a library that changes inside is not built in: the new one runs', () => {
  const root = tree();
  build(root);
  const entry = join(root, 'node_modules/library/index.cjs');
  writeFileSync(join(root, 'node_modules/library/inside.cjs'), `exports.name = 'second'`);
  writeFileSync(entry, `module.exports = require('./inside.cjs')`);
  build(root);
  writeFileSync(join(root, 'node_modules/library/inside.cjs'), `exports.name = 'third'`);
  assert.equal(isBuilt(root), true);
  assert.equal(says(root)['name'], 'third');
});

test('a system that runs finds its parts after one more build; older ones are cleared away', () => {
  const root = tree();
  build(root);
  const first = partOf(root);
  writeFileSync(join(root, 'packages/procos/src/lazy.ts'), `export const value = 2; export default () => {};`);
  build(root);
  const second = partOf(root);
  assert.notEqual(first, second);
  assert.ok(statSync(join(root, first)).isFile());
  writeFileSync(join(root, 'packages/procos/src/lazy.ts'), `export const value = 3; export default () => {};`);
  build(root);
  const names = readdirSync(join(root, 'packages/procos/dist'));
  assert.ok(!names.includes(first.split('/').at(-1) ?? ''), names.join(' '));
  assert.ok(names.includes(second.split('/').at(-1) ?? ''), names.join(' '));
  assert.equal(says(root)['lazy'], 3);
});

test('one more build of the same leaves every file alone: a system that starts may be reading it', () => {
  const root = tree();
  build(root);
  const folder = join(root, 'packages/procos/dist');
  const filesIn = () =>
    readdirSync(folder).map((name) => {
      const { ino, mtimeMs, ctimeMs } = statSync(join(folder, name));
      return { name, ino, mtimeMs, ctimeMs };
    });
  const before = filesIn();
  assert.ok(before.length >= 3, `${before.length} files`);
  build(root);
  assert.deepEqual(filesIn(), before);
});

test('what it is made of is listed in order of names, in whichever order the bundler asked', () => {
  const root = tree();
  build(root);
  const { entries } = JSON.parse(readFileSync(join(root, 'packages/procos/dist/manifest.json'), 'utf8'));
  const sources = entries.main.files
    .map(({ path }: { path: string }) => path)
    .filter((path: string) => !path.includes('/dist/') && !path.startsWith('node_modules/.'));
  assert.ok(sources.length > 6, sources.join(' '));
  assert.deepEqual(sources, sources.toSorted());
});

test('a file that is another one is replaced whole, not written over', () => {
  const root = tree();
  build(root);
  const part = join(root, partOf(root));
  const { ino } = statSync(part);
  appendFileSync(part, '// damaged');
  build(root);
  assert.notEqual(statSync(part).ino, ino);
  assert.doesNotMatch(readFileSync(part, 'utf8'), /damaged/);
});

for (const [what, text, reason] of [
  ['imports what is nowhere', `import './nowhere.ts';`, /imports \.\/nowhere\.ts, which is nowhere/],
  [
    'asks for a place that only shows as it runs',
    `import.meta.resolve(name);`,
    /import\.meta\.resolve\(name\) cannot be/,
  ],
  ['needs more than cutting out types', `enum Colour { red }`, /enum/],
] as const) {
  test(`a source that ${what} is not built; the installation is complete all the same and says why`, () => {
    const root = tree({ ...PROGRAM, [PART]: `export const word = ''; ${text}` });
    const { code, err } = node(root, 'build.js');
    assert.equal(code, 0);
    assert.match(err, /^ProcOS was not built \(/);
    assert.match(err, reason);
    assert.equal(isBuilt(root), false);
  });
}

/** The file that holds what is loaded later. */
function partOf(root: string): string {
  const folder = 'packages/procos/dist';
  const { output } = JSON.parse(readFileSync(join(root, folder, 'manifest.json'), 'utf8')) as { output: string[] };
  const name = output.find((file) => /^lazy-.*\.js$/.test(file));
  assert.ok(name, output.join(' '));
  return `${folder}/${name}`;
}
