/** The `procos:security` block as it is read, in both dialects, and what a model uses by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredByUse, usesOf } from '../capabilities/uses.ts';
import type { ProcessModel } from '../model.ts';
import { readProcesses } from './processes.ts';
import { reviveModel } from './revive.ts';

const BLOCK = `
  <procos:security dataClassification="confidential">
    <procos:allowedTasks>
      <procos:task topic="http_request" />
      <procos:task topic="http_*" sandboxLevel="none" />
      <procos:script language="python" sandboxLevel="box" />
      <procos:process processId="sub_*" />
    </procos:allowedTasks>
    <procos:capabilities>
      <procos:host name="API.example.com:0443" />
      <procos:path name="./in/" access="read" />
      <procos:model name="ollama/*" />
      <procos:secret name="PROCOS_SMTP_PASSWORD" />
      <procos:database name="orders" />
      <procos:broker name="main" />
      <procos:program name="checksum" />
    </procos:capabilities>
    <procos:accessControl>
      <procos:role name="clerk" may="start read" />
      <procos:role name="boss" />
    </procos:accessControl>
    <procos:limits><procos:limit name="variableSize" value="1000" /></procos:limits>
  </procos:security>`;

const file = (security: string, elements = '', namespace = 'camunda="http://camunda.org/schema/1.0/bpmn"', id = 'p') =>
  `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:${namespace}
    xmlns:procos="http://procos.dev/schema/1.0" id="definitions" targetNamespace="t">
    <bpmn:process id="${id}" isExecutable="true"><bpmn:extensionElements>${security}</bpmn:extensionElements>
    <bpmn:startEvent id="s" />${elements}</bpmn:process></bpmn:definitions>`;

async function read(xml: string): Promise<ProcessModel> {
  const { processes, problems } = await readProcesses(xml);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  const [model] = processes;
  assert.ok(model !== undefined);
  return model;
}

test('a block is read into one form, whatever the dialect', async () => {
  const expected = {
    tasks: [{ name: 'http_*' }],
    scripts: [{ name: 'python', sandbox: 'box' }],
    processes: [{ name: 'sub_*' }],
    hosts: [{ name: 'api.example.com:443' }],
    paths: [{ name: 'in', access: 'read' }],
    models: [{ name: 'ollama/*' }],
    secrets: [{ name: 'PROCOS_SMTP_PASSWORD' }],
    databases: [{ name: 'orders' }],
    brokers: [{ name: 'main' }],
    programs: [{ name: 'checksum' }],
    classification: 'confidential',
    access: [
      [
        { role: 'clerk', may: ['start', 'read'] },
        { role: 'boss', may: ['start', 'read', 'complete', 'change'] },
      ],
    ],
    limits: { variableSize: 1000 },
  };
  assert.deepEqual((await read(file(BLOCK))).capabilities, expected);
  const zeebe = 'zeebe="http://camunda.org/schema/zeebe/1.0"';
  const withJob =
    '<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="http_request" /></bpmn:extensionElements></bpmn:serviceTask>';
  const model = await read(file(BLOCK, withJob, zeebe));
  assert.equal(model.dialect, 'camunda8');
  assert.deepEqual(model.capabilities, expected);
});

test('an empty block allows nothing; no block is something else', async () => {
  assert.deepEqual((await read(file('<procos:security />'))).capabilities, {});
  assert.equal('capabilities' in (await read(file(''))), false);
});

const task = (id: string, topic: string, inputs: Record<string, string> = {}) =>
  `<bpmn:serviceTask id="${id}" camunda:type="external" camunda:topic="${topic}"><bpmn:extensionElements><camunda:inputOutput>${Object.entries(
    inputs,
  )
    .map(([name, value]) => `<camunda:inputParameter name="${name}">${value}</camunda:inputParameter>`)
    .join('')}</camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>`;

test('what a model uses is told where it says so itself', async () => {
  const model = await read(
    file(
      '',
      task('a', 'http_request', { url: 'https://api.example.com/x/${id}' }) +
        task('b', 'http_request', { url: 'http://${host}/x' }) +
        task('c', 'file_operation', { file_path: 'in/a.txt', target_path: 'out/${id}' }) +
        task('d', '${topic}') +
        task('i', 'program_run', { program: 'checksum' }) +
        '<bpmn:scriptTask id="e" scriptFormat="python"><bpmn:script>result = 1</bpmn:script></bpmn:scriptTask>' +
        task('f', 'work', { x: '<camunda:script scriptFormat="js">1</camunda:script>' }) +
        '<bpmn:callActivity id="g" calledElement="sub" />' +
        '<bpmn:userTask id="h"><bpmn:extensionElements><camunda:executionListener event="start"><camunda:script scriptFormat="javascript">1</camunda:script></camunda:executionListener></bpmn:extensionElements></bpmn:userTask>',
    ),
  );
  assert.deepEqual(
    usesOf(model).map(({ elementId, request: { kind, name } }) => `${elementId} ${kind} ${name}`),
    [
      'a tasks http_request',
      'a hosts api.example.com:443',
      'b tasks http_request',
      'c tasks file_operation',
      'c paths in/a.txt',
      'i tasks program_run',
      'i programs checksum',
      'e scripts python',
      'f tasks work',
      'f scripts javascript',
      'g processes sub',
      'h scripts javascript',
    ],
  );
});

test('a process of the system from before there were blocks counts as declaring what it uses; others have none', async () => {
  const elements = task('a', 'procos.health.check');
  const old = await read(file('', elements, undefined, 'procos_system_x'));
  assert.deepEqual(reviveModel(old).capabilities, declaredByUse(old));
  assert.deepEqual(declaredByUse(old).tasks, [{ name: '*' }, { name: 'procos.health.check' }]);
  assert.equal('capabilities' in reviveModel(await read(file('', elements))), false);
  const declared = await read(file('<procos:security />', '', undefined, 'procos_system_x'));
  assert.deepEqual(reviveModel(declared).capabilities, {});
});
