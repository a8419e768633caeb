/** Snapshots on kernels: families, tasks with their locks and incidents, large values, messages, what stays active, and what is refused. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { inferVariable, type Json } from '@procos/bpmn';
import { createMemoryStore, openSqliteStore, type Store } from '@procos/store';
import type { RunningKernel } from '../kernel-options.ts';
import { standsAt, startTestKernel, until } from '../testing/system.ts';
import { readSnapshot, SnapshotDamaged, type SnapshotLine, SnapshotWriter } from './file.ts';
import type { SnapshotReport } from './plan.ts';

const CRASH = fileURLToPath(new URL('../testing/crash-import.ts', import.meta.url));
const ADA = { kind: 'user', id: 'ada' } as const;
const EVE = { kind: 'user', id: 'eve' } as const;

const bpmn = (processes: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">${processes}</bpmn:definitions>`;
const straight = (id: string, middle: string): string =>
  bpmn(`<bpmn:process id="${id}" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start"/><bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="middle"/>
    ${middle}<bpmn:sequenceFlow id="f2" sourceRef="middle" targetRef="end"/><bpmn:endEvent id="end"/></bpmn:process>`);
const WORK = '<bpmn:serviceTask id="middle" camunda:type="external" camunda:topic="work"/>';
const CALLER = straight('caller', '<bpmn:callActivity id="middle" calledElement="called"/>');
const CALLED = straight('called', WORK);

interface Place {
  readonly kernel: RunningKernel;
  readonly store: Store;
  readonly snapshots: string;
}

async function place(context: TestContext, snapshots: string): Promise<Place> {
  const store = createMemoryStore();
  const kernel = await startTestKernel({ store, snapshots });
  await kernel.ready;
  context.after(async () => {
    await kernel.requestShutdown(ADA, 'test');
    await kernel.stopped;
  });
  return { kernel, store, snapshots };
}

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'procos-snapshots-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function deploy({ kernel }: Place, ...contents: readonly string[]): Promise<void> {
  const resources = contents.map((content, at) => ({ name: `${at}.bpmn`, content }));
  const request = { name: 'models', source: null, tenantId: null, resources, skipUnchanged: false };
  const outcome = await kernel.engine.deploy(request, ADA);
  assert.ok(outcome.ok, JSON.stringify(outcome));
}

async function begin({ kernel }: Place, id: string, variables: Record<string, Json> = {}, by: typeof EVE = EVE) {
  const typed = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, inferVariable(value)]));
  const definition = { bpmnProcessId: id };
  const outcome = await kernel.engine.submit({ type: 'createProcessInstance', definition, variables: typed }, by);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value.processInstanceId;
}

/** Runs a process of the system to its end, or to an incident. */
async function run(at: Place, id: string, variables: Record<string, Json>) {
  const { engine } = at.kernel;
  const pid = await begin(at, id, variables, ADA as unknown as typeof EVE);
  const where = [{ column: 'id', op: '=', value: pid }] as const;
  const row = () => engine.find('processInstances', { where })[0];
  const open = () => engine.find('incidents', { where: [{ column: 'processInstanceId', op: '=', value: pid }] })[0];
  await until(at.kernel, () => row()?.state !== 'active' || open() !== undefined, 20_000);
  const rows = engine.find('variables', { where: [{ column: 'scopeId', op: '=', value: pid }] });
  const values = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  const report = values['report'] as unknown as SnapshotReport;
  return { state: row()?.state, incident: open()?.message ?? '', variables: values, report };
}
const snap = (at: Place, more: Record<string, Json> = {}) =>
  run(at, 'procos_system_snapshot_export', { file: 'a.snapshot', ...more });
const bring = (at: Place, more: Record<string, Json> = {}) =>
  run(at, 'procos_system_snapshot_import', { file: 'a.snapshot', ...more });

const active = ({ kernel }: Place, id: string) =>
  kernel.engine.find('processInstances', {
    where: [
      { column: 'bpmnProcessId', op: '=', value: id },
      { column: 'state', op: '=', value: 'active' },
    ],
  });

