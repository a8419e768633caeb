/** What serving loads: no HTTP client, no compilers of schemas, and neither gRPC nor what sends files before somebody asks. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** `own`: modules of Node itself; `libraries`: files of CommonJS. */
const PROGRAM = `
  import { createRequire } from 'node:module';
  import { createServer } from './index.ts';
  import { FakeKernel } from './testing/fake-kernel.test.ts';
  const app = await createServer(new FakeKernel());
  await app.listen({ host: '127.0.0.1', port: 0 });
  await app.close();
  const libraries = Object.keys(createRequire(import.meta.url).cache);
  console.log(JSON.stringify({ own: process.moduleLoadList, libraries }));`;

test('a server that listens has loaded no HTTP client, no compiler of schemas, no gRPC and nothing that sends files', () => {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', PROGRAM];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  assert.equal(stderr, '');
  const { own, libraries } = JSON.parse(stdout) as { own: string[]; libraries: string[] };
  assert.ok(own.includes('NativeModule http'), 'the list is that of this process');
  assert.deepEqual(
    own.filter((name) => /undici/.test(name)),
    [],
  );
  assert.ok(libraries.some((file) => /node_modules.fastify\b/.test(file)));
  assert.deepEqual(
    libraries.filter((file) => /node_modules.(ajv|@grpc|@fastify.(ajv-compiler|send|static)|glob|undici)\b/.test(file)),
    [],
  );
});
