/** The log file: nothing of it is lost by a rotation, what is old goes, and a disk that refuses does not stop the kernel. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { KernelLog } from './log.ts';
import { LogFile, type LogFileOptions } from './log-file.ts';
import { startTestKernel, until } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;

function bench(context: TestContext, options: Partial<LogFileOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'procos-log-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'logs', 'procos.log');
  let now = Date.UTC(2026, 0, 1);
  const file = new LogFile({ path, maxBytes: 100, maxAgeMs: 1_000_000, keep: 2, now: () => now, ...options });
  return {
    file,
    path,
    folder: join(folder, 'logs'),
    names: () => readdirSync(join(folder, 'logs')).sort(),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('a file that is large or old enough is rotated and packed, and the oldest beyond the number to keep go', async (context) => {
  const { file, path, folder, names, pass } = bench(context);
  file.write('one\n');
  assert.deepEqual(await file.rotate(), { rotated: false, files: [], removed: 0 });
  file.write(`${'x'.repeat(100)}\n`);
  assert.equal((await file.rotate()).rotated, true);
  assert.equal(statSync(path).size, 0);
  const [first = ''] = names().filter((name) => name.endsWith('.gz'));
  assert.equal(first, 'procos.log.2026-01-01T00-00-00-000Z.gz');
  assert.equal(gunzipSync(readFileSync(join(folder, first))).toString(), `one\n${'x'.repeat(100)}\n`);
  for (const line of ['two\n', 'three\n', 'four\n']) {
    file.write(line);
    pass(10_000_000_000);
    assert.equal((await file.rotate()).rotated, true, 'it is old');
  }
  const kept = names().filter((name) => name.endsWith('.gz'));
  assert.deepEqual(
    kept.map((name) => gunzipSync(readFileSync(join(folder, name))).toString()),
    ['three\n', 'four\n'],
  );
  assert.equal((await file.rotate(true)).rotated, false, 'an empty one is not');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('two rotations in one instant have two names, and one that was left unpacked is packed by the next', async (context) => {
  const { file, path, folder, names } = bench(context, { keep: 9 });
  for (const line of ['a\n', 'b\n']) {
    file.write(line);
    await file.rotate(true);
  }
  writeFileSync(`${path}.2025-12-31T00-00-00-000Z`, 'left\n');
  writeFileSync(`${path}.2025-12-31T00-00-00-000Z.gz.part`, 'half');
  const { files } = await file.rotate();
  assert.equal(files.length, 3);
  assert.equal(gunzipSync(readFileSync(join(folder, files[0] ?? ''))).toString(), 'left\n');
  assert.ok(!names().some((name) => name.endsWith('.part')));
});

test('what cannot be written is counted, and told when it goes on', (context) => {
  const { file, path } = bench(context);
  file.close();
  rmSync(path);
  mkdirSync(path);
  file.write('lost\n');
  rmSync(path, { recursive: true });
  file.write('kept\n');
  assert.match(readFileSync(path, 'utf8'), /"event":"log_lines_lost","lines":1,.*\nkept\n$/);
});

test('the rotation is a process: it says what it did, and the log goes on in the new file', async (context) => {
  const { file, path, names } = bench(context, { maxBytes: 1_000_000, maxAgeMs: 1e12 });
  const log = new KernelLog({ level: 'info', stream: { write: () => {} }, file });
  const kernel = await startTestKernel({ log });
  await kernel.ready;
  const { engine } = kernel;
  async function rotation(force: boolean) {
    const variables = { force: { type: 'Boolean', value: force } } as const;
    const definition = { bpmnProcessId: 'procos_system_rotation' };
    const outcome = await engine.submit({ type: 'createProcessInstance', definition, variables }, ADA);
    assert.ok(outcome.ok);
    const id = outcome.value.processInstanceId;
    const where = [{ column: 'id', op: '=', value: id }] as const;
    await until(kernel, () => engine.find('processInstances', { where })[0]?.state === 'completed');
    const rows = engine.find('variables', { where: [{ column: 'scopeId', op: '=', value: id }] });
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  }
  assert.equal((await rotation(false))['rotated'], false);
  assert.match(readFileSync(path, 'utf8'), /"event":"kernel_ready"/);
  const { rotated, files, log_file } = await rotation(true);
  assert.deepEqual([rotated, (files as string[]).length, log_file], [true, 1, path]);
  assert.match(readFileSync(path, 'utf8'), /^\{[^\n]*"event":"log_rotated"/);
  assert.equal(names().length, 2);
  await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
  assert.match(readFileSync(path, 'utf8'), /"event":"kernel_stopped"/);
});