test('a whole family moves: called processes, tasks that failed, incidents, who started it and when', async (context) => {
  const folder = folderOf(context);
  const [here, there] = [await place(context, folder), await place(context, folder)];
  await deploy(here, CALLER, CALLED);
  const caller = await begin(here, 'caller', { amount: 3 });
  const fetch = { type: 'fetchAndLock', workerId: 'w', maxTasks: 1, usePriority: false } as const;
  const topics = [{ topic: 'work', lockMs: 60_000 }];
  const locked = await here.kernel.engine.submit({ ...fetch, topics }, ADA);
  assert.ok(locked.ok);
  const task = locked.value.tasks[0]?.task;
  assert.ok(task);
  const failed = { externalTaskId: task.id, workerId: 'w', errorMessage: 'no', retries: 0, retryAfterMs: 0 };
  assert.ok((await here.kernel.engine.submit({ type: 'failExternalTask', ...failed }, ADA)).ok);
  const [called] = active(here, 'called');

  // The called one is asked for; what belongs to it goes along.
  const written = await snap(here, { instances: [called?.id ?? 0], history: true, wipe: true });
  assert.equal(written.state, 'completed', written.incident);
  assert.deepEqual([active(here, 'caller').length, active(here, 'called').length], [0, 0]);
  const { report } = await run(there, 'procos_system_snapshot_validate', { file: 'a.snapshot' });
  const rows = (written.variables['written'] as { history_rows: number }).history_rows;
  assert.equal(report.counts.history_rows, rows);
  const visited: string[] = [];
  for await (const line of readSnapshot(join(folder, 'a.snapshot')))
    if (line.kind === 'history' && line.table === 'elementInstances')
      visited.push(
        ...(line.rows as readonly { elementId: string; outcome: string }[]).map(
          (row) => `${row.elementId} ${row.outcome}`,
        ),
      );
  assert.deepEqual(visited, ['start completed', 'middle active', 'start completed', 'middle active']);
  const brought = await bring(there);
  assert.equal(brought.state, 'completed', brought.incident);
  const [parent] = active(there, 'caller');
  const [child] = active(there, 'called');
  assert.deepEqual([child?.parentId, child?.rootId], [parent?.id, parent?.id]);
  assert.equal(parent?.startedBy, 'user:eve');
  assert.deepEqual((brought.variables['mapping'] as Record<string, number>)[String(caller)], parent?.id);
  const [incident] = there.kernel.engine.find('incidents');
  assert.deepEqual([incident?.message.includes('no'), incident?.processInstanceId], [true, child?.id]);
  assert.ok((await there.kernel.engine.submit({ type: 'resolveIncident', incidentId: incident?.id ?? 0 }, ADA)).ok);
  const again = await there.kernel.engine.submit({ ...fetch, topics }, ADA);
  assert.ok(again.ok && again.value.tasks.length === 1);
  assert.equal(again.value.tasks[0]?.variables['amount'], undefined);
  const done = { externalTaskId: again.value.tasks[0]?.task.id ?? 0, workerId: 'w' };
  assert.ok((await there.kernel.engine.submit({ type: 'completeExternalTask', ...done }, ADA)).ok);
  assert.equal(active(there, 'caller').length, 0, 'the caller has gone on');
});

test('what is active stays active; what is suspended stays suspended; the whole system leaves itself out', async (context) => {
  const folder = folderOf(context);
  const [here, there] = [await place(context, folder), await place(context, folder)];
  const old = straight('order', WORK);
  await deploy(here, old);
  const [runs, rests] = [await begin(here, 'order'), await begin(here, 'order')];
  const rest = { type: 'setSuspension', target: { processInstanceId: rests }, suspended: true } as const;
  assert.ok((await here.kernel.engine.submit(rest, ADA)).ok);
  const newer = straight('order', WORK.replace('topic="work"', 'topic="newer"'));
  await deploy(there, newer);
  const written = await snap(here);
  assert.equal(written.state, 'completed', written.incident);
  assert.equal(here.kernel.engine.find('processInstances').find(({ id }) => id === runs)?.suspended, false);
  assert.equal(here.kernel.engine.latestDefinition('order', null)?.suspended, false);

  const { report } = await run(there, 'procos_system_snapshot_validate', { file: 'a.snapshot' });
  assert.deepEqual([report.ok, report.stay_active, report.from_here], [true, ['order'], false]);
  assert.deepEqual(report.definitions, [{ process: 'order', version: 1, state: 'new' }]);
  assert.equal(there.kernel.engine.latestDefinition('order', null)?.version, 1, 'nothing was deployed');
  assert.equal((await bring(there)).state, 'completed');
  const versions = there.kernel.engine.find('definitions', {
    where: [{ column: 'bpmnProcessId', op: '=', value: 'order' }],
  });
  const [first, second, third] = versions.map(({ checksum }) => checksum);
  assert.equal(versions.length, 3);
  assert.ok(first === third && first !== second, 'theirs came in as version 2, and ours is active again');
  assert.deepEqual(
    active(there, 'order').map(({ version, suspended }) => [version, suspended]),
    [
      [2, false],
      [2, true],
    ],
  );
  assert.equal(active(there, 'procos_system_orchestrator').length, 1);
  // Brought twice: they run twice, as the report says beforehand.
  assert.equal((await bring(there, { keep_suspended: true })).state, 'completed');
  assert.deepEqual(
    active(there, 'order').map(({ suspended }) => suspended),
    [false, true, true, true],
  );
});

