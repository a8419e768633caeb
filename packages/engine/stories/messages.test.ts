/** Stories of messages: published once although asked twice, one instance for each key, and the parts of a gateway that begins an instance. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandOf } from '../src/index.ts';
import { element, event, flows, named } from './drawing.ts';
import { typed, World } from './world.ts';

const HOUR = 3_600_000;

type Publication = Partial<CommandOf<'publishMessage'>>;

function publication(changes: Publication): CommandOf<'publishMessage'> {
  return {
    type: 'publishMessage',
    name: 'order',
    correlationKey: 'a',
    timeToLiveMs: HOUR,
    uniqueId: 'one',
    ...changes,
  };
}

/** Accepted, or the code of the refusal. */
function publish(world: World, changes: Publication = {}): string {
  const outcome = world.try(publication(changes));
  return outcome.ok ? 'accepted' : outcome.rejection.code;
}

describe('messages that their publisher names', () => {
  it('the same one again is refused as long as it is kept, with what it was kept as', async () => {
    const world = await World.with('message-start-c8');
    const { messageId } = world.do(publication({}));
    assert.equal(publish(world), 'ALREADY_PUBLISHED');
    const again = world.try(publication({}));
    assert.ok(!again.ok);
    assert.deepEqual(again.rejection.details, { messageId, name: 'order', uniqueId: 'one' });
    assert.equal(world.store.find('processInstances').length, 1);
    world.assertReplayEqual();
  });

  it('also when nobody has received it yet', async () => {
    const world = new World();
    assert.deepEqual([publish(world), publish(world)], ['accepted', 'ALREADY_PUBLISHED']);
  });

  it('name, correlation key, tenant and id together make it the same', async () => {
    const world = new World();
    publish(world);
    const others: readonly Publication[] = [
      { name: 'offer' },
      { correlationKey: 'b' },
      { tenantId: 'acme' },
      { uniqueId: 'two' },
    ];
    for (const other of others) {
      assert.equal(publish(world, other), 'accepted', JSON.stringify(other));
      assert.equal(publish(world, other), 'ALREADY_PUBLISHED', JSON.stringify(other));
    }
  });

  it('without an id nothing is the same', async () => {
    const world = new World();
    for (let times = 0; times < 2; times += 1) {
      const { uniqueId: _uniqueId, ...unnamed } = publication({});
      assert.ok(world.try(unnamed).ok);
    }
  });

  it('when its time to live is over it may be published again, whether or not the alarm has rung', async () => {
    const world = new World();
    publish(world);
    world.now += HOUR - 1;
    assert.equal(publish(world), 'ALREADY_PUBLISHED');
    world.now += 1;
    assert.equal(publish(world), 'accepted');
    assert.equal(publish(world), 'ALREADY_PUBLISHED');
  });

  it('without a time to live it is not kept, and so not remembered', async () => {
    const world = await World.with('message-start-c8');
    assert.deepEqual(
      [1, 2].map(() => publish(world, { timeToLiveMs: 0, correlationKey: '' })),
      ['accepted', 'accepted'],
    );
    assert.equal(world.store.find('processInstances').length, 2);
  });
});

