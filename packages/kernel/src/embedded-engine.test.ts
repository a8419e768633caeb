/** What the embedded engine adds to the loop: deployments of files, reserved names, no new work while stopping. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunningKernel } from './kernel-options.ts';
import type { DeployFindings, DeployRequest } from './process-engine.ts';
import { startTestKernel } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;

const model = (id: string, topic = 'mail'): string => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="${id}" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="${topic}"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />
    <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

function deploy(kernel: RunningKernel, resources: DeployRequest['resources'], more: Partial<DeployRequest> = {}) {
  const request = { name: 'test', source: null, tenantId: null, resources, skipUnchanged: true, ...more };
  return kernel.engine.deploy(request, ADA);
}

const rules = (findings: DeployFindings['findings'], severity: string): string[] =>
  findings
    .flatMap(({ problems }) => problems)
    .filter((problem) => problem.severity === severity)
    .map(({ rule }) => rule);

async function withKernel(run: (kernel: RunningKernel) => Promise<void>): Promise<void> {
  const kernel = await startTestKernel();
  await kernel.ready;
  await run(kernel);
  if (kernel.status().phase !== 'stopping') await kernel.requestShutdown(ADA, 'test');
  await kernel.stopped;
}

const RULES =
  '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">' +
  '<decision id="rate" name="Rate"><literalExpression><text>0.2</text></literalExpression></decision></definitions>';

test('models become definitions, decisions too, other files are kept as they are', async () => {
  await withKernel(async (kernel) => {
    const outcome = await deploy(kernel, [
      { name: 'a.bpmn', content: model('a') },
      { name: 'b.bpmn20.xml', content: model('b') },
      { name: 'ask.form', content: '{}' },
      { name: 'rules.dmn', content: RULES },
    ]);
    assert.ok(outcome.ok);
    assert.equal(outcome.value.definitionIds.length, 2);
    assert.deepEqual(
      kernel.engine
        .find('decisions')
        .map(({ decisionId }) => decisionId)
        .filter((id) => !id.startsWith('procos_system_')),
      ['rate'],
    );
    const where = [{ column: 'id', op: '=', value: outcome.value.deploymentId }] as const;
    assert.equal(kernel.engine.find('deployments', { where })[0]?.resources.length, 4);
  });
});

test('one bad file refuses the whole deployment, and all findings come at once', async () => {
  await withKernel(async (kernel) => {
    const outcome = await deploy(kernel, [
      { name: 'a.bpmn', content: model('a') },
      { name: 'b.bpmn', content: model('a') },
      { name: 'c.bpmn', content: 'not XML' },
      { name: 'c.bpmn', content: model('procos_system_mine', 'procos.make_coffee') },
    ]);
    assert.ok(!outcome.ok);
    const found = rules(outcome.findings, 'error');
    for (const rule of ['duplicate-process-id', 'duplicate-resource', 'reserved-process-id', 'unknown-system-call']) {
      assert.ok(found.includes(rule), `${rule} in ${found.join(', ')}`);
    }
    const where = [{ column: 'bpmnProcessId', op: '=', value: 'a' }] as const;
    assert.equal(kernel.engine.count('definitions', { where }), 0);
  });
});

test('decisions of the system have ids of their own, and come from its source', async () => {
  const decision = (id: string) =>
    `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="urn:f"><decision id="${id}" name="${id}"><literalExpression><text>1</text></literalExpression></decision></definitions>`;
  await withKernel(async (kernel) => {
    const check = async (id: string, source: string | null) => {
      const resources = [{ name: 'f.dmn', content: decision(id) }];
      const request = { name: null, source, tenantId: null, resources, skipUnchanged: false };
      return rules((await kernel.engine.check(request, { kind: 'user', id: 'ada' })).findings, 'error');
    };
    assert.deepEqual(await check('procos_system_rate', null), ['reserved-decision-id']);
    assert.deepEqual(await check('rate', 'system'), ['not-a-system-decision']);
    assert.deepEqual([...(await check('rate', null)), ...(await check('procos_system_rate', 'system'))], []);
  });
});

test('a decision file goes with the files that it imports, also those without decisions, and not without them', async () => {
  const dmn = (namespace: string, content: string) =>
    `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="${namespace}">${content}</definitions>`;
  const library = dmn(
    'urn:library',
    '<businessKnowledgeModel id="double" name="double"><encapsulatedLogic><formalParameter name="n" /><literalExpression><text>n * 2</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>',
  );
  const importing = dmn(
    'urn:rules',
    '<import namespace="urn:library" name="lib" importType="https://www.omg.org/spec/DMN/20191111/MODEL/" /><decision id="answer" name="answer"><knowledgeRequirement><requiredKnowledge href="urn:library#double" /></knowledgeRequirement><literalExpression><text>lib.double(21)</text></literalExpression></decision>',
  );
  await withKernel(async (kernel) => {
    const alone = await deploy(kernel, [{ name: 'rules.dmn', content: importing }]);
    assert.ok(!alone.ok);
    assert.deepEqual(
      alone.findings.flatMap(({ problems }) => problems.map(({ rule }) => rule)),
      ['missing-import'],
    );
    const both = await deploy(kernel, [
      { name: 'rules.dmn', content: importing },
      { name: 'library.dmn', content: library },
    ]);
    assert.ok(both.ok, JSON.stringify(both));
    const command = { type: 'evaluateDecision', decision: { decisionId: 'answer' }, variables: {} } as const;
    const outcome = await kernel.engine.submit(command, ADA);
    assert.ok(outcome.ok, JSON.stringify(outcome));
    assert.equal(outcome.value.value, 42);
  });
});

test('an unchanged deployment adds nothing', async () => {
  await withKernel(async (kernel) => {
    const resources = [{ name: 'a.bpmn', content: model('a') }];
    const first = await deploy(kernel, resources);
    const second = await deploy(kernel, resources);
    assert.ok(first.ok && second.ok);
    assert.equal(second.value.deploymentId, first.value.deploymentId);
    assert.deepEqual(second.value.definitionIds, []);
  });
});

test('a system process is replaced by deploying it from the source "system"', async () => {
  await withKernel(async (kernel) => {
    const resources = [{ name: 'boot.bpmn', content: model('procos_system_boot') }];
    assert.equal((await deploy(kernel, resources)).ok, false);
    assert.equal((await deploy(kernel, resources, { source: 'system' })).ok, true);
  });
});

test('a worker that waits gets the task of an instance that is started later, locked with the commit of the start', async () => {
  await withKernel(async (kernel) => {
    await deploy(kernel, [{ name: 'a.bpmn', content: model('a') }]);
    const worker = { kind: 'worker', id: 'w' } as const;
    const polled = kernel.engine.fetchAndLock(
      {
        type: 'fetchAndLock',
        workerId: 'w',
        maxTasks: 1,
        usePriority: false,
        topics: [{ topic: 'mail', lockMs: 1_000 }],
      },
      worker,
      { waitMs: 10_000 },
    );
    // Its first look finds nothing, and it waits.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const commits: string[][] = [];
    kernel.engine.onCommitted((records) => commits.push(records.map(({ command }) => command)));
    await kernel.engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'a' } }, ADA);
    const outcome = await polled;
    assert.deepEqual(commits, [['createProcessInstance', 'fetchAndLock']]);
    assert.ok(outcome.ok);
    const [locked] = outcome.value.tasks;
    const done = await kernel.engine.submit(
      { type: 'completeExternalTask', externalTaskId: locked?.task.id ?? 0, workerId: 'w' },
      worker,
    );
    assert.equal(done.ok, true);
  });
});

test('once the system goes down it takes no new work, and who waits is sent away', async () => {
  await withKernel(async (kernel) => {
    await deploy(kernel, [{ name: 'a.bpmn', content: model('a') }]);
    const polled = kernel.engine.fetchAndLock(
      {
        type: 'fetchAndLock',
        workerId: 'w',
        maxTasks: 1,
        usePriority: false,
        topics: [{ topic: 'mail', lockMs: 1_000 }],
      },
      { kind: 'worker', id: 'w' },
      { waitMs: 60_000 },
    );
    await kernel.requestShutdown(ADA, 'test');
    assert.deepEqual(await polled, { ok: true, value: { tasks: [] } });
    const start = kernel.engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: 'a' } }, ADA);
    await assert.rejects(start, { code: 'STOPPING' });
  });
});
