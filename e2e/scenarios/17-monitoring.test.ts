/** Scenario 17: the monitoring loop of PID 1 finds something and starts a corrective process, which a row of the table names. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Running, until } from '../running-procos.ts';

/** Stands in an incident as soon as it is started. */
const STUCK = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">
  <bpmn:process id="stuck" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:exclusiveGateway id="which"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing><bpmn:outgoing>f3</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:endEvent id="one"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="other"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="which" />
    <bpmn:sequenceFlow id="f2" sourceRef="which" targetRef="one"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">\${false}</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f3" sourceRef="which" targetRef="other"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">\${false}</bpmn:conditionExpression></bpmn:sequenceFlow>
  </bpmn:process>
</bpmn:definitions>`;

test('a hundred incidents: health monitoring starts the corrective process of the table', {
  timeout: 110_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const system = await (await Running.start({ data: join(folder, 'data') })).ready();
  context.after(async () => {
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const model = join(folder, 'stuck.bpmn');
  writeFileSync(model, STUCK);
  for (const args of [
    ['deploy', '--system', 'examples/recovery/table/recovery.dmn'],
    ['deploy', 'examples/recovery/recovery_many_incidents.bpmn', model],
  ]) {
    const { code, err } = await system.procos(...args);
    assert.equal(code, 0, err);
  }
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  for (let begun = 0; begun < 100; begun += 1) {
    const answer = await fetch(`${system.url}/engine-rest/process-definition/key/stuck/start`, init);
    assert.equal(answer.status, 200, await answer.text());
  }
  assert.equal((await system.client.system()).counts.incidents, 100);

  const note = join(folder, 'data', 'files', 'recovery', 'corrected.txt');
  await until('the corrective process has run', () => existsSync(note), 90_000);
  assert.equal(readFileSync(note, 'utf8'), '100 incidents are open.');
  const { processes } = await system.client.processes({ state: 'all', definition: 'recovery_many_incidents' });
  const callers: string[] = [];
  for (let pid = processes[0]?.pid ?? null; pid !== null; ) {
    const process = await system.client.process(pid);
    callers.push(process.bpmnProcessId);
    pid = process.parentPid;
  }
  assert.deepEqual(callers, [
    'recovery_many_incidents',
    'procos_system_error_recovery',
    'procos_system_health_monitoring',
    'procos_system_orchestrator',
  ]);
});
