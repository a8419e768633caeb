/** Worker hosts come back by a process, and PID 1 comes back after the kernel itself was killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inferVariable } from '@procos/bpmn';
import { openSqliteStore } from '@procos/store';
import type { RunningKernel } from './kernel-options.ts';
import type { HostSpec } from './kernel-port.ts';
import type { CommandLoop } from './loop.ts';
import { reportHostExit } from './supervision.ts';
import { manualClock, QUIET } from './testing/clock.ts';
import { standStill } from './testing/standstill.ts';
import { standsAt, startTestKernel, systemModels, until } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;
const HOST = fileURLToPath(new URL('./testing/host.ts', import.meta.url));
const CRASH = fileURLToPath(new URL('./testing/crash-kernel.ts', import.meta.url));
const workers = (behaviour: string): HostSpec => ({
  name: 'workers',
  command: process.execPath,
  args: [HOST, behaviour],
  env: {},
});

const instances = (kernel: RunningKernel, bpmnProcessId: string) =>
  kernel.engine.find('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: bpmnProcessId }] });
const hostState = (kernel: RunningKernel) => kernel.status().hosts[0]?.state;

async function shutDown(kernel: RunningKernel): Promise<number> {
  await kernel.requestShutdown(ADA, 'test');
  return (await kernel.stopped).exitCode;
}

/** Runs a kernel in a process of its own until it kills itself. */
async function crashAt(directory: string, stage: string): Promise<void> {
  const child = spawn(process.execPath, [CRASH, directory, stage, HOST], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = await once(child, 'exit');
  assert.deepEqual([code, signal], [null, 'SIGKILL']);
}

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'procos-crash-'));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a host whose exit no process takes up is left to who looks for such', async () => {
  const left: string[] = [];
  const exit = { host: 'workers', quickFailures: 1, backOff: 'PT1S', reason: 'signal SIGKILL' };
  const hosts = { leave: (name: string) => left.push(name) };
  const rejection = { code: 'NOT_FOUND', message: 'nobody waits for it' } as const;
  const refusing = { submit: async () => ({ ok: false, rejection }) } as unknown as Pick<CommandLoop, 'submit'>;
  assert.match(
    (await reportHostExit({ loop: refusing, hosts }, exit)) ?? '',
    /^No process takes care of .* waits for it$/,
  );
  assert.deepEqual(left, ['workers']);
  const taking = { submit: async () => ({ ok: true }) } as unknown as Pick<CommandLoop, 'submit'>;
  assert.equal(await reportHostExit({ loop: taking, hosts }, exit), null);
  assert.equal(left.length, 1);
});

test('booting starts the worker hosts; shutting down drains them', async () => {
  const kernel = await startTestKernel({ hosts: [workers('good')] });
  await kernel.ready;
  assert.equal(hostState(kernel), 'running');
  assert.equal(await shutDown(kernel), 0);
  assert.equal(hostState(kernel), 'stopped');
});

test('a killed worker host is started again by the supervision process, and the engine does not notice', async () => {
  const kernel = await startTestKernel({ hosts: [workers('good')] });
  await kernel.ready;
  const osPid = kernel.status().hosts[0]?.osPid ?? 0;
  process.kill(osPid, 'SIGKILL');
  await until(kernel, () => instances(kernel, 'procos_system_worker_supervision')[0]?.state === 'completed');
  const [host] = kernel.status().hosts;
  assert.deepEqual([host?.state, host?.restarts], ['running', 1]);
  assert.notEqual(host?.osPid, osPid);
  assert.equal(kernel.status().phase, 'ready');
  assert.equal(await shutDown(kernel), 0);
});

test('a worker host that stands still is silent, and replaced by the supervision process', async (t) => {
  const kernel = await startTestKernel({ hosts: [workers('alive')], timings: { hostSilentMs: 600 } });
  await kernel.ready;
  // On a busy machine one may have been replaced before.
  const { osPid, restarts } = kernel.status().hosts[0] ?? assert.fail();
  const supervised = instances(kernel, 'procos_system_worker_supervision').length;
  t.after(standStill(osPid ?? 0));
  await until(kernel, () => hostState(kernel) === 'running' && kernel.status().hosts[0]?.osPid !== osPid, 20_000);
  const [host] = kernel.status().hosts;
  assert.equal(host?.silent, false);
  assert.ok(host.restarts > restarts);
  assert.throws(() => process.kill(osPid ?? 0, 0), /ESRCH/);
  await until(kernel, () => instances(kernel, 'procos_system_worker_supervision')[supervised]?.state === 'completed');
  assert.equal(await shutDown(kernel), 0);
});

test('a worker host that stands still does not keep the system from going down', async () => {
  const kernel = await startTestKernel({ hosts: [workers('stubborn')], timings: { hostDrainMs: 50 } });
  await kernel.ready;
  assert.equal(await shutDown(kernel), 0);
});

test('when PID 1 does not shut down in time, the kernel stops without it and says so', async () => {
  const kernel = await startTestKernel({ hosts: [workers('stubborn')], timings: { shutdownMs: 50 } });
  await kernel.ready;
  assert.equal(await shutDown(kernel), 1);
  assert.ok(kernel.log.recent(50).some(({ event }) => event === 'kernel_shutdown_timeout'));
});

