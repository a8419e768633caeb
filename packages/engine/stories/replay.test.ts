/** The central property: whatever is asked in whatever order, replaying the log gives the state, and its counts balance. */
import { it } from 'node:test';
import fc from 'fast-check';
import { World } from './world.ts';

const FIXTURES = [
  'parallel',
  'inclusive',
  'errors',
  'boundary-timers',
  'event-gateway',
  'event-sub-process',
  'call',
  'called',
  'multi-parallel',
  'user-task',
  'message-catch',
];
const TOPICS = ['a', 'b', 'c', 'after', 'work', 'repair', 'note', 'cleanUp', 'each'];
const MESSAGES = ['answer', 'cancel', 'note', 'paid', 'shipped'];
const STARTS = [
  'parallel',
  'inclusive',
  'errors',
  'boundary-timers',
  'event-gateway',
  'event-sub-process',
  'caller',
  'multi-parallel',
  'user-task',
  'message-catch',
];

type Move = (world: World) => void;

const start = fc.constantFrom(...STARTS).map<Move>((id) => (world) => {
  world.start(id, { x: 2, items: ['p', 'q', 'r'], enough: 3, amount: 1, boss: 'ada' }, 'K');
});
const report = fc
  .tuple(fc.constantFrom(...TOPICS), fc.constantFrom('complete', 'fail', 'giveUp', 'error', 'keep'))
  .map<Move>(([topic, how]) => (world) => {
    for (const { task } of world.fetchAll(topic, 2)) {
      const holder = { externalTaskId: task.id, workerId: 'w' };
      if (how === 'complete') world.try({ type: 'completeExternalTask', ...holder });
      if (how === 'fail')
        world.try({ type: 'failExternalTask', ...holder, errorMessage: 'no', retries: 2, retryAfterMs: 1_000 });
      if (how === 'giveUp')
        world.try({ type: 'failExternalTask', ...holder, errorMessage: 'no', retries: 0, retryAfterMs: 0 });
      if (how === 'error') world.try({ type: 'throwBpmnError', ...holder, errorCode: 'KNOWN' });
    }
  });
const message = fc.constantFrom(...MESSAGES).map<Move>((name) => (world) => {
  world.try({ type: 'publishMessage', name, correlationKey: 'K', timeToLiveMs: 30_000 });
});
const wait = fc.integer({ min: 1, max: 40 }).map<Move>((minutes) => (world) => world.advance(minutes * 60_000));
const person = fc.constant<Move>((world) => {
  for (const task of world.store.find('userTasks', { limit: 1 }))
    world.do({ type: 'completeUserTask', userTaskId: task.id });
});
const mend = fc.constant<Move>((world) => {
  for (const incident of world.incidents().slice(0, 2)) world.do({ type: 'resolveIncident', incidentId: incident.id });
});
const cancel = fc.nat({ max: 50 }).map<Move>((pick) => (world) => {
  const running = world.store.find('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] });
  const chosen = running[pick % Math.max(1, running.length)];
  if (chosen !== undefined && pick < 10) world.do({ type: 'cancelProcessInstance', processInstanceId: chosen.id });
});

it('replaying the log of any sequence of commands gives the same state', async () => {
  const moves = fc.array(
    fc.oneof({ arbitrary: start, weight: 3 }, { arbitrary: report, weight: 6 }, message, wait, person, mend, cancel),
    { minLength: 5, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      const world = await World.with(...FIXTURES);
      for (const move of sequence) move(world);
      world.assertReplayEqual();
    }),
    { numRuns: 40 },
  );
});
