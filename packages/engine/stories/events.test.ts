/** Stories of events: timers, messages, signals, errors; scopes, calls and loops around them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { typed, World } from './world.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

describe('timers', () => {
  it('a timer far beyond 24.8 days is due on its day', async () => {
    const world = await World.with('timer-catch');
    const id = world.start('timer-catch');
    world.advance(39 * DAY);
    assert.equal(world.state(id), 'active');
    world.advance(1 * DAY);
    assert.equal(world.state(id), 'completed');
  });

  it('a non-interrupting boundary timer repeats as often as its cycle says; an interrupting one cancels the work', async () => {
    const world = await World.with('boundary-timers');
    const id = world.start('boundary-timers');
    world.advance(59 * MINUTE);
    assert.deepEqual(world.trace(id), ['start', 'remind', 'reminder', 'reminded', 'remind', 'reminder', 'reminded']);
    assert.deepEqual(world.standing(id), ['work']);
    world.advance(1 * MINUTE);
    assert.deepEqual(world.trace(id).slice(-3), ['-work', 'giveUp', 'gaveUp']);
    assert.equal(world.fetchAll('work').length, 0);
    assert.equal(world.store.state.timers.nextDueAt(), undefined);
    world.assertReplayEqual();
  });

  it('a timer start event starts as many instances as its cycle says, on the newest version only', async () => {
    const world = await World.with('timer-start', 'timer-start');
    world.advance(5 * 60 * MINUTE);
    assert.equal(world.fetchAll('work').length, 3);
    assert.ok(world.store.find('processInstances').every((instance) => instance.version === 2));
  });
});

describe('messages', () => {
  it('correlates by business key, and by variables', async () => {
    const world = await World.with('message-catch');
    const one = world.start('message-catch', { customer: 7 }, 'A');
    const two = world.start('message-catch', { customer: 8 }, 'B');
    const ambiguous = world.try({ type: 'correlateMessage', name: 'paid', all: false });
    assert.equal(!ambiguous.ok && ambiguous.rejection.code, 'AMBIGUOUS_CORRELATION');
    world.do({ type: 'correlateMessage', name: 'paid', businessKey: 'A', all: false, variables: typed({ amount: 3 }) });
    assert.deepEqual([world.standing(one), world.standing(two)], [['shipped'], ['paid']]);
    assert.equal(world.variables(one)['amount'], 3);
    world.do({ type: 'correlateMessage', name: 'paid', correlationKeys: { customer: 8 }, all: false });
    world.do({ type: 'correlateMessage', name: 'shipped', all: true });
    assert.deepEqual([world.state(one), world.state(two)], ['completed', 'completed']);
    const nobody = world.try({ type: 'correlateMessage', name: 'paid', all: false });
    assert.equal(!nobody.ok && nobody.rejection.code, 'NO_MATCHING_SUBSCRIPTION');
  });

  it('starts an instance when nobody waits and a start event is of that name', async () => {
    const world = await World.with('message-start');
    const { correlated } = world.do({
      type: 'correlateMessage',
      name: 'order',
      businessKey: 'K',
      all: false,
      variables: typed({ x: 1 }),
    });
    assert.equal(correlated[0]?.started, true);
    assert.equal(world.fetch('work').task.businessKey, 'K');
    const plain = world.try({ type: 'createProcessInstance', definition: { bpmnProcessId: 'message-start' } });
    assert.equal(!plain.ok && plain.rejection.code, 'INVALID_STATE');
  });

  it('a published message waits for its receiver until its time to live is over', async () => {
    const world = await World.with('message-catch');
    world.do({ type: 'publishMessage', name: 'paid', correlationKey: 'A', timeToLiveMs: MINUTE });
    const intime = world.start('message-catch', {}, 'A');
    assert.deepEqual(world.standing(intime), ['shipped']);
    world.do({ type: 'publishMessage', name: 'paid', correlationKey: 'B', timeToLiveMs: MINUTE });
    world.now += MINUTE;
    assert.deepEqual(world.standing(world.start('message-catch', {}, 'B')), ['paid']);
  });

  it('a thrown message reaches the instance that waits for it', async () => {
    const world = await World.with('message-catch', 'throw-message');
    const id = world.start('message-catch', {}, 'A');
    world.start('throw-message', {}, 'A');
    assert.deepEqual(world.standing(id), ['shipped']);
  });
});

describe('signals and the event-based gateway', () => {
  it('a signal reaches everybody who waits for it', async () => {
    const world = await World.with('signals', 'signal-throw');
    const one = world.start('signals');
    const two = world.start('signals');
    world.start('signal-throw');
    assert.deepEqual([world.state(one), world.state(two)], ['completed', 'completed']);
  });

  it('the first event decides, and the others are no longer waited for', async () => {
    const world = await World.with('event-gateway');
    const late = world.start('event-gateway');
    world.advance(30_000);
    assert.deepEqual(world.trace(late), ['start', 'first', 'timeout', 'late']);
    const answered = world.start('event-gateway');
    world.do({ type: 'correlateMessage', name: 'answer', all: false, variables: typed({ text: 'yes' }) });
    assert.deepEqual(world.trace(answered), ['start', 'first', 'answer', 'answered']);
    assert.equal(world.variables(answered)['text'], 'yes');
    const stopped = world.start('event-gateway');
    world.do({ type: 'broadcastSignal', name: 'stop' });
    assert.deepEqual(world.trace(stopped).slice(-1), ['stopped']);
    assert.equal(world.store.find('subscriptions').length, 0);
    assert.equal(world.store.find('timers').length, 0);
    world.assertReplayEqual();
  });

  it('a variable set at a waiting event-based gateway is over with the gateway, also in the views', async () => {
    const world = await World.with('event-gateway');
    const id = world.start('event-gateway');
    const [gateway] = [...(world.store.state.instances.get(id)?.elements.values() ?? [])].filter(
      ({ elementId }) => elementId === 'first',
    );
    const scopeId = gateway?.id ?? 0;
    const variables = typed({ note: 'call back' });
    world.do({ type: 'setVariables', processInstanceId: id, scopeId, variables, local: true });
    const live = () => world.store.find('variables', { where: [{ column: 'scopeId', op: '=', value: scopeId }] });
    assert.deepEqual(
      live().map((row) => row.live),
      [true],
    );
    world.do({ type: 'broadcastSignal', name: 'stop' });
    assert.deepEqual(
      live().map((row) => row.live),
      [false],
    );
  });
});

describe('scopes', () => {
  it('a sub-process ends when nothing is left inside; its boundary timer cancels all inside', async () => {
    const world = await World.with('sub-process');
    const done = world.start('sub-process');
    world.work('work');
    assert.deepEqual(world.trace(done), ['start', 'innerStart', 'work', 'innerEnd', 'inside', 'after', 'end']);
    const late = world.start('sub-process');
    world.advance(5 * MINUTE);
    assert.deepEqual(world.trace(late), ['start', 'innerStart', '-work', '-inside', 'tooLong', 'late']);
  });

  it('an interrupting event sub-process replaces what ran, a non-interrupting one runs beside it, as often as triggered', async () => {
    const world = await World.with('event-sub-process');
    const id = world.start('event-sub-process');
    world.do({ type: 'correlateMessage', name: 'note', all: false });
    world.do({ type: 'correlateMessage', name: 'note', all: false });
    assert.deepEqual(world.standing(id), ['note', 'note', 'work']);
    world.work('note');
    world.do({ type: 'correlateMessage', name: 'cancel', all: false });
    assert.deepEqual(world.standing(id), ['cleanUp']);
    assert.equal(world.try({ type: 'correlateMessage', name: 'note', all: false }).ok, false);
    world.work('cleanUp');
    assert.equal(world.state(id), 'completed');
    world.assertReplayEqual();
  });

  it('an error event sub-process catches what comes out of its scope', async () => {
    const world = await World.with('event-sub-process');
    const id = world.start('event-sub-process');
    const { task } = world.fetch('work');
    world.do({ type: 'throwBpmnError', externalTaskId: task.id, workerId: 'w', errorCode: 'BROKEN' });
    assert.equal(world.state(id), 'completed');
    assert.equal(world.variables(id)['caught'], 'BROKEN');
  });
});

describe('calls', () => {
  it('the child gets what is mapped in, the caller what is mapped out', async () => {
    const world = await World.with('call', 'called');
    const id = world.start('caller', { amount: 21, secret: 's' }, 'KEY');
    const locked = world.work('work', { result: 'r' });
    assert.deepEqual(Object.keys(locked.variables).sort(), ['twice', 'value']);
    assert.equal(locked.variables['twice']?.value, 42);
    assert.equal(locked.task.businessKey, 'KEY');
    assert.deepEqual(world.variables(id), { amount: 21, secret: 's', answer: 'r' });
    assert.equal(world.state(id), 'completed');
  });

  it('an error out of the child is caught at the call activity', async () => {
    const world = await World.with('error-out-of-call', 'failing-child');
    const id = world.start('error-out-of-call');
    world.work('prepare');
    assert.deepEqual(world.trace(id), ['start', '-call', 'caught', 'rescued']);
    assert.deepEqual(
      world.store
        .find('processInstances')
        .map((instance) => instance.state)
        .sort(),
      ['completed', 'terminated'],
    );
    const [child] = world.store.find('processInstances', {
      where: [{ column: 'state', op: '=', value: 'terminated' }],
    });
    assert.equal(child?.reason, `error 'CHILD' (the child gave up), caught by process instance ${id}`);
  });

  it('a call of a process that is not deployed is an incident, mended by deploying it', async () => {
    const world = await World.with('call');
    const id = world.start('caller', { amount: 1 });
    const [incident] = world.incidents();
    assert.match(incident?.message ?? '', /'called'.*not deployed/);
    await world.deploy('called');
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    world.work('work');
    assert.equal(world.state(id), 'completed');
  });

  it('processes that call each other without end stop in an incident', async () => {
    const world = await World.with('recursion');
    const id = world.start('recursion');
    assert.equal(world.incidents()[0]?.kind, 'runaway');
    world.do({ type: 'cancelProcessInstance', processInstanceId: id, reason: 'enough' });
    assert.ok(world.store.find('processInstances').every((instance) => instance.state !== 'active'));
  });

  it('canceling a called instance is an error at its caller', async () => {
    const world = await World.with('call', 'called');
    world.start('caller', { amount: 1 });
    const child = world.store.find('processInstances', { where: [{ column: 'parentId', op: 'notNull' }] })[0];
    world.do({ type: 'cancelProcessInstance', processInstanceId: child?.id ?? 0 });
    assert.match(world.incidents()[0]?.message ?? '', /PROCESS_INSTANCE_CANCELED/);
  });
});

describe('multi-instance', () => {
  it('runs once per item side by side, and stops when the completion condition holds', async () => {
    const world = await World.with('multi-parallel');
    const id = world.start('multi-parallel', { items: ['x', 'y', 'z'], enough: 2 });
    const tasks = world.fetchAll('each');
    assert.deepEqual(
      tasks.map(({ variables }) => [
        variables['item']?.value,
        variables['loopCounter']?.value,
        variables['nrOfInstances']?.value,
      ]),
      [
        ['x', 0, 3],
        ['y', 1, 3],
        ['z', 2, 3],
      ],
    );
    for (const { task } of tasks.slice(0, 2))
      world.do({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
    assert.equal(world.state(id), 'completed');
    assert.deepEqual(world.trace(id), ['start', 'each', 'each', '-each', 'each', 'end']);
    world.assertReplayEqual();
  });

  it('an error in one instance ends the whole loop at its boundary event', async () => {
    const world = await World.with('multi-parallel');
    const id = world.start('multi-parallel', { items: [1, 2], enough: 2 });
    const { task } = world.fetch('each');
    world.do({ type: 'throwBpmnError', externalTaskId: task.id, workerId: 'w', errorCode: 'E' });
    assert.deepEqual(world.trace(id).slice(-2), ['failed', 'broken']);
    assert.equal(world.state(id), 'completed');
  });

  it('an empty collection passes through; a missing one is an incident', async () => {
    const world = await World.with('multi-parallel');
    assert.equal(world.state(world.start('multi-parallel', { items: [], enough: 9 })), 'completed');
    world.start('multi-parallel', { items: 5, enough: 1 });
    assert.match(world.incidents()[0]?.message ?? '', /must be a list/);
  });

  it('sequential: one after the other', async () => {
    const world = await World.with('multi-sequential');
    const id = world.start('multi-sequential');
    for (const counter of [0, 1, 2]) {
      assert.equal(world.fetchAll('each').length, 1);
      world.advance(MINUTE);
      assert.equal(world.work('each').variables['loopCounter']?.value, counter);
    }
    assert.equal(world.state(id), 'completed');
  });
});

describe('the root process', () => {
  it('there is never a second one while one runs', async () => {
    const world = await World.with('timer-catch');
    const first = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'timer-catch' },
      asRoot: true,
    });
    const second = world.do({
      type: 'createProcessInstance',
      definition: { bpmnProcessId: 'timer-catch' },
      asRoot: true,
    });
    assert.equal(second.processInstanceId, first.processInstanceId);
    assert.equal(world.store.find('processInstances').length, 1);
  });
});
