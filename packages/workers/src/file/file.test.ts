/** The file worker: what it does below its root, and that nothing leads out of it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Inputs } from '../handler.ts';
import { refusesForGood, servicesWith, type ValuesInMemory } from '../testing.ts';
import { fileOperation } from './file.ts';

interface Place {
  readonly root: string;
  readonly outside: string;
  readonly values: ValuesInMemory;
  run(operation: string, file_path: string, more?: Inputs): Promise<Readonly<Record<string, unknown>>>;
}

async function setUp(t: TestContext): Promise<Place> {
  const base = await mkdtemp(join(tmpdir(), 'procos-files-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  const root = join(base, 'files');
  const outside = join(base, 'outside');
  await mkdir(root);
  await mkdir(outside);
  await writeFile(join(outside, 'secret'), 'secret');
  await writeFile(join(base, 'files-next'), 'neighbour');
  const services = servicesWith({ PROCOS_FILES_ROOT: root });
  return {
    root,
    outside,
    values: services.values,
    run: async (operation, file_path, more) => (await fileOperation({ operation, file_path, ...more }, services)).local,
  };
}

test('a file is written, read, listed, copied, moved and deleted', async (t) => {
  const { root, run } = await setUp(t);
  const written = await run('write', 'a/b/hello.txt', { content: 'Grüße' });
  assert.deepEqual([written['written'], written['size'], written['is_file']], [true, 7, true]);
  const read = await run('read', 'a/b/hello.txt');
  assert.deepEqual([read['content'], read['size'], read['exists']], ['Grüße', 7, true]);
  assert.equal((await run('read', join(root, 'a/b/hello.txt')))['content'], 'Grüße');
  await run('copy', 'a/b/hello.txt', { target_path: 'c/copy.txt' });
  const moved = await run('move', 'a/b/hello.txt', { target_path: 'moved.txt' });
  assert.deepEqual([moved['written'], moved['deleted']], [true, true]);
  assert.deepEqual((await run('list', '.'))['entries'], [
    { name: 'a', is_file: false, is_dir: true, size: null },
    { name: 'c', is_file: false, is_dir: true, size: null },
    { name: 'moved.txt', is_file: true, is_dir: false, size: 7 },
  ]);
  assert.deepEqual((await run('list', 'a/b'))['entries'], []);
  assert.equal((await run('exists', 'a/b/hello.txt'))['exists'], false);
  assert.equal((await run('exists', 'no/where'))['exists'], false);
  assert.deepEqual((await run('exists', 'a'))['is_dir'], true);
  assert.equal((await run('delete', 'a/b'))['deleted'], true);
  assert.equal((await run('delete', 'moved.txt'))['deleted'], true);
  assert.equal((await run('delete', 'moved.txt'))['deleted'], false);
  await refusesForGood(run('delete', 'c'), /not empty/);
});

test('bytes travel as base64 or hex, and text that is not UTF-8 says so', async (t) => {
  const { run } = await setUp(t);
  await run('write', 'x.bin', { content: '//4A', encoding: 'base64' });
  assert.equal((await run('read', 'x.bin', { encoding: 'hex' }))['content'], 'fffe00');
  assert.equal((await run('read', 'x.bin', { encoding: 'base64' }))['content'], '//4A');
  await refusesForGood(run('read', 'x.bin'), /not UTF-8/);
  await refusesForGood(run('write', 'x.bin', { content: 'zz', encoding: 'hex' }), /hexadecimal/);
  await run('write', 'x.json', { content: { a: 1 } });
  assert.equal((await run('read', 'x.json'))['content'], '{"a":1}');
});

test('writing replaces a file as a whole and leaves nothing else behind', async (t) => {
  const { root, run } = await setUp(t);
  await run('write', 'a.txt', { content: 'long long long' });
  await run('write', 'a.txt', { content: 'short' });
  assert.equal(await readFile(join(root, 'a.txt'), 'utf8'), 'short');
  assert.deepEqual(await readdir(root), ['a.txt']);
});

test('a file of more than 4 MB is read as a handle of its bytes, and a handle is written as what it stands for', async (t) => {
  const { root, run, values } = await setUp(t);
  const large = randomBytes(9 * 1024 * 1024);
  await writeFile(join(root, 'large.bin'), large);
  const { content, size } = await run('read', 'large.bin');
  assert.equal(size, large.length);
  const { blob, ...about } = content as { blob: string };
  assert.deepEqual(about, { size: large.length, name: 'large.bin', type: 'application/octet-stream' });
  assert.ok(values.kept.get(blob)?.equals(large));
  assert.equal((await run('write', 'again.bin', { content }))['size'], large.length);
  assert.ok((await readFile(join(root, 'again.bin'))).equals(large));
  assert.equal((await run('copy', 'large.bin', { target_path: 'copy.bin' }))['size'], large.length);
  assert.ok((await readFile(join(root, 'copy.bin'))).equals(large));
  await refusesForGood(run('write', 'x', { content: { blob: `sha256:${'0'.repeat(64)}`, size: 1 } }), /no large value/);
  await refusesForGood(run('write', 'x', { content: large.toString('latin1') }), /at most/);
  assert.deepEqual((await readdir(root)).sort(), ['again.bin', 'copy.bin', 'large.bin']);
});

test('create makes a file where nothing is, and only there; done twice it is done', async (t) => {
  const { root, run } = await setUp(t);
  const made = await run('create', './a//one.txt', { content: 'one' });
  assert.deepEqual([made['written'], made['path']], [true, 'a/one.txt']);
  assert.equal((await run('create', 'a/one.txt', { content: 'one' }))['sha256'], made['sha256']);
  await refusesForGood(run('create', 'a/one.txt', { content: 'two' }), /there is something of that name/);
  assert.equal(await readFile(join(root, 'a/one.txt'), 'utf8'), 'one');
  assert.deepEqual(await readdir(join(root, 'a')), ['one.txt'], 'nothing is left beside it');
  await Promise.allSettled(['x', 'y', 'z'].map((content) => run('create', 'race.txt', { content })));
  assert.match(await readFile(join(root, 'race.txt'), 'utf8'), /^[xyz]$/);
});

test('without overwrite, move and copy leave what is there alone', async (t) => {
  const { root, run } = await setUp(t);
  await run('write', 'from', { content: 'from' });
  await run('write', 'to', { content: 'to' });
  for (const operation of ['move', 'copy']) {
    await refusesForGood(run(operation, 'from', { target_path: 'to', overwrite: false }), /something of that name/);
    await run(operation, 'from', { target_path: `new-${operation}`, overwrite: false });
    await run('write', 'from', { content: 'from' });
  }
  assert.deepEqual(await readdir(root), ['from', 'new-copy', 'new-move', 'to']);
  assert.equal(await readFile(join(root, 'to'), 'utf8'), 'to');
});

test('a folder is made once, and not over a file; hashes are those of the bytes', async (t) => {
  const { run } = await setUp(t);
  await run('make_folder', 'a/b');
  assert.equal((await run('make_folder', 'a/b'))['is_dir'], true);
  await run('write', 'file', { content: 'abc' });
  await refusesForGood(run('make_folder', 'file'), /something of that name/);
  const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  for (const operation of ['read', 'copy'])
    assert.equal((await run(operation, 'file', { target_path: 'c' }))['sha256'], sha256);
});

const ESCAPES = [
  '..',
  '../outside/secret',
  '../files-next',
  './../outside/secret',
  'a/../../outside/secret',
  'a/../b',
  '..//outside',
  '/etc/passwd',
  '/',
  '/../etc/passwd',
  '//etc/passwd',
  'file:///etc/passwd',
  'http://x/y',
  '\\etc\\passwd',
  '..\\outside\\secret',
  'C:\\x',
  'c:/x',
  'a\0b',
  'a\0/../..',
  `${'x'.repeat(256)}`,
  'a/'.repeat(3000),
  '/proc/self/environ',
  '/proc/self/fd/0',
  '/dev/stdin',
];
for (const operation of ['read', 'write', 'delete', 'exists', 'list', 'move', 'copy']) {
  test(`${operation}: no path leads out of the root`, async (t) => {
    const { root, outside, run } = await setUp(t);
    const more = { content: 'x', target_path: 'target' };
    for (const path of [...ESCAPES, `${root}/../outside/secret`, `${root}-next`, outside]) {
      await refusesForGood(run(operation, path, more), /refused|outside/);
      if (operation === 'move' || operation === 'copy') {
        await writeFile(join(root, 'source'), 'x');
        await refusesForGood(run(operation, 'source', { target_path: path }), /refused|outside/);
      }
    }
    assert.deepEqual(await readdir(outside), ['secret']);
    assert.equal(await readFile(join(outside, 'secret'), 'utf8'), 'secret');
  });
}

test('what looks odd but stays inside is only a name', async (t) => {
  const { root, run } = await setUp(t);
  for (const path of ['%2e%2e/secret', '...', '..a', 'a..', '~', '~root/x', '-rf', '$HOME', '*', ' ']) {
    await run('write', path, { content: 'x' });
    assert.equal((await run('read', path))['content'], 'x', path);
  }
  assert.ok((await readdir(root)).length >= 9);
});

test('symbolic links are not followed, neither as a file nor on the way', async (t) => {
  const { root, outside, run } = await setUp(t);
  await symlink(join(outside, 'secret'), join(root, 'link'));
  await symlink(outside, join(root, 'folder'));
  await symlink('/proc/self', join(root, 'self'));
  for (const path of ['link', 'folder/secret', 'self/environ', 'folder/../secret']) {
    await refusesForGood(run('read', path), /symbolic link|regular|\.\./);
    await refusesForGood(run('copy', path, { target_path: 'stolen' }), /symbolic link|regular|\.\./);
    await refusesForGood(run('move', path, { target_path: 'stolen' }), /symbolic link|regular|\.\./);
  }
  await refusesForGood(run('write', 'link', { content: 'x' }), /not a regular file/);
  await refusesForGood(run('write', 'folder/new', { content: 'x' }), /symbolic link/);
  await refusesForGood(run('delete', 'folder/secret'), /symbolic link/);
  await refusesForGood(run('list', 'folder'), /symbolic link/);
  assert.equal((await run('exists', 'link'))['exists'], false);
  assert.equal((await run('exists', 'folder/secret'))['exists'], false);
  assert.equal((await run('delete', 'link'))['deleted'], true);
  assert.equal(await readFile(join(outside, 'secret'), 'utf8'), 'secret');
  assert.deepEqual(await readdir(outside), ['secret']);
});

test('a pipe or device does not block the worker', {
  skip: process.platform === 'win32' && 'no named pipes here',
}, async (t) => {
  const { root, run } = await setUp(t);
  execFileSync('mkfifo', [join(root, 'pipe')]);
  await refusesForGood(run('read', 'pipe'), /not a regular file/);
  await refusesForGood(run('write', 'pipe', { content: 'x' }), /not a regular file/);
});

test('a folder that is exchanged for a link while work goes on never leads out', async (t) => {
  const { root, outside, run } = await setUp(t);
  await mkdir(join(root, 'real'));
  await writeFile(join(root, 'real', 'secret'), 'harmless');
  await symlink(outside, join(root, 'fake'));
  let swapping = true;
  const swap = async (): Promise<void> => {
    while (swapping) {
      await rename(join(root, 'real'), join(root, 'dir')).catch(() => {});
      await rename(join(root, 'dir'), join(root, 'real')).catch(() => {});
      await rename(join(root, 'fake'), join(root, 'dir')).catch(() => {});
      await rename(join(root, 'dir'), join(root, 'fake')).catch(() => {});
    }
  };
  const swapper = swap();
  const seen = new Set<unknown>();
  for (let round = 0; round < 400; round++) {
    seen.add(
      await run('read', 'dir/secret').then(
        (out) => out['content'],
        () => 'refused',
      ),
    );
    await run('write', 'dir/planted', { content: 'x' }).catch(() => {});
  }
  swapping = false;
  await swapper;
  assert.equal(seen.has('secret'), false);
  assert.deepEqual(await readdir(outside), ['secret']);
});
