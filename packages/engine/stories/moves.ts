/** What people, workers and time may do, at random: for properties that hold whatever is asked in whatever order. */
import fc from 'fast-check';
import { typed, type World } from './world.ts';

export const FIXTURES: readonly string[] = [
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
  'beside',
  'both',
  'buffered-root',
  'catch-output-fails',
  'error-beside',
  'error-in-event-sub-process',
  'error-in-loop',
  'error-out-of-call',
  'failing-child',
  'failing-loop',
  'gateway-two-messages',
  'inclusive-dead-path',
  'inclusive-loop',
  'interrupted-join',
  'loop-c8',
  'loop-of-calls',
  'loop-of-sub-processes',
  'message-or-none',
  'multi-sequential',
  'nested-loops',
  'order-c8',
  'out-mapping-fails',
  'retry-inputs',
  'retry-outputs',
  'signal-start',
  'signal-twice',
  'sub-process',
  'sub-process-output-fails',
  'terminate',
  'throw-two',
  'timer-start',
  'two-errors',
];
const TOPICS = [
  ...['a', 'b', 'c', 'after', 'work', 'repair', 'note', 'cleanUp', 'each', 'late', 'asked', 'stop', 'long', 'prepare'],
  ...['first', 'second', 'charge', 'thank', 'cell'],
];
const MESSAGES = ['answer', 'ask', 'cancel', 'late', 'note', 'order', 'paid', 'shipped', 'stop'];
const SIGNALS = ['go', 'stop'];
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
  ...[
    'beside',
    'buffered-root',
    'error-out-of-call',
    'gateway-two-messages',
    'inclusive-dead-path',
    'interrupted-join',
  ],
  ...['loop-c8', 'loop-of-calls', 'loop-of-sub-processes', 'message-or-none', 'multi-sequential', 'order-c8'],
  ...['retry-inputs', 'retry-outputs', 'signal-twice', 'sub-process', 'terminate', 'throw-two', 'two-errors'],
  ...[
    'both',
    'catch-output-fails',
    'error-beside',
    'error-in-event-sub-process',
    'error-in-loop',
    'failing-loop',
    'inclusive-loop',
  ],
  ...['nested-loops', 'out-mapping-fails', 'sub-process-output-fails'],
];

export type Move = (world: World) => void;

function active(world: World) {
  return world.store.find('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] });
}

const start = fc.constantFrom(...STARTS).map<Move>((id) => (world) => {
  const order = { id: 'K', total: 200, items: ['p', 'q'] };
  const rows = [{ cells: [1, 2] }, { cells: [3] }];
  world.start(
    id,
    { x: 2, round: 1, rows, items: ['p', 'q', 'r'], enough: 3, amount: 1, boss: 'ada', n: 2, count: 0, order },
    'K',
  );
});
const report = fc
  .tuple(fc.constantFrom(...TOPICS), fc.constantFrom('complete', 'fail', 'giveUp', 'error', 'keep', 'unlock'))
  .map<Move>(([topic, how]) => (world) => {
    for (const { task } of world.fetchAll(topic, 2)) {
      const holder = { externalTaskId: task.id, workerId: 'w' };
      if (how === 'complete') world.try({ type: 'completeExternalTask', ...holder });
      if (how === 'fail')
        world.try({ type: 'failExternalTask', ...holder, errorMessage: 'no', retries: 2, retryAfterMs: 1_000 });
      if (how === 'giveUp')
        world.try({ type: 'failExternalTask', ...holder, errorMessage: 'no', retries: 0, retryAfterMs: 0 });
      if (how === 'error') world.try({ type: 'throwBpmnError', ...holder, errorCode: 'KNOWN' });
      if (how === 'unlock') world.do({ type: 'unlockExternalTask', externalTaskId: task.id });
    }
  });
const message = fc.constantFrom(...MESSAGES).map<Move>((name) => (world) => {
  world.try({ type: 'publishMessage', name, correlationKey: 'K', timeToLiveMs: 30_000 });
});
const correlate = fc.tuple(fc.constantFrom(...MESSAGES), fc.boolean()).map<Move>(([name, all]) => (world) => {
  world.try({ type: 'correlateMessage', name, all });
});
const signal = fc.constantFrom(...SIGNALS).map<Move>((name) => (world) => {
  world.do({ type: 'broadcastSignal', name });
});
const know = fc.constantFrom('topic', 'way', 'missing', 'round').map<Move>((name) => (world) => {
  const variables = typed({ [name]: name === 'topic' ? 'work' : name === 'way' ? 'a' : 2 });
  for (const { id } of active(world))
    world.do({ type: 'setVariables', processInstanceId: id, scopeId: id, variables, local: false });
});
const retries = fc.nat({ max: 2 }).map<Move>((count) => (world) => {
  for (const { id } of world.store.find('externalTasks', { limit: 2 }))
    world.do({ type: 'setExternalTaskRetries', externalTaskId: id, retries: count });
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
  const running = active(world);
  const chosen = running[pick % Math.max(1, running.length)];
  if (chosen !== undefined && pick < 10) world.do({ type: 'cancelProcessInstance', processInstanceId: chosen.id });
});

/** Of any kind; work is reported most often. */
export const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { arbitrary: start, weight: 4 },
  { arbitrary: report, weight: 8 },
  ...[message, correlate, signal, know, retries, wait, person, mend, cancel],
);
