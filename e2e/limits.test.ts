/** An owner limits a process from the command line, a limit is reached, and the way out is what the message says. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Running, until } from './running-procos.ts';

const MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://procos.dev/e2e">
  <bpmn:error id="late" errorCode="procos.limit.time" />
  <bpmn:process id="slow" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:userTask id="wait" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="wait" />
    <bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="end" />
    <bpmn:subProcess id="overtime" triggeredByEvent="true">
      <bpmn:startEvent id="over"><bpmn:errorEventDefinition errorRef="late" /></bpmn:startEvent>
      <bpmn:endEvent id="told" />
      <bpmn:sequenceFlow id="f3" sourceRef="over" targetRef="told" />
    </bpmn:subProcess>
  </bpmn:process>
  <bpmn:process id="patient" isExecutable="true">
    <bpmn:startEvent id="start2" />
    <bpmn:userTask id="wait2" />
    <bpmn:endEvent id="end2" />
    <bpmn:sequenceFlow id="f4" sourceRef="start2" targetRef="wait2" />
    <bpmn:sequenceFlow id="f5" sourceRef="wait2" targetRef="end2" />
  </bpmn:process>
</bpmn:definitions>`;

describe('limits', () => {
  let folder = '';
  let system: Running;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-limits-'));
    writeFileSync(join(folder, 'slow.bpmn'), MODEL);
    system = await (await Running.start({ data: join(folder, 'data') })).ready();
    const { code, err } = await system.procos('deploy', join(folder, 'slow.bpmn'));
    assert.equal(code, 0, err);
  });
  after(async () => {
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (id: string): Promise<string> => (await system.client.start({ bpmnProcessId: id })).id;

  test('a limit of time is taken over by the model where it has an event for it, else it is an incident that a raise ends', async () => {
    const slow = await start('slow');
    const patient = await start('patient');
    for (const id of ['slow', 'patient']) {
      const { code, err } = await system.procos('limit', '-p', id, 'time=1s', '--reason', 'the e2e is in a hurry');
      assert.equal(code, 0, err);
    }
    await until('the model has taken over', async () => (await system.client.process(slow)).state === 'completed');
    await until('the incident is there', async () => (await system.client.process(patient)).incidents.length === 1);
    const [incident] = (await system.client.process(patient)).incidents;
    assert.match(incident?.message ?? '', /limit 'time' of 1000 is reached.*the e2e is in a hurry.*procos limit/);
    const refused = await system.procos('limit', '-p', 'patient', 'time=2h');
    assert.equal(refused.code, 2, refused.out);
    assert.match(refused.err, /--reason/);
    assert.equal((await system.procos('limit', '-p', 'patient', 'time=2h', '--reason', 'no hurry')).code, 0);
    assert.equal((await system.procos('retry', patient)).code, 0);
    assert.deepEqual(
      (await system.client.process(patient)).incidents.filter(({ state }) => state === 'open'),
      [],
    );
    const { out } = await system.procos('limit', patient);
    assert.match(out, /^time +2h +\S+ +definition +\S* +no hurry/m);
  });

  test('nice shows in /proc, and starts beyond the limit are refused with what to do', async () => {
    assert.equal((await system.procos('limit', '-p', 'slow', 'time=none', '--reason', 'let it live')).code, 0);
    const pid = await start('slow');
    const nice = await system.procos('nice', '-5', pid);
    assert.equal(nice.code, 0, nice.err);
    assert.match((await system.procos('cat', `/proc/${pid}/limits`)).out, /^nice:\t-5$/m);
    assert.equal((await system.procos('limit', '-p', 'patient', 'starts-per-minute=0', '--reason', 'closed')).code, 0);
    const started = await system.procos('run', 'patient', '--no-wait');
    assert.notEqual(started.code, 0);
    await assert.rejects(
      start('patient'),
      /limit 'startsPerMinute' of process 'patient' is 0.*raise the limit.*closed/,
    );
    assert.match((await system.procos('limit')).out, /patient +starts-per-minute +0/);
  });
});
