/** Which processes may serve a topic: no topic of the system, no work that comes back to who does it; and who serves it after all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunningKernel } from '../kernel-options.ts';
import { startTestKernel, until } from '../testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;

/** A process that serves topics, and uses others (`topic:x`) or calls processes (`call:x`) one after the other. */
function model(id: string, serves: readonly string[], uses: readonly string[]): { name: string; content: string } {
  const declared = serves.map((topic) => `<procos:servesTopic topic="${topic}" />`).join('');
  const nodes = uses.map((use, index) => {
    const [kind, name] = use.split(':');
    return kind === 'call'
      ? `<bpmn:callActivity id="e${index}" calledElement="${name}" />`
      : `<bpmn:serviceTask id="e${index}" camunda:type="external" camunda:topic="${name}" />`;
  });
  const ids = ['begin', ...uses.map((_, index) => `e${index}`), 'end'];
  const flows = ids
    .slice(1)
    .map((to, index) => `<bpmn:sequenceFlow id="f${index}" sourceRef="${ids[index]}" targetRef="${to}" />`);
  const content = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0" id="d" targetNamespace="t"><bpmn:process id="${id}" isExecutable="true"><bpmn:extensionElements>${declared}</bpmn:extensionElements><bpmn:startEvent id="begin" />${nodes.join('')}<bpmn:endEvent id="end" />${flows.join('')}</bpmn:process></bpmn:definitions>`;
  return { name: `${id}.bpmn`, content };
}

/** `severity rule` of everything that deploying found. */
async function deploy(kernel: RunningKernel, ...resources: readonly { name: string; content: string }[]) {
  const request = { name: 'a', source: null, tenantId: null, resources, skipUnchanged: false };
  const outcome = await kernel.engine.deploy(request, ADA);
  return (outcome.ok ? outcome.warnings : outcome.findings)
    .flatMap(({ problems }) => problems)
    .filter(({ rule }) => !rule.startsWith('bpmnlint/'))
    .map(({ severity, rule, message }) => ({ found: `${severity} ${rule}`, message }));
}

async function found(kernel: RunningKernel, ...resources: readonly { name: string; content: string }[]) {
  return (await deploy(kernel, ...resources)).map((problem) => problem.found);
}

test('a process that would do its own work is refused: directly, through another server, through a call', async () => {
  const kernel = await startTestKernel();
  const LOOP = ['error served-topic-loop'];
  assert.deepEqual(await found(kernel, model('a', ['t'], ['topic:t'])), LOOP);
  assert.deepEqual(await found(kernel, model('a', ['t'], ['topic:u'])), []);
  const [problem] = await deploy(kernel, model('b', ['u'], ['topic:x', 'topic:t']));
  assert.equal(problem?.found, 'error served-topic-loop');
  assert.match(problem?.message ?? '', /b → a → b/);
  assert.deepEqual(await found(kernel, model('b', ['u'], ['call:c']), model('c', [], ['topic:t'])), [...LOOP, ...LOOP]);
  // A process that calls itself serves nothing by it.
  assert.deepEqual(await found(kernel, model('r', [], ['call:r'])), []);
  assert.deepEqual(await found(kernel, model('b', ['u'], ['topic:x'])), []);
  await kernel.requestShutdown(ADA, 'test');
});

test('a choice that would close such a round is refused, too', async () => {
  const kernel = await startTestKernel();
  const choose = async (bpmnProcessId: string | null, topic: string) => {
    const outcome = await kernel.engine.submit({ type: 'setTopicServer', topic, tenantId: null, bpmnProcessId }, ADA);
    return outcome.ok ? 'ok' : outcome.rejection.message;
  };
  assert.deepEqual(await found(kernel, model('a', ['t'], ['topic:u'])), []);
  assert.equal(await choose(null, 't'), 'ok');
  assert.deepEqual(await found(kernel, model('b', ['u'], ['topic:t'])), []);
  assert.match(await choose('a', 't'), /'a' would do its own work without end: a → b → a/);
  await kernel.requestShutdown(ADA, 'test');
});

test('topics of the system are served by the system', async () => {
  const kernel = await startTestKernel();
  assert.deepEqual(await found(kernel, model('a', ['procos.health.check'], [])), ['error served-topic']);
  await kernel.requestShutdown(ADA, 'test');
});

test('who declares a topic that another one serves is told who does, and how to change that', async () => {
  const kernel = await startTestKernel();
  await deploy(kernel, model('a', ['t'], []));
  const [second] = await deploy(kernel, model('b', ['t'], []));
  assert.equal(second?.found, 'warning topic-served-elsewhere');
  assert.match(second?.message ?? '', /process a: procos topic t --by b/);
  const choice = { type: 'setTopicServer', topic: 't', tenantId: null, bpmnProcessId: null } as const;
  assert.ok((await kernel.engine.submit(choice, ADA)).ok);
  const [third] = await deploy(kernel, model('a', ['t'], []));
  assert.match(third?.message ?? '', /workers, as somebody has chosen/);
  await kernel.requestShutdown(ADA, 'test');
});

test('what a worker that has died holds is done by the process that serves the topic by then, as soon as its lock ends', async () => {
  const kernel = await startTestKernel();
  const { engine } = kernel;
  await deploy(kernel, model('caller', [], ['topic:t']));
  const started = await engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'caller' } }, ADA);
  assert.ok(started.ok);
  const topics = [{ topic: 't', lockMs: 1_500 }];
  const fetch = { type: 'fetchAndLock', workerId: 'w', maxTasks: 1, usePriority: false, topics } as const;
  const fetched = await engine.fetchAndLock(fetch, ADA, { waitMs: 0 });
  assert.ok(fetched.ok && fetched.value.tasks.length === 1);
  await deploy(kernel, model('server', ['t'], []));
  const where = [{ column: 'id', op: '=', value: started.value.processInstanceId }] as const;
  await until(kernel, () => engine.find('processInstances', { where })[0]?.state === 'completed');
  assert.deepEqual(engine.find('timers', { where: [{ column: 'definitionId', op: '=', value: 0 }] }), []);
  await kernel.requestShutdown(ADA, 'test');
});
