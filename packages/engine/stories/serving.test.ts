/** Stories of topics that a process serves: an instance of it does what a worker would do, and callers see no difference. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import { type Plain, World } from './world.ts';

const NAMESPACES =
  'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0"';

async function deploy(world: World, name: string, processes: string, more: Plain = {}, tenant: string | null = null) {
  const zeebe = more['zeebe'] === true;
  const namespaces = zeebe
    ? NAMESPACES.replace(
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"',
        'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"',
      )
    : NAMESPACES;
  const content = `<bpmn:definitions ${namespaces} id="d" targetNamespace="t"><bpmn:error id="no_stock" errorCode="NO_STOCK" name="none" />${processes}</bpmn:definitions>`;
  const read = await readProcesses(content);
  assert.deepEqual(
    read.problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  return world.do({
    type: 'deploy',
    name,
    source: null,
    tenantId: tenant,
    resources: [{ name: `${name}.bpmn`, content }],
    definitions: read.processes.map((model) => ({ resourceName: `${name}.bpmn`, checksum: content, model })),
    skipUnchanged: false,
  });
}

const flow = (id: string, from: string, to: string) =>
  `<bpmn:sequenceFlow id="${id}" sourceRef="${from}" targetRef="${to}" />`;

/** One service task of the topic; `inside` its extension elements and boundary events. */
function caller({ id = 'caller', topic = 'rate', mapping = '', boundary = '' } = {}): string {
  return `<bpmn:process id="${id}" isExecutable="true"><bpmn:startEvent id="${id}_begin" />
<bpmn:serviceTask id="${id}_task" camunda:type="external" camunda:topic="${topic}"><bpmn:extensionElements>${mapping}</bpmn:extensionElements></bpmn:serviceTask>
<bpmn:endEvent id="${id}_end" />${flow(`${id}_1`, `${id}_begin`, `${id}_task`)}${flow(`${id}_2`, `${id}_task`, `${id}_end`)}${boundary}</bpmn:process>`;
}

/** Serves the topic: waits at the user task `look` where `waits`, computes `price`, and leaves a note of its own. */
function server({ id = 'rater', topic = 'rate', results = 'price', waits = false, end = '' } = {}): string {
  const declared = topic === '' ? '' : `<procos:servesTopic topic="${topic}" results="${results}" />`;
  const first = waits ? `<bpmn:userTask id="${id}_look" />` : `<bpmn:task id="${id}_look" />`;
  return `<bpmn:process id="${id}" isExecutable="true"><bpmn:extensionElements>${declared}</bpmn:extensionElements>
<bpmn:startEvent id="${id}_begin" />${first}
<bpmn:serviceTask id="${id}_compute" camunda:expression="\${amount * 2}" camunda:resultVariable="price"><bpmn:extensionElements><camunda:inputOutput><camunda:outputParameter name="note">scratch</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>
<bpmn:endEvent id="${id}_end">${end}</bpmn:endEvent>
${flow(`${id}_1`, `${id}_begin`, `${id}_look`)}${flow(`${id}_2`, `${id}_look`, `${id}_compute`)}${flow(`${id}_3`, `${id}_compute`, `${id}_end`)}</bpmn:process>`;
}

const MAPPED =
  '<camunda:inputOutput><camunda:inputParameter name="amount">${21}</camunda:inputParameter><camunda:outputParameter name="total">${price}</camunda:outputParameter></camunda:inputOutput>';
const CATCHES = `<bpmn:boundaryEvent id="caught" attachedToRef="caller_task"><bpmn:errorEventDefinition id="caught_error" errorRef="no_stock" /></bpmn:boundaryEvent><bpmn:endEvent id="sorry" />${flow('caller_3', 'caught', 'sorry')}`;
const FAILS = '<bpmn:errorEventDefinition id="thrown" errorRef="no_stock" />';

function children(world: World, parentId: number) {
  return world.store.find('processInstances', { where: [{ column: 'parentId', op: '=', value: parentId }] });
}

