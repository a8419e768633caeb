/** The deploy check of capabilities: everything that is used and not declared, in one finding. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type CapabilityRequest,
  type CapabilitySet,
  canonicalSet,
  type Problem,
  type ProcessModel,
  readProcesses,
} from '@procos/bpmn';
import type { Undeclared } from '@procos/engine';
import {
  ASKED,
  manyTimes,
  oneOf,
  randomCapabilities,
  reference,
  walls,
} from '../../../protocol/reference/reference.ts';
import { checkDeployment } from '../deploy-check.ts';
import { undeclaredUses } from './undeclared.ts';

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

describe('the deploy check against the reference', () => {
  /** A use as a model is drawn with it, and what it asks for. */
  interface Drawn {
    readonly model: ProcessModel;
    readonly asks: readonly Exclude<CapabilityRequest, { readonly kind: 'access' }>[];
  }
  type Asks = Drawn['asks'];

  /** Every name that the reference is asked for, drawn as modelers would. */
  async function drawings(): Promise<Drawn[]> {
    const parameter = (name: string, value: string): string =>
      `<camunda:inputParameter name="${name}">${value}</camunda:inputParameter>`;
    const byTopic = (topic: string, ...more: Asks): Asks => [{ kind: 'tasks', name: topic }, ...more];
    const all: (readonly [elements: string, asks: Asks])[] = [
      ...ASKED.tasks.map((name) => [task('e', name), byTopic(name)] as const),
      // A language that nobody can run is refused before it gets here.
      ...ASKED.scripts
        .filter((name) => name !== 'perl')
        .map((name) => [script(name), [{ kind: 'scripts', name }]] as const),
      ...ASKED.processes.map(
        (name) => [`<bpmn:callActivity id="e" calledElement="${name}" />`, [{ kind: 'processes', name }]] as const,
      ),
      ...ASKED.hosts
        .filter((name) => name.includes(':'))
        .map(
          (name) =>
            [
              task('e', 'http_request', url(`https://${name}/x`)),
              byTopic('http_request', { kind: 'hosts', name }),
            ] as const,
        ),
      ...ASKED.hosts
        .filter((name) => name.endsWith(':80'))
        .map(
          (name) =>
            [
              task('e', 'http_request', url(`http://${name.slice(0, -3)}/x`)),
              byTopic('http_request', { kind: 'hosts', name }),
            ] as const,
        ),
      ...ASKED.paths.map(
        (name) =>
          [
            task('e', 'file_operation', parameter('file_path', name)),
            byTopic(
              'file_operation',
              { kind: 'paths', name, access: 'read' },
              { kind: 'paths', name, access: 'write' },
            ),
          ] as const,
      ),
      ...ASKED.programs.map(
        (name) =>
          [
            task('e', 'program_run', parameter('program', name)),
            byTopic('program_run', { kind: 'programs', name }),
          ] as const,
      ),
    ];
    return Promise.all(
      all.map(async ([elements, asks]) => {
        const xml = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
          <bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="s" />${elements}</bpmn:process></bpmn:definitions>`;
        const [model] = (await readProcesses(xml)).processes;
        assert.ok(model);
        return { model, asks };
      }),
    );
  }

  /** Walls that there are at best; of others nothing is known here. */
  const BEST: Readonly<Record<string, string>> = { javascript: 'wasm-in-box', python: 'box', program_run: 'box' };

  function isDeclared(set: CapabilitySet, { kind, name, ...more }: Asks[number]): boolean {
    const levels = reference(set, { kind, name, ...more });
    if (levels === false) return false;
    const best = kind === 'scripts' || kind === 'tasks' ? BEST[name] : undefined;
    return best === undefined || walls([...levels, best as 'box']) === best;
  }

  test('says the same of 100,000 random pairs of a set and a model that uses something', async () => {
    const drawn = await drawings();
    const seen = { declared: 0, missing: 0 };
    // Names that built-in topics have, beside those of the reference: else a host would never be all that is missing.
    const builtin = [{ name: 'http_request' }, { name: 'file_operation' }, { name: 'program_run' }];
    manyTimes(100_000, (random) => {
      const { model, asks } = oneOf(random, drawn);
      const { denied: _, access: __, ...capabilities } = randomCapabilities(random);
      const tasks = random(2) === 0 ? [...(capabilities.tasks ?? []), oneOf(random, builtin)] : capabilities.tasks;
      const undeclared = oneOf(random, ['open', 'closed'] as const);
      const set = random(20) === 0 ? null : { ...capabilities, ...(tasks === undefined ? {} : { tasks }) };
      const declared = set ?? (undeclared === 'open' ? null : {});
      const expected = asks.every((one) => isDeclared(declared, one));
      const judged = set === null ? model : { ...model, capabilities: canonicalSet(set) };
      const problem = undeclaredUses(judged, undeclared);
      if ((problem === undefined) !== expected) assert.fail(JSON.stringify({ set, undeclared, asks, problem }));
      // All of what is missing is said, and nothing else.
      for (const ask of asks)
        if (problem !== undefined && !isDeclared(declared, ask)) assert.ok(problem.message.includes(ask.name));
      seen[expected ? 'declared' : 'missing'] += 1;
    });
    assert.ok(Math.min(seen.declared, seen.missing) > 10_000, JSON.stringify(seen));
  });
});
