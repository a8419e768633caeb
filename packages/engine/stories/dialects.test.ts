/** Stories of what a migrating user finds again: settings of the two modelers that no other story is about. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandOf } from '../src/index.ts';
import { typed, World } from './world.ts';

const HOUR = 3_600_000;

/** The only user task there is. */
function task(world: World) {
  const [found, ...others] = world.store.find('userTasks');
  assert.ok(found !== undefined && others.length === 0);
  return found;
}

describe('who starts a process', () => {
  it('is the variable that camunda:initiator names, for the assignee of a task', async () => {
    const world = await World.with('initiator');
    world.by = { kind: 'user', id: 'ada' };
    const id = world.start('initiator');
    assert.equal(task(world).assignee, 'ada');
    assert.equal(world.variables(id)['starter'], 'ada');
    world.assertReplayEqual();
  });

  it('is null when nobody is known, and whoever starts it may say so', async () => {
    const world = await World.with('initiator');
    world.by = { kind: 'anonymous', id: 'anonymous' };
    world.start('initiator');
    assert.equal(task(world).assignee, null);
    const other = await World.with('initiator');
    other.start('initiator', { starter: 'grace' });
    assert.equal(task(other).assignee, 'grace');
  });
});

describe('task listeners', () => {
  it('Camunda 7: create, then assignment by the model; later an assignment is an update first', async () => {
    const world = await World.with('initiator');
    const id = world.start('initiator', { starter: 'grace' });
    assert.equal(world.variables(id)['told'], '[]create assignment grace');
    world.do({ type: 'assignUserTask', userTaskId: task(world).id, assignee: 'ada', claim: false });
    assert.equal(world.variables(id)['told'], '[]create assignment grace update assignment ada');
    world.do({ type: 'updateUserTask', userTaskId: task(world).id, changes: { priority: 7 } });
    assert.equal(world.variables(id)['told'], '[]create assignment grace update assignment ada update');
    world.assertReplayEqual();
  });

  it('Camunda 7: they may assign the task, date it and choose its candidates', async () => {
    const world = await World.with('task-changes');
    const id = world.start('task-changes', { amount: 2_000, scratch: 1 });
    const { assignee, dueAt, priority, candidateGroups, elementInstanceId } = task(world);
    assert.deepEqual([assignee, priority, candidateGroups], ['boss', 80, ['clerks', 'heads']]);
    assert.equal(dueAt, world.now + (3 * 24 + 8) * HOUR);
    const elements = world.store.state.instances.get(id)?.elements;
    assert.deepEqual([...(elements?.get(id)?.variables.keys() ?? [])], ['amount']);
    assert.equal(elements?.get(elementInstanceId)?.variables.get('by')?.value, 'boss');
    world.assertReplayEqual();
  });

  it('Camunda 7: a timeout is told while the task stands, without interrupting it, as often as its cycle says', async () => {
    const world = await World.with('task-timeout');
    const id = world.start('task-timeout', { reminded: 0, patience: 'PT90M' });
    world.advance(HOUR);
    assert.equal(world.variables(id)['reminded'], 1);
    assert.equal(task(world).assignee, null);
    world.advance(9 * HOUR);
    assert.equal(world.variables(id)['reminded'], 2);
    assert.equal(task(world).assignee, 'boss');
    world.do({ type: 'completeUserTask', userTaskId: task(world).id });
    assert.equal(world.state(id), 'completed');
    const early = world.start('task-timeout', { reminded: 0, patience: 'PT90M' });
    world.do({ type: 'completeUserTask', userTaskId: task(world).id });
    assert.deepEqual([world.state(early), world.store.find('timers').length], ['completed', 0]);
    world.start('task-timeout', { reminded: 0, patience: 'soon' });
    assert.match(world.incidents()[0]?.message ?? '', /timer of a listener of 'approve'/);
    world.assertReplayEqual();
  });

  it('Camunda 8: a task that the model assigns is created first, then its assigning is asked about', async () => {
    const world = await World.with('task-assigned-c8');
    const id = world.start('task-assigned-c8', { who: 'ada' });
    assert.equal(world.fetchAll('assigning').length, 0);
    world.work('creating');
    assert.equal(task(world).assignee, null);
    world.work('assigning');
    assert.equal(task(world).assignee, 'ada');
    world.do({ type: 'completeUserTask', userTaskId: task(world).id });
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });
});

