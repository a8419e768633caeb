/** Stories of limits of what AI may use. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, event, flows, work } from './drawing.ts';
import { drawn, LINE, limit, of, theOnly } from './limit-moves.ts';
import type { World } from './world.ts';

describe('limits of AI', () => {
  const ASK =
    element('startEvent', 'start') +
    element('exclusiveGateway', 'again') +
    work('ai_query') +
    element('boundaryEvent', 'broke', event('error', 'spent'), 'attachedToRef="ai_query"') +
    work('manual') +
    flows('start again ai_query again', 'broke manual');
  const SPENT = '<bpmn:error id="spent" errorCode="procos.limit.aiTokens" />';

  function answer(world: World, tokens: number, cost = 0) {
    const locked = world.fetch('ai_query');
    const usage = { inputTokens: 10, outputTokens: tokens - 10, cost, model: 'openai/x' };
    world.do({ type: 'completeExternalTask', externalTaskId: locked.task.id, workerId: 'w', usage });
    return locked;
  }

  it('tell the worker what is left, and stop the next task of an instance that has used it up', async () => {
    const world = await drawn('ask', ASK, SPENT);
    limit(world, of('ask'), { aiCost: 1_000, aiTokens: 500 });
    world.start('ask');
    assert.deepEqual(answer(world, 100, 400).aiBudget, { tokens: 500, cost: 1_000 });
    assert.deepEqual(answer(world, 100, 700).aiBudget, { tokens: 400, cost: 600 });
    assert.match(theOnly(world, 'aiCost').message, /nothing is left for 'ai_query'/);
    assert.deepEqual(world.fetchAll('ai_query'), []);
    limit(world, of('ask'), { aiCost: 2_000 });
    world.do({ type: 'resolveIncident', incidentId: theOnly(world, 'aiCost').id });
    assert.deepEqual(answer(world, 100).aiBudget, { tokens: 300, cost: 900 });
    world.assertReplayEqual();
  });

  it('are taken over by an event of the model', async () => {
    const world = await drawn('ask', ASK, SPENT);
    limit(world, of('ask'), { aiTokens: 150 });
    const id = world.start('ask');
    answer(world, 100);
    answer(world, 100);
    assert.deepEqual(world.standing(id), ['manual']);
    assert.deepEqual(world.incidents(), []);
  });

  it('of a day hold for all instances of a definition, and a task that waits already is not handed out', async () => {
    const world = await drawn('ask', ASK, SPENT);
    limit(world, of('ask'), { aiTokensPerDay: 150 });
    const ids = [world.start('ask'), world.start('ask')];
    answer(world, 100);
    answer(world, 100);
    assert.equal(world.fetchAll('ai_query').length, 0);
    assert.equal(world.incidents().length, 2, 'one cannot begin, the other waits');
    assert.ok(world.incidents().every(({ kind }) => kind === 'limitReached'));
    world.now += 86_400_000;
    for (const { id: incidentId } of world.incidents()) world.do({ type: 'resolveIncident', incidentId });
    assert.equal(world.fetchAll('ai_query').length, ids.length);
    world.assertReplayEqual();
  });

  it('say nothing about other tasks, and nothing to a worker where there are none', async () => {
    const world = await drawn('line', LINE);
    await world.draw('ask', ASK, SPENT);
    limit(world, of('line'), { aiTokens: 0 });
    world.start('line');
    assert.equal(world.fetch('a').aiBudget, undefined);
    world.start('ask');
    assert.equal(world.fetch('ai_query').aiBudget, undefined);
    const refused = world.try({
      type: 'completeExternalTask',
      externalTaskId: world.store.find('externalTasks').find(({ topic }) => topic === 'a')?.id ?? 0,
      workerId: 'w',
      usage: { inputTokens: -1, outputTokens: 0, cost: 0, model: '' },
    });
    assert.equal(refused.ok ? '' : refused.rejection.code, 'INVALID_ARGUMENT');
  });
});
