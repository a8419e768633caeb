/** The library of system/lib, called by models and by requests: files that are changed wholly or not at all, whatever happens meanwhile. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Running, until } from './running-procos.ts';

const UPDATE = 'procos_system_file_update';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Calls a process of the library and catches what it throws; `middle` stands for a process that checks new content. */
const MODELS = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0" id="d" targetNamespace="t">
  <bpmn:process id="caller" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start"/><bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="call"/>
    <bpmn:callActivity id="call" calledElement="\${library}">
      <bpmn:extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></bpmn:extensionElements>
    </bpmn:callActivity>
    <bpmn:sequenceFlow id="f2" sourceRef="call" targetRef="done"/><bpmn:endEvent id="done"/>
    <bpmn:boundaryEvent id="caught" attachedToRef="call">
      <bpmn:errorEventDefinition id="any" camunda:errorCodeVariable="code"/>
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f3" sourceRef="caught" targetRef="failed"/><bpmn:endEvent id="failed"/>
  </bpmn:process>
  <bpmn:process id="refuses" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="begin"/><bpmn:sequenceFlow id="g1" sourceRef="begin" targetRef="no"/>
    <bpmn:endEvent id="no"><bpmn:errorEventDefinition id="no_error" errorRef="bad"/></bpmn:endEvent>
  </bpmn:process>
  <bpmn:process id="asks" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="first"/><bpmn:sequenceFlow id="h1" sourceRef="first" targetRef="ask"/>
    <bpmn:userTask id="ask"/>
  </bpmn:process>
  <bpmn:process id="declares" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:extensionElements><procos:security>
      <procos:allowedTasks><procos:process processId="${UPDATE}"/></procos:allowedTasks>
      <procos:capabilities><procos:path name="declared"/></procos:capabilities>
    </procos:security></bpmn:extensionElements>
    <bpmn:startEvent id="d_start"/><bpmn:sequenceFlow id="d1" sourceRef="d_start" targetRef="update"/>
    <bpmn:callActivity id="update" calledElement="${UPDATE}">
      <bpmn:extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></bpmn:extensionElements>
    </bpmn:callActivity>
  </bpmn:process>
  <bpmn:error id="bad" errorCode="BAD_CONTENT"/>
