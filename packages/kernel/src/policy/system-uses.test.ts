/** What a developer may not have the system do by a model of his, on a kernel that knows who asks. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isOperators } from '@procos/bpmn';
import type { Subject } from '@procos/engine';
import { createMemoryStore } from '@procos/store';
import type { RunningKernel } from '../kernel-options.ts';
import { put, user } from '../testing/people.ts';
import { libraryModels, startTestKernel, systemModels, until } from '../testing/system.ts';

const DEV: Subject = { kind: 'user', id: 'dev' };
const OPS: Subject = { kind: 'user', id: 'ops' };
/** Who may both deploy and operate. */
const BOTH: Subject = { kind: 'user', id: 'both' };

const PREFIXES =
  'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0"';
const block = (...names: string[]) =>
  names.length === 0
    ? ''
    : `<bpmn:extensionElements><procos:security><procos:allowedTasks>${names.map((name) => `<procos:process processId="${name}" />`).join('')}</procos:allowedTasks></procos:security></bpmn:extensionElements>`;

function model(id: string, element: string, security = ''): string {
  return `<bpmn:definitions ${PREFIXES} id="definitions" targetNamespace="t"><bpmn:message id="m" name="procos.user_request" /><bpmn:signal id="g" name="procos.shutdown" /><bpmn:signal id="own" name="mine" /><bpmn:process id="${id}" isExecutable="true">${security}<bpmn:startEvent id="s" />${element}<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" /></bpmn:process></bpmn:definitions>`;
}
const call = (called: string) =>
  `<bpmn:callActivity id="x" calledElement="${called}"><bpmn:extensionElements><camunda:in variables="all" /><camunda:out variables="all" /></bpmn:extensionElements></bpmn:callActivity>`;
const end = (inside: string) => `<bpmn:endEvent id="x">${inside}</bpmn:endEvent>`;

