/** The deploy check of capabilities: everything that is used and not declared, in one finding. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Problem, readProcesses } from '@procos/bpmn';
import type { Undeclared } from '@procos/engine';
import { checkDeployment } from '../deploy-check.ts';

const CALLS = new Set(['procos.health.check', 'procos.power.off']);

async function check(
  security: string,
  elements: string,
  { source = null as string | null, undeclared = 'open' as Undeclared, id = 'p' } = {},
): Promise<Problem[]> {
  const xml = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    xmlns:procos="http://procos.dev/schema/1.0" id="definitions" targetNamespace="t">
    <bpmn:process id="${id}" isExecutable="true"><bpmn:extensionElements>${security}</bpmn:extensionElements>
    <bpmn:startEvent id="s" />${elements}</bpmn:process></bpmn:definitions>`;
  const { processes } = await readProcesses(xml);
  const read = processes.map((model) => ({ resourceName: 'f.bpmn', checksum: 'x', model }));
  assert.equal(read.length, 1);
  const request = { name: 'd', source, tenantId: null, resources: [], skipUnchanged: false };
  return checkDeployment(request, read, [], { knownCalls: CALLS, undeclared }).flatMap(({ problems }) => problems);
}

const task = (id: string, topic: string, more = '') =>
  `<bpmn:serviceTask id="${id}" camunda:type="external" camunda:topic="${topic}"><bpmn:extensionElements><camunda:inputOutput>${more}</camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>`;
const url = (value: string) => `<camunda:inputParameter name="url">${value}</camunda:inputParameter>`;
const script = (language: string) =>
  `<bpmn:scriptTask id="code" scriptFormat="${language}"><bpmn:script>1</bpmn:script></bpmn:scriptTask>`;
const block = (inside: string) => `<procos:security>${inside}</procos:security>`;

test('one finding names every topic, called process, language and host that is not declared, and what to add', async () => {
  const [problem, ...others] = await check(
    block('<procos:allowedTasks><procos:task topic="mail" /></procos:allowedTasks>'),
    task('ask', 'http_request', url('https://api.example.com/orders')) +
      task('send', 'mail') +
      '<bpmn:callActivity id="call" calledElement="sub" />' +
      script('python'),
  );
  assert.deepEqual(others, []);
  assert.equal(problem?.rule, 'undeclared-capability');
  assert.deepEqual([problem?.severity, problem?.elementId, problem?.line], ['error', 'ask', 4]);
  assert.equal(
    problem?.message,
    'p does not declare what it uses. ' +
      'ask: topic http_request is not declared (<procos:task topic="http_request"/>); ' +
      'ask: host api.example.com:443 is not declared (<procos:host name="api.example.com:443"/>); ' +
      'call: process sub is not declared (<procos:process processId="sub"/>); ' +
      'code: script language python is not declared (<procos:script language="python"/>).',
  );
});

test('a model without a block is taken as the setting says', async () => {
  assert.deepEqual(await check('', task('ask', 'http_request')), []);
  const [problem] = await check('', task('ask', 'http_request'), { undeclared: 'closed' });
  assert.match(problem?.message ?? '', /^p has no procos:security block\. ask: topic http_request is not declared/);
  assert.deepEqual(await check('', '<bpmn:userTask id="u" />', { undeclared: 'closed' }), []);
});

test('system calls are declared, whatever the setting, and by a process of the system', async () => {
  const system = { source: 'system', id: 'procos_system_x' };
  const call = task('look', 'procos.health.check');
  const [problem] = await check('', call, system);
  assert.match(problem?.message ?? '', /look: topic procos\.health\.check is not declared/);
  const everything = block('<procos:allowedTasks><procos:task topic="*" /></procos:allowedTasks>');
  assert.equal((await check(everything, call, system))[0]?.rule, 'undeclared-capability');
  const declared = block('<procos:allowedTasks><procos:task topic="procos.health.check" /></procos:allowedTasks>');
  assert.deepEqual(await check(declared, call, system), []);
  assert.deepEqual(
    (await check(declared, call)).map(({ rule }) => rule),
    ['system-call-refused'],
  );
});

test('a sandbox level that no worker can give is refused, not lowered', async () => {
  const demands = (level: string) =>
    block(`<procos:allowedTasks><procos:script language="*" sandboxLevel="${level}" /></procos:allowedTasks>`);
  assert.deepEqual(await check(demands('box'), script('python')), []);
  assert.deepEqual(await check(demands('wasm-in-box'), script('javascript')), []);
  const [problem] = await check(demands('wasm'), script('python'));
  assert.match(problem?.message ?? '', /python demands the sandbox level wasm, and there is only box/);
});
