/** Stories of what a process may use: decided when a task is created, again when it is handed out, and after a change of policy. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Policy, permits, readProcesses } from '@procos/bpmn';
import {
  manyTimes,
  onlyOf,
  randomGrants,
  randomRequest,
  randomSet,
  reference,
} from '../../protocol/reference/reference.ts';
import { capabilityParts, together } from '../src/actions/capabilities.ts';
import { POLICY_DEPLOYMENT, POLICY_FILE } from '../src/index.ts';
import { World } from './world.ts';

const PREFIXES =
  'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0"';

async function deploy(world: World, processes: string): Promise<void> {
  const content = `<bpmn:definitions ${PREFIXES} id="definitions" targetNamespace="t"><bpmn:message id="m" name="go" /><bpmn:signal id="sig" name="all" />${processes}</bpmn:definitions>`;
  const read = await readProcesses(content);
  assert.deepEqual(
    read.problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.ok(world.deployModels('f', content, read.processes).ok);
}

const flow = (from: string, to: string) =>
  `<bpmn:sequenceFlow id="${from}_${to}" sourceRef="${from}" targetRef="${to}" />`;
/** Start, one element, end; `block` what stands in `procos:security`, null: no block. */
function process(id: string, block: string | null, element: string, start = ''): string {
  const security =
    block === null
      ? ''
      : `<bpmn:extensionElements><procos:security>${block}</procos:security></bpmn:extensionElements>`;
  return `<bpmn:process id="${id}" isExecutable="true">${security}<bpmn:startEvent id="${id}_s">${start}</bpmn:startEvent>${element}<bpmn:endEvent id="${id}_e" />${flow(`${id}_s`, `${id}_x`)}${flow(`${id}_x`, `${id}_e`)}</bpmn:process>`;
}
const work = (id: string, topic: string) =>
  `<bpmn:serviceTask id="${id}_x" camunda:type="external" camunda:topic="${topic}" />`;
const call = (id: string, called: string) =>
  `<bpmn:callActivity id="${id}_x" calledElement="${called}"><bpmn:extensionElements><camunda:in variables="all" /></bpmn:extensionElements></bpmn:callActivity>`;
const tasks = (inside: string) => `<procos:allowedTasks>${inside}</procos:allowedTasks>`;
const task = (topic: string) => `<procos:task topic="${topic}" />`;

function setPolicy(world: World, policy: Policy): void {
  world.do({
    type: 'deploy',
    name: POLICY_DEPLOYMENT,
    source: null,
    tenantId: null,
    resources: [{ name: POLICY_FILE, content: JSON.stringify(policy) }],
    definitions: [],
    skipUnchanged: false,
  });
}
const deny = (process: string, topic: string, why = 'asked by the owner'): Policy => ({
  rules: [{ process, deny: { tasks: [{ name: topic }] }, why }],
});
const openTasks = (world: World) => world.store.find('externalTasks').length;

