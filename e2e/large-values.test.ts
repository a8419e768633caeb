/** Large values of a real system: 100 MiB up and down in little memory, kill -9 in the midst, the command line, backup and restore. */
import assert from 'node:assert/strict';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { procos, Running, until } from './running-procos.ts';

const MB = 2 ** 20;
const MOST_GROWTH_MB = 60;

/** The same bytes of no pattern for every `seed`. */
function* noise(bytes: number, seed: string): Generator<Uint8Array<ArrayBuffer>> {
  const cipher = createCipheriv('aes-128-ctr', createHash('md5').update(seed).digest(), Buffer.alloc(16));
  const zeros = Buffer.alloc(MB);
  for (let left = bytes; left > 0; left -= MB) yield Buffer.from(cipher.update(zeros.subarray(0, Math.min(MB, left))));
}

async function* flowing(bytes: number, seed: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield* noise(bytes, seed);
}

function hashOf(bytes: number, seed: string): string {
  const hash = createHash('sha256');
  for (const part of noise(bytes, seed)) hash.update(part);
  return hash.digest('hex');
}

async function begin(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'procos-large-'));
  const data = join(folder, 'data');
  const systems: Running[] = [];
  context.after(async () => {
    await Promise.all(systems.map((system) => system.kill('SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (at = data): Promise<Running> => {
    const system = await (await Running.start({ data: at })).ready();
    systems.push(system);
    return system;
  };
  return { folder, data, start };
}

/** An order that waits for a person. */
async function waiting(system: Running): Promise<string> {
  const ran = await system.procos('run', 'examples/invoice_c7', '--no-wait', '--json');
  assert.equal(ran.code, 0, ran.err);
  return String(JSON.parse(ran.out).pid);
}

const memory = (osPid: number, field: 'VmHWM' | 'VmRSS'): number =>
  Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${osPid}/status`, 'utf8'))?.[1]) / 1024;

function rows(data: string, sql: string): unknown {
  using database = new DatabaseSync(join(data, 'procos.db'), { readOnly: true });
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

test('100 MiB go up and down in less than 60 MB of memory, and are there once', {
  timeout: 120_000,
}, async (context) => {
  const { data, start } = await begin(context);
  const system = await start();
  const { client, osPid } = system;
  const [one, other] = [await waiting(system), await waiting(system)];
  const size = 100 * MB;
  const sha256 = hashOf(size, 'large');
  const measured = existsSync(`/proc/${osPid}/clear_refs`);
  const before = measured ? memory(osPid, 'VmRSS') : 0;
  if (measured) writeFileSync(`/proc/${osPid}/clear_refs`, '5');

  await client.setVariableContent(one, 'scan', flowing(size, 'large'), {
    filename: 'scan.tiff',
    mimeType: 'image/tiff',
  });
  const down = async (pid: string) => {
    const { stream, size: length, type, name } = await client.variableContent(pid, 'scan');
    const hash = createHash('sha256');
    for await (const part of stream) hash.update(part);
    assert.deepEqual([length, type, name, hash.digest('hex')], [size, 'image/tiff', 'scan.tiff', sha256]);
  };
  await down(one);
  await client.setVariableContent(other, 'scan', flowing(size, 'large'), {
    filename: 'scan.tiff',
    mimeType: 'image/tiff',
  });
  await Promise.all([down(other), down(one)]);

  const grown = memory(osPid, 'VmHWM') - before;
  context.diagnostic(`peak memory grew by ${grown.toFixed(1)} MB from ${before.toFixed(1)} MB`);
  if (measured) assert.ok(grown < MOST_GROWTH_MB, `peak memory grew by ${grown.toFixed(1)} MB`);
  await until('the second copy is gone', () => rows(data, 'SELECT count(*) FROM blobChunks') === 400);
  assert.equal(rows(data, 'SELECT count(*) FROM blobs'), 1);
  const more = client.setVariableContent(one, 'more', flowing(size + 1, 'more'));
  await assert.rejects(more, { code: 'TOO_LARGE', status: 413, message: /limit-large-value/ });
});

test('kill -9 in the midst of an upload: nothing of it is seen, the rest goes on, and nothing is left after the retention', {
  timeout: 120_000,
}, async (context) => {
  const { data, start } = await begin(context);
  const system = await start();
  const pid = await waiting(system);
  await system.client.setVariableContent(pid, 'whole', flowing(3 * MB, 'whole'));
  let given = 0;
  const endless = async function* () {
    for (; given < 1_000; given += 1) yield* noise(MB, `part ${given}`);
  };
  const broken = assert.rejects(system.client.setVariableContent(pid, 'half', endless()), { code: 'CONNECTION_LOST' });
  await until('some of it is on the disk', () => Number(rows(data, 'SELECT count(*) FROM blobChunks')) > 40);
  await system.kill('SIGKILL');
  await broken;
  assert.ok(given < 100, 'the client goes on reading what it cannot send');
  const again = await start();
  const { variables } = await again.client.process(pid);
  assert.deepEqual(
    variables.map(({ name }) => name).filter((name) => /whole|half/.test(name)),
    ['whole'],
  );
  assert.equal(rows(data, 'SELECT count(*) FROM blobs'), 2);
  assert.match((await procos(['verify', '--deep', '--data', data])).out, /is whole/);
  const retention = await again.procos('run', 'procos_system_retention', '--json');
  assert.equal(JSON.parse(retention.out).variables.removed_values, 1, retention.err);
  assert.deepEqual([rows(data, 'SELECT count(*) FROM blobs'), rows(data, 'SELECT count(*) FROM blobChunks')], [1, 12]);
  const { stream } = await again.client.variableContent(pid, 'whole');
  const hash = createHash('sha256');
  for await (const part of stream) hash.update(part);
  assert.equal(hash.digest('hex'), hashOf(3 * MB, 'whole'));
});

test('a file goes in and out at the command line, through a backup, and damage is said', {
  timeout: 120_000,
}, async (context) => {
  const { folder, data, start } = await begin(context);
  const system = await start();
  const content = randomBytes(2 * MB + 1);
  const path = join(folder, 'report.pdf');
  writeFileSync(path, content);
  const pid = await waiting(system);
  const set = await system.procos('set', pid, `report=@${path}`, 'literal:=\'"@x"\''.replaceAll("'", ''));
  assert.equal(set.code, 0, set.err);
  const { variables } = await system.client.process(pid);
  const value = (name: string) => variables.find((variable) => variable.name === name)?.value;
  const blob = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  assert.deepEqual(value('report'), { blob, size: content.length, type: 'application/pdf', name: 'report.pdf' });
  assert.equal(value('literal'), '@x');
  assert.match((await system.procos('set', pid, 'x=@/no/such/file')).err, /there is no such file/);
  const cat = async (at: Running) => {
    const { stream } = await at.client.variableContent(pid, 'report');
    const parts: Uint8Array[] = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts);
  };
  const printed = await system.procos('cat', `/proc/${pid}/vars/literal`);
  assert.deepEqual([printed.code, printed.out], [0, '@x']);
  assert.ok((await cat(system)).equals(content));

  assert.equal((await system.procos('backup', 'a.db')).code, 0);
  const backup = join(data, 'backups', 'a.db');
  assert.match((await procos(['verify', '--deep', backup])).out, /is whole/);
  const elsewhere = join(folder, 'elsewhere');
  assert.equal((await procos(['restore', backup, '--data', elsewhere])).code, 0);
  const twin = await start(elsewhere);
  assert.ok((await cat(twin)).equals(content));
  await twin.kill('SIGTERM');

  spoil(join(elsewhere, 'procos.db'), content.subarray(MB, MB + 64));
  const verified = await procos(['verify', '--data', elsewhere]);
  assert.equal(verified.code, 1);
  assert.match(
    verified.err + verified.out,
    /the large value sha256:[0-9a-f]{64}: chunk \d does not match its checksum/,
  );
  const damaged = await start(elsewhere);
  await assert.rejects(cat(damaged));
});

/** Flips a bit of the file where these bytes are. */
function spoil(path: string, bytes: Uint8Array): void {
  const file = readFileSync(path);
  const at = file.indexOf(bytes);
  assert.ok(at > 0, 'the content is not in the file');
  file[at] = (file[at] ?? 0) ^ 1;
  writeFileSync(path, file);
}