function finish(world: World): void {
  for (const { id } of world.store.find('userTasks')) world.do({ type: 'completeUserTask', userTaskId: id });
}

/** What goes on in commands of its own. */
function settle(world: World): void {
  for (let next = world.store.state.timers.due(world.now, 1)[0]; next !== undefined; ) {
    world.do({ type: 'triggerTimer', timerId: next.id });
    next = world.store.state.timers.due(world.now, 1)[0];
  }
}

function choose(world: World, bpmnProcessId: string | null, topic = 'rate'): void {
  world.do({ type: 'setTopicServer', topic, tenantId: null, bpmnProcessId });
}

describe('a topic that a process serves', () => {
  it('has its tasks done by instances of that process: variables in, declared results out, business key handed on', async () => {
    const world = new World();
    await deploy(world, 'server', server());
    await deploy(world, 'caller', caller());
    const id = world.start('caller', { amount: 4 }, 'order-7');
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.variables(id), { amount: 4, price: 8 });
    const [child] = children(world, id);
    assert.deepEqual(
      [child?.bpmnProcessId, child?.state, child?.businessKey, child?.rootId],
      ['rater', 'completed', 'order-7', id],
    );
    assert.deepEqual(world.variables(child?.id ?? 0), { amount: 4, note: 'scratch', price: 8 });
    world.assertReplayEqual();
  });

  it('gives its results to the output mappings of a caller that has some', async () => {
    const world = new World();
    await deploy(world, 'server', server());
    await deploy(world, 'caller', caller({ mapping: MAPPED }));
    const id = world.start('caller');
    assert.deepEqual(world.variables(id), { total: 42 });
  });

  it('is a job type of Camunda 8 as well, and the process sees the headers of the job', async () => {
    const world = new World();
    await deploy(world, 'server', server({ results: 'price, task_headers' }));
    const job = `<bpmn:process id="eight" isExecutable="true"><bpmn:startEvent id="e_begin" /><bpmn:serviceTask id="e_task"><bpmn:extensionElements><zeebe:taskDefinition type="rate" /><zeebe:taskHeaders><zeebe:header key="unit" value="EUR" /></zeebe:taskHeaders><zeebe:ioMapping><zeebe:input source="=3" target="amount" /><zeebe:output source="=string(price) + task_headers.unit" target="text" /></zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="e_end" />${flow('e_1', 'e_begin', 'e_task')}${flow('e_2', 'e_task', 'e_end')}</bpmn:process>`;
    await deploy(world, 'eight', job, { zeebe: true });
    const id = world.start('eight');
    assert.deepEqual(world.variables(id), { text: '6EUR' });
  });

  it('hands a business error of the process to the boundary event of the caller', async () => {
    const world = new World();
    await deploy(world, 'server', server({ end: FAILS }));
    await deploy(world, 'caller', caller({ boundary: CATCHES }));
    const id = world.start('caller', { amount: 4 });
    assert.deepEqual(world.trace(id), ['caller_begin', '-caller_task', 'caught', 'sorry']);
    assert.equal(children(world, id)[0]?.state, 'terminated');
    assert.deepEqual(world.store.find('externalTasks'), []);
  });

  it('keeps the task open while the instance stands, and for nobody else', async () => {
    const world = new World();
    await deploy(world, 'server', server());
    await deploy(world, 'caller', caller());
    // Nothing to compute with: an incident inside.
    const id = world.start('caller');
    const [task] = world.store.find('externalTasks');
    assert.ok(task !== undefined);
    assert.deepEqual([task.workerId, task.topic, task.processInstanceId], ['process:rater', 'rate', id]);
    const [child] = children(world, id);
    assert.deepEqual(
      world.incidents().map(({ kind, elementId }) => [kind, elementId]),
      [['expression', 'rater_compute']],
    );
    assert.deepEqual(world.fetchAll('rate'), []);
    const holder = { externalTaskId: task.id, workerId: 'process:rater' };
    for (const command of [
      { type: 'completeExternalTask', ...holder } as const,
      { type: 'throwBpmnError', ...holder, errorCode: 'X' } as const,
      { type: 'failExternalTask', ...holder, errorMessage: '', retries: 1, retryAfterMs: 0 } as const,
      { type: 'extendLock', ...holder, lockMs: 1 } as const,
      { type: 'lockExternalTask', ...holder, workerId: 'w', lockMs: 1 } as const,
      { type: 'unlockExternalTask', externalTaskId: task.id } as const,
    ]) {
      const outcome = world.try(command);
      assert.equal(!outcome.ok && outcome.rejection.code, 'NOT_LOCKED_BY_WORKER', command.type);
    }
    // Neither a clock that jumps nor a restore takes it away.
    world.do({ type: 'keepLocks', externalTaskIds: [task.id], byMs: 1_000 });
    world.do({ type: 'fenceExternalTasks', externalTaskIds: [task.id] });
    assert.deepEqual(world.store.find('externalTasks'), [task]);
    world.do({
      type: 'setVariables',
      processInstanceId: child?.id ?? 0,
      scopeId: child?.id ?? 0,
      variables: { amount: { type: 'Integer', value: 1 } },
      local: true,
    });
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    assert.equal(world.variables(id)['price'], 2);
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('ends the instance with the task that it does', async () => {
    const world = new World();
    await deploy(world, 'server', server({ waits: true }));
    await deploy(world, 'caller', caller());
    const id = world.start('caller', { amount: 1 });
    world.do({ type: 'cancelProcessInstance', processInstanceId: id });
    assert.equal(children(world, id)[0]?.state, 'terminated');
    assert.deepEqual(world.store.find('userTasks'), []);
  });

  it('counts an instance that is ended from outside as an attempt: one instance for each, then an incident, and a retry is one more', async () => {
    const world = new World();
    await deploy(world, 'server', server({ waits: true }));
    await deploy(world, 'caller', caller());
    const id = world.start('caller', { amount: 1 });
    const alive = () => children(world, id).filter(({ state }) => state === 'active');
    for (let attempt = 1; attempt <= 3; attempt++) {
      assert.equal(alive().length, 1, `attempt ${attempt}`);
      world.do({ type: 'cancelProcessInstance', processInstanceId: alive()[0]?.id ?? 0, reason: 'stuck' });
    }
    assert.equal(alive().length, 0);
    const [incident] = world.incidents();
    assert.match(incident?.message ?? '', /process instance \d+, which did the task, was canceled: stuck/);
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.equal(alive().length, 1);
    assert.deepEqual(world.incidents(), []);
    finish(world);
    assert.equal(world.state(id), 'completed');
    assert.equal(world.variables(id)['price'], 2);
    world.assertReplayEqual();
  });

  it('is given to workers and back without a change of its callers; tasks under way finish where they are', async () => {
    const world = new World();
    await deploy(world, 'server', server({ waits: true }));
    await deploy(world, 'caller', caller());
    const first = world.start('caller', { amount: 1 });
    choose(world, null);
    const second = world.start('caller', { amount: 2 });
    const { task } = world.fetch('rate');
    choose(world, 'rater');
    settle(world);
    const third = world.start('caller', { amount: 3 });
    assert.deepEqual(
      [first, second, third].map((id) => children(world, id).length),
      [1, 0, 1],
    );
    const price = { type: 'String', value: 'by hand' } as const;
    world.do({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w', variables: { price } });
    finish(world);
    assert.deepEqual(
      [first, second, third].map((id) => [world.state(id), world.variables(id)['price']]),
      [
        ['completed', 2],
        ['completed', 'by hand'],
        ['completed', 6],
      ],
    );
    world.assertReplayEqual();
  });

  it('takes the tasks that wait for a worker with it: by choice, by deployment, by resuming, by a removal; each once, many in several commands', async () => {
    const COUNT = 120;
    const changes: readonly ((world: World) => Promise<unknown>)[] = [
      async (world) => {
        await deploy(world, 'server', server());
        choose(world, 'rater');
      },
      (world) => deploy(world, 'server', server()),
      async (world) => {
        const { definitionIds } = await deploy(world, 'server', server());
        const target = { definitionId: definitionIds[0] ?? 0 };
        world.do({ type: 'setSuspension', target, suspended: true });
        settle(world);
        world.do({ type: 'setSuspension', target, suspended: false });
      },
      async (world) => {
        await deploy(world, 'server', server());
        const { definitionIds } = await deploy(world, 'server', server({ topic: '' }));
        settle(world);
        world.do({ type: 'removeDefinitions', definitionIds });
      },
    ];
    for (const [at, change] of changes.entries()) {
      const world = new World();
      await deploy(world, 'caller', caller());
      if (at === 0) choose(world, null);
      const waiting = Array.from({ length: COUNT }, (_, amount) => world.start('caller', { amount }));
      const failed = world.fetch('rate').task;
      const failure = { workerId: 'w', errorMessage: 'later', retries: 2, retryAfterMs: 60_000 };
      world.do({ type: 'failExternalTask', externalTaskId: failed.id, ...failure });
      const held = world.fetch('rate').task;
      await change(world);
      const most = Math.max(...world.records.map(({ events }) => events.length));
      settle(world);
      assert.ok(
        Math.max(...world.records.map(({ events }) => events.length)) < Math.max(most, 1_500),
        'in short commands',
      );
      const ended = waiting.filter((id) => world.state(id) === 'completed');
      assert.equal(ended.length, COUNT - 1, `change ${at}: all but the one that a worker holds`);
      assert.deepEqual(
        waiting.map((id) => children(world, id).length).filter((count) => count > 1),
        [],
      );
      assert.equal(world.state(held.processInstanceId), 'active');
      world.do({ type: 'completeExternalTask', externalTaskId: held.id, workerId: 'w' });
      assert.equal(world.state(held.processInstanceId), 'completed');
      world.assertReplayEqual();
    }
  });

  it('takes what a worker fails or is to give up after the topic has become its own, without the pause', async () => {
    const world = new World();
    await deploy(world, 'caller', caller());
    const [failed, fenced] = [1, 2].map((amount) => world.start('caller', { amount }));
    assert.ok(failed !== undefined && fenced !== undefined);
    const [one, other] = [world.fetch('rate').task, world.fetch('rate').task];
    await deploy(world, 'server', server());
    settle(world);
    const failure = { workerId: 'w', errorMessage: 'later', retries: 2, retryAfterMs: 60_000 };
    world.do({ type: 'failExternalTask', externalTaskId: one.id, ...failure });
    settle(world);
    assert.deepEqual([world.state(failed), world.state(fenced)], ['completed', 'active']);
    world.do({ type: 'applyPolicy', externalTaskIds: [other.id], reason: 'another policy' });
    settle(world);
    assert.equal(world.state(fenced), 'completed');
    world.assertReplayEqual();
  });

  it('takes what a worker holds when its lock ends, however often that was extended, and looks only while workers hold something', async () => {
    const world = new World();
    await deploy(world, 'caller', caller());
    const [dead, slow, quick] = [1, 2, 3].map((amount) => world.start('caller', { amount }));
    assert.ok(dead !== undefined && slow !== undefined && quick !== undefined);
    const [, held, done] = world.fetchAll('rate', 3, 60_000);
    assert.ok(held !== undefined && done !== undefined);
    await deploy(world, 'server', server());
    const looks = () => world.store.find('timers').map(({ dueAt }) => dueAt - world.now);
    assert.deepEqual(looks(), [60_000]);
    world.advance(50_000);
    world.do({ type: 'extendLock', externalTaskId: held.task.id, workerId: 'w', lockMs: 60_000 });
    world.do({
      type: 'failExternalTask',
      externalTaskId: done.task.id,
      workerId: 'w',
      retries: 1,
      retryAfterMs: 0,
      errorMessage: 'no',
    });
    settle(world);
    const states = () => [dead, slow, quick].map((id) => world.state(id));
    assert.deepEqual([states(), looks()], [['active', 'active', 'completed'], [10_000]], 'one look for all of them');
    world.advance(10_000);
    assert.deepEqual([states(), looks()], [['completed', 'active', 'completed'], [50_000]]);
    const late = world.try({ type: 'completeExternalTask', externalTaskId: done.task.id, workerId: 'w' });
    assert.equal(late.ok, false);
    world.advance(49_000);
    world.do({ type: 'completeExternalTask', externalTaskId: held.task.id, workerId: 'w' });
    world.advance(1_000);
    assert.deepEqual([states(), looks()], [['completed', 'completed', 'completed'], []]);
    world.assertReplayEqual();
  });

  it('takes what was locked for a worker whose lock has ended already', async () => {
    const world = new World();
    await deploy(world, 'caller', caller());
    const id = world.start('caller', { amount: 1 });
    world.fetch('rate', 1_000);
    world.advance(2_000);
    await deploy(world, 'server', server());
    settle(world);
    assert.equal(world.state(id), 'completed');
  });

  it('looks once a second for locks that end one after the other, and again where its process has rested', async () => {
    const world = new World();
    await deploy(world, 'caller', caller());
    const waiting = Array.from({ length: 100 }, (_, amount) => world.start('caller', { amount }));
    for (const [index] of waiting.entries()) world.fetchAll('rate', 1, 60_000 + index * 20);
    const { definitionIds } = await deploy(world, 'server', server());
    const target = { definitionId: definitionIds[0] ?? 0 };
    world.do({ type: 'setSuspension', target, suspended: true });
    world.advance(59_000);
    world.do({ type: 'setSuspension', target, suspended: false });
    const before = world.records.length;
    world.advance(5_000);
    assert.equal(waiting.filter((id) => world.state(id) === 'completed').length, 100);
    assert.ok(world.records.length - before <= 6, `${world.records.length - before} commands`);
    assert.deepEqual(world.store.find('timers'), []);
  });

  it('takes what a worker gives back, and what is resumed, after the topic has become its own', async () => {
    const world = new World();
    await deploy(world, 'caller', caller());
    const [held, resumed, taskResumed] = [1, 2, 3].map((amount) => world.start('caller', { amount }));
    assert.ok(held !== undefined && resumed !== undefined && taskResumed !== undefined);
    const { task } = world.fetch('rate');
    assert.equal(task.processInstanceId, held);
    const suspend = (target: { readonly processInstanceId: number } | { readonly externalTaskId: number }) => {
      world.do({ type: 'setSuspension', target, suspended: true });
      return () => world.do({ type: 'setSuspension', target, suspended: false });
    };
    const where = [{ column: 'processInstanceId', op: '=', value: taskResumed }] as const;
    const [other] = world.store.find('externalTasks', { where });
    const resume = [suspend({ processInstanceId: resumed }), suspend({ externalTaskId: other?.id ?? 0 })];
    await deploy(world, 'server', server());
    settle(world);
    const states = () => [held, resumed, taskResumed].map((id) => world.state(id));
    assert.deepEqual(states(), ['active', 'active', 'active']);
    for (const one of resume) one();
    settle(world);
    assert.deepEqual(states(), ['active', 'completed', 'completed']);
    world.do({ type: 'unlockExternalTask', externalTaskId: task.id });
    settle(world);
    assert.deepEqual(states(), ['completed', 'completed', 'completed']);
    world.assertReplayEqual();
  });

  it('goes to workers when the process is suspended or does not declare it any more, and comes back with it', async () => {
    const world = new World();
    const { definitionIds } = await deploy(world, 'server', server());
    await deploy(world, 'caller', caller());
    const served = () => children(world, world.start('caller', { amount: 1 })).length === 1;
    assert.equal(served(), true);
    world.do({ type: 'setSuspension', target: { definitionId: definitionIds[0] ?? 0 }, suspended: true });
    assert.equal(served(), false);
    world.do({ type: 'setSuspension', target: { definitionId: definitionIds[0] ?? 0 }, suspended: false });
    assert.equal(served(), true);
    await deploy(world, 'server', server({ topic: '' }));
    assert.equal(served(), false);
    await deploy(world, 'server', server());
    assert.equal(served(), true);
  });

  it('stays with the process that declared it first, until that does not declare it any more or somebody chooses', async () => {
    const world = new World();
    await deploy(world, 'server', server());
    await deploy(world, 'other', server({ id: 'other' }));
    await deploy(world, 'caller', caller());
    const by = () => children(world, world.start('caller', { amount: 1 }))[0]?.bpmnProcessId;
    assert.equal(by(), 'rater');
    choose(world, 'other');
    assert.equal(by(), 'other');
    await deploy(world, 'server', server());
    assert.equal(by(), 'other');
    choose(world, null);
    await deploy(world, 'third', server({ id: 'third' }));
    assert.equal(by(), undefined);
  });

  it('is served in its own tenant only', async () => {
    const world = new World();
    await deploy(world, 'server', server(), {}, 'north');
    await deploy(world, 'caller', caller());
    await deploy(world, 'caller', caller(), {}, 'north');
    const start = (tenantId: string | null) =>
      world.do({ type: 'createProcessInstance', definition: { bpmnProcessId: 'caller', tenantId } }).processInstanceId;
    assert.equal(children(world, start(null)).length, 0);
    const [child] = children(world, start('north'));
    assert.equal(child?.tenantId, 'north');
  });

  it('cannot be given to a process that is not there or does not declare it', async () => {
    const world = new World();
    await deploy(world, 'server', server());
    const ask = (topic: string, bpmnProcessId: string) => {
      const outcome = world.try({ type: 'setTopicServer', topic, tenantId: null, bpmnProcessId });
      return outcome.ok ? 'ok' : outcome.rejection.code;
    };
    assert.equal(ask('rate', 'nobody'), 'NOT_FOUND');
    assert.equal(ask('other', 'rater'), 'INVALID_STATE');
    assert.equal(ask('', 'rater'), 'INVALID_ARGUMENT');
    assert.equal(ask('rate', 'rater'), 'ok');
    const records = world.records.length;
    assert.equal(ask('rate', 'rater'), 'ok');
    assert.equal(world.records.length, records);
  });

  it('ends processes that serve each other without end in an incident', async () => {
    const world = new World();
    world.limits = { ...world.limits, callDepth: 5 };
    await deploy(
      world,
      'round',
      `<bpmn:process id="round" isExecutable="true"><bpmn:extensionElements><procos:servesTopic topic="round" /></bpmn:extensionElements><bpmn:startEvent id="r_begin" /><bpmn:serviceTask id="r_task" camunda:type="external" camunda:topic="\${topic}" /><bpmn:endEvent id="r_end" />${flow('r_1', 'r_begin', 'r_task')}${flow('r_2', 'r_task', 'r_end')}</bpmn:process>`,
    );
    world.start('round', { topic: 'round' });
    assert.deepEqual(
      world.incidents().map(({ kind }) => kind),
      ['runaway'],
    );
    assert.equal(world.store.find('processInstances').length, 6);
  });

  it('costs nothing where no process serves it: the same events, and no row', async () => {
    const world = new World();
    await deploy(world, 'caller', caller());
    world.start('caller');
    const plain = world.records.at(-1)?.events.map(({ type }) => type);
    assert.deepEqual(plain?.slice(-1), ['externalTaskCreated']);
    assert.deepEqual(world.store.find('topicServers'), []);
  });
});
