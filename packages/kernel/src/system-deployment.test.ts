/** Changed processes of the system: what an operator deploys acts at once, outlives an upgrade, and never bricks the machine. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ReadResult, readDecisions, readProcesses } from '@procos/bpmn';
import { openSqliteStore } from '@procos/store';
import { BootFailure } from './boot.ts';
import type { KernelOptions, RunningKernel } from './kernel-options.ts';
import { redeploy, redeployDecision } from './redeployment.ts';
import { manualClock, QUIET } from './testing/clock.ts';
import { deployTable, tableWith } from './testing/recovery-table.ts';
import { standsAt, startTestKernel, systemModels, until } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;
const HEALTH = 'procos_system_health_monitoring';
const BOOT = 'procos_system_boot';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A machine that can be started again and again: one store. */
function machine(): (options?: Partial<KernelOptions>) => Promise<RunningKernel> {
  const directory = mkdtempSync(join(tmpdir(), 'procos-system-'));
  folders.push(directory);
  return (options = {}) => startTestKernel({ store: openSqliteStore({ directory }), ...options });
}

/** As shipped, with one file changed. */
function release(name: string, change: (content: string) => string) {
  const changed = systemModels.map((model) => (model.name === name ? { name, content: change(model.content) } : model));
  assert.notDeepEqual(changed, systemModels);
  return changed;
}
const noted = (note: string) => (content: string) => content.replace('<bpmn:documentation>', `$&${note} `);
const shippedFile = (name: string) => systemModels.find((model) => model.name === name)?.content ?? '';

async function deploy({ engine }: RunningKernel, name: string, content: string, source: string | null = 'system') {
  const request = { name, source, tenantId: null, resources: [{ name, content }], skipUnchanged: false };
  return engine.deploy(request, ADA);
}
async function change(kernel: RunningKernel, name: string, how: (content: string) => string): Promise<void> {
  const content = how(shippedFile(name));
  assert.notEqual(content, shippedFile(name));
  const outcome = await deploy(kernel, name, content);
  assert.ok(outcome.ok, JSON.stringify(outcome));
}

const versions = ({ engine }: RunningKernel, bpmnProcessId: string) =>
  engine.find('definitions', {
    where: [{ column: 'bpmnProcessId', op: '=', value: bpmnProcessId }],
    orderBy: [{ column: 'version' }],
  });
const runs = ({ engine }: RunningKernel, bpmnProcessId: string) =>
  engine.find('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: bpmnProcessId }] });
const lastRun = (kernel: RunningKernel, bpmnProcessId: string) => runs(kernel, bpmnProcessId).at(-1)?.version;
const logged = ({ log }: RunningKernel, event: string) => log.recent(200).filter((line) => line.event === event);
const rootOf = (kernel: RunningKernel): number => kernel.status().rootInstanceId ?? 0;
const rootVersion = (kernel: RunningKernel) =>
  kernel.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: rootOf(kernel) }] })[0]?.version;

async function shutDown(kernel: RunningKernel): Promise<void> {
  await kernel.requestShutdown(ADA, 'test');
  assert.deepEqual(await kernel.stopped, { exitCode: 0 });
}

test('what was read of the shipped files before is taken at the boot, and only there, and not where delegates change what is read', async () => {
  const asked: string[] = [];
  const results = new Map<string, ReadResult>();
  for (const { content } of systemModels) results.set(content, await readProcesses(content));
  const name = 'backup.bpmn';
  const backup = results.get(shippedFile(name));
  assert.ok(backup !== undefined);
  const marked = { ...backup, processes: backup.processes.map((model) => ({ ...model, name: 'as it was read' })) };
  results.set(shippedFile(name), marked);
  const table = readDecisions(shippedFile('recovery.dmn'));
  assert.ok(table.model !== undefined);
  const namedTable = {
    ...table.model,
    decisions: table.model.decisions.map((one) => ({ ...one, name: 'as it was read' })),
  };
  const readBefore = {
    processes: (content: string) => {
      asked.push(content);
      return results.get(content);
    },
    decisions: (content: string) => {
      asked.push(content);
      return { ...table, model: namedTable };
    },
  };
  const nameOf = (kernel: RunningKernel) =>
    kernel.engine.latestDefinition('procos_system_backup', null)?.model.name ?? 'none';

  const start = machine();
  const first = await start({ readBefore });
  assert.deepEqual(
    asked,
    systemModels.filter(({ name: file }) => /\.(bpmn|dmn)$/.test(file)).map(({ content }) => content),
  );
  assert.equal(nameOf(first), 'as it was read');
  const tables = new Set(first.engine.find('decisions').map(({ name: decision }) => decision));
  assert.deepEqual(tables, new Set(['as it was read']));
  asked.length = 0;
  await change(first, name, noted('Mine.'));
  assert.deepEqual(asked, []);
  await shutDown(first);
  const second = await start({ readBefore, systemModels: release('health_monitoring.bpmn', noted('Better.')) });
  assert.equal(versions(second, HEALTH).length, 2, 'what is not known is read');
  await shutDown(second);

  asked.length = 0;
  const third = await machine()({ readBefore, delegates: { 'com.example.Charge': 'charge' } });
  assert.deepEqual(asked, []);
  assert.notEqual(nameOf(third), 'as it was read');
  await shutDown(third);
});

