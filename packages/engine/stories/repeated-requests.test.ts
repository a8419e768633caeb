/** Stories of requests with a key: sent again they get their answer again, and nothing happens a second time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMemoryStore } from '@procos/store';
import { apply, DEFAULT_LIMITS, type RequestKey } from '../src/index.ts';
import { World } from './world.ts';

const key = (text: string, fingerprint = text): RequestKey => ({ key: text, fingerprint });
const START = { type: 'createProcessInstance', definition: { bpmnProcessId: 'uncaught' } } as const;
const FETCH = {
  type: 'fetchAndLock',
  workerId: 'w',
  maxTasks: 1,
  usePriority: false,
  topics: [{ topic: 'work', lockMs: 1_000 }],
} as const;

describe('a request that is sent again', () => {
  it('gets the reply of the first time, and leaves no record', async () => {
    const world = await World.with('uncaught');
    const first = world.do({ ...START, variables: { a: { type: 'Integer', value: 1 } } }, key('one'));
    const records = world.records.length;
    assert.deepEqual(world.do(START, key('one')), { ...first, variables: { a: { type: 'Integer', value: 1 } } });
    assert.equal(world.records.length, records);
    assert.notEqual(world.do(START, key('two')).processInstanceId, first.processInstanceId);
    assert.equal(world.store.count('processInstances'), 2);
  });

  it('gets the refusal of the first time, though it would be accepted now', async () => {
    const world = new World();
    const first = world.try(START, key('early'));
    assert.equal(!first.ok && first.rejection.code, 'NOT_FOUND');
    await world.deploy('uncaught');
    const again = world.try(START, key('early'));
    assert.deepEqual(!again.ok && again.rejection, !first.ok && first.rejection);
    assert.ok(world.try(START, key('late')).ok);
  });

  it('is refused when it is another one with the same key', async () => {
    const world = await World.with('uncaught');
    world.do(START, key('one'));
    const other = world.try(START, key('one', 'something else'));
    assert.equal(!other.ok && other.rejection.code, 'KEY_REUSED');
    assert.equal(world.store.count('processInstances'), 1);
  });

  it('completes a task once, however often it is sent', async () => {
    const world = await World.with('uncaught');
    const id = world.start('uncaught');
    const { task } = world.fetch('work');
    const complete = { type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' } as const;
    for (const _ of ['once', 'again', 'and again']) assert.deepEqual(world.do(complete, key('done')), {});
    assert.equal(world.state(id), 'completed');
    assert.equal(world.try(complete).ok, false);
  });

  it('fetches the same tasks as long as their locks are the latest, and waits on where there were none', async () => {
    const world = await World.with('uncaught');
    assert.deepEqual(world.do(FETCH, key('poll')).tasks, []);
    world.start('uncaught');
    const [first] = world.do(FETCH, key('poll')).tasks;
    assert.equal(first?.task.lockCount, 1);
    assert.deepEqual(world.do(FETCH, key('poll')).tasks, [first]);
    world.now += 1_000;
    world.do(FETCH, key('another poll'));
    assert.deepEqual(world.do(FETCH, key('poll')).tasks, []);
  });

  it('does not get tasks again that were given back meanwhile, as they are for one who has hung up', async () => {
    const world = await World.with('uncaught');
    world.start('uncaught');
    const [first] = world.do(FETCH, key('poll')).tasks;
    assert.ok(first);
    world.do({ type: 'unlockExternalTask', externalTaskId: first.task.id, lockCount: first.task.lockCount });
    assert.deepEqual(world.do(FETCH, key('poll')).tasks, []);
    assert.equal(world.do(FETCH, key('another poll')).tasks.length, 1);
  });

  it('is a new one when its answer is out of date, and such answers go in small steps', async () => {
    const world = await World.with('uncaught');
    world.limits = { ...DEFAULT_LIMITS, answerKeptMs: 1_000 };
    const first = world.do(START, key('first')).processInstanceId;
    for (let count = 0; count < 300; count += 1) world.do(START, key(`old ${count}`));
    world.now += 1_000;
    assert.notEqual(world.do(START, key('first')).processInstanceId, first);
    const old = () =>
      Array.from({ length: 300 }, (_, at) => at).filter((at) => world.store.state.answers.byKey(`old ${at}`)).length;
    const steps: number[] = [];
    for (let count = 0; count < 300; count += 1) {
      const before = old();
      world.do(START, key(`new ${count}`));
      steps.push(before - old());
    }
    assert.equal(old(), 0);
    assert.ok(Math.max(...steps) <= 32, `${Math.max(...steps)} at once`);
    assert.notEqual(world.store.state.answers.byKey('first'), undefined);
  });

  it('is known again in a state that was made anew from the log', async () => {
    const world = await World.with('uncaught');
    world.do(START, key('one'));
    const twin = createMemoryStore();
    for (const { events, at } of world.records) for (const event of events) apply(twin.state, event, at);
    assert.deepEqual(twin.state.answers.byKey('one'), world.store.state.answers.byKey('one'));
  });
});
