/** Scenario 1: the boot is a process that anybody can look at, and so is the way down; the next start finds the same PID 1. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Ended, Running } from '../running-procos.ts';

const events = ({ out }: Ended): string[] =>
  out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);

test('boot, look at it, shut down, boot again', { timeout: 110_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const data = join(folder, 'data');
  const running: Running[] = [];
  context.after(async () => {
    for (const one of running) await one.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  async function start(): Promise<Running> {
    const system = await Running.start({ data });
    running.push(system);
    return system.ready();
  }

  const first = await start();
  const boots = async (system: Running) =>
    (await system.client.processes({ state: 'all', definition: 'procos_system_boot' })).processes;
  const [boot] = await boots(first);
  assert.equal(boot?.state, 'completed');
  const detail = await first.client.process(boot.pid);
  assert.equal(detail.parentPid, '1', 'PID 1 has called it');
  const variables = Object.fromEntries(detail.variables.map(({ name, value }) => [name, value]));
  assert.equal(variables['healthy'], true);
  assert.deepEqual(variables['findings'], []);
  assert.ok(Array.isArray(variables['workers']) && variables['workers'].length > 0, 'the workers are registered');
  const visited = await first.procos('cat', `/proc/${boot.pid}/trace`);
  for (const step of ['check_environment', 'start_hosts', 'register_workers', 'check_health', 'report_ready'])
    assert.match(visited.out, new RegExp(`completed.*\\b${step}\\b`), step);
  assert.match((await first.procos('ps')).out, /^1 +procos_system_orchestrator +active +Wait for work/m);

  assert.equal((await first.procos('shutdown')).code, 0);
  const ended = await first.ended;
  assert.equal(ended.code, 0);
  const seen = events(ended);
  const order = [
    'kernel_starting',
    'kernel_bootstrap_start',
    'root_process',
    'kernel_bootstrap_complete',
    'kernel_ready',
  ];
  const places = [...order, 'kernel_stopping', 'kernel_stopped'].map((event) => seen.indexOf(event));
  assert.ok(!places.includes(-1), seen.join());
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );

  const second = await start();
  const { processes } = await second.client.processes({ state: 'all', definition: 'procos_system_orchestrator' });
  assert.deepEqual(
    processes.map(({ pid, state }) => [pid, state]),
    [['1', 'active']],
  );
  assert.equal((await boots(second)).length, 2, 'it has booted anew');
  const { processes: ways } = await second.client.processes({ state: 'all', definition: 'procos_system_shutdown' });
  assert.deepEqual(
    ways.map(({ state }) => state),
    ['completed'],
  );
  assert.equal((await second.kill('SIGTERM')).code, 0);
});
