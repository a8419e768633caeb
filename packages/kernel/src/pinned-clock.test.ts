/** A clock that an operator pins: what is due then, what stands still, and what a start makes of it. Real kernels under a clock turned by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore, type Store } from '@procos/store';
import type { KernelOptions, RunningKernel } from './kernel-options.ts';
import { type ManualClock, manualClock, QUIET, settle } from './testing/clock.ts';
import { startTestKernel } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="reminder" isExecutable="true"><bpmn:startEvent id="s"/>
    <bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
    <bpmn:serviceTask id="t" camunda:type="external" camunda:topic="remind"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="wait"/><bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="t"/>
  </bpmn:process></bpmn:definitions>`;

interface Bench {
  readonly kernel: RunningKernel;
  readonly clock: ManualClock;
  readonly pin: (at: number) => Promise<string>;
  readonly reset: () => Promise<string>;
  readonly fetch: (workerId: string, waitMs?: number) => Promise<number>;
  readonly stop: () => Promise<number>;
}

async function bench(store: Store = createMemoryStore(), options: Partial<KernelOptions> = {}): Promise<Bench> {
  const clock = manualClock(QUIET);
  const kernel = await startTestKernel({ store, clock, pinnableClock: true, ...options });
  await kernel.ready;
  const { engine } = kernel;
  const said = async (
    command: { readonly type: 'pinClock'; readonly at: number } | { readonly type: 'resetClock' },
  ) => {
    const outcome = await engine.submit(command, ADA);
    return outcome.ok ? 'ok' : outcome.rejection.code;
  };
  return {
    kernel,
    clock,
    pin: (at) => said({ type: 'pinClock', at }),
    reset: () => said({ type: 'resetClock' }),
    fetch: async (workerId, waitMs = 0) => {
      const topics = [{ topic: 'remind', lockMs: 60_000 }];
      const outcome = await engine.fetchAndLock(
        { type: 'fetchAndLock', workerId, maxTasks: 1, usePriority: false, topics },
        ADA,
        { waitMs },
      );
      assert.ok(outcome.ok, JSON.stringify(outcome));
      return outcome.value.tasks.length;
    },
    stop: async () => {
      await kernel.requestShutdown(ADA, 'test');
      return (await kernel.stopped).exitCode;
    },
  };
}

async function startReminder({ engine }: RunningKernel): Promise<void> {
  const resources = [{ name: 'reminder.bpmn', content: MODEL }];
  const deployed = await engine.deploy(
    { name: null, source: null, tenantId: null, resources, skipUnchanged: true },
    ADA,
  );
  assert.ok(deployed.ok, JSON.stringify(deployed));
  const definition = { definitionId: engine.latestDefinition('reminder', null)?.id ?? 0 };
  const started = await engine.submit({ type: 'createProcessInstance', definition }, ADA);
  assert.ok(started.ok, JSON.stringify(started));
}

/** Timers of the process that have not rung. */
function waiting({ engine }: RunningKernel): number {
  return engine.count('timers', { where: [{ column: 'elementId', op: '=', value: 'wait' }] });
}

/** What is due rings: an alarm needs no time for that, but its turn. */
async function ring(clock: ManualClock): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    clock.advance(0);
    await settle(10);
  }
}

test('a timer rings as soon as the clock is pinned to its time, and who waits for its task gets it', async () => {
  const { kernel, clock, pin, fetch, stop } = await bench();
  await startReminder(kernel);
  const polled = fetch('w', 600_000);
  assert.equal(await pin(QUIET + DAY - 1), 'ok');
  await ring(clock);
  assert.equal(waiting(kernel), 1);
  assert.equal(await pin(QUIET + DAY + 10), 'ok');
  await ring(clock);
  assert.equal(await polled, 1);
  assert.equal(waiting(kernel), 0);
  assert.equal(kernel.engine.now(), QUIET + DAY + 10);
  assert.equal(await stop(), 0);
});

test('while it is pinned no timer rings, however long that is, and the kernel does not keep looking', async () => {
  let slept = 0;
  const clock = manualClock(QUIET);
  const counted: ManualClock = {
    ...clock,
    after: (ms, action) => {
      slept += 1;
      return clock.after(ms, action);
    },
  };
  const { kernel, pin, stop } = await bench(undefined, { clock: counted });
  await startReminder(kernel);
  assert.equal(await pin(QUIET + DAY - 1), 'ok');
  await settle(20);
  slept = 0;
  for (let minute = 0; minute < 60; minute += 1) {
    clock.advance(60_000);
    await settle(3);
  }
  assert.equal(waiting(kernel), 1);
  assert.equal(kernel.engine.now(), QUIET + DAY - 1);
  // Every 30 s and for the kernel's own polls, not every millisecond that is left.
  assert.ok(slept < 1_000, `it went to sleep ${slept} times in an hour`);
  assert.equal(await stop(), 0);
});