test('large values and messages that wait for their receiver come along', async (context) => {
  const folder = folderOf(context);
  const [here, there] = [await place(context, folder), await place(context, folder)];
  await deploy(here, straight('order', WORK));
  const upload = here.store.blobs.begin(here.kernel.engine.now());
  const bytes = Buffer.alloc(300_000, 'large ');
  upload.add(bytes.subarray(0, 256 * 1024));
  upload.add(bytes.subarray(256 * 1024));
  const { name, size } = upload.finish(here.kernel.engine.now());
  await begin(here, 'order', { report: { blob: name, size, type: 'text/plain; charset=utf-8' } });
  const publish = { type: 'publishMessage', name: 'paid', correlationKey: 'A1', timeToLiveMs: 600_000 } as const;
  assert.ok((await here.kernel.engine.submit(publish, ADA)).ok);
  const { variables, state, incident } = await snap(here);
  assert.equal(state, 'completed', incident);
  const written = variables['written'] as { large_values: number; messages: number };
  assert.deepEqual([written.large_values, written.messages], [1, 1]);
  assert.equal((await bring(there)).state, 'completed');
  assert.ok(Buffer.concat([...there.store.blobs.read(name)]).equals(bytes));
  const [message] = there.store.state.messages.expired(Number.MAX_SAFE_INTEGER, 10);
  assert.deepEqual([message?.name, message?.correlationKey], ['paid', 'A1']);
});

test('refused: another version of a process of the system, a deployment of the system, a file that lacks a definition', async (context) => {
  const folder = folderOf(context);
  const at = await place(context, folder);
  await deploy(at, straight('order', WORK));
  const id = await begin(at, 'order');
  assert.equal((await snap(at)).state, 'completed');
  const lines: SnapshotLine[] = [];
  for await (const line of readSnapshot(join(folder, 'a.snapshot'))) lines.push(line);
  async function forged(change: (line: SnapshotLine) => SnapshotLine | undefined): Promise<SnapshotReport> {
    const writer = await SnapshotWriter.create(join(folder, 'forged.snapshot'));
    for (const line of lines) {
      const changed = change(line);
      if (changed !== undefined) await writer.add(changed);
    }
    await writer.finish();
    const { report, state } = await run(at, 'procos_system_snapshot_import', { file: 'forged.snapshot' });
    assert.notEqual(state, 'completed');
    assert.equal(active(at, 'order').length, 1, 'nothing was brought');
    return report;
  }
  const system = await forged((line) =>
    line.kind === 'deployment' ? { ...line, deployment: { ...line.deployment, source: 'system' } } : line,
  );
  assert.match(system.problems.join(), /is of the system: no snapshot may change that/);
  const called = await forged((line) =>
    line.kind === 'definition' ? { ...line, bpmnProcessId: 'procos_system_boot', system: true } : line,
  );
  assert.match(called.problems.join(), /procos_system_boot, version 1 there, is another one in this system/);
  const without = await forged((line) => (line.kind === 'definition' ? undefined : line));
  assert.match(without.problems.join(), new RegExp(`definition of process instance ${id} is not in the snapshot`));
  const shapeless = await forged((line) => (line.kind === 'family' ? ({ kind: 'family' } as SnapshotLine) : line));
  assert.match(shapeless.problems.join(), /damaged or no snapshot/);
});

test('only what somebody has deployed is taken: PID 1 and its helpers are no content of a snapshot', async (context) => {
  const at = await place(context, folderOf(context));
  const { incident } = await snap(at, { instances: [at.kernel.status().rootInstanceId ?? 0] });
  assert.match(incident, /belongs to procos_system_orchestrator, a process of the system/);
  const { incident: gone } = await snap(at, { instances: [999_999] });
  assert.match(gone, /999999 does not run/);
});

