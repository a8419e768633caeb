/** Boot, crash, shutdown and refusals of a real system: its own process, its own folder. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isAlive, procos, Running, until } from './running-procos.ts';

describe('boot', { concurrency: 3 }, () => {
  let folder = '';
  const running: Running[] = [];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'procos-boot-'));
  });
  after(async () => {
    for (const one of running) await one.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(name: string, more: Partial<Parameters<typeof Running.start>[0]> = {}): Promise<Running> {
    const started = await Running.start({ data: join(folder, name), ...more });
    running.push(started);
    return started;
  }

  test('PID 1 is a process that waits; SIGTERM ends the system with exit code 0; the next start has the same PID 1', async () => {
    const first = await (await start('once')).ready();
    const { root, hosts } = await first.client.system();
    assert.equal(root?.bpmnProcessId, 'procos_system_orchestrator');
    assert.ok((root?.waitsAt.length ?? 0) > 0);
    assert.deepEqual(
      hosts.map(({ state }) => state),
      ['running'],
    );
    const { code, out } = await first.kill('SIGTERM');
    assert.equal(code, 0);
    const events = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event);
    assert.ok(events.indexOf('kernel_starting') < events.indexOf('kernel_ready'));
    assert.equal(events.at(-1), 'kernel_stopped');

    const second = await (await start('once')).ready();
    assert.equal((await second.client.system()).root?.processInstanceId, root?.processInstanceId);
    await onePid1(second);
    assert.equal((await second.kill('SIGINT')).code, 0);
  });

  test('when the store fails the system ends at once, and who waits for an answer gets none', async (context) => {
    const one = await (await start('failing')).ready();
    // From now on no file takes a byte more.
    const limited = spawnSync('prlimit', ['--pid', String(one.osPid), '--fsize=1']);
    if (limited.status !== 0) {
      context.skip('there is no prlimit here: install util-linux');
      return;
    }
    const ask = (): Promise<string> =>
      one.client.request({ bpmnProcessId: 'procos_system_health_monitoring' }).then(() => '', String);
    const asked = Promise.all([ask(), ask()]);
    const { code } = await Promise.race([
      one.ended,
      new Promise<{ code: string }>((resolve) => setTimeout(resolve, 10_000, { code: 'it still runs' })),
    ]);
    assert.equal(code, 74);
    for (const answer of await asked) assert.notEqual(answer, '');
  });

  test('after kill -9 in the middle the next start goes on with the same PID 1, and the work comes to its end', async () => {
    const first = await (await start('crash')).ready();
    const { root } = await first.client.system();
    const items = '--var=items:=[{"article":"Lamp","price":20,"quantity":2},{"article":"Pen","price":1,"quantity":3}]';
    const handed = await first.procos(
      'run',
      'examples/order_c8',
      '--var',
      'customer=Ada',
      items,
      '--no-wait',
      '--json',
    );
    assert.equal(handed.code, 0, handed.err);
    const { pid } = JSON.parse(handed.out) as { pid: string };
    await until('the process waits at its timer', async () =>
      (await first.client.process(pid)).waitsAt.some(({ elementType }) => elementType === 'intermediateCatchEvent'),
    );
    const host = (await first.client.system()).hosts[0]?.osPid ?? 0;
    await first.kill('SIGKILL');
    await until('the worker host of the dead kernel is gone', () => !isAlive(host));

    const second = await (await start('crash')).ready();
    assert.equal((await second.client.system()).root?.processInstanceId, root?.processInstanceId);
    await onePid1(second);
    await until('the process ends', async () => (await second.client.process(pid)).endedAt !== null);
    const { state, variables } = await second.client.process(pid);
    assert.equal(state, 'completed');
    assert.equal(variables.find(({ name }) => name === 'total')?.value, 43);
    await second.kill('SIGTERM');
  });

  test('a worker host that is killed is started again by a process, and disturbs nothing', async () => {
    const system = await (await start('host')).ready();
    const [host] = (await system.client.system()).hosts;
    process.kill(host?.osPid ?? 0, 'SIGKILL');
    await until('another worker host runs', async () => {
      const [now] = (await system.client.system()).hosts;
      return now?.state === 'running' && now.osPid !== host?.osPid;
    });
    const supervised = await system.client.processes({ state: 'all', definition: 'procos_system_worker_supervision' });
    assert.ok(supervised.total > 0, 'a process of the supervision ran');
    const data = '--var=data:={"customer":"Ada","email":"ada@example.org","amount":120}';
    const { code, err } = await system.procos('run', 'examples/secure_data', data);
    assert.equal(code, 0, err);
    await system.kill('SIGTERM');
  });

  test('a taken port is refused in one line that names who has it, and no folder is made', async () => {
    const system = await (await start('holder')).ready();
    const port = new URL(system.url).port;
    const data = join(folder, 'never');
    const { code, err } = await procos(['start', '--port', port, '--data', data]);
    assert.equal(code, 1);
    assert.match(err, oneLine(`Port ${port} of 127.0.0.1 is used by ProcOS .*PROCOS_PORT`));
    assert.equal(existsSync(data), false);
    await system.kill('SIGTERM');
  });

  test('a port for gRPC that was asked for and is taken is refused in one line; of the usual one the log says so', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const asked = { PROCOS_GRPC_PORT: String(port) };
    const { code, err } = await procos(['start', '--port', '0', '--data', join(folder, 'grpc')], asked);
    taken.close();
    assert.equal(code, 1);
    assert.match(err, oneLine(`Port ${port} of 127.0.0.1 is used by a program that does not answer.*PROCOS_GRPC_PORT`));

    const usual = createServer();
    // Whoever has it already does as well.
    await new Promise<void>((resolve) => usual.once('error', () => resolve()).listen(26_500, '127.0.0.1', resolve));
    const system = await (await start('grpc', { environment: { PROCOS_GRPC_PORT: '' } })).ready();
    usual.close();
    const { out } = await system.kill('SIGTERM');
    assert.match(out, /"level":"warn".*"event":"grpc_port_taken".*PROCOS_GRPC_PORT/);
  });

  test('a store that another kernel uses is refused in one line', async () => {
    const system = await start('locked');
    const { code, err } = await procos(['start', '--port', '0', '--data', join(folder, 'locked')]);
    assert.equal(code, 1);
    assert.match(err, oneLine('.*locked'));
    await system.ready();
    await system.kill('SIGTERM');
  });

  test('a folder that cannot be written is refused in one line', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, err } = await procos(['start', '--port', '0', '--data', join(folder, 'file', 'data')]);
    assert.equal(code, 1);
    assert.match(err, oneLine('.*file'));
  });

  test('a damaged store is refused in one line and left as it is', async () => {
    const data = join(folder, 'damaged');
    const system = await (await start('damaged')).ready();
    await system.kill('SIGTERM');
    const file = join(data, 'procos.db');
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 8192, 3 * 8192);
    writeFileSync(file, bytes);
    const { code, err } = await procos(['start', '--port', '0', '--data', data]);
    assert.equal(code, 1);
    assert.match(err, oneLine('.*damaged'));
    assert.deepEqual(readFileSync(file), bytes);
  });

  test('an address beyond loopback is refused in one line, before anything is opened', async () => {
    const { code, err } = await procos(['start', '--host', '0.0.0.0', '--data', join(folder, 'public')]);
    assert.equal(code, 2);
    assert.match(err, oneLine('--host is "0.0.0.0"; it must be a loopback address'));
    assert.equal(existsSync(join(folder, 'public')), false);
  });

  const older = olderNode();
  const required = process.env['PROCOS_REQUIRE_ALL'] === '1';
  const skip = older === undefined && !required ? 'no Node 20 or 22 on the PATH (apt-get install nodejs)' : false;

  test('under an older Node the launcher passes SIGTERM on, and its own kill -9 leaves no kernel behind', {
    skip,
  }, async () => {
    assert.ok(older !== undefined, 'an older Node');
    const first = await (await start('launched', { node: older })).ready();
    assert.equal((await first.kill('SIGTERM')).code, 0);

    const second = await (await start('launched', { node: older })).ready();
    await second.kill('SIGKILL');
    await until('the kernel is down', async () => {
      try {
        await second.client.system();
        return false;
      } catch {
        return true;
      }
    });
    const third = await (await start('launched')).ready();
    await third.kill('SIGTERM');
  });
});

async function onePid1({ client }: Running): Promise<void> {
  const { total, processes } = await client.processes({ state: 'all', definition: 'procos_system_orchestrator' });
  assert.equal(total, 1);
  assert.equal(processes[0]?.pid, '1');
}

function oneLine(start: string): RegExp {
  return new RegExp(`^procos: ${start}[^\\n]*\\n$`);
}

function olderNode(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    if (/^v(20|22|23)\./.test(stdout ?? '')) return node;
  }
  return undefined;
}