test('of a release only the files that have changed are deployed', async () => {
  const start = machine();
  await shutDown(await start());
  const second = await start({ systemModels: release('health_monitoring.bpmn', noted('Better.')) });
  await second.ready;
  assert.deepEqual(
    [HEALTH, BOOT, 'procos_system_backup'].map((id) => versions(second, id).length),
    [2, 1, 1],
  );
  await shutDown(second);
  const third = await start({ systemModels: release('health_monitoring.bpmn', noted('Better.')) });
  assert.equal(versions(third, HEALTH).length, 2);
  await shutDown(third);
});

test('a changed process of the system acts at once: the next health check runs by it', async () => {
  const clock = manualClock(QUIET);
  const kernel = await startTestKernel({ clock });
  await kernel.ready;
  clock.advance(30_000);
  await until(kernel, () => runs(kernel, HEALTH)[0]?.state === 'completed');
  assert.equal(lastRun(kernel, HEALTH), 1);
  await change(kernel, 'health_monitoring.bpmn', noted('Ours.'));
  clock.advance(30_000);
  await until(kernel, () => runs(kernel, HEALTH)[1]?.state === 'completed');
  assert.equal(lastRun(kernel, HEALTH), 2);
  await shutDown(kernel);
});

test('the version of an operator stays the active one after an upgrade, which a warning says, until the shipped one is taken', async () => {
  const start = machine();
  const first = await start();
  await first.ready;
  await change(first, 'health_monitoring.bpmn', noted('Ours.'));
  const ours = versions(first, HEALTH)[1]?.checksum;
  await shutDown(first);

  const restarted = await start();
  assert.equal(versions(restarted, HEALTH).length, 2);
  assert.match(logged(restarted, 'system_model_changed')[0]?.text ?? '', /procos rollback \S+ --to 1 takes/);
  await shutDown(restarted);

  const upgrade = { systemModels: release('health_monitoring.bpmn', noted('Better.')) };
  for (const _ of ['the upgrade', 'the start after it']) {
    const upgraded = await start(upgrade);
    await upgraded.ready;
    assert.deepEqual(
      versions(upgraded, HEALTH).map(({ checksum }) => checksum === ours),
      [false, true, false, true],
    );
    assert.match(logged(upgraded, 'system_model_outdated')[0]?.text ?? '', /procos rollback \S+ --to 3 takes/);
    await shutDown(upgraded);
  }

  const taking = await start(upgrade);
  await taking.ready;
  const shipped = versions(taking, HEALTH)[2];
  assert.ok(shipped !== undefined);
  const taken = await redeploy(taking.engine, shipped, ADA);
  assert.ok(taken.ok, JSON.stringify(taken));
  await shutDown(taking);

  const next = await start({ systemModels: release('health_monitoring.bpmn', noted('Best.')) });
  assert.deepEqual(logged(next, 'system_model_outdated'), []);
  assert.equal(versions(next, HEALTH).length, 6);
  assert.equal(logged(next, 'system_models_deployed')[0]?.fields['definitions'], 1);
  await shutDown(next);
});

test('a start that died between the shipped version and the one of the operator is made good by the next', async () => {
  const start = machine();
  const first = await start();
  await first.ready;
  await change(first, 'health_monitoring.bpmn', noted('Ours.'));
  const upgrade = release('health_monitoring.bpmn', noted('Better.'));
  const resources = upgrade.filter(({ name }) => name === 'health_monitoring.bpmn');
  const request = { name: 'procos-system', source: 'system', tenantId: null, resources, skipUnchanged: false };
  assert.equal((await first.engine.deploy(request, ADA)).ok, false, 'the name belongs to the kernel');
  assert.ok((await first.engine.deploy(request, { kind: 'kernel', id: 'boot' })).ok);
  await shutDown(first);
  const second = await start({ systemModels: upgrade });
  const [, ours, , latest] = versions(second, HEALTH);
  assert.equal(latest?.checksum, ours?.checksum);
  await shutDown(second);
});