describe('jobs of Camunda 8 task listeners', () => {
  const complete = (world: World, topic: string, result: CommandOf<'completeExternalTask'>['result']) => {
    const { task: job, headers, variables } = world.fetch(topic);
    const outcome = world.try({
      type: 'completeExternalTask',
      externalTaskId: job.id,
      workerId: 'w',
      ...(result === undefined ? {} : { result }),
    });
    return { headers, variables, refused: outcome.ok ? undefined : outcome.rejection.message };
  };

  it('are told about the task as it will be, beside its task headers', async () => {
    const world = await World.with('task-jobs-c8');
    world.start('task-jobs-c8');
    const { id: userTaskId } = task(world);
    world.do({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: false });
    const { headers } = complete(world, 'assigning', { corrections: { priority: 70 } });
    assert.equal(headers['io.camunda.zeebe:assignee'], 'ada');
    assert.equal(headers['io.camunda.zeebe:action'], 'assign');
    assert.equal(headers['io.camunda.zeebe:priority'], '50');
    assert.equal(headers['io.camunda.zeebe:changedAttributes'], '["assignee"]');
    assert.equal(headers['department'], 'sales');
    assert.equal(task(world).assignee, null);
    const second = complete(world, 'assigning-2', undefined);
    assert.equal(second.headers['io.camunda.zeebe:priority'], '70');
    assert.equal(second.headers['io.camunda.zeebe:changedAttributes'], '["assignee","priority"]');
    assert.deepEqual([task(world).assignee, task(world).priority], ['ada', 70]);
    world.assertReplayEqual();
  });

  it('correct what the change would do', async () => {
    const world = await World.with('task-jobs-c8');
    world.start('task-jobs-c8');
    const { id: userTaskId } = task(world);
    world.do({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: false });
    complete(world, 'assigning', { corrections: { assignee: 'grace', candidateGroups: [] } });
    complete(world, 'assigning-2', { corrections: { dueAt: world.now + HOUR } });
    const { assignee, candidateGroups, dueAt } = task(world);
    assert.deepEqual([assignee, candidateGroups, dueAt], ['grace', [], world.now + HOUR]);
  });

  it('deny an assignment or a completion: nothing has changed then, corrections and variables neither', async () => {
    const world = await World.with('task-jobs-c8');
    const id = world.start('task-jobs-c8');
    const { id: userTaskId } = task(world);
    world.do({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: false });
    complete(world, 'assigning', { corrections: { priority: 1 } });
    complete(world, 'assigning-2', { denied: true });
    assert.deepEqual([task(world).assignee, task(world).priority], [null, 50]);
    world.do({ type: 'completeUserTask', userTaskId, variables: typed({ approved: true }) });
    const { variables } = complete(world, 'completing', { denied: true });
    assert.equal(variables['approved']?.value, true);
    assert.deepEqual(world.variables(id), {});
    world.do({ type: 'completeUserTask', userTaskId, variables: typed({ approved: false }) });
    complete(world, 'completing', undefined);
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.variables(id), { approved: false });
    world.assertReplayEqual();
  });

  it('cannot deny a creation, nor correct anything but a change of a user task', async () => {
    const world = await World.with('task-assigned-c8', 'listeners-c8');
    world.start('task-assigned-c8', { who: 'ada' });
    assert.match(complete(world, 'creating', { denied: true }).refused ?? '', /creation .* cannot be denied/);
    world.now += 60_000;
    const early = complete(world, 'creating', { corrections: { assignee: 'bob' } });
    assert.match(early.refused ?? '', /when it is being assigned/);
    world.start('listeners-c8');
    assert.match(complete(world, 'before', { denied: true }).refused ?? '', /only a job of a Camunda 8 task listener/);
  });
});

