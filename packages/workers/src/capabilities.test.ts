/** The built-in workers hold to the set that comes with a task, whatever the kernel has decided before. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Capabilities } from '@procos/protocol';
import { manyTimes, onlyOf, randomCapabilities, randomRequest, reference } from '../../protocol/reference/reference.ts';
import { askOllama } from './ai/ollama.ts';
import { askOpenai } from './ai/openai.ts';
import { emailSend } from './email/email.ts';
import { fileOperation } from './file/file.ts';
import { demand } from './handler.ts';
import { httpRequest } from './http/http.ts';
import { closeScripts, runScript } from './script/script.ts';
import { refusesForGood, servicesWith } from './testing.ts';

const withSet = (env: Readonly<Record<string, string>>, capabilities: Capabilities) =>
  servicesWith(env, undefined, capabilities);

describe('a worker', () => {
  let server: Server;
  let port: number;
  let asked: string[] = [];
  let files: string;
  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.headers.host} ${request.url}`);
      if (request.url === '/away') response.writeHead(302, { location: `http://localhost:${port}/there` }).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"models":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    files = await mkdtemp(join(tmpdir(), 'procos-capabilities-'));
  });
  after(async () => {
    server.close();
    closeScripts();
    await rm(files, { recursive: true });
  });

  it('reaches only declared hosts, and looks again at every redirect', async () => {
    const env = { PROCOS_HTTP_ALLOW: `127.0.0.1:${port},localhost:${port}` };
    const only = withSet(env, { hosts: [{ name: `127.0.0.1:${port}` }] });
    asked = [];
    assert.equal((await httpRequest({ url: `http://127.0.0.1:${port}/` }, only)).local['status_code'], 200);
    await refusesForGood(httpRequest({ url: `http://localhost:${port}/` }, only), /host localhost:\d+ is not declared/);
    await refusesForGood(
      httpRequest({ url: `http://127.0.0.1:${port}/away` }, only),
      /host localhost:\d+ is not declared/,
    );
    assert.deepEqual(asked, [`127.0.0.1:${port} /`, `127.0.0.1:${port} /away`]);
    // What is declared is not thereby opened: the settings of the host hold beside it.
    const closed = withSet({}, { hosts: [{ name: '*' }] });
    await refusesForGood(httpRequest({ url: `http://127.0.0.1:${port}/` }, closed), /loopback or private address/);
  });

  it('touches only declared paths, each in the declared way', async () => {
    const env = { PROCOS_FILES_ROOT: files };
    const set = withSet(env, { paths: [{ name: 'in', access: 'read' }, { name: 'out' }] });
    const free = servicesWith(env);
    await fileOperation({ operation: 'write', file_path: 'in/a.txt', content: 'x' }, free);
    assert.equal((await fileOperation({ file_path: 'in/a.txt' }, set)).local['content'], 'x');
    const refused = (inputs: Record<string, string>, message: RegExp) =>
      refusesForGood(fileOperation(inputs, set), message);
    await refused(
      { operation: 'write', file_path: 'in/a.txt', content: 'y' },
      /to write path in\/a\.txt is not declared/,
    );
    await refused({ operation: 'delete', file_path: './in//a.txt' }, /to write path in\/a\.txt/);
    await refused({ operation: 'list', file_path: '.' }, /to read path \. is not declared/);
    await refused({ operation: 'exists', file_path: 'input' }, /to read path input/);
    await refused({ operation: 'move', file_path: 'in/a.txt', target_path: 'out/a.txt' }, /to write path in\/a\.txt/);
    await refused({ operation: 'copy', file_path: 'in/a.txt', target_path: 'in/b.txt' }, /to write path in\/b\.txt/);
    await fileOperation({ operation: 'copy', file_path: 'in/a.txt', target_path: 'out/a.txt' }, set);
    assert.equal(await readFile(join(files, 'out/a.txt'), 'utf8'), 'x');
    await writeFile(join(files, 'out/b.txt'), '');
    assert.equal((await fileOperation({ operation: 'list', file_path: 'out' }, set)).local['size'], 2);
  });

  it('asks only declared models, and uses only declared credentials', async () => {
    const prompt = { system: undefined, user: 'x', model: 'm', maxTokens: undefined };
    const url = `http://127.0.0.1:${port}`;
    asked = [];
    const set = withSet(
      { OLLAMA_URL: url, OPENAI_BASE_URL: url, OPENAI_API_KEY: 'secret' },
      { models: [{ name: 'openai/m' }] },
    );
    await refusesForGood(askOllama(prompt, set), /model ollama\/m is not declared/);
    await refusesForGood(askOpenai({ ...prompt, model: 'n' }, set), /model openai\/n is not declared/);
    await refusesForGood(askOpenai(prompt, set), /secret OPENAI_API_KEY is not declared/);
    const mail = { to_email: 'a@example.org', subject: 's', body: 'b', from_email: 'b@example.org' };
    const smtp = {
      PROCOS_SMTP_HOST: '127.0.0.1',
      PROCOS_SMTP_PORT: String(port),
      PROCOS_SMTP_USER: 'u',
      PROCOS_SMTP_PASSWORD: 'pppp',
    };
    await refusesForGood(emailSend(mail, withSet(smtp, {})), /secret PROCOS_SMTP_PASSWORD is not declared/);
    assert.deepEqual(asked, []);
  });

  it('runs scripts only in declared languages, and behind the walls that are demanded', async () => {
    const code = { script_source: '1 + 1', script_format: 'javascript' };
    const run = (sandbox: 'none' | 'wasm' | 'wasm-in-box', env = {}) =>
      runScript(code, withSet({ PROCOS_SANDBOX: 'none', ...env }, { scripts: [{ name: 'javascript', sandbox }] }));
    assert.deepEqual((await run('wasm')).local, { result: 2 });
    await refusesForGood(run('wasm-in-box'), /demands the sandbox level wasm-in-box, and there is only wasm/);
    const other = withSet({ PROCOS_SANDBOX: 'none' }, { scripts: [{ name: 'python' }] });
    await refusesForGood(runScript(code, other), /script language javascript is not declared/);
    const python = { script_source: 'result = 1', script_format: 'python' };
    const demanding = withSet({}, { scripts: [{ name: 'python', sandbox: 'wasm' }] });
    await refusesForGood(runScript(python, demanding), /demands the sandbox level wasm, and there is only box/);
  });

  it('alone refuses what the reference refuses: 100,000 random pairs of a set and a request', () => {
    manyTimes(100_000, (random) => {
      const request = randomRequest(random);
      const capabilities = onlyOf(randomCapabilities(random), request);
      let allowed = true;
      try {
        demand({ capabilities }, request);
      } catch {
        allowed = false;
      }
      // Who may start or read something is no question of a worker.
      assert.equal(allowed, reference(capabilities, request) !== false);
    });
  });
});
