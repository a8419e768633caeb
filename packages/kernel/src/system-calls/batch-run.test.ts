/** Working through a chunk when something comes between: too much work, a fault of the engine, the end of the kernel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '@procos/bpmn';
import type { CommandOf, TaskProgress } from '@procos/engine';
import { startBatch } from '../batch/operation.ts';
import { Unavailable } from '../process-engine.ts';
import { manualClock, settle } from '../testing/clock.ts';
import { batchRun } from './batch-run.ts';

type Item = CommandOf<'workOnItem'>;
type Answer = (command: Item) => string | null;

/** A task over `count` items, and an engine that takes items in order and answers each as told. */
function chunk(count: number, answer: Answer, progress?: TaskProgress) {
  const clock = manualClock();
  const stopping = new AbortController();
  const done: number[] = [];
  let next = progress?.next ?? 0;
  const call = batchRun({
    clock,
    engine: () => ({ find: () => [], records: () => [], firstSequence: 1 }),
    refusal: () => undefined,
    submit: async (command) => {
      await settle(1);
      const { item } = command;
      if (item !== next) return { ok: false, rejection: { code: 'INVALID_STATE', message: `at item ${next}` } };
      const failure = command.failure ?? answer(command);
      next += 1;
      if (failure === null) done.push(item);
      return { ok: true, value: { failure } };
    },
  });
  const items = Array.from({ length: count }, (_, at) => 1_000 + at);
  const { variables = {} } = startBatch({ type: 'resolveIncident' }, items);
  const run = call.run({
    topic: call.topic,
    processInstanceId: 5,
    again: false,
    input: (name): Json => variables[name]?.value ?? null,
    holder: { externalTaskId: 9, workerId: 'kernel', lockCount: 1 },
    progress,
    stopping: stopping.signal,
  });
  return { run, clock, stopping, done };
}

test('items are done in order, and those before the first without a note are not done again', async () => {
  const { run, done } = chunk(40, () => null, { next: 30, failed: [{ item: 2, reason: 'gone' }] });
  const { variables } = await run;
  assert.deepEqual(done, [30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  assert.deepEqual(variables, {
    position: 40,
    done: 39,
    failures: [{ item: 1_002, reason: 'gone' }],
    more: false,
    failed: 1,
  });
});

test('a fault of the engine at one item is its failure, and the others are done', async () => {
  const { run, done } = chunk(20, ({ command }) => {
    if (command?.type === 'resolveIncident' && command.incidentId === 1_003) throw new Unavailable('FAILED', 'a fault');
    return null;
  });
  const { variables } = await run;
  assert.equal(done.length, 19);
  assert.deepEqual(variables?.['failures'], [{ item: 1_003, reason: 'a fault' }]);
});

test('when too many commands wait it pauses and goes on at the same item', async () => {
  let isFull = true;
  const { run, clock, done } = chunk(3, () => {
    if (isFull) throw new Unavailable('OVERLOADED', 'full');
    return null;
  });
  await settle(20);
  assert.deepEqual(done, []);
  isFull = false;
  clock.advance(100);
  await run;
  assert.deepEqual(done, [0, 1, 2]);
});

test('it stops with the kernel, and leaves the rest for the next start', async () => {
  const { run, stopping, done } = chunk(40, () => null);
  await settle(1);
  stopping.abort();
  await assert.rejects(run, (error) => error instanceof Unavailable && error.code === 'STOPPING');
  assert.equal(done.length, 16);
});
