/** Camunda 8's command line tool `zbctl` 8.4, unmodified, as a judge of the gateway. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { job, zeebe as model } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const ZBCTL = fileURLToPath(new URL('../../../../../node_modules/zbctl/bin/zbctl-cli.linux', import.meta.url));
const skip =
  process.platform === 'linux' && process.arch === 'x64' ? false : 'zbctl comes as a program for Linux on x64 only';

const ORDER = model('order', `<bpmn:startEvent id="s" />${job('t', 'pay')}<bpmn:endEvent id="e" />`, ['s->t', 't->e']);
const WAITING = model(
  'waiting',
  `<bpmn:startEvent id="s" />
    <bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="g"><bpmn:signalEventDefinition signalRef="S_stop" /></bpmn:intermediateCatchEvent>
    <bpmn:endEvent id="e" />`,
  ['s->m', 'm->g', 'g->e'],
);
const STUCK = model(
  'stuck',
  `<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="x" default="f2" /><bpmn:endEvent id="e" /><bpmn:endEvent id="no" />`,
  ['s->x'],
).replace(
  '</bpmn:process>',
  `<bpmn:sequenceFlow id="f1" sourceRef="x" targetRef="e"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=missing &gt; 1</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f2" sourceRef="x" targetRef="no" /></bpmn:process>`,
);
const DMN = `<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="graph" name="The graph" namespace="http://example.org">
  <decision id="price" name="Price"><variable name="price" /><literalExpression><text>base * 2</text></literalExpression></decision>
</definitions>`;

describe('zbctl', { skip }, () => {
  let system: System;
  let folder = '';
  const workers: ChildProcess[] = [];
  before(async () => {
    system = await startSystem({ grpc: true });
    await system.kernel.ready;
    folder = mkdtempSync(join(tmpdir(), 'procos-zbctl-'));
    const files = { 'order.bpmn': ORDER, 'waiting.bpmn': WAITING, 'stuck.bpmn': STUCK, 'graph.dmn': DMN };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  });
  after(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await system.stop();
  });

  const options = (args: readonly string[]) => [...args, '--insecure', '--address', system.grpc];
  /** What it prints, as JSON where it is; throws with what it says when it fails. */
  const zbctl = (...args: string[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      execFile(ZBCTL, options(args), { cwd: folder }, (error, out, err) => {
        if (error) reject(new Error(err || error.message));
        else if (/^\s*[[{]/.test(out)) resolve(JSON.parse(out));
        else resolve(out.trim());
      });
    });
  const start = async (id: string, variables: object = {}): Promise<string> => {
    const created = await zbctl('create', 'instance', id, '--variables', JSON.stringify(variables));
    return (created as { processInstanceKey: string }).processInstanceKey;
  };
  const stateOf = async (key: string): Promise<string> =>
    (await system.get<{ state: string }>(`/engine-rest/history/process-instance/${key}`)).state;
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (let turn = 0; turn < 600; turn += 1) {
      if (await holds()) return;
      await sleep(20);
    }
    assert.fail(`never: ${what}`);
  };

  it('status', async () => {
    const said = String(await zbctl('status'));
    assert.match(said, /Cluster size: 1\nPartitions count: 1\nReplication factor: 1\nGateway version: 8\.9\.0/);
    assert.match(said, /Partition 1 : Leader, Healthy/);
  });

  it('deploy resource, and deploy as it was called before', async () => {
    const deployed = (await zbctl('deploy', 'resource', 'order.bpmn', 'waiting.bpmn', 'stuck.bpmn', 'graph.dmn')) as {
      key: string;
      deployments: Record<string, Record<string, unknown>>[];
    };
    assert.match(deployed.key, /^\d+$/);
    const [order, , , decision, requirements] = deployed.deployments;
    const { processDefinitionKey, ...process } = order?.['process'] ?? {};
    assert.match(String(processDefinitionKey), /^\d+$/);
    assert.deepEqual(process, {
      bpmnProcessId: 'order',
      version: 1,
      resourceName: 'order.bpmn',
      tenantId: '<default>',
    });
    assert.deepEqual(
      [decision?.['decision']?.['dmnDecisionId'], decision?.['decision']?.['dmnDecisionRequirementsId']],
      ['price', 'graph'],
    );
    assert.equal(requirements?.['decisionRequirements']?.['dmnDecisionRequirementsName'], 'The graph');
    const again = (await zbctl('deploy', 'order.bpmn')) as { processes: { version: number }[] };
    assert.equal(again.processes[0]?.version, 1, 'it is deployed already');
    writeFileSync(join(folder, 'broken.bpmn'), ORDER.replace('<bpmn:endEvent id="e" />', ''));
    await assert.rejects(zbctl('deploy', 'resource', 'broken.bpmn'), /InvalidArgument.*Nothing was deployed/s);
  });

  it('create instance, activate jobs, complete job', async () => {
    const key = await start('order', { amount: 3 });
    const { jobs } = (await zbctl('activate', 'jobs', 'pay')) as { jobs: Record<string, string>[] };
    assert.deepEqual([jobs.length, jobs[0]?.['processInstanceKey'], jobs[0]?.['variables']], [1, key, '{"amount":3}']);
    await zbctl('complete', 'job', String(jobs[0]?.['key']), '--variables', '{"paid":true}');
    assert.equal(await stateOf(key), 'COMPLETED');
    await assert.rejects(zbctl('complete', 'job', String(jobs[0]?.['key'])), /NotFound/);
    await assert.rejects(zbctl('create', 'instance', 'nobody'), /NotFound/);
  });

  it('create instance that awaits the result', async () => {
    const asked = zbctl('create', 'instance', 'stuck', '--variables', '{"missing":2}', '--withResult');
    assert.equal(((await asked) as { variables: string }).variables, '{"missing":2}');
  });

  it('fail job, update retries, throw error, update timeout, cancel instance', async () => {
    const key = await start('order');
    const activate = async () => ((await zbctl('activate', 'jobs', 'pay')) as { jobs: { key: string }[] }).jobs[0]?.key;
    const jobKey = String(await activate());
    await zbctl('fail', 'job', jobKey, '--retries', '0', '--errorMessage', 'no');
    await zbctl('update', 'retries', jobKey, '--retries', '2');
    assert.equal(await activate(), jobKey);
    await zbctl('update', 'timeout', jobKey, '--timeout', '60000');
    await zbctl('throwError', 'job', jobKey, '--errorCode', 'CARD');
    await zbctl('cancel', 'instance', key);
    assert.equal(await stateOf(key), 'EXTERNALLY_TERMINATED');
  });

  it('publish message, broadcast signal', async () => {
    const key = await start('waiting', { order: 'o-1' });
    const publish = () =>
      zbctl('publish', 'message', 'paid', '--correlationKey', 'o-2', '--messageId', 'once', '--ttl', '60s');
    await publish();
    await assert.rejects(publish(), /AlreadyExists/);
    await zbctl('publish', 'message', 'paid', '--correlationKey', 'o-1');
    await zbctl('broadcast', 'signal', 'stop');
    assert.equal(await stateOf(key), 'COMPLETED');
  });

  it('set variables, resolve incident', async () => {
    const key = await start('stuck');
    const [incident] = await system.get<{ id: string }[]>(`/engine-rest/incident?processInstanceId=${key}`);
    assert.ok(incident !== undefined, 'it has an incident');
    await zbctl('set', 'variables', key, '--variables', '{"missing":3}');
    await zbctl('resolve', 'incident', incident.id);
    assert.equal(await stateOf(key), 'COMPLETED');
    await assert.rejects(zbctl('resolve', 'incident', '1'), /NotFound/);
  });

  it('evaluate decision, delete resource', async () => {
    const found = (await zbctl('evaluate', 'decision', 'price', '--variables', '{"base":21}')) as Record<
      string,
      string
    >;
    assert.deepEqual([found['decisionOutput'], found['decisionName']], ['42', 'Price']);
    const file = String(found['decisionRequirementsKey']);
    await zbctl('delete', 'resource', file);
    await assert.rejects(zbctl('evaluate', 'decision', 'price', '--variables', '{"base":21}'), /NotFound/);
    const { deployments } = (await zbctl('deploy', 'resource', 'order.bpmn')) as never as {
      deployments: { process: { processDefinitionKey: string } }[];
    };
    await zbctl('delete', 'resource', String(deployments[0]?.process.processDefinitionKey));
    await assert.rejects(zbctl('create', 'instance', 'order'), /NotFound/);
    await zbctl('deploy', 'resource', 'order.bpmn');
  });

  for (const streamed of [false, true]) {
    it(`create worker${streamed ? ' with a stream' : ''}`, async () => {
      const keys = [await start('order', { n: 1 }), await start('order', { n: 2 })];
      const more = streamed ? ['--streamEnabled'] : [];
      const worker = spawn(ZBCTL, options(['create', 'worker', 'pay', '--handler', 'cat', ...more]), { cwd: folder });
      workers.push(worker);
      for (const key of keys) await until('the worker has done it', async () => (await stateOf(key)) === 'COMPLETED');
      const late = await start('order');
      await until('the worker goes on', async () => (await stateOf(late)) === 'COMPLETED');
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    });
  }
});