test('only processes of the system can be deployed with its rights', async () => {
  const kernel = await startTestKernel();
  const content = shippedFile('shutdown.bpmn').replaceAll('procos_system_shutdown', 'mine');
  const outcome = await deploy(kernel, 'mine.bpmn', content);
  assert.ok(!outcome.ok);
  assert.match(JSON.stringify(outcome.findings), /not-a-system-process/);
  await shutDown(kernel);
});

/** A boot that asks for something that nobody can give. */
const BROKEN: Readonly<Record<string, (content: string) => string>> = {
  'an incident': (content) => content.replace('>${healthy}</bpmn:cond', '>${nobody.knows}</bpmn:cond'),
  'a boot that never reports ready': (content) =>
    content.replaceAll('topic="procos.environment.check"', 'topic="nobody.serves.this"'),
};

for (const [what, broken] of Object.entries(BROKEN)) {
  test(`${what} of an operator's boot does not brick the machine`, async () => {
    const start = machine();
    const first = await start();
    await first.ready;
    await change(first, 'boot.bpmn', broken);
    await shutDown(first);

    const stuck = await start({ timings: { bootMs: 1_500 } });
    const { exitCode, reason } = await stuck.stopped;
    assert.equal(exitCode, 1);
    assert.match(reason ?? '', /procos_system_boot\. procos start --safe boots the shipped versions/);

    const again = start({ timings: { bootMs: 300 } }).then(({ stopped }) => stopped);
    if (what === 'an incident')
      await assert.rejects(again, (error) => error instanceof BootFailure && /--safe/.test(error.message));
    else assert.match((await again).reason ?? '', /has not reported ready/);

    const safe = await start({ safe: true });
    await safe.ready;
    assert.equal(lastRun(safe, BOOT), 1);
    assert.equal(safe.engine.latestDefinition(BOOT, null)?.version, 2, 'what the operator deployed is still there');
    assert.equal(safe.engine.count('incidents'), 0);
    const shipped = versions(safe, BOOT)[0];
    assert.ok(shipped !== undefined && (await redeploy(safe.engine, shipped, ADA)).ok);
    await shutDown(safe);

    const normal = await start();
    await normal.ready;
    assert.equal(lastRun(normal, BOOT), 3);
    await shutDown(normal);
  });
}

test('PID 1 goes by a new version of its model from the next boot on, with the requests that it runs', async () => {
  const start = machine();
  const first = await start();
  await first.ready;
  const waiting = shippedFile('system_orchestrator.bpmn').replaceAll('procos_system_orchestrator', 'unrelated');
  assert.ok((await deploy(first, 'unrelated.bpmn', waiting, null)).ok);
  const value = { id: '1', process: 'unrelated', businessKey: null, variables: {} };
  const message = { name: 'procos.user_request', correlationKey: '', timeToLiveMs: 60_000 };
  await first.engine.submit(
    { type: 'publishMessage', ...message, variables: { request: { type: 'Json', value } } },
    ADA,
  );
  const rootId = rootOf(first);
  await change(first, 'system_orchestrator.bpmn', noted('Ours.'));
  assert.equal(rootVersion(first), 1);
  await shutDown(first);

  const second = await start();
  await second.ready;
  assert.deepEqual([rootOf(second), rootVersion(second)], [rootId, 2]);
  assert.ok(standsAt(second, rootId).includes('run_request'));
  await shutDown(second);

  const safe = await start({ safe: true });
  await safe.ready;
  assert.deepEqual([rootOf(safe), rootVersion(safe)], [rootId, 1]);
  assert.ok(standsAt(safe, rootId).includes('run_request'));
  await shutDown(safe);
});