describe('asynchronous continuations', () => {
  it('of a loop are for each of its instances, those of the activity for the loop as a whole', async () => {
    const world = await World.with('loop-async');
    const id = world.start('loop-async');
    let commands = 0;
    while (world.state(id) === 'active') {
      const [timer] = world.store.state.timers.due(world.now, 1);
      assert.ok(timer !== undefined);
      world.do({ type: 'triggerTimer', timerId: timer.id });
      commands += 1;
    }
    // After the start, before the loop, before and after each of two instances, before the gateway, before the end.
    assert.equal(commands, 8);
    assert.equal(world.variables(id)['seen'], 1);
    world.assertReplayEqual();
  });
});

describe('objects of a Java client', () => {
  it('serialised as JSON, they are taken apart by expressions and keep their type', async () => {
    const world = await World.with('object-values');
    const variables = {
      ...typed({ now: 1 }),
      order: {
        type: 'Object' as const,
        value: '{"customer":{"name":"Ada"},"items":["tea","milk"]}',
        info: { objectTypeName: 'com.example.Order', serializationDataFormat: 'application/json' },
      },
    };
    const { processInstanceId: id } = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'object-values' },
      variables,
    });
    const [first, second] = world.fetchAll('work');
    assert.deepEqual(first?.variables['copy'], variables.order);
    assert.equal(first?.variables['greeting']?.value, 'Hello Ada');
    assert.deepEqual([first?.variables['item']?.value, second?.variables['item']?.value], ['tea', 'milk']);
    assert.equal(world.state(id), 'active');
  });
});

describe('what is canceled', () => {
  const warnings = (world: World) =>
    world.records.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === 'warningIssued' ? event.message : [])),
    );

  it('Camunda 7: delete and end listeners are called, innermost first; what had not begun has none', async () => {
    const world = await World.with('canceled');
    const id = world.start('canceled', { told: '' });
    const [timer] = world.store.find('timers').filter(({ elementId }) => elementId === 'late');
    world.do({ type: 'triggerTimer', timerId: timer?.id ?? 0 });
    assert.equal(world.variables(id)['told'], ' delete end inside process');
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(warnings(world).length, 1);
    assert.match(warnings(world)[0] ?? '', /listener for 'delete'.*Cannot resolve identifier 'nobody'/);
    world.assertReplayEqual();
  });

  it('Camunda 7: so are those of an instance that is deleted, unless its listeners are to be skipped', async () => {
    for (const [skipListeners, told] of [
      [false, ' delete end inside process'],
      [true, ''],
    ] as const) {
      const world = await World.with('canceled');
      const id = world.start('canceled', { told: '' });
      world.do({ type: 'cancelProcessInstance', processInstanceId: id, skipListeners });
      assert.equal(world.variables(id)['told'], told);
      assert.equal(world.state(id), 'canceled');
    }
  });

  it('Camunda 8: an interrupting event waits for the jobs of canceling listeners, one after the other', async () => {
    const world = await World.with('canceling-c8');
    const id = world.start('canceling-c8', { key: 'K' });
    world.advance(HOUR);
    const { id: userTaskId } = task(world);
    assert.ok(!world.try({ type: 'completeUserTask', userTaskId }).ok);
    world.work('first');
    assert.deepEqual(world.standing(id), ['approve']);
    world.work('second');
    assert.deepEqual(world.trace(id), ['start', 'begin', '-approve', 'late', 'too_late', 'inside', 'end']);
    world.assertReplayEqual();
  });

  it('Camunda 8: an event further out takes over from one that waits; a canceled instance ends when they are done', async () => {
    const world = await World.with('canceling-c8');
    const id = world.start('canceling-c8', { key: 'K' });
    world.advance(HOUR);
    world.work('first');
    world.do({ type: 'publishMessage', name: 'stop', correlationKey: 'K', timeToLiveMs: 0, variables: {} });
    assert.equal(world.state(id), 'active');
    world.do({ type: 'cancelProcessInstance', processInstanceId: id });
    assert.equal(world.state(id), 'active');
    assert.equal(world.fetchAll('first').length, 0);
    world.work('second');
    assert.equal(world.state(id), 'canceled');
    assert.deepEqual(world.trace(id), ['start', 'begin', '-approve', '-inside']);
    world.assertReplayEqual();
  });

  it('Camunda 8: a canceling listener that fails is an incident, and the event goes on when it is resolved', async () => {
    const world = await World.with('canceling-c8');
    const id = world.start('canceling-c8', { key: 'K' });
    world.do({ type: 'publishMessage', name: 'stop', correlationKey: 'K', timeToLiveMs: 0, variables: {} });
    const { task: job } = world.fetch('first');
    const failure = { errorMessage: 'no', retries: 0, retryAfterMs: 0 };
    world.do({ type: 'failExternalTask', externalTaskId: job.id, workerId: 'w', ...failure });
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    world.work('first');
    world.work('second');
    assert.deepEqual(world.trace(id), ['start', 'begin', '-approve', '-inside', 'stop', 'gone']);
    world.assertReplayEqual();
  });
});