describe('a message that was kept', () => {
  const startedBy = (world: World, bpmnProcessId: string): readonly string[] =>
    world.store
      .find('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: bpmnProcessId }] })
      .map((row) => row.startedBy);
  const RECEIVES =
    element('startEvent', 'start') +
    element('intermediateCatchEvent', 'wait', event('message', 'order')) +
    element('callActivity', 'call', '', 'calledElement="called"') +
    element('callActivity', 'again', '', 'calledElement="called"') +
    flows('start wait call again');
  const CALLED = element('startEvent', 'begin') + element('task', 'done') + flows('begin done');
  const ada = { kind: 'user', id: 'ada' } as const;
  const story = 'user:story';

  it('has who sent it start what begins because of it, whoever is asking for something when it is taken', async () => {
    const world = new World();
    await world.draw('called', CALLED);
    await world.draw('receives', RECEIVES, named('message', 'order'));
    world.by = ada;
    world.do(publication({ correlationKey: '' }));
    world.by = { kind: 'user', id: 'story' };
    world.start('receives');
    assert.deepEqual([startedBy(world, 'receives'), startedBy(world, 'called')], [[story], ['user:ada', 'user:ada']]);
    world.assertReplayEqual();
  });

  it('also the instance that it begins when its start event is deployed; one that is delivered at once needs nothing', async () => {
    const world = new World();
    const starts =
      element('startEvent', 'start', event('message', 'order')) + element('task', 'done') + flows('start done');
    world.by = ada;
    world.do(publication({ correlationKey: '' }));
    world.by = { kind: 'user', id: 'story' };
    await world.draw('starts', starts, named('message', 'order'));
    world.do(publication({ correlationKey: '', uniqueId: 'two' }));
    assert.deepEqual(startedBy(world, 'starts'), ['user:ada', story]);
    world.assertReplayEqual();
  });
});

describe('one instance for each correlation key (Camunda 8)', () => {
  const unnamed = (world: World, changes: Publication = {}) => {
    const { uniqueId: _uniqueId, ...command } = publication(changes);
    return world.do(command);
  };
  const running = (world: World) =>
    world.store.find('processInstances', { where: [{ column: 'endedAt', op: 'isNull' }] });

  it('a canceled instance frees its key: the message that waited begins the next one', async () => {
    const world = await World.with('message-start-c8');
    for (const amount of [1, 2]) unnamed(world, { variables: typed({ amount }) });
    const [first] = running(world);
    assert.equal(running(world).length, 1);
    world.do({ type: 'cancelProcessInstance', processInstanceId: first?.id ?? 0 });
    const [second, ...others] = running(world);
    assert.deepEqual(others, []);
    assert.equal(world.variables(second?.id ?? 0)['amount'], 2);
    world.assertReplayEqual();
  });

  it('a message whose time is over begins nothing when the key becomes free', async () => {
    const world = await World.with('message-start-c8');
    unnamed(world);
    unnamed(world, { timeToLiveMs: 1_000 });
    world.now += 2_000;
    world.work('work');
    assert.deepEqual(running(world), []);
  });

  it('the messages that waited begin in the order in which they came, one at a time', async () => {
    const world = await World.with('message-start-c8');
    for (const amount of [1, 2, 3]) unnamed(world, { variables: typed({ amount }) });
    const seen: unknown[] = [];
    for (let times = 0; times < 3; times += 1) {
      assert.equal(running(world).length, 1);
      seen.push(world.work('work').variables['amount']?.value);
    }
    assert.deepEqual([seen, running(world)], [[1, 2, 3], []]);
    world.assertReplayEqual();
  });

  it('an instance that was started otherwise holds no key', async () => {
    const world = await World.with('message-start-c8');
    const [definition] = world.store.find('definitions');
    world.do({
      type: 'createProcessInstance',
      definition: { definitionId: definition?.id ?? 0 },
      businessKey: 'a',
      startInstructions: [{ kind: 'startBefore', elementId: 'work' }],
    });
    unnamed(world);
    assert.equal(running(world).length, 2);
  });
});

describe('a parallel event-based gateway that begins an instance', () => {
  const correlate = (world: World, name: string, businessKey?: string, correlationKeys?: Record<string, string>) =>
    world.try({
      type: 'correlateMessage',
      name,
      all: false,
      variables: businessKey === undefined ? {} : typed({ customer: businessKey }),
      ...(businessKey === undefined ? {} : { businessKey }),
      ...(correlationKeys === undefined ? {} : { correlationKeys }),
    });

  it('the second message finds the instance of its business key, and begins another one where there is none', async () => {
    const world = await World.with('event-gateway-start-parallel');
    for (const key of ['A', 'B']) assert.ok(correlate(world, 'offer', key).ok);
    assert.equal(world.store.find('processInstances').length, 2);
    assert.ok(correlate(world, 'order', 'B').ok);
    const [task, ...others] = world.fetchAll('work');
    assert.deepEqual([task?.task.businessKey, others], ['B', []]);
    assert.ok(correlate(world, 'order', 'C').ok);
    assert.equal(world.store.find('processInstances').length, 3);
    assert.ok(correlate(world, 'offer', 'C').ok);
    assert.deepEqual(
      world.fetchAll('work').map((one) => one.task.businessKey),
      ['C'],
    );
    world.assertReplayEqual();
  });

  it('correlation keys choose the instance by its variables', async () => {
    const world = await World.with('event-gateway-start-parallel');
    for (const key of ['A', 'B']) assert.ok(correlate(world, 'offer', key).ok);
    assert.ok(correlate(world, 'order', undefined, { customer: 'A' }).ok);
    assert.deepEqual(
      world.fetchAll('work').map((one) => one.task.businessKey),
      ['A'],
    );
  });

  it('without anything to choose by, two that wait are ambiguous, and nothing happens', async () => {
    const world = await World.with('event-gateway-start-parallel');
    for (const key of ['A', 'B']) correlate(world, 'offer', key);
    const outcome = correlate(world, 'order');
    assert.equal(outcome.ok ? 'accepted' : outcome.rejection.code, 'AMBIGUOUS_CORRELATION');
    assert.equal(world.store.find('processInstances').length, 2);
  });

  it('the same message again waits for nobody in the instance that has it: it begins another one', async () => {
    const world = await World.with('event-gateway-start-parallel');
    for (let times = 0; times < 2; times += 1) assert.ok(correlate(world, 'offer', 'A').ok);
    assert.equal(world.store.find('processInstances').length, 2);
  });
});