test('a file tells which line is not what was written, and whether its end is missing', async (context) => {
  const path = join(folderOf(context), 'a.snapshot');
  const writer = await SnapshotWriter.create(path);
  await writer.add({
    kind: 'snapshot',
    format: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    procos: 'test',
    store: '1@',
    scope: {},
  });
  for (const base64 of ['AAAA', 'BBBB']) await writer.add({ kind: 'chunk', base64 });
  await writer.finish();
  const text = gunzipSync(readFileSync(path)).toString();
  async function problem(changed: string | Buffer): Promise<string> {
    writeFileSync(path, typeof changed === 'string' ? gzipSync(changed) : changed);
    try {
      for await (const _ of readSnapshot(path));
    } catch (error) {
      assert.ok(error instanceof SnapshotDamaged, String(error));
      return error.message;
    }
    return '';
  }
  assert.equal(await problem(text), '');
  assert.match(await problem(text.replace('BBBB', 'BBBC')), /Line 3 is not what was written/);
  const [head, first, second, end] = text.split('\n');
  assert.match(await problem(`${head}\n${second}\n${first}\n${end}\n`), /Line 2 is not/);
  assert.match(await problem(`${head}\n${first}\n`), /ends after line 2, without the line/);
  assert.match(await problem(`${text}${end}\n`), /Line 5 is not/);
  assert.match(await problem('no snapshot\n'), /Line 1 is not/);
  assert.match(await problem(gzipSync(text).subarray(0, 60)), /cannot be read after line/);
  assert.match(await problem(Buffer.from('plain')), /cannot be read after line 0/);
});

test('each family comes in under a key of the task that brings it: a call that was interrupted and begins again brings none twice', async (context) => {
  const folder = folderOf(context);
  const store = createMemoryStore();
  const first = await startTestKernel({ store, snapshots: folder });
  await first.ready;
  const at: Place = { kernel: first, store, snapshots: folder };
  context.after(async () => {
    await first.requestShutdown(ADA, 'test');
    await first.stopped;
  });
  await deploy(at, straight('order', WORK));
  for (let count = 0; count < 30; count += 1) await begin(at, 'order');
  assert.equal((await snap(at, { wipe: true })).state, 'completed');
  assert.equal(active(at, 'order').length, 0);
  const taskIds: number[] = [];
  first.engine.onCommitted((records) => {
    for (const { events } of records)
      for (const event of events)
        if (event.type === 'externalTaskCreated' && event.task.topic === 'procos.snapshot.bring')
          taskIds.push(event.task.id);
  });
  assert.equal((await bring(at)).state, 'completed');
  assert.equal(active(at, 'order').length, 30);
  assert.equal(taskIds.length, 1);
  const one = active(at, 'order')[0];
  const id = one?.id ?? 0;
  const key = { key: `system call ${taskIds[0]} family ${id}`, fingerprint: `family ${id}` };
  const again = await first.engine.submit({ type: 'importProcessInstances', instances: [], keepIds: false }, ADA, key);
  assert.deepEqual(again.ok && again.value.processInstanceIds, [[id, id]]);
  assert.equal(active(at, 'order').length, 30);
  assert.deepEqual(standsAt(first, id), ['middle']);
});

test('an import that is killed in the middle is finished after the next start: each instance once, none goes on before all are there', async (context) => {
  const folder = folderOf(context);
  const here = await place(context, folder);
  await deploy(here, CALLER, CALLED);
  const COUNT = 20;
  for (let index = 0; index < COUNT; index += 1) await begin(here, 'caller', { index });
  const written = await snap(here);
  assert.equal(written.state, 'completed', written.incident);

  for (const families of [9, COUNT]) {
    const directory = mkdtempSync(join(folder, 'store-'));
    const args = [CRASH, directory, 'a.snapshot', folder, String(families)];
    const died = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(died.signal, 'SIGKILL', died.stderr);
    const store = openSqliteStore({ directory });
    // As it was left: what is there is whole, and rests.
    const left = store.find('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: 'caller' }] });
    const children = store.find('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: 'called' }] });
    assert.ok(
      left.length >= families && left.every(({ suspended }) => suspended || families === COUNT),
      `${left.length}`,
    );
    assert.deepEqual(
      children.map(({ parentId }) => parentId),
      left.map(({ id }) => id),
    );
    const kernel = await startTestKernel({ store, snapshots: folder });
    const there = { kernel, store, snapshots: folder };
    try {
      await until(kernel, () => active(there, 'procos_system_snapshot_import').length === 0, 60_000);
      const callers = active(there, 'caller');
      assert.deepEqual([callers.length, active(there, 'called').length], [COUNT, COUNT]);
      assert.ok(callers.every(({ suspended }) => !suspended));
      const values = kernel.engine.find('variables', { where: [{ column: 'name', op: '=', value: 'index' }] });
      const found = values.filter(({ scopeId }) => callers.some(({ id }) => id === scopeId)).map(({ value }) => value);
      assert.deepEqual(
        found.map(Number).sort((a, b) => a - b),
        Array.from({ length: COUNT }, (_, index) => index),
      );
    } finally {
      await kernel.requestShutdown(ADA, 'test');
      await kernel.stopped;
    }
  }
});