describe('the job of a user task that is not marked as one of Camunda 8', () => {
  const JOB = 'io.camunda.zeebe:userTask';

  it('a person claims and completes while a worker has it: the worker comes too late', async () => {
    const world = await World.with('user-task-job-c8');
    const id = world.start('user-task-job');
    const { task: job } = world.fetch(JOB);
    const userTaskId = task(world).id;
    world.do({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: true });
    world.do({ type: 'completeUserTask', userTaskId, variables: typed({ by: 'ada' }) });
    assert.deepEqual([world.state(id), world.variables(id)['by']], ['completed', 'ada']);
    const late = world.try({ type: 'completeExternalTask', externalTaskId: job.id, workerId: 'w' });
    assert.ok(!late.ok && late.rejection.code === 'NOT_FOUND');
    world.assertReplayEqual();
  });

  it('a business error of the worker takes the task from the person', async () => {
    const world = await World.with('user-task-job-c8');
    const id = world.start('user-task-job');
    const { task: job } = world.fetch(JOB);
    world.do({ type: 'throwBpmnError', externalTaskId: job.id, workerId: 'w', errorCode: 'no' });
    assert.deepEqual(world.trace(id), ['start', '-ask', 'refused', 'endRefused']);
    assert.deepEqual(world.store.find('userTasks'), []);
    world.assertReplayEqual();
  });

  it('a worker that fails leaves an incident, and the person completes the task all the same', async () => {
    const world = await World.with('user-task-job-c8');
    const id = world.start('user-task-job');
    const { task: job } = world.fetch(JOB);
    const failure = { errorMessage: 'gone', retries: 0, retryAfterMs: 0 };
    world.do({ type: 'failExternalTask', externalTaskId: job.id, workerId: 'w', ...failure });
    assert.equal(world.incidents()[0]?.kind, 'failedExternalTask');
    world.do({ type: 'completeUserTask', userTaskId: task(world).id });
    assert.deepEqual([world.state(id), world.incidents()], ['completed', []]);
    world.assertReplayEqual();
  });
});

describe('tenants', () => {
  it('a call names whose process it calls; another one is not taken for it', async () => {
    const world = await World.with('call-tenant', 'initiator');
    await world.deploy('initiator', 'acme');
    world.start('call-tenant', { tenant: 'acme' });
    assert.equal(task(world).tenantId, 'acme');
    world.start('call-tenant', { tenant: 'nobody' });
    assert.match(world.incidents()[0]?.message ?? '', /which is not deployed/);
    world.start('call-tenant', { tenant: null });
    assert.deepEqual(
      world.store.find('userTasks').map(({ tenantId }) => tenantId),
      ['acme', null],
    );
    world.assertReplayEqual();
  });
});
