/** Python and shell scripts: what they may do, and that hostile ones reach nothing and end in time. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BpmnError } from '@procos/client';
import type { Inputs, Outputs } from '../handler.ts';
import { refusesForGood, servicesWith } from '../testing.ts';
import { bwrapWorks } from './sandbox.ts';
import { runScript } from './script.ts';

const required = process.env['PROCOS_REQUIRE_ALL'] === '1';
const box = bwrapWorks() ? false : 'bubblewrap does not work here: apt-get install bubblewrap';
const snake =
  spawnSync('/usr/bin/python3', ['--version']).status === 0
    ? false
    : 'there is no /usr/bin/python3: apt-get install python3-minimal';
const skip = (reason: string | false) => (required ? false : reason);

const services = servicesWith({ PROCOS_SCRIPT_SECONDS: '1' });
const python = (script_source: string, variables: Inputs = {}): Promise<Outputs> =>
  runScript({ ...variables, script_source, script_format: 'python' }, services);
const shell = (script_source: string, variables: Inputs = {}): Promise<Outputs> =>
  runScript({ ...variables, script_source, script_format: 'bash' }, services);

describe('python', { skip: skip(box || snake) }, () => {
  it('sees variables as globals, in variables and by execution, and gives its result and variables back', async () => {
    const out = await python(
      'result = amount * 2 + variables["amount"] + execution.getVariable("amount")\nexecution.setVariable("note", [1, None])\nprint("not the result")',
      { amount: 10, result: 'old', 'odd name': 1 },
    );
    assert.deepEqual(out, { local: { result: 40 }, variables: { note: [1, null] } });
    assert.deepEqual(await python('pass'), { local: { result: null }, variables: {} });
  });

  it('throws BPMN errors, and tells its mistakes with their line', async () => {
    await assert.rejects(python('raise BpmnError("NO_STOCK", "sold out")'), (error) => {
      assert.ok(error instanceof BpmnError);
      assert.deepEqual([error.code, error.message], ['NO_STOCK', 'sold out']);
      return true;
    });
    await refusesForGood(python('\n\nmissing'), /NameError.*line 3/);
    await refusesForGood(python('if'), /SyntaxError.*line 1/);
    await refusesForGood(python('result = object()'), /not JSON serializable/);
  });

  it('ends when it takes too long, too much memory or too many processes', async () => {
    await refusesForGood(python('while True: pass'), /out of time|brought its process down/);
    await refusesForGood(python('x = "a" * (1 << 30)'), /MemoryError|brought its process down/);
    await refusesForGood(python('import os\nwhile True: os.fork()'), /./);
    await refusesForGood(python('result = "a" * 20_000_000'), /too large|MemoryError/);
  });

  it('reaches neither the network nor files of this machine', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await refusesForGood(python(`import socket\nsocket.create_connection(("127.0.0.1", ${port}), 1)`), /Error/);
    server.close();
    const folder = mkdtempSync(join(tmpdir(), 'procos-script-'));
    writeFileSync(join(folder, 'secret'), 'secret');
    await refusesForGood(python(`open(${JSON.stringify(join(folder, 'secret'))})`), /FileNotFoundError/);
    await refusesForGood(python('open("/usr/x", "w")'), /Read-only|Permission/);
    rmSync(folder, { recursive: true });
  });
});

describe('shell', { skip: skip(box) }, () => {
  it('sees variables in the environment and as JSON, prints its result, and sets variables by a file', async () => {
    const out = await shell('echo "$name has $((amount + 1))"; echo \'{"done": true}\' > "$OUTPUT_FILE"', {
      name: "O'Hara; rm -rf /",
      amount: 2,
    });
    assert.deepEqual(out, { local: { result: "O'Hara; rm -rf / has 3" }, variables: { done: true } });
    assert.deepEqual((await shell('cat "$VARIABLES_FILE"', { list: [1, { a: 2 }] })).local, {
      result: { list: [1, { a: 2 }] },
    });
  });

  it('fails with its status and what it said', async () => {
    await refusesForGood(shell('echo no >&2; exit 3'), /status 3: no/);
    await refusesForGood(shell('echo nonsense > "$OUTPUT_FILE"'), /no JSON object/);
  });

  it('variables of the process change neither how programs are found nor how they are loaded', async () => {
    const out = await shell('echo "$PATH $LD_PRELOAD"', { PATH: '/tmp', LD_PRELOAD: '/tmp/x.so' });
    assert.equal(out.local['result'], '/usr/bin:/bin');
  });

  it('ends when it takes too long, floods or forks without end', async () => {
    await refusesForGood(shell('while :; do :; done'), /out of time|brought its process down|status/);
    await refusesForGood(shell('yes'), /too large/);
    await refusesForGood(shell('f() { f | f & }; f; sleep 5'), /./);
  });
});

it('without the box these languages do not run', async () => {
  const open = servicesWith({ PROCOS_SANDBOX: 'none' });
  await refusesForGood(runScript({ script_source: 'echo', script_format: 'shell' }, open), /only in a bubblewrap box/);
});