test('a PID 1 that stands where the shipped model has no place is replaced by a safe run, and only there', async () => {
  const start = machine();
  const first = await start();
  await first.ready;
  const rootId = rootOf(first);
  await change(first, 'system_orchestrator.bpmn', (content) =>
    content
      .replace('<bpmn:exclusiveGateway id="boot_begins" name="Boot begins">', '<bpmn:manualTask id="boot_begins">')
      .replace(
        '<bpmn:outgoing>flow_boot</bpmn:outgoing>\n    </bpmn:exclusiveGateway>',
        '<bpmn:outgoing>flow_boot</bpmn:outgoing>\n    </bpmn:manualTask>',
      )
      .replace(
        '<bpmn:callActivity id="boot" ',
        '<bpmn:receiveTask id="lost" messageRef="message_power_on" />\n    <bpmn:callActivity id="boot" ',
      )
      .replace(
        'id="flow_boot" sourceRef="boot_begins" targetRef="boot"',
        'id="flow_boot" sourceRef="boot_begins" targetRef="lost"',
      )
      .replace('<bpmn:incoming>flow_boot</bpmn:incoming>', ''),
  );
  await shutDown(first);

  const stuck = await start({ timings: { bootMs: 300 } });
  assert.match((await stuck.stopped).reason ?? '', /has not reported ready.*procos_system_orchestrator/);
  const safe = await start({ safe: true });
  await safe.ready;
  assert.notEqual(rootOf(safe), rootId);
  assert.equal(rootVersion(safe), 1);
  assert.equal(logged(safe, 'root_process_dropped').length, 1);
  await shutDown(safe);
});

test('in a safe run messages and timers start the shipped versions, too', async () => {
  const start = machine();
  const first = await start();
  await first.ready;
  await change(first, 'worker_supervision.bpmn', noted('Ours.'));
  await shutDown(first);
  const message = { name: 'procos.worker_host.exited', all: false } as const;
  const values = { host: 'none', quick_failures: 0, back_off: 'PT0S', reason: 'test' };
  const variables = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { type: typeof value === 'number' ? 'Integer' : 'String', value } as const,
    ]),
  );
  for (const [safe, version] of [
    [true, 1],
    [false, 2],
  ] as const) {
    const kernel = await start({ safe });
    await kernel.ready;
    await kernel.engine.submit({ type: 'correlateMessage', ...message, variables }, { kind: 'kernel', id: 'test' });
    assert.equal(lastRun(kernel, 'procos_system_worker_supervision'), version);
    await shutDown(kernel);
  }
});

test("an operator's table stays on top of a newer shipped one, a safe run decides by the shipped one, and both roll back", async () => {
  const RECOVERY = 'procos_system_recovery';
  const start = machine();
  const tables = ({ engine }: RunningKernel) =>
    engine.find('decisions', {
      where: [{ column: 'decisionId', op: '=', value: RECOVERY }],
      orderBy: [{ column: 'version' }],
    });
  const first = await start();
  await first.ready;
  await deployTable(first, tableWith({ when: { process: '"order"' }, gives: { action: '"retry"' } }));
  const ours = tables(first)[1]?.checksum;
  const ruleFor = ({ recovery }: RunningKernel) => recovery.planForFacts({ process: 'order' }).rule;
  assert.deepEqual(ruleFor(first), { version: 2, id: 'row_1', index: 1 });
  await shutDown(first);

  const newer = (content: string) => content.replace('<description>', '$&Better. ');
  const upgrade = { systemModels: release('recovery.dmn', newer) };
  for (const _ of ['the upgrade', 'the start after it']) {
    const upgraded = await start(upgrade);
    await upgraded.ready;
    assert.deepEqual(
      tables(upgraded).map(({ checksum }) => checksum === ours),
      [false, true, false, true],
    );
    assert.deepEqual(ruleFor(upgraded), { version: 4, id: 'row_1', index: 1 });
    const said = logged(upgraded, 'system_model_outdated').map(({ fields }) => fields['process']);
    assert.deepEqual(said.sort(), ['procos_system_incident_severity', RECOVERY]);
    await shutDown(upgraded);
  }

  const safe = await start({ ...upgrade, safe: true });
  await safe.ready;
  assert.equal(ruleFor(safe), null);
  const decision = { decisionId: RECOVERY };
  const variables = {
    kind: { type: 'String', value: 'incident' },
    process: { type: 'String', value: 'order' },
  } as const;
  const evaluated = await safe.engine.submit<'evaluateDecision'>(
    { type: 'evaluateDecision', decision, variables },
    ADA,
  );
  assert.equal(
    evaluated.ok && evaluated.value.decisionDefinitionId,
    tables(safe)[2]?.id,
    'processes decide by it, too',
  );
  await shutDown(safe);

  const taking = await start(upgrade);
  await taking.ready;
  const shipped = tables(taking)[2];
  assert.ok(shipped !== undefined);
  assert.ok((await redeployDecision(taking.engine, shipped, ADA)).ok);
  assert.equal(ruleFor(taking), null);
  await shutDown(taking);
  const next = await start(upgrade);
  assert.deepEqual(logged(next, 'system_model_outdated'), []);
  await shutDown(next);
});
