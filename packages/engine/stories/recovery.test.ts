/** Stories of second tries: an incident resolved does nothing twice, and reports on one task make one incident. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { typed, World } from './world.ts';

describe('resolving an incident', () => {
  it('applies input mappings once, however often the activation was tried', async () => {
    const world = await World.with('retry-inputs');
    const id = world.start('retry-inputs', { amount: 1 });
    const [incident] = world.incidents();
    assert.match(incident?.message ?? '', /topic/);
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ topic: 'found' }),
      local: true,
    });
    const [again] = world.incidents();
    world.do({ type: 'resolveIncident', incidentId: again?.id ?? 0 });
    assert.equal(world.work('found').variables['amount']?.value, 2);
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('applies output mappings once when only leaving had failed', async () => {
    const world = await World.with('retry-outputs');
    const id = world.start('retry-outputs', { count: 0, way: 'nowhere' });
    world.work('work');
    assert.equal(world.incidents()[0]?.kind, 'noOutgoingFlow');
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    world.do({ type: 'setVariables', processInstanceId: id, scopeId: id, variables: typed({ way: 'b' }), local: true });
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    assert.deepEqual(world.trace(id), ['start', 'work', 'b']);
    assert.equal(world.variables(id)['count'], 1);
    world.assertReplayEqual();
  });

  it('an event whose output mapping fails is not waited for again', async () => {
    const world = await World.with('catch-output-fails');
    const id = world.start('catch-output-fails');
    world.do({ type: 'correlateMessage', name: 'paid', all: false, variables: typed({ amount: 2 }) });
    const again = world.try({ type: 'correlateMessage', name: 'paid', all: false });
    assert.equal(!again.ok && again.rejection.code, 'NO_MATCHING_SUBSCRIPTION');
    assert.equal(world.incidents().length, 1);
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ missing: 3 }),
      local: true,
    });
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    assert.equal(world.variables(id)['sum'], 5);
    assert.equal(world.state(id), 'completed');
  });
});

describe('one cause, one incident', () => {
  it('a scope that cannot be left has one incident, also when an event sub-process has run in it since', async () => {
    const world = await World.with('sub-process-output-fails');
    const id = world.start('sub-process-output-fails');
    world.work('work');
    world.do({ type: 'correlateMessage', name: 'note', all: false });
    const [incident] = world.incidents();
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.deepEqual(world.standing(id), ['note'], 'what runs inside is waited for');
    world.work('note');
    world.do({ type: 'correlateMessage', name: 'note', all: false });
    world.work('note');
    assert.equal(world.incidents().length, 1);
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ missing: 1 }),
      local: true,
    });
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    assert.equal(world.state(id), 'completed');
    assert.equal(world.variables(id)['sum'], 2);
  });

  it('a loop whose completion condition fails has one incident, and goes on when that is mended', async () => {
    const world = await World.with('failing-loop');
    const id = world.start('failing-loop');
    world.work('each');
    world.work('each');
    assert.equal(world.incidents().length, 1);
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ enough: 2 }),
      local: true,
    });
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.store.find('externalTasks'), []);
  });

  it('a failing out mapping keeps the called instance, which is mended and hands back then', async () => {
    const world = await World.with('out-mapping-fails', 'called');
    const id = world.start('out-mapping-fails');
    const { task } = world.work('work');
    const [incident] = world.incidents();
    assert.match(incident?.message ?? '', /out mapping 'sum'/);
    const called = task.processInstanceId;
    assert.deepEqual([world.state(called), world.state(id)], ['active', 'active']);
    world.do({
      type: 'setVariables',
      processInstanceId: called,
      scopeId: called,
      variables: typed({ missing: 1 }),
      local: true,
    });
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.deepEqual([world.state(called), world.state(id)], ['completed', 'completed']);
    assert.equal(world.variables(id)['sum'], 2);
  });

  it('a task that the model gives no attempt is an incident, not work that nobody can fetch', async () => {
    const world = await World.with('retries-c8');
    const id = world.start('retries-c8', { attempts: 0 });
    assert.match(world.incidents()[0]?.message ?? '', /retries of 'work': 1 or more/);
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ attempts: 2 }),
      local: true,
    });
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    assert.equal(world.work('work').task.retries, 2);
    assert.equal(world.state(id), 'completed');
  });
});

describe('one external task, one incident', () => {
  it('a task reported without attempts twice has one incident, and one reported with attempts has none', async () => {
    const world = await World.with('uncaught');
    const id = world.start('uncaught');
    const holder = { externalTaskId: world.fetch('work').task.id, workerId: 'w' };
    const fail = (retries: number) =>
      world.do({ type: 'failExternalTask', ...holder, errorMessage: 'no', retries, retryAfterMs: 0 });
    const lock = () => world.do({ type: 'lockExternalTask', ...holder, lockMs: 1_000 });
    fail(0);
    lock();
    fail(0);
    assert.equal(world.incidents().length, 1);
    lock();
    world.do({ type: 'throwBpmnError', ...holder, errorCode: 'X' });
    assert.equal(world.incidents().length, 1);
    lock();
    fail(1);
    assert.deepEqual(world.incidents(), []);
    world.work('work');
    assert.equal(world.state(id), 'completed');
  });

  it('setting retries of a task without an incident changes nothing else; 0 raises one', async () => {
    const world = await World.with('uncaught');
    world.start('uncaught');
    const { id } = world.store.find('externalTasks')[0] ?? { id: 0 };
    world.do({ type: 'setExternalTaskRetries', externalTaskId: id, retries: 5 });
    assert.deepEqual(world.incidents(), []);
    world.do({ type: 'setExternalTaskRetries', externalTaskId: id, retries: 0 });
    world.do({ type: 'setExternalTaskRetries', externalTaskId: id, retries: 0 });
    assert.equal(world.incidents().length, 1);
    assert.equal(world.fetchAll('work').length, 0);
    world.do({ type: 'resolveIncident', incidentId: world.incidents()[0]?.id ?? 0 });
    assert.equal(world.fetch('work').task.retries, 1);
  });

  it('a topic asked for twice in one request hands out each task once', async () => {
    const world = await World.with('uncaught');
    world.start('uncaught');
    world.start('uncaught');
    const { tasks } = world.do({
      type: 'fetchAndLock',
      workerId: 'w',
      maxTasks: 10,
      usePriority: true,
      topics: [
        { topic: 'work', lockMs: 1_000 },
        { topic: 'work', lockMs: 9_000 },
      ],
    });
    assert.deepEqual(
      tasks.map(({ task }) => task.lockCount),
      [1, 1],
    );
    assert.equal(new Set(tasks.map(({ task }) => task.id)).size, 2);
  });

  it('an expired lock still lets its worker report while nobody else has taken the task, but not extend it', async () => {
    const world = await World.with('uncaught');
    const id = world.start('uncaught');
    const holder = { externalTaskId: world.fetch('work', 1_000).task.id, workerId: 'w' };
    const stranger = world.try({ type: 'extendLock', ...holder, workerId: 'other', lockMs: 1_000 });
    assert.equal(!stranger.ok && stranger.rejection.code, 'NOT_LOCKED_BY_WORKER');
    world.now += 1_000;
    const late = world.try({ type: 'extendLock', ...holder, lockMs: 1_000 });
    assert.equal(!late.ok && late.rejection.code, 'LOCK_EXPIRED');
    world.do({ type: 'completeExternalTask', ...holder });
    assert.equal(world.state(id), 'completed');
  });
});