describe('what a process may use', () => {
  it('is what its block declares: a forbidden task is an incident, and no worker ever sees it', async () => {
    const world = new World();
    await deploy(world, process('p', tasks(task('mail')), work('p', '${topic}')));
    world.start('p', { topic: 'mail' });
    assert.equal(openTasks(world), 1);
    world.start('p', { topic: 'pay' });
    assert.equal(openTasks(world), 1);
    const [incident] = world.incidents();
    assert.equal(incident?.kind, 'forbidden');
    assert.match(
      incident?.message ?? '',
      /^'p_x' is forbidden: topic pay is not declared \(<procos:task topic="pay"\/>\)\. To allow it declare it in the procos:security block of p/,
    );
    assert.equal(world.fetchAll('pay').length, 0);
    world.assertReplayEqual();
  });

  it('is everything without a block, or nothing when the system is closed; system calls never', async () => {
    const world = new World();
    await deploy(world, process('p', null, work('p', '${topic}')));
    world.start('p', { topic: 'mail' });
    assert.equal(world.incidents().length, 0);
    world.start('p', { topic: 'procos.power.off' });
    assert.match(world.incidents()[0]?.message ?? '', /only processes deployed from the source "system"/);
    world.undeclared = 'closed';
    world.start('p', { topic: 'mail' });
    assert.match(world.incidents()[1]?.message ?? '', /topic mail is not declared/);
    // Whoever works on what was there before is not let in either.
    assert.equal(world.fetchAll('mail').length, 0);
    assert.equal(world.incidents().length, 3);
  });

  it('covers scripts by their language, wherever they are', async () => {
    const world = new World();
    const script =
      '<bpmn:scriptTask id="ID_x" scriptFormat="javascript"><bpmn:script>1</bpmn:script></bpmn:scriptTask>';
    const mapped =
      '<bpmn:serviceTask id="ID_x" camunda:type="external" camunda:topic="mail"><bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="a"><camunda:script scriptFormat="javascript">1</camunda:script></camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>';
    for (const [at, element] of [script, mapped].entries()) {
      const [good, bad] = [`good${at}`, `bad${at}`];
      await deploy(
        world,
        process(good, tasks(`${task('mail')}<procos:script language="javascript" />`), element.replace('ID', good)),
      );
      await deploy(
        world,
        process(bad, tasks(`${task('*')}<procos:script language="python" />`), element.replace('ID', bad)),
      );
      world.start(good);
      assert.equal(world.fetchAll('procos.script').length, 1);
      world.start(bad);
      assert.match(world.incidents()[at]?.message ?? '', /script language javascript is not declared/);
    }
  });

  it('only narrows on the way down: a called process has no more than who called it', async () => {
    const world = new World();
    await deploy(
      world,
      process(
        'top',
        tasks(`${task('mail')}<procos:process processId="mid" /><procos:process processId="low" />`),
        call('top', 'mid'),
      ) +
        process('mid', null, call('mid', 'low')) +
        process('low', tasks(task('mail') + task('pay')), work('low', '${topic}')),
    );
    world.start('top', { topic: 'mail' });
    assert.equal(world.fetchAll('mail').length, 1);
    world.start('top', { topic: 'pay' });
    const [incident] = world.incidents();
    assert.match(
      incident?.message ?? '',
      /'low_x' is forbidden: topic pay is not declared .* top has started this process, which has no more rights than it/,
    );
    world.start('low', { topic: 'pay' });
    assert.equal(world.fetchAll('pay').length, 1);
    world.start('mid', { topic: 'pay' });
    assert.equal(world.fetchAll('pay').length, 1);
    world.assertReplayEqual();
  });

  it('covers which process is called, and whether that may have the data', async () => {
    const world = new World();
    const classed = (text: string, level: string) =>
      text.replace('<procos:security>', `<procos:security dataClassification="${level}">`);
    await deploy(
      world,
      process('a', tasks('<procos:process processId="other" />'), call('a', 'low')) +
        classed(process('b', tasks('<procos:process processId="*" />'), call('b', 'low')), 'restricted') +
        classed(process('low', tasks(task('mail')), work('low', 'mail')), 'internal'),
    );
    world.start('a');
    world.start('b');
    const [one, other] = world.incidents();
    assert.match(one?.message ?? '', /process low is not declared/);
    assert.match(
      other?.message ?? '',
      /data of this process is restricted, and process low is only for what is internal/,
    );
  });

  it('goes along with messages and signals to what they start', async () => {
    const world = new World();
    const throwing = (id: string, what: string) =>
      `<bpmn:intermediateThrowEvent id="${id}_x">${what}</bpmn:intermediateThrowEvent>`;
    const message = (id: string) => `<bpmn:messageEventDefinition id="${id}_m" messageRef="m" />`;
    const signal = (id: string) => `<bpmn:signalEventDefinition id="${id}_m" signalRef="sig" />`;
    await deploy(
      world,
      process('throws', tasks(task('mail')), throwing('throws', message('throws'))) +
        process('calls', tasks(task('mail')), throwing('calls', signal('calls'))) +
        process('free', null, throwing('free', message('free'))) +
        process('by_message', null, work('by_message', 'pay'), message('start1')) +
        process('by_signal', null, work('by_signal', 'pay'), signal('start2')),
    );
    world.start('free');
    assert.equal(openTasks(world), 1);
    world.start('throws');
    world.start('calls');
    assert.equal(openTasks(world), 1);
    assert.deepEqual(
      world.incidents().map(({ elementId, kind }) => `${elementId} ${kind}`),
      ['by_message_x forbidden', 'by_signal_x forbidden'],
    );
    world.assertReplayEqual();
  });

  it('goes along with a task to its worker, and only where there is something to say', async () => {
    const world = new World();
    await deploy(world, process('p', tasks(task('mail')), work('p', 'mail')) + process('q', null, work('q', 'mail')));
    world.start('p');
    world.start('q');
    const byProcess = new Map(world.fetchAll('mail').map((one) => [one.task.bpmnProcessId, one.capabilities]));
    const sent = [byProcess.get('p'), byProcess.get('q')];
    assert.equal(byProcess.size, 2);
    assert.deepEqual(sent, [{ tasks: [{ name: 'mail' }] }, undefined]);
    const created = world.records.flatMap(({ events }) => events).filter(({ type }) => type === 'externalTaskCreated');
    assert.doesNotMatch(JSON.stringify(created), /mail".*capabilities/);
  });
});

describe('the policy of the owner', () => {
  it('narrows what models declare, also of callers that declare nothing', async () => {
    const world = new World();
    await deploy(world, process('top', null, call('top', 'low')) + process('low', null, work('low', 'pay')));
    setPolicy(world, deny('top', 'pay', 'the account is closed'));
    world.start('top');
    assert.match(
      world.incidents()[0]?.message ?? '',
      /topic pay is denied by the owner's policy\. The owner's policy for top says so: the account is closed/,
    );
    world.start('low');
    assert.equal(world.fetchAll('pay').length, 1);
    setPolicy(world, { rules: [] });
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    assert.equal(world.fetchAll('pay').length, 1);
  });

  it('takes a task back from who holds it, and says why; the incident stays until the policy allows it', async () => {
    const world = new World();
    await deploy(world, process('p', null, work('p', 'pay')));
    world.start('p');
    const { id: externalTaskId } = world.fetch('pay').task;
    setPolicy(world, deny('p', 'pay'));
    const holder = { externalTaskId, workerId: 'worker' };
    const reason = /was taken back: topic pay is denied by the owner's policy.*asked by the owner/;
    // Even before anybody has gone through the tasks.
    for (const command of [
      { type: 'extendLock', ...holder, lockMs: 1 },
      { type: 'completeExternalTask', ...holder },
    ] as const) {
      const outcome = world.try(command);
      assert.ok(!outcome.ok && reason.test(outcome.rejection.message), JSON.stringify(outcome));
    }
    world.do({ type: 'applyPolicy', externalTaskIds: [externalTaskId], reason: 'the policy changed' });
    const [incident] = world.incidents();
    assert.equal(incident?.kind, 'forbidden');
    assert.equal(world.fetchAll('pay').length, 0);
    assert.equal(world.try({ type: 'completeExternalTask', ...holder }).ok, false);
    const resolved = world.try({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.ok(!resolved.ok && reason.test(resolved.rejection.message));
    assert.equal(world.try({ type: 'setExternalTaskRetries', externalTaskId, retries: 1 }).ok, false);
    assert.equal(world.incidents().length, 1);
    setPolicy(world, { rules: [] });
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.equal(world.incidents().length, 0);
    world.work('pay');
    assert.equal(openTasks(world), 0);
    world.assertReplayEqual();
  });

  it('hands a task out anew when it may still be done, by the set that holds now', async () => {
    const world = new World();
    await deploy(world, process('p', null, work('p', 'http_request')));
    world.start('p');
    const { task: before } = world.fetch('http_request');
    setPolicy(world, { rules: [{ process: '*', deny: { hosts: [{ name: '*.example.org' }] }, why: 'w' }] });
    world.do({ type: 'applyPolicy', externalTaskIds: [before.id], reason: 'taken back: the policy changed' });
    const late = world.try({
      type: 'completeExternalTask',
      externalTaskId: before.id,
      workerId: before.workerId ?? '',
    });
    assert.ok(!late.ok && /but by nobody \(taken back: the policy changed\)/.test(late.rejection.message));
    const after = world.fetch('http_request');
    assert.deepEqual(after.capabilities?.denied, { hosts: [{ name: '*.example.org' }] });
    assert.ok(after.task.lockCount > before.lockCount + 1);
    world.assertReplayEqual();
  });

  it('is for a tenant where it says so', async () => {
    const rules = [{ process: 'p', tenant: 'acme', deny: { tasks: [{ name: 'pay' }] }, why: 'w' }];
    const world = new World();
    await deploy(world, process('p', null, work('p', 'pay')));
    setPolicy(world, { rules });
    world.start('p');
    assert.equal(world.fetchAll('pay').length, 1);
  });
});

describe('the engine alone', () => {
  it('gives an instance what its model, its caller and the policy all permit: 100,000 random pairs', () => {
    const definition = (id: number, block: unknown) => ({
      id,
      bpmnProcessId: `p${id}`,
      tenantId: null,
      model: { capabilities: block ?? undefined },
    });
    manyTimes(100_000, (random) => {
      const request = randomRequest(random);
      const [own, caller] = [onlyOf(randomSet(random), request), onlyOf(randomSet(random), request)];
      const deny = onlyOf(randomGrants(random), request);
      const ruled = random(2) === 0;
      const rows = new Map([
        [1, definition(1, own)],
        [2, definition(2, caller)],
      ]);
      const policy: Policy = { rules: ruled ? [{ process: 'p*', deny, why: 'w' }] : [] };
      const definitions = { get: (id: number) => rows.get(id) };
      const state = { definitions } as unknown as Parameters<typeof capabilityParts>[0];
      const instance = {
        definitionId: 1,
        tenantId: null,
        parentId: null,
        parentElementInstanceId: null,
        narrowedBy: [2],
      };
      const set = together(capabilityParts(state, instance, 'open', policy));
      const expected =
        reference(own, request) !== false &&
        (caller === null || reference(caller, request) !== false) &&
        !(ruled && request.kind !== 'access' && reference(deny, request) !== false);
      assert.equal(permits(set, request).allowed, expected);
    });
  });
});