test('the past is refused and changes nothing, and every turn is in the log with who did it', async () => {
  const { kernel, pin, reset, stop } = await bench();
  const { lastSequence } = kernel.engine;
  assert.equal(await reset(), 'ok');
  assert.equal(await pin(QUIET - 1), 'INVALID_STATE');
  for (const at of [Number.NaN, 1.5, Date.UTC(9000, 0, 1)]) assert.equal(await pin(at), 'INVALID_ARGUMENT');
  assert.equal(kernel.engine.lastSequence, lastSequence);
  assert.equal(await pin(QUIET + HOUR), 'ok');
  assert.equal(await pin(QUIET + HOUR - 1), 'INVALID_STATE');
  assert.equal(kernel.status().clockPinnedAt, QUIET + HOUR);
  assert.equal(await reset(), 'ok');
  assert.equal(kernel.status().clockPinnedAt, null);
  const turned = kernel.engine
    .records(lastSequence, 100)
    .filter(({ command }) => command.endsWith('Clock'))
    .map(({ by, at, events }) => [by.id, at, events[0]]);
  assert.deepEqual(turned, [
    ['ada', QUIET, { type: 'clockPinned', at: QUIET + HOUR }],
    ['ada', QUIET + HOUR, { type: 'clockReset' }],
  ]);
  const told = kernel.log.recent(100).map(({ event }) => event);
  assert.deepEqual(
    told.filter((event) => event.startsWith('clock_')),
    ['clock_pinned', 'clock_reset', 'clock_behind'],
  );
  assert.equal(await stop(), 0);
});

test('a pin turns the clock for locks, too; after it is reset they last as long as they would have', async () => {
  const { kernel, clock, pin, reset, fetch, stop } = await bench();
  await startReminder(kernel);
  assert.equal(await pin(QUIET + DAY), 'ok');
  await ring(clock);
  assert.equal(await fetch('one'), 1);
  clock.advance(HOUR);
  assert.equal(await fetch('two'), 0);
  // The lock of one ends at QUIET + DAY + 60 s.
  assert.equal(await pin(QUIET + DAY + 59_999), 'ok');
  assert.equal(await fetch('two'), 0);
  const polled = fetch('two', 600_000);
  await settle();
  assert.equal(await pin(QUIET + DAY + 60_000), 'ok');
  await ring(clock);
  assert.equal(await polled, 1);
  // Two days later the wall clock is further than the pin was.
  clock.advance(2 * DAY);
  assert.equal(await reset(), 'ok');
  assert.equal(await fetch('three'), 0);
  assert.equal(kernel.engine.now(), Math.floor(clock.wallNow()));
  clock.advance(59_000);
  assert.equal(await fetch('three'), 0);
  clock.advance(1_100);
  assert.equal(await fetch('three'), 1);
  assert.equal(await stop(), 0);
});

test('what the kernel itself is doing is not taken from it by a pin', async () => {
  const { kernel, clock, pin, stop } = await bench();
  const { engine } = kernel;
  const locks = () =>
    engine
      .find('externalTasks', { where: [{ column: 'topic', op: '=', value: 'remind' }] })
      .map(({ id, availableAt, lockCount }) => ({ id, lockCount, left: availableAt - engine.now() }));
  await startReminder(kernel);
  assert.equal(await pin(QUIET + DAY), 'ok');
  await ring(clock);
  // As the kernel's own worker would: its lock is seen from here, and nothing of the kernel ends it.
  const topics = [{ topic: 'remind', lockMs: 10_000 }];
  const fetch = { type: 'fetchAndLock', workerId: 'kernel', maxTasks: 1, usePriority: false, topics } as const;
  const outcome = await engine.fetchAndLock(fetch, { kind: 'kernel', id: 'test' }, { waitMs: 0 });
  assert.ok(outcome.ok && outcome.value.tasks.length === 1);
  const before = locks();
  assert.deepEqual(
    before.map(({ left }) => left),
    [10_000],
  );
  assert.equal(await pin(QUIET + 3 * DAY), 'ok');
  await engine.submit({ type: 'expireMessages', messageIds: [] }, ADA);
  assert.deepEqual(locks(), before);
  assert.equal(await stop(), 0);
});

test('it stays pinned over a restart, as with Camunda 8; started without the setting the system lets it go', async () => {
  const store = createMemoryStore();
  const { close } = store;
  store.close = () => {};
  const first = await bench(store);
  await startReminder(first.kernel);
  assert.equal(await first.pin(QUIET + HOUR), 'ok');
  assert.equal(await first.stop(), 0);
  const second = await bench(store, { clock: manualClock(QUIET + 2 * DAY) });
  assert.equal(second.kernel.engine.now(), QUIET + HOUR);
  assert.equal(second.kernel.status().clockPinnedAt, QUIET + HOUR);
  assert.equal(waiting(second.kernel), 1);
  assert.equal(await second.stop(), 0);
  const clock = manualClock(QUIET + 3 * DAY);
  const third = await bench(store, { clock, pinnableClock: false });
  assert.equal(third.kernel.engine.now(), QUIET + 3 * DAY);
  assert.equal(third.kernel.status().clockPinnedAt, null);
  assert.equal(await third.pin(QUIET + 4 * DAY), 'FORBIDDEN');
  assert.equal(await third.reset(), 'FORBIDDEN');
  await ring(clock);
  assert.equal(waiting(third.kernel), 0);
  store.close = close;
  assert.equal(await third.stop(), 0);
});