it('everything in system/lib is for everybody, but to end what others have started', () => {
  const idsOf = (models: typeof libraryModels) =>
    models.flatMap(({ content }) => [...content.matchAll(/<bpmn:process id="([^"]+)"/g)].map(([, id = '']) => id));
  assert.deepEqual(idsOf(libraryModels).filter(isOperators), ['procos_system_process_terminate']);
  const others = idsOf(systemModels);
  assert.ok(others.length > 15);
  assert.deepEqual(others.filter(isOperators), others);
});

describe('a model of a developer', () => {
  let kernel: RunningKernel;
  before(async () => {
    const store = createMemoryStore();
    const people = [user('dev', 'developer'), user('ops', 'operator'), user('both', 'developer', 'operator')];
    put(store, ...people.map((set) => ({ set })));
    const all = [...systemModels, ...libraryModels];
    kernel = await startTestKernel({ store, authentication: 'required', systemModels: all });
    await kernel.ready;
  });
  after(async () => {
    await kernel.requestShutdown({ kind: 'kernel', id: 'test' }, 'test');
    await kernel.stopped;
  });

  async function findings(content: string, by: Subject): Promise<readonly (readonly [string, string])[]> {
    const resources = [{ name: 'm.bpmn', content }];
    const request = { name: 'm', source: null, tenantId: null, resources, skipUnchanged: false };
    const outcome = await kernel.engine.deploy(request, by);
    const problems = (outcome.ok ? [] : outcome.findings).flatMap((finding) => finding.problems);
    return problems.filter(({ severity }) => severity === 'error').map(({ rule, message }) => [rule, message]);
  }
  async function start(bpmnProcessId: string, variables: Readonly<Record<string, string>>, by: Subject) {
    const values = Object.entries(variables).map(([name, value]) => [name, { type: 'String', value }] as const);
    const definition = { bpmnProcessId };
    return kernel.engine.submit(
      { type: 'createProcessInstance', definition, variables: Object.fromEntries(values) },
      by,
    );
  }

  it('calls no process of the system that it does not name, and names none without the permission operate', async () => {
    const name = 'procos_system_shutdown';
    assert.deepEqual(await findings(model('off', call(name)), DEV), [
      [
        'system-process-undeclared',
        `${name} is a process of the system that only operators may run: name it in the procos:security block ` +
          `(<procos:process processId="${name}"/>), and have who may run it deploy the model.`,
      ],
    ]);
    for (const named of [name, 'procos_system_*', 'procos_system_process_terminate', 'procos_system_user_management']) {
      const [[rule, message] = [], ...others] = await findings(model('off', call('${called}'), block(named)), DEV);
      assert.deepEqual([rule, others], ['system-process-refused', []]);
      assert.match(message ?? '', /dev may not system\.run: it needs the permission operate .* Ask an administrator/);
    }
    assert.deepEqual(await findings(model('off', call(name), block(name)), BOTH), []);
    // Not even a new version of what an operator has let in.
    assert.deepEqual(
      (await findings(model('off', call(name), block(name)), DEV)).map(([rule]) => rule),
      ['system-process-refused'],
    );
  });

  it('throws no message and no signal of the system', async () => {
    const message = '<bpmn:messageEventDefinition id="d" messageRef="m" />';
    const signal = '<bpmn:signalEventDefinition id="d" signalRef="g" />';
    const several = `<bpmn:signalEventDefinition id="d0" signalRef="own" />${signal}`;
    for (const thrown of [message, signal, several]) {
      for (const by of [DEV, BOTH])
        assert.deepEqual(
          (await findings(model('throws', end(thrown)), by)).map(([rule]) => rule),
          ['system-event'],
        );
    }
    assert.deepEqual(
      await findings(model('throws', end('<bpmn:signalEventDefinition id="d" signalRef="own" />')), DEV),
      [],
    );
  });

  it('has the library start nothing of the system, whoever starts it', async () => {
    assert.deepEqual(await findings(model('by_library', call('procos_system_process_start')), DEV), []);
    for (const by of [DEV, OPS]) {
      const started = await start('by_library', { process: 'procos_system_backup' }, by);
      assert.ok(started.ok);
      const family = [{ column: 'rootId', op: '=', value: started.value.processInstanceId }] as const;
      const [library] = kernel.engine
        .find('processInstances', { where: family })
        .filter(({ bpmnProcessId }) => bpmnProcessId === 'procos_system_process_start');
      const where = [
        { column: 'processInstanceId', op: '=', value: library?.id ?? 0 },
        { column: 'name', op: '=', value: 'problem' },
      ] as const;
      await until(kernel, () => kernel.engine.count('variables', { where }) > 0);
      assert.match(
        String(kernel.engine.find('variables', { where })[0]?.value),
        /is a process of the system: start it/,
      );
      const ran = [{ column: 'bpmnProcessId', op: '=', value: 'procos_system_backup' }] as const;
      assert.equal(kernel.engine.count('processInstances', { where: ran }), 0);
    }
  });

  it('gets no batch and no message of the system from outside either', async () => {
    const batch = await start('procos_system_batch', {}, DEV);
    const message = await kernel.engine.submit(
      { type: 'publishMessage', name: 'procos.user_request', correlationKey: '', timeToLiveMs: 0, tenantId: null },
      DEV,
    );
    const signal = await kernel.engine.submit(
      { type: 'broadcastSignal', name: 'procos.shutdown', tenantId: null },
      DEV,
    );
    for (const outcome of [batch, message, signal]) assert.ok(!outcome.ok && outcome.rejection.code === 'FORBIDDEN');
  });

  it('asks PID 1 to run a process that is not of the system, and gives it no other variable', async () => {
    assert.deepEqual(await findings(model('mine', end('')), DEV), []);
    const request = { type: 'Object', value: { process: 'mine' } } as const;
    const message = { name: 'procos.user_request', correlationKey: '', timeToLiveMs: 60_000, tenantId: null } as const;
    const nextHealthCheck = { type: 'String', value: '2999-01-01T00:00:00Z' } as const;
    for (const [variables, local, allowed] of [
      [{ request }, {}, true],
      [{ request, nextHealthCheck }, {}, false],
      [{ request }, { nextHealthCheck }, false],
    ] as const) {
      const { name, tenantId } = message;
      const isLocal = Object.keys(local).length > 0;
      const outcome = isLocal
        ? await kernel.engine.submit(
            { type: 'correlateMessage', name, tenantId, all: false, variables, localVariables: local },
            DEV,
          )
        : await kernel.engine.submit({ type: 'publishMessage', ...message, variables }, DEV);
      assert.equal(outcome.ok, allowed);
      assert.ok(outcome.ok || outcome.rejection.code === 'FORBIDDEN');
    }
  });

  it('does not choose what a recovery runs: the table is the system’s', async () => {
    const dmn = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t"><decision id="procos_system_recovery" name="r"><decisionTable id="t" hitPolicy="FIRST"><output id="o" name="process" typeRef="string" /><rule id="r1"><outputEntry id="e"><text>"procos_system_shutdown"</text></outputEntry></rule></decisionTable></decision></definitions>`;
    const resources = [{ name: 'r.dmn', content: dmn }];
    for (const source of [null, 'system']) {
      const request = { name: 'm', source, tenantId: null, resources, skipUnchanged: false };
      const outcome = await kernel.engine.deploy(request, DEV);
      assert.ok(!outcome.ok);
      const rules = outcome.findings.flatMap(({ problems }) => problems.map(({ rule }) => rule));
      assert.ok(rules.includes(source === null ? 'reserved-decision-id' : 'reserved-source'), rules.join());
    }
  });
});
