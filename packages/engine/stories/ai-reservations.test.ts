/** Stories of AI tasks that run at the same time under one limit: what one may use is held for it before it asks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LimitKind } from '@procos/bpmn';
import fc from 'fast-check';
import { element, flows, work } from './drawing.ts';
import { World } from './world.ts';

const SPLIT =
  element('startEvent', 'start') +
  element('parallelGateway', 'split') +
  work('ai_query') +
  work('translation') +
  flows('start split ai_query', 'split translation');
const ALL_TOPICS = ['ai_query', 'translation'];

async function limited(limits: { readonly [kind in LimitKind]?: number }): Promise<World> {
  const world = new World();
  await world.draw('ask', SPLIT);
  const target = { kind: 'definition', bpmnProcessId: 'ask', tenantId: null, version: null } as const;
  world.do({ type: 'setLimits', target, limits, reason: 'budget' });
  return world;
}

const reserve = (world: World, externalTaskId: number, tokens: number, cost = 0) =>
  world.do({ type: 'reserveAi', externalTaskId, workerId: 'w', tokens, cost });
const finish = (world: World, externalTaskId: number, outputTokens: number, cost = 0): void => {
  const usage = { inputTokens: 0, outputTokens, cost, model: 'openai/x' };
  world.do({ type: 'completeExternalTask', externalTaskId, workerId: 'w', usage });
};
const fail = (world: World, externalTaskId: number): void => {
  const failure = { workerId: 'w', errorMessage: 'no', retries: 2, retryAfterMs: 0 };
  world.do({ type: 'failExternalTask', externalTaskId, ...failure });
};

describe('an AI task reserves before it asks', () => {
  it('what it may use is not there for others, and what it has not used is, when it has answered', async () => {
    const world = await limited({ aiTokens: 1_000, aiCost: 500 });
    world.start('ask');
    const [a, b] = [world.fetch('ai_query').task.id, world.fetch('translation').task.id];
    assert.deepEqual(reserve(world, a, 700, 100), { granted: true, left: { tokens: 1_000, cost: 500 }, held: false });
    const short = { granted: false, left: { tokens: 300, cost: 400 }, held: true };
    assert.deepEqual(reserve(world, b, 301, 1), short);
    assert.deepEqual(reserve(world, b, 1, 401), short);
    finish(world, a, 200, 50);
    assert.deepEqual(reserve(world, b, 800, 450), { granted: true, left: { tokens: 800, cost: 450 }, held: false });
    finish(world, b, 800, 450);
    world.assertReplayEqual();
  });

  it('again: its latest reservation counts alone', async () => {
    const world = await limited({ aiTokens: 1_000 });
    world.start('ask');
    const [a, b] = [world.fetch('ai_query').task.id, world.fetch('translation').task.id];
    assert.equal(reserve(world, a, 1_000).granted, true);
    assert.equal(reserve(world, a, 600).granted, true);
    assert.deepEqual(reserve(world, b, 400), { granted: true, left: { tokens: 400 }, held: true });
    world.assertReplayEqual();
  });

  it('of a day: for all instances of the definition', async () => {
    const world = await limited({ aiTokensPerDay: 1_000 });
    world.start('ask');
    world.start('ask');
    const [a, b] = world.fetchAll('ai_query').map(({ task }) => task.id);
    assert.equal(reserve(world, a ?? 0, 900).granted, true);
    assert.deepEqual(reserve(world, b ?? 0, 200), { granted: false, left: { tokens: 100 }, held: true });
    world.now += 86_400_000;
    assert.deepEqual(reserve(world, b ?? 0, 200), { granted: false, left: { tokens: 100 }, held: true }, 'still held');
    finish(world, a ?? 0, 900);
    assert.deepEqual(reserve(world, b ?? 0, 100), { granted: true, left: { tokens: 100 }, held: false });
    world.assertReplayEqual();
  });

  it('an attempt that failed counts nothing, one that was taken away all that it held', async () => {
    const world = await limited({ aiTokens: 1_000, aiTokensPerDay: 1_000 });
    const id = world.start('ask');
    const [a, b] = [world.fetch('ai_query').task.id, world.fetch('translation').task.id];
    reserve(world, a, 900);
    fail(world, a);
    assert.deepEqual(reserve(world, b, 1_000), { granted: true, left: { tokens: 1_000 }, held: false });
    fail(world, b);
    assert.equal(world.fetch('ai_query').task.id, a);
    reserve(world, a, 300);
    world.now += 3_600_000;
    assert.deepEqual(
      world.fetch('ai_query').aiBudget,
      { tokens: 700 },
      'its lock ran out: nobody knows what it has used',
    );
    reserve(world, a, 300);
    world.do({
      type: 'modifyProcessInstance',
      processInstanceId: id,
      instructions: [{ kind: 'cancelAll', elementId: 'ai_query' }],
    });
    assert.deepEqual(world.fetch('translation').aiBudget, { tokens: 400 });
    world.assertReplayEqual();
  });

  it('where nothing is limited nothing is held, and only its worker may', async () => {
    const world = await limited({ steps: 1_000 });
    world.start('ask');
    const { id } = world.fetch('ai_query').task;
    const records = world.records.length;
    assert.deepEqual(reserve(world, id, 1_000_000), { granted: true, left: {}, held: false });
    assert.equal(world.records.length, records);
    const refusal = (given: object): string => {
      const command = { type: 'reserveAi', externalTaskId: id, workerId: 'w', tokens: 1, cost: 1, ...given } as const;
      const outcome = world.try(command);
      return outcome.ok ? '' : outcome.rejection.code;
    };
    assert.equal(refusal({ tokens: -1 }), 'INVALID_ARGUMENT');
    assert.equal(refusal({ cost: 0.5 }), 'INVALID_ARGUMENT');
    assert.equal(refusal({ workerId: 'another' }), 'NOT_LOCKED_BY_WORKER');
    assert.equal(refusal({ externalTaskId: 999 }), 'NOT_FOUND');
  });

  it('tasks that keep to what they were granted never use more together than is allowed, whatever becomes of them', async () => {
    const LIMIT = 1_000;
    const step = fc.record({
      what: fc.constantFrom('start', 'fetch', 'reserve', 'answer', 'fail', 'wait', 'kill'),
      which: fc.nat(5),
      tokens: fc.integer({ min: 1, max: 600 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const world = await limited({ aiTokensPerDay: LIMIT });
        const started: number[] = [];
        /** Granted and not answered yet, by task; `spent`: what providers have really taken, by the day of the answer. */
        const granted = new Map<number, number>();
        const spent = new Map<number, number>();
        const today = (): number => Math.floor(world.now / 86_400_000);
        for (const { what, which, tokens } of steps) {
          const tasks = world.store.find('externalTasks').filter(({ workerId }) => workerId === 'w');
          const task = tasks[which % Math.max(1, tasks.length)]?.id;
          if (what === 'start') started.push(world.start('ask'));
          else if (what === 'fetch') for (const topic of ALL_TOPICS) world.fetchAll(topic);
          else if (what === 'wait') world.now += 3_600_000;
          else if (what === 'kill') {
            const id = started.splice(which % Math.max(1, started.length), 1)[0];
            if (id !== undefined && world.state(id) === 'active')
              world.do({ type: 'cancelProcessInstance', processInstanceId: id });
          } else if (task !== undefined && what === 'reserve') {
            if (reserve(world, task, tokens).granted) granted.set(task, tokens);
          } else if (task !== undefined && what === 'answer' && granted.has(task)) {
            const used = Math.min(tokens, granted.get(task) ?? 0);
            spent.set(today(), (spent.get(today()) ?? 0) + used);
            finish(world, task, used);
            granted.delete(task);
          } else if (task !== undefined && what === 'fail') {
            fail(world, task);
            granted.delete(task);
          }
          const used = spent.get(today()) ?? 0;
          assert.ok(used <= LIMIT, `${used} of ${LIMIT} are used`);
        }
        world.assertReplayEqual();
      }),
      { numRuns: 60 },
    );
  });
});