</bpmn:definitions>`;

/** Programs run only where bubblewrap works. */
function box(): string | false {
  const works = spawnSync('bwrap', ['--ro-bind', '/', '/', '--unshare-all', '/bin/true']).status === 0;
  return works || process.env['PROCOS_REQUIRE_ALL'] === '1' ? false : 'no bubblewrap here (apt-get install bubblewrap)';
}

describe('the library of processes', () => {
  let folder = '';
  let system: Running;
  let server: Server;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-library-'));
    server = createServer((_, response) => response.end('{"answer":42}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const programs = { checksum: { path: '/usr/bin/sha256sum' }, search: { path: '/bin/grep', arguments: ['[a-z]+'] } };
    writeFileSync(join(folder, 'programs.json'), JSON.stringify(programs));
    const environment = {
      PROCOS_HTTP_ALLOW: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      PROCOS_PROGRAMS: join(folder, 'programs.json'),
    };
    system = await (await Running.start({ data: join(folder, 'data'), environment })).ready();
    writeFileSync(join(folder, 'models.bpmn'), MODELS);
    const { code, err } = await system.procos('deploy', join(folder, 'models.bpmn'));
    assert.equal(code, 0, err);
  });
  after(async () => {
    server?.close();
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (path: string): string => join(folder, 'data', 'files', path);
  const content = (path: string): string => readFileSync(at(path), 'utf8');
  function put(path: string, text: string): void {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  }
  function begin(library: string, variables: Readonly<Record<string, unknown>>): Promise<{ pid: string }> {
    return system.client
      .start({ bpmnProcessId: 'caller', variables: { library, ...variables } })
      .then(({ id }) => ({ pid: id }));
  }
  /** The variables of the caller at its end; `code` is the error that came out of the library. */
  async function ended({ pid }: { readonly pid: string }): Promise<Readonly<Record<string, unknown>>> {
    await until(`process ${pid} ends`, async () => {
      const { state, incidents, children } = await system.client.process(pid);
      for (const { message } of incidents) assert.fail(message);
      for (const child of children) assert.notEqual(child.state, 'incident', child.bpmnProcessId);
      return state !== 'active';
    });
    const { variables } = await system.client.process(pid);
    return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  }
  const call = async (library: string, variables: Readonly<Record<string, unknown>> = {}) =>
    ended(await begin(library, variables));

  test('files are created, read, copied, moved and deleted, and what is in the way has a code', async () => {
    const made = await call('procos_system_file_create', { file_path: 'a/./one.txt', content: 'one' });
    assert.deepEqual([made['path'], made['sha256'], made['size']], ['a/one.txt', sha256('one'), 3]);
    const read = await call('procos_system_file_read', { file_path: 'a/one.txt' });
    assert.equal(read['content'], 'one');
    await call('procos_system_file_copy', { file_path: 'a/one.txt', target_path: 'a/two.txt' });
    await call('procos_system_file_move', { file_path: 'a/two.txt', target_path: 'b/three.txt' });
    assert.deepEqual([content('b/three.txt'), existsSync(at('a/two.txt'))], ['one', false]);
    put('b/other.txt', 'other');
    const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
      ['procos_system_file_create', { file_path: 'a/one.txt', content: 'other' }, 'FILE_EXISTS'],
      ['procos_system_file_create', { file_path: '../out.txt', content: 'x' }, 'FILE_REFUSED'],
      ['procos_system_file_read', { file_path: 'nothing' }, 'FILE_NOT_FOUND'],
      ['procos_system_file_read', { file_path: '/etc/passwd' }, 'FILE_REFUSED'],
      ['procos_system_file_copy', { file_path: 'a/one.txt', target_path: 'b/other.txt' }, 'FILE_EXISTS'],
      ['procos_system_file_move', { file_path: 'nothing', target_path: 'x' }, 'FILE_NOT_FOUND'],
    ];
    for (const [library, variables, code] of refused)
      assert.equal((await call(library, variables))['code'], code, `${library} ${JSON.stringify(variables)}`);
    assert.equal((await call('procos_system_file_delete', { file_path: 'b/three.txt' }))['deleted'], true);
    assert.equal((await call('procos_system_file_delete', { file_path: 'b/three.txt' }))['deleted'], false);
  });

  test('folders are created, listed and removed', async () => {
    await call('procos_system_folder_create', { file_path: 'f/g' });
    put('f/g/file', 'x');
    const { entries } = await call('procos_system_folder_list', { file_path: 'f/g' });
    assert.deepEqual(entries, [{ name: 'file', is_file: true, is_dir: false, size: 1 }]);
    assert.equal((await call('procos_system_folder_remove', { file_path: 'f/g' }))['code'], 'FOLDER_NOT_EMPTY');
    rmSync(at('f/g/file'));
    assert.equal((await call('procos_system_folder_remove', { file_path: 'f/g' }))['deleted'], true);
    assert.equal((await call('procos_system_folder_list', { file_path: 'f/g' }))['code'], 'FILE_NOT_FOUND');
  });

  test('a program that the owner allows runs in a box; others, other arguments and other exit codes have a code', {
    skip: box(),
  }, async () => {
    const run = (variables: Readonly<Record<string, unknown>>) => call('procos_system_program_run', variables);
    const sum = await run({ program: 'checksum', stdin: 'abc' });
    assert.deepEqual([sum['code'], sum['output'], sum['exit_code']], [undefined, `${sha256('abc')}  -\n`, 0]);
    const found = await run({ program: 'search', arguments: ['b'], stdin: 'a', accept: [0, 1] });
    assert.equal(found['exit_code'], 1);
    assert.equal((await run({ program: 'search', arguments: ['b'], stdin: 'a' }))['code'], 'PROGRAM_FAILED');
    assert.equal((await run({ program: 'search', arguments: ['--help'] }))['code'], 'PROGRAM_REFUSED');
    assert.equal((await run({ program: '/bin/sh' }))['code'], 'PROGRAM_REFUSED');
    const policy = { rules: [{ process: 'caller', deny: { programs: [{ name: 'search' }] }, why: 'not today' }] };
    const put = (body: object) =>
      fetch(`${system.url}/api/policy`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, why: 'e2e' }),
      });
    assert.ok((await put(policy)).ok);
    assert.equal((await run({ program: 'search', arguments: ['a'], stdin: 'a' }))['code'], 'PROGRAM_REFUSED');
    assert.equal((await run({ program: 'checksum', stdin: '' }))['exit_code'], 0);
    assert.ok((await put({ rules: [] })).ok);
  });

  test('an update writes, verifies and leaves no copy; what is not as expected is left alone', async () => {
    put('u/config', 'old');
    const done = await call(UPDATE, { file_path: 'u/config', content: 'new', expected_sha256: sha256('old') });
    assert.deepEqual([done['code'], content('u/config'), readdirSync(at('u'))], [undefined, 'new', ['config']]);
    const late = await call(UPDATE, { file_path: 'u/config', content: 'late', expected_sha256: sha256('old') });
    assert.deepEqual([late['code'], content('u/config'), readdirSync(at('u'))], ['FILE_CHANGED', 'new', ['config']]);
    assert.equal((await call(UPDATE, { file_path: 'u/none', content: 'x' }))['code'], 'FILE_NOT_FOUND');
  });

  test('a check that fails, and content that cannot be written, put the old content back', async () => {
    put('r/config', 'old');
    const checked = await call(UPDATE, { file_path: 'r/config', content: 'bad', verify_process: 'refuses' });
    assert.deepEqual(
      [checked['code'], content('r/config'), readdirSync(at('r'))],
      ['FILE_ROLLED_BACK', 'old', ['config']],
    );
    const wrong = await call(UPDATE, { file_path: 'r/config', content: 'not hex', encoding: 'hex' });
    assert.deepEqual(
      [wrong['code'], content('r/config'), readdirSync(at('r'))],
      ['FILE_ROLLED_BACK', 'old', ['config']],
    );
  });

  test('two writers: the second waits for the first, and a lock ends with the process that has it', async () => {
    put('w/config', 'old');
    const ask = { file_path: 'w/config', content: 'first', verify_process: 'asks' };
    const first = await begin(UPDATE, ask);
    const tasks = async () => (await system.client.tasks({})).tasks;
    await until('somebody is asked', async () => (await tasks()).length === 1);
    const second = await begin(UPDATE, {
      file_path: './w//config',
      content: 'second',
      expected_sha256: sha256('first'),
    });
    const waits = async (): Promise<boolean> =>
      (await system.client.processes({ definition: UPDATE })).processes.some(({ waitsAt }) =>
        waitsAt.some(({ elementId }) => elementId === 'wait'),
      );
    await until('the second waits', waits);
    assert.equal(content('w/config'), 'first');
    await system.procos('complete', (await tasks())[0]?.taskId ?? '');
    assert.equal((await ended(first))['code'], undefined);
    assert.equal((await ended(second))['code'], undefined);
    assert.equal(content('w/config'), 'second');

    const third = await begin(UPDATE, { ...ask, content: 'third' });
    await until('somebody is asked', async () => (await tasks()).length === 1);
    const fourth = await begin(UPDATE, { file_path: 'w/config', content: 'fourth' });
    await until('the fourth waits', waits);
    assert.equal((await system.procos('kill', '-s', 'KILL', third.pid)).code, 0);
    assert.equal((await ended(fourth))['code'], undefined);
    assert.equal(content('w/config'), 'fourth');
  });

  test('a worker that is killed in the middle leaves the old content or the new one, and the update comes to its end', async () => {
    const [old, large] = ['a'.repeat(3_000_000), 'b'.repeat(3_000_000)];
    put('k/config', old);
    let killed = 0;
    for (let round = 0; round < 20 && killed < 3; round += 1) {
      const wanted = content('k/config') === old ? large : old;
      const update = await begin(UPDATE, { file_path: 'k/config', content: wanted });
      // Some are over before anybody looks.
      const isWriting = async (): Promise<boolean> => {
        const [running] = (await system.client.processes({ definition: UPDATE })).processes;
        const { elements } = running === undefined ? { elements: [] } : await system.client.process(running.pid);
        return elements.some(({ elementId, outcome }) => elementId === 'apply' && outcome === 'active');
      };
      let writing = false;
      while (!writing && (await system.client.process(update.pid)).state === 'active') writing = await isWriting();
      if (writing) {
        const [host] = (await system.client.system()).hosts;
        process.kill(host?.osPid ?? 0, 'SIGKILL');
        killed += 1;
        assert.ok([old, large].includes(content('k/config')), 'never half of it');
      }
      assert.equal((await ended(update))['code'], undefined);
      assert.ok(content('k/config') === wanted, 'it is the new content');
      assert.ok(!readdirSync(at('k')).some((name) => name.includes('backup')), 'the copy is gone');
    }
    assert.ok(killed > 0, 'a worker was killed while it wrote');
  });

  test('the network answers where policy allows, and is refused elsewhere', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const answer = await call('procos_system_network_request', { url });
    assert.deepEqual([answer['status_code'], answer['json'], answer['success']], [200, { answer: 42 }, true]);
    const other = await call('procos_system_network_request', { url: 'http://127.0.0.2:9/' });
    assert.equal(other['code'], 'REQUEST_REFUSED');
  });

  test('who declares a process of the library and a path has that path changed, and no other', async () => {
    put('declared/a.txt', 'old');
    put('other/a.txt', 'old');
    const start = (file_path: string) =>
      system.client.start({ bpmnProcessId: 'declares', variables: { file_path, content: 'new' } });
    const { id: pid } = await start('declared/a.txt');
    await ended({ pid });
    assert.equal(content('declared/a.txt'), 'new');
    const { id: refused } = await start('other/a.txt');
    let message = '';
    await until('the other is refused', async () => {
      const { children } = await system.client.process(refused);
      const [child] = await Promise.all(children.map(({ pid: one }) => system.client.process(one)));
      message = child?.incidents[0]?.message ?? '';
      return message !== '';
    });
    assert.match(message, /path other\/a\.txt is not declared \(<procos:path name="other\/a\.txt"/);
    assert.equal(content('other/a.txt'), 'old');
  });

  test('processes are started, watched and terminated', async () => {
    const { pid } = await call('procos_system_process_start', { process: 'asks', variables: { amount: 3 } });
    assert.equal((await system.client.process(String(pid))).bpmnProcessId, 'asks');
    const watching = await begin('procos_system_process_monitor', { pid, interval: 'PT0.2S' });
    assert.equal((await call('procos_system_process_terminate', { pid, reason: 'enough' }))['terminated'], true);
    const seen = await ended(watching);
    assert.deepEqual([seen['state'], (seen['result'] as { amount: number }).amount], ['canceled', 3]);
    assert.equal((await call('procos_system_process_terminate', { pid: 999_999_999 }))['code'], 'PROCESS_NOT_FOUND');
    assert.equal((await call('procos_system_process_monitor', { pid: 999_999_999 }))['code'], 'PROCESS_NOT_FOUND');
    assert.equal((await call('procos_system_process_start', { process: 'nobody' }))['code'], 'PROCESS_REFUSED');
  });

  test('the machine says what it has', async () => {
    const { info } = await call('procos_system_system_info');
    const { processors, memory_bytes, uptime_seconds } = info as Readonly<Record<string, number>>;
    assert.ok(Number(processors) > 0 && Number(memory_bytes) > 0 && Number(uptime_seconds) > 0, JSON.stringify(info));
    const { free_bytes, total_bytes } = await call('procos_system_disk_space');
    assert.ok(Number(free_bytes) > 0 && Number(total_bytes) >= Number(free_bytes));
  });
});
