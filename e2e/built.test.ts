/** The system as `npm install` builds it: what it loads, and that its processes, threads and gateway find their parts. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { connect } from '../packages/rest/src/camunda8/grpc/testing/zeebe.test.ts';
import { procos, ROOT, Running } from './running-procos.ts';

let folder = '';
let system: Running;
let gateway = 0;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'procos-e2e-built-'));
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'packages/procos/bin/build.js')], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
  mkdirSync(join(folder, 'loaded'));
  gateway = await freePort();
  const environment = { ...listing(), PROCOS_GRPC_PORT: String(gateway) };
  system = await Running.start({ data: join(folder, 'data'), environment });
  await system.ready();
});
after(async () => {
  await system?.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a process has loaded is written down by Node itself. */
function listing(): Record<string, string> {
  const hook = pathToFileURL(join(ROOT, 'e2e/loaded-files.js')).href;
  return { NODE_OPTIONS: `--import ${hook}`, LOADED_FILES: join(folder, 'loaded') };
}

/** Paths of modules from the root of ProcOS. */
function loadedBy(osPid: number | string): string[] {
  const root = pathToFileURL(ROOT).href;
  const urls = readFileSync(join(folder, 'loaded', String(osPid)), 'utf8')
    .trim()
    .split('\n');
  return [...new Set(urls.map((url) => url.replace(root, '').replace(`file://${ROOT}`, '')))];
}

/** Whose files are among them. */
function packagesIn(files: readonly string[]): Set<string> {
  return new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
}

test('a boot loads what was built, no source, and no library that only some who call need', () => {
  const files = loadedBy(system.osPid);
  assert.deepEqual(
    files.filter((file) => /^packages\/[^/]+\/src\//.test(file)),
    [],
  );
  assert.ok(
    files.some((file) => file.startsWith('packages/procos/dist/main-')),
    files.join('\n'),
  );
  for (const name of [
    '@fastify/send',
    '@grpc/grpc-js',
    'ajv',
    'undici',
    'nodemailer',
    'openai',
    'quickjs-emscripten-core',
  ])
    assert.ok(!packagesIn(files).has(name), name);
  assert.ok(files.length <= 280, `${files.length} files: ${[...packagesIn(files)].join(' ')}`);
});

test('scripts, copies in a thread, and the gateway for Zeebe clients find the files that they need', async () => {
  const path = join(folder, 'script.bpmn');
  writeFileSync(path, SCRIPT);
  const run = await system.procos('run', path, '--wait', '--json');
  assert.equal(run.code, 0, run.err);
  assert.match(run.out, /"answer":\s*42/);

  const backup = await system.procos('backup', 'a.db', '--json');
  assert.equal(backup.code, 0, backup.err);
  assert.equal((await procos(['verify', join(folder, 'data/backups/a.db')])).code, 0);

  const zeebe = connect(`127.0.0.1:${gateway}`);
  assert.equal((await zeebe.call('Topology'))['clusterSize'], 1);
  zeebe.close();
  assert.ok(packagesIn(loadedBy(system.osPid)).has('@grpc/grpc-js'), 'now it is loaded');
});

const SCRIPT = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="built">
  <process id="scripted" isExecutable="true" camunda:historyTimeToLive="1">
    <startEvent id="begin" />
    <sequenceFlow id="in" sourceRef="begin" targetRef="work" />
    <scriptTask id="work" scriptFormat="javascript" camunda:resultVariable="answer"><script>6 * 7</script></scriptTask>
    <sequenceFlow id="out" sourceRef="work" targetRef="end" />
    <endEvent id="end" />
  </process>
</definitions>`;