test('after five quick failures supervision waits for an operator; resolving the incident starts the host', async () => {
  const kernel = await startTestKernel({ hosts: [workers('good')] });
  await kernel.ready;
  const variables = {
    host: inferVariable('workers'),
    quick_failures: inferVariable(5),
    back_off: inferVariable('PT8S'),
  };
  const definition = { bpmnProcessId: 'procos_system_worker_supervision' };
  await kernel.engine.submit({ type: 'createProcessInstance', definition, variables }, ADA);
  await until(kernel, () => kernel.engine.count('incidents') === 1);
  const [incident] = kernel.engine.find('incidents');
  assert.match(incident?.message ?? '', /Worker host workers failed again and again/);
  await kernel.engine.submit({ type: 'resolveIncident', incidentId: incident?.id ?? 0 }, ADA);
  await until(kernel, () => instances(kernel, 'procos_system_worker_supervision')[0]?.state === 'completed');
  assert.equal(await shutDown(kernel), 0);
});

test('the health check starts the supervision of a worker host that nobody takes care of', async () => {
  const clock = manualClock(QUIET);
  const kernel = await startTestKernel({ hosts: [workers('good')], clock });
  await kernel.ready;
  // The shortest way to a host that has stopped without a report: a drain that is no shutdown.
  const definition = { bpmnProcessId: 'procos_system_drain_only' };
  const content = systemModels
    .find(({ name }) => name === 'shutdown.bpmn')
    ?.content.replaceAll('procos_system_shutdown', 'procos_system_drain_only')
    .replaceAll('procos.work.stop', 'procos.worker.register')
    .replaceAll('procos.power.off', 'procos.store.checkpoint');
  const resources = [{ name: 'drain.bpmn', content: content ?? '' }];
  const request = { name: 'drain', source: 'system', tenantId: null, resources, skipUnchanged: false };
  assert.equal((await kernel.engine.deploy(request, ADA)).ok, true);
  await kernel.engine.submit({ type: 'createProcessInstance', definition }, ADA);
  await until(
    kernel,
    () => hostState(kernel) === 'stopped' && instances(kernel, 'procos_system_drain_only')[0]?.state === 'completed',
  );
  clock.advance(30_000);
  await until(kernel, () => instances(kernel, 'procos_system_health_monitoring')[0]?.state === 'completed');
  assert.equal(hostState(kernel), 'running');
  const [supervision] = instances(kernel, 'procos_system_worker_supervision');
  const [recovery] = instances(kernel, 'procos_system_error_recovery');
  assert.deepEqual(
    [supervision?.parentId, recovery?.parentId],
    [recovery?.id, instances(kernel, 'procos_system_health_monitoring')[0]?.id],
  );
  assert.equal(recovery?.businessKey, 'health worker_host_missing workers');
  assert.equal(await shutDown(kernel), 0);
});

test('a boot that does not come up healthy is reported, and can be shut down', async () => {
  const kernel = await startTestKernel({ hosts: [workers('broken')] });
  await until(kernel, () => standsAt(kernel, kernel.status().rootInstanceId ?? 0).includes('boot_again_or_off'));
  const failed = kernel.log.recent(50).find(({ event }) => event === 'kernel_bootstrap_failed');
  const findings = (failed?.fields['findings'] ?? []) as readonly string[];
  assert.deepEqual(
    findings.filter((finding) => !/^The (event loop|engine) /.test(finding)),
    ['Worker host workers does not run.'],
  );
  assert.equal(kernel.status().phase, 'booting');
  assert.equal(await shutDown(kernel), 0);
});

test('after kill -9 the same PID 1 goes on, and its worker hosts come back by a process', async () => {
  await withDirectory(async (directory) => {
    await crashAt(directory, 'ready');
    const kernel = await startTestKernel({ store: openSqliteStore({ directory }), hosts: [workers('good')] });
    await kernel.ready;
    const rootId = kernel.status().rootInstanceId ?? 0;
    assert.deepEqual(
      instances(kernel, 'procos_system_orchestrator').map(({ id, state }) => [id, state]),
      [[rootId, 'active']],
    );
    assert.equal(instances(kernel, 'procos_system_boot').length, 1);
    await until(kernel, () => hostState(kernel) === 'running');
    assert.equal(instances(kernel, 'procos_system_worker_supervision').length, 1);
    assert.equal(await shutDown(kernel), 0);
  });
});

test('a kernel killed while it boots finishes that very boot', async () => {
  await withDirectory(async (directory) => {
    await crashAt(directory, 'procos.worker.start');
    const kernel = await startTestKernel({ store: openSqliteStore({ directory }), hosts: [workers('good')] });
    await kernel.ready;
    assert.deepEqual(
      instances(kernel, 'procos_system_boot').map(({ state }) => state),
      ['completed'],
    );
    assert.equal(await shutDown(kernel), 0);
  });
});

test('a kernel killed while it shuts down starts all the same: the old order is not obeyed any more', async () => {
  await withDirectory(async (directory) => {
    await crashAt(directory, 'procos.worker.drain');
    const kernel = await startTestKernel({ store: openSqliteStore({ directory }), hosts: [workers('good')] });
    await kernel.ready;
    assert.equal(kernel.status().phase, 'ready');
    assert.deepEqual(standsAt(kernel, kernel.status().rootInstanceId ?? 0), ['wait_for_work']);
    assert.equal(hostState(kernel), 'running');
    assert.equal(await shutDown(kernel), 0);
  });
});
