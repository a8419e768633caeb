/** Programs of the operating system: only those of the owner's list, only with its arguments, and nothing of this machine beside them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CodedFailure, type Inputs } from '../handler.ts';
import { bwrapWorks } from '../script/sandbox.ts';
import { refusesForGood, servicesWith } from '../testing.ts';
import { programRun } from './program.ts';

const box = bwrapWorks();
const skip = (there: boolean): string | false =>
  there || process.env['PROCOS_REQUIRE_ALL'] === '1' ? false : 'no bubblewrap here (apt-get install bubblewrap)';

let folder = '';
let list = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'procos-programs-'));
  // What root starts runs as nobody.
  chmodSync(folder, 0o755);
  list = join(folder, 'programs.json');
  writeFileSync(join(folder, 'secret'), 'secret');
  const own = join(folder, 'own');
  writeFileSync(own, '#!/bin/sh\necho "$0 has $GREETING"\n', { mode: 0o755 });
  allow({
    checksum: { path: '/usr/bin/sha256sum' },
    echo: { path: '/bin/echo', arguments: ['-n', '[a-z]+'], further: '.{0,50}' },
    search: { path: '/bin/grep', arguments: ['-e', '[a-z]+'] },
    own: { path: own, environment: { GREETING: 'hello' } },
    shell: { path: '/bin/bash', arguments: ['-c', '[\\s\\S]*'], seconds: 0.5, memory_mb: 64 },
    gone: { path: join(folder, 'nothing') },
  });
});
after(() => rmSync(folder, { recursive: true, force: true }));

function allow(programs: unknown): void {
  writeFileSync(list, JSON.stringify(programs));
}
const run = (inputs: Inputs, environment: Readonly<Record<string, string>> = { PROCOS_PROGRAMS: list }) =>
  programRun(inputs, servicesWith(environment));

async function ends(work: Promise<unknown>, code: string, message: RegExp): Promise<CodedFailure> {
  let failure: unknown;
  await work.catch((error: unknown) => {
    failure = error;
  });
  assert.ok(failure instanceof CodedFailure, String(failure));
  assert.equal(failure.code, code, failure.message);
  assert.match(failure.message, message);
  return failure;
}

describe('the list of the owner', () => {
  it('without one no program runs, and only what it names', async () => {
    await ends(run({ program: 'checksum' }, {}), 'PROGRAM_REFUSED', /no program is, because.*PROCOS_PROGRAMS/);
    await ends(run({ program: '/bin/echo' }), 'PROGRAM_REFUSED', /not in the list/);
    await ends(run({ program: 'toString' }), 'PROGRAM_REFUSED', /not in the list/);
  });

  it('says what every argument may be, as a whole, and how many there are', async () => {
    const refused: readonly (readonly [string, readonly unknown[], RegExp])[] = [
      ['checksum', ['/etc/passwd'], /takes 0 arguments; there are 1/],
      ['echo', ['-n'], /needs 2 arguments; there are 1/],
      ['echo', ['-n', 'a b'], /Argument 2.*must match/],
      ['echo', ['-n', 'abc\n'], /Argument 2/],
      ['echo', ['-e', 'abc'], /Argument 1/],
      ['echo', ['-n', 'abc', 'x'.repeat(51)], /Argument 3/],
      ['shell', ['-c', 'a\0b'], /zero byte/],
    ];
    for (const [program, given, message] of refused)
      await ends(run({ program, arguments: given }), 'PROGRAM_REFUSED', message);
    await refusesForGood(run({ program: 'echo', arguments: '-n abc' }), /must be a list/);
    await refusesForGood(run({ program: 'echo', arguments: [['-n']] }), /number 1 must be text/);
  });

  it('is read for every task, and one that makes no sense says where', async () => {
    const other = join(folder, 'other.json');
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['{', /cannot be read as JSON/],
      ['[]', /must hold an object/],
      ['{"a":{"path":"sh"}}', /program 'a'.*path must be absolute/],
      ['{"a":{"path":"/bin/sh","argument":[]}}', /there is no argument; known are path/],
      ['{"a":{"path":"/bin/sh","arguments":["("]}}', /program 'a'/],
      ['{"a":{"path":"/bin/sh","seconds":"5"}}', /seconds must be a number/],
    ];
    for (const [text, message] of wrong) {
      writeFileSync(other, text);
      await refusesForGood(run({ program: 'a' }, { PROCOS_PROGRAMS: other }), message);
    }
  });

  it('beside it the process must declare the program', async () => {
    const services = servicesWith({ PROCOS_PROGRAMS: list }, undefined, { programs: [{ name: 'check*' }] });
    await refusesForGood(programRun({ program: 'echo', arguments: ['-n', 'a'] }, services), /program echo is not decl/);
  });

  it('without the box nothing runs', async () => {
    const open = { PROCOS_PROGRAMS: list, PROCOS_SANDBOX: 'none' };
    await refusesForGood(run({ program: 'checksum' }, open), /only in a bubblewrap box/);
  });
});

describe('a program', { skip: skip(box) }, () => {
  it('gets its input and its arguments as they are, without a shell, and gives what it printed', async () => {
    const { local } = await run({ program: 'checksum', stdin: 'abc' });
    const sum = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    assert.deepEqual(local, { exit_code: 0, output: `${sum}  -\n`, error_output: '' });
    const odd = '$(id) `id` "; rm -rf / #';
    assert.equal((await run({ program: 'echo', arguments: ['-n', 'a', odd] })).local['output'], `a ${odd}`);
    assert.match(String((await run({ program: 'own' })).local['output']), /own has hello/);
  });

  it('fails with its exit code, which a task may accept', async () => {
    const search = { program: 'search', arguments: ['-e', 'b'], stdin: 'a' };
    const { variables } = await ends(run(search), 'PROGRAM_FAILED', /'search' ended with status 1/);
    assert.deepEqual(variables, { exit_code: 1, error_output: '' });
    assert.equal((await run({ ...search, accept: [0, 1] })).local['exit_code'], 1);
    assert.equal((await run({ ...search, accept: '[1]' })).local['exit_code'], 1);
    await refusesForGood(run({ ...search, accept: ['any'] }), /'accept' must be/);
    await refusesForGood(run({ program: 'gone' }), /nothing is no file that can be run/);
  });

  const shell = (text: string) => run({ program: 'shell', arguments: ['-c', text] });

  it('is stopped when it takes too long, says too much, is killed, and when its task is given up', async () => {
    await ends(shell('while :; do :; done'), 'PROGRAM_STOPPED', /longer than 0.5 s|brought down/);
    await ends(shell('yes'), 'PROGRAM_STOPPED', /printed more than/);
    await ends(shell('kill -9 $$'), 'PROGRAM_STOPPED', /brought down \(status 137\)/);
    const aborted = servicesWith({ PROCOS_PROGRAMS: list }, AbortSignal.abort());
    await ends(programRun({ program: 'shell', arguments: ['-c', 'sleep 9'] }, aborted), 'PROGRAM_STOPPED', /given up/);
  });

  it('gets no more memory than it is allowed', async () => {
    const fill = 'x=$(head -c 200000000 /dev/zero | tr "\\0" a) || exit 9; echo ${#x}';
    const failure = await shell(fill).then(({ local }) => assert.fail(String(local['output'])), String);
    assert.match(failure, /allocate|brought down|status/);
    const little = await shell('x=$(head -c 1000000 /dev/zero | tr "\\0" a); echo ${#x}');
    assert.equal(little.local['output'], '1000000\n');
  });

  it('reaches neither the network nor files of this machine, and nothing of the environment', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const connect = `exec 3<>/dev/tcp/127.0.0.1/${port}`;
    const [code] = (await once(spawn('/bin/bash', ['-c', connect]), 'close')) as [number];
    assert.equal(code, 0, 'without the box it is reached');
    await ends(shell(connect), 'PROGRAM_FAILED', /./);
    server.close();
    await ends(shell(`cat ${join(folder, 'secret')}`), 'PROGRAM_FAILED', /No such file/);
    await ends(shell('echo x > /usr/x'), 'PROGRAM_FAILED', /Read-only|Permission/);
    const { local } = await shell('env');
    assert.deepEqual(
      String(local['output'])
        .split('\n')
        .filter((line) => !/^(PATH=\/usr\/bin:\/bin|PWD=\/|_=.*|OLDPWD=.*|SHLVL=.*|)$/.test(line)),
      [],
    );
  });
});
