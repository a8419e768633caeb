/** Over real HTTP to a real kernel: a message to all of very many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bpmn, startSystem } from '../../testing/real-kernel.test.ts';

const WAITING = 200;
const AT_ONCE = 10;
const WAITS = bpmn(
  'waits',
  `<bpmn:startEvent id="start" />
   <bpmn:receiveTask id="paid" messageRef="message" />
   <bpmn:endEvent id="end" />`,
  ['start->paid', 'paid->end'],
).replace('<bpmn:process', '<bpmn:message id="message" name="paid" /><bpmn:process');

test('a message to all of very many is told in parts, unless the result of each is asked for', async (t) => {
  const system = await startSystem();
  t.after(() => system.stop());
  await system.deploy({ 'waits.bpmn': WAITS });
  const { engine } = system.kernel;
  const told: number[] = [];
  engine.onCommitted((records) => {
    for (const { events } of records) {
      const count = events.filter(({ type }) => type === 'messageCorrelated').length;
      if (count > 0) told.push(count);
    }
  });
  // Not all at once: on a slow machine the door refuses what it could not answer in time.
  const startAll = async () => {
    for (let started = 0; started < WAITING; started += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, () =>
        system.post('/engine-rest/process-definition/key/waits/start', {}),
      );
      await Promise.all(some);
    }
  };
  const message = { messageName: 'paid', all: true };
  await startAll();
  await system.post('/engine-rest/message', message);
  while (told.reduce((sum, count) => sum + count, 0) < WAITING) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(told, [128, 72]);
  await startAll();
  told.length = 0;
  const results = await system.post<unknown[]>('/engine-rest/message', { ...message, resultEnabled: true });
  assert.equal(results.length, WAITING);
  assert.deepEqual(told, [WAITING]);
});
