/** Scenario 4: what fails is tried again, given up with compensation, or has its worker host restarted, by rows that are added to the running system. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, Running, until } from '../running-procos.ts';

const ILL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="ill" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:serviceTask id="check" camunda:type="external" camunda:topic="data_validation"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="check" /><bpmn:sequenceFlow id="f2" sourceRef="check" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

describe('recovery by a table', () => {
  let folder = '';
  let system: Running;
  const files = (name: string) => join(folder, 'data', 'files', 'recovery', name);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
    system = await (await Running.start({ data: join(folder, 'data') })).ready();
    mkdirSync(files('.'), { recursive: true });
    mkdirSync(join(folder, 'table'));
    const table = join(folder, 'table', 'recovery.dmn');
    const example = readFileSync(join(ROOT, 'examples', 'recovery', 'table', 'recovery.dmn'), 'utf8');
    assert.ok(example.includes('"PT5S"'));
    writeFileSync(table, example.replace('"PT5S"', '"PT1S"'));
    const deployed = await system.procos('deploy', '--system', table);
    assert.equal(deployed.code, 0, deployed.err);
  });
  after(async () => {
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(order: string): Promise<string> {
    const target = 'examples/recovery/recovery_order.bpmn';
    const { code, out, err } = await system.procos('run', target, '--var', `order=${order}`, '--no-wait', '--json');
    assert.equal(code, 0, err);
    return (JSON.parse(out) as { readonly pid: string }).pid;
  }
  const incidentsOf = async (pid: string) =>
    (await system.client.incidents({ state: 'all' })).incidents.filter((incident) => incident.pid === pid);

  test('which row holds is known beforehand', async () => {
    const { code, out, err } = await system.procos(
      ...['recovery', '--fact', 'process=recovery_order', '--fact', 'element=charge', '--fact', 'attempt:=4'],
    );
    assert.equal(code, 0, err);
    assert.match(out, /order_given_up\) of version 2/);
    assert.match(out, /→ action +compensate/);
  });

  test('an order that fails is tried again by its recovery, and goes through once it can', {
    timeout: 110_000,
  }, async () => {
    const pid = await start('A1');
    await until('it has its recovery', async () => ((await incidentsOf(pid))[0]?.recovery ?? null) !== null);
    writeFileSync(files('A1.card'), '4711');
    await until('it is paid', async () => (await system.client.process(pid)).state === 'completed', 60_000);
    const [incident] = await incidentsOf(pid);
    assert.equal(incident?.state, 'resolved');
    const recovery = await system.client.process(incident?.recovery?.pid ?? '');
    assert.equal(recovery.bpmnProcessId, 'procos_system_error_recovery');
    assert.equal(recovery.recovers[0]?.pid, pid);

    const listed = await system.procos('incidents', '--all', '--definition', 'recovery_order');
    assert.match(listed.out, new RegExp(`charge.*resolved.*${recovery.pid} \\(attempt 1, completed\\)`));
    const trace = await system.procos('logs', '--pid', pid, '--json');
    assert.match(trace.out, new RegExp(`"by":"kernel:recovery ${recovery.pid}"`), 'the audit says who');
  });

  test('an order that fails again and again is given up: what it has done is undone, and the reason is kept', {
    timeout: 110_000,
  }, async () => {
    const pid = await start('B1');
    await until('the goods are reserved', () => existsSync(files('B1.reserved')), 60_000);
    await until('it is given up', async () => (await system.client.process(pid)).state === 'canceled', 90_000);
    assert.equal(
      (await system.client.process(pid)).reason,
      'recovery by compensate: there is no card after three attempts',
    );
    assert.equal(existsSync(files('B1.reserved')), false, 'the goods are released');
    assert.deepEqual(
      (await incidentsOf(pid)).map(({ recovery }) => recovery?.attempt),
      [4, 3, 2, 1],
    );
  });

  test('a task of a worker host has the host restarted, and goes to a person when that does not help', {
    timeout: 110_000,
  }, async () => {
    const path = join(folder, 'ill.bpmn');
    writeFileSync(path, ILL);
    const { code, out, err } = await system.procos('run', path, '--no-wait', '--json');
    assert.equal(code, 0, err);
    const { pid } = JSON.parse(out) as { readonly pid: string };
    const task = async () =>
      (await system.client.tasks()).tasks.find(({ bpmnProcessId }) => bpmnProcessId === 'procos_system_error_recovery');
    await until('a person is asked', async () => (await task()) !== undefined, 90_000);
    const hosts = (await system.client.system()).hosts.filter(({ topics }) => topics.includes('data_validation'));
    assert.ok(
      hosts.every(({ state, restarts }) => state === 'running' && restarts >= 1),
      JSON.stringify(hosts),
    );
    const taskId = (await task())?.taskId ?? '';
    const done = await system.procos('complete', taskId, '--var', 'decision=cancel', '--var', 'note=wrong data');
    assert.equal(done.code, 0, done.err);
    await until('it is ended', async () => (await system.client.process(pid)).state === 'canceled');
    assert.equal((await system.client.process(pid)).reason, 'recovery by cancel: wrong data');
  });
});
