/** Stories of work: external tasks, scripts, expressions, user tasks, variables and mappings. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { typed, World } from './world.ts';

describe('external tasks', () => {
  it('input mappings are what the worker sees, output mappings are what the process gets', async () => {
    const world = await World.with('external');
    const id = world.start('external', { subject: 'tea', amount: 4 });
    const locked = world.work('work', {}, { content: 'served' });
    assert.equal(locked.variables['question']?.value, 'tea please');
    assert.deepEqual(locked.variables['options']?.value, { deep: 5, list: ['one', 4] });
    assert.deepEqual(world.variables(id), { subject: 'tea', amount: 4, answer: 'served' });
    assert.equal(world.state(id), 'completed');
  });

  it('a locked task is handed to nobody else until its lock expires', async () => {
    const world = await World.with('uncaught');
    world.start('uncaught');
    world.fetch('work', 1_000);
    assert.equal(world.fetchAll('work').length, 0);
    world.now += 1_000;
    assert.equal(world.fetchAll('work').length, 1);
  });

  it('of processes whose turn it could be as well the one with the oldest task comes first, whichever was deployed or served before', async () => {
    const world = await World.with('uncaught', 'message-or-none');
    const processes = ['uncaught', 'message-or-none'] as const;
    for (const first of [...processes, ...processes].toSorted()) {
      const ids = [first, ...processes.filter((one) => one !== first)].map((one) => world.start(one));
      const order = ids.map(() => {
        const { task } = world.fetch('work');
        world.do({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
        return task.processInstanceId;
      });
      assert.deepEqual(order, ids);
    }
  });

  it('a lock that was taken over is not given back by who held it before', async () => {
    const world = await World.with('uncaught');
    world.start('uncaught');
    const { task } = world.fetch('work', 1_000);
    world.now += 1_000;
    world.fetch('work');
    const late = world.try({ type: 'unlockExternalTask', externalTaskId: task.id, lockCount: task.lockCount });
    assert.equal(!late.ok && late.rejection.code, 'NOT_LOCKED_BY_WORKER');
    world.do({ type: 'unlockExternalTask', externalTaskId: task.id });
    assert.equal(world.fetchAll('work').length, 1);
  });

  it('only the worker that holds the lock may report, and with a fencing token only under its latest lock', async () => {
    const world = await World.with('uncaught');
    world.start('uncaught');
    const { task } = world.fetch('work', 1_000);
    const stranger = world.try({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'other' });
    assert.equal(!stranger.ok && stranger.rejection.code, 'NOT_LOCKED_BY_WORKER');
    world.now += 1_000;
    const again = world.fetch('work');
    const zombie = world.try({
      type: 'completeExternalTask',
      externalTaskId: task.id,
      workerId: 'w',
      lockCount: task.lockCount,
    });
    assert.equal(!zombie.ok && zombie.rejection.code, 'NOT_LOCKED_BY_WORKER');
    world.do({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w', lockCount: again.task.lockCount });
    const twice = world.try({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
    assert.equal(!twice.ok && twice.rejection.code, 'NOT_FOUND');
  });

  it('a failed task comes back after its back-off; without attempts left it is an incident until retries are given', async () => {
    const world = await World.with('uncaught');
    const id = world.start('uncaught');
    const { task } = world.fetch('work');
    world.do({
      type: 'failExternalTask',
      externalTaskId: task.id,
      workerId: 'w',
      errorMessage: 'busy',
      retries: 1,
      retryAfterMs: 5_000,
    });
    assert.equal(world.fetchAll('work').length, 0);
    world.now += 5_000;
    world.fetch('work');
    world.do({
      type: 'failExternalTask',
      externalTaskId: task.id,
      workerId: 'w',
      errorMessage: 'still busy',
      retries: 0,
      retryAfterMs: 0,
    });
    assert.equal(world.fetchAll('work').length, 0);
    assert.deepEqual(
      world.incidents().map(({ kind, message }) => [kind, message]),
      [['failedExternalTask', 'still busy']],
    );
    world.do({ type: 'setExternalTaskRetries', externalTaskId: task.id, retries: 2 });
    assert.deepEqual(world.incidents(), []);
    world.work('work');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('a business error goes to the boundary event with its code, else to the one for every error', async () => {
    const world = await World.with('errors');
    const known = world.start('errors');
    const first = world.fetch('work');
    world.do({
      type: 'throwBpmnError',
      externalTaskId: first.task.id,
      workerId: 'w',
      errorCode: 'KNOWN',
      errorMessage: 'as expected',
    });
    assert.deepEqual(world.variables(known), { code: 'KNOWN', text: 'as expected' });
    world.work('repair');
    assert.deepEqual(world.trace(known), ['start', '-work', 'known', 'repair', 'endKnown']);
    const other = world.start('errors');
    const second = world.fetch('work');
    world.do({
      type: 'throwBpmnError',
      externalTaskId: second.task.id,
      workerId: 'w',
      errorCode: 'OTHER',
      variables: typed({ seen: 1 }),
    });
    assert.deepEqual(world.trace(other).slice(-2), ['any', 'endAny']);
    assert.deepEqual(world.variables(other), { seen: 1 });
  });

  it('a business error that nobody catches is an incident, and the work can be tried again', async () => {
    const world = await World.with('uncaught');
    const id = world.start('uncaught');
    const { task } = world.fetch('work');
    world.do({ type: 'throwBpmnError', externalTaskId: task.id, workerId: 'w', errorCode: 'X' });
    const [incident] = world.incidents();
    assert.equal(incident?.kind, 'unhandledError');
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    world.work('work');
    assert.equal(world.state(id), 'completed');
  });

  it('camunda:errorEventDefinition turns a failure into a business error when its expression holds', async () => {
    const world = await World.with('error-mapping');
    const id = world.start('error-mapping');
    const { task } = world.fetch('work');
    world.do({
      type: 'failExternalTask',
      externalTaskId: task.id,
      workerId: 'w',
      errorMessage: 'sold out',
      retries: 3,
      retryAfterMs: 0,
    });
    assert.deepEqual(world.trace(id), ['start', '-work', 'soldOut', 'apologise']);
  });

  it('send and business rule tasks and message events with a topic are work for a worker as well', async () => {
    const world = await World.with('work-kinds');
    const id = world.start('work-kinds');
    for (const topic of ['send', 'decide', 'notify']) world.work(topic);
    assert.deepEqual(world.trace(id), ['start', 'send', 'decide', 'milestone', 'notify', 'end']);
  });

  it('a script task waits for the sandbox, which gets the script and returns its value', async () => {
    const world = await World.with('script');
    const id = world.start('script');
    const locked = world.work('procos.script', {}, { result: 2 });
    assert.deepEqual(locked.headers, { script_format: 'javascript', script_source: '1 + 1' });
    assert.deepEqual(world.variables(id), { sum: 2 });
  });

  it('an expression task is evaluated in place', async () => {
    const world = await World.with('expression');
    assert.deepEqual(world.variables(world.start('expression', { a: 2, b: 3 })), { a: 2, b: 3, sum: 5 });
  });
});

describe('user tasks', () => {
  it('assignee, candidates, due date and priority come from the model; completing sets variables and goes on', async () => {
    const world = await World.with('user-task');
    const id = world.start('user-task', { boss: 'ada' });
    const [task] = world.store.find('userTasks');
    assert.ok(task !== undefined);
    assert.deepEqual(
      [task.name, task.assignee, task.candidateGroups, task.dueAt, task.priority, task.formKey],
      ['Approve it', 'ada', ['managers', 'directors'], Date.UTC(2026, 0, 31, 9), 70, 'embedded:app:forms/approve.html'],
    );
    const claimed = world.try({ type: 'assignUserTask', userTaskId: task.id, assignee: 'bob', claim: true });
    assert.equal(!claimed.ok && claimed.rejection.code, 'ALREADY_CLAIMED');
    world.do({ type: 'completeUserTask', userTaskId: task.id, variables: typed({ approved: true }) });
    assert.equal(world.state(id), 'completed');
    assert.equal(world.variables(id)['approved'], true);
  });
});

describe('camunda 8 models', () => {
  it('FEEL mappings, correlation by key, and a loop that collects its results in order', async () => {
    const world = await World.with('order-c8');
    const id = world.start('order-c8', { order: { id: 'o-1', total: 200, items: ['a', 'b', 'c'] } });
    const locked = world.work('charge', { receipt: 'r-9' });
    assert.equal(locked.variables['amount']?.value, 240);
    assert.equal(locked.task.retries, 3);
    assert.deepEqual(locked.headers, { currency: 'EUR' });
    world.do({ type: 'publishMessage', name: 'paid', correlationKey: 'o-2', timeToLiveMs: 0 });
    assert.deepEqual(world.standing(id), ['paid']);
    world.do({ type: 'publishMessage', name: 'paid', correlationKey: 'o-1', timeToLiveMs: 0 });
    const tasks = world.fetchAll('thank');
    assert.deepEqual(
      tasks.map(({ variables }) => [variables['item']?.value, variables['loopCounter']?.value]),
      [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ],
    );
    for (const { task } of [...tasks].reverse())
      world.do({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.variables(id)['thanks'], ['A', 'B', 'C']);
    assert.deepEqual(world.variables(id)['order'], { id: 'o-1', total: 200, items: ['a', 'b', 'c'], receipt: 'r-9' });
    assert.equal('receipt' in world.variables(id), false, 'with output mappings the raw result stays local');
    world.assertReplayEqual();
  });
});
