/** Scenario 11: the way down is a process: work under way is finished, timers stop, all is kept, and it ends with exit code 0. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ProcosError } from '@procos/client';
import { ROOT, Running, until } from '../running-procos.ts';

test('shut down under work, and go on where it was', { timeout: 110_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const data = join(folder, 'data');
  const running: Running[] = [];
  // Answers only when it is told to.
  let asked = 0;
  const answers: (() => void)[] = [];
  const server = createServer((_, response) => {
    asked += 1;
    answers.push(() => response.end('late'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  context.after(async () => {
    for (const one of running) await one.kill('SIGKILL');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });
  async function start(): Promise<Running> {
    const system = await Running.start({ data, args: ['--http-allow', `127.0.0.1:${port}`] });
    running.push(system);
    return system.ready();
  }

  const first = await start();
  const folderOfExample = join(ROOT, 'examples/shutdown');
  const started = await first.procos('run', folderOfExample, '--no-wait', '--var', `url=http://127.0.0.1:${port}/`);
  assert.equal(started.code, 0, started.err);
  await until('the worker asks', () => asked === 1);

  const down = first.procos('shutdown');
  await until('the system stops', async () => (await first.client.system()).phase === 'stopping');
  const [shutdown] = (await first.client.processes({ state: 'all', definition: 'procos_system_shutdown' })).processes;
  assert.equal(shutdown?.state, 'active');
  await until('no new work is taken', async () => {
    const refused = await first.client.start({ bpmnProcessId: 'slow_request' }).catch((error: unknown) => error);
    return refused instanceof ProcosError && refused.status === 503;
  });
  for (const answer of answers) answer();
  assert.equal((await down).code, 0);
  const ended = await first.ended;
  assert.equal(ended.code, 0);
  const events = ended.out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);
  assert.ok(!events.includes('kernel_shutdown_timeout'));
  assert.equal(events.at(-1), 'kernel_stopped');

  const second = await start();
  const [order] = (await second.client.processes({ definition: 'slow_request' })).processes;
  assert.deepEqual(
    order?.waitsAt.map(({ elementId }) => elementId),
    ['wait'],
    'the work was finished before the end',
  );
  assert.equal(asked, 1, 'and is not done again');
  const past = (await second.client.processes({ state: 'all', definition: 'procos_system_shutdown' })).processes;
  assert.deepEqual(
    past.map(({ state }) => state),
    ['completed'],
  );
  const trace = await second.procos('cat', `/proc/${past[0]?.pid}/trace`);
  for (const step of ['drain_workers', 'checkpoint', 'power_off'])
    assert.match(trace.out, new RegExp(`\\b${step}\\b`), trace.out);
});
