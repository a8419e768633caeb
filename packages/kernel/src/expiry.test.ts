/** The end of a lock, to the millisecond: what holds one tick before, at, and one tick after it, for everything one can ask. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '@procos/engine';
import { manualClock, settle } from './testing/clock.ts';
import { startTestKernel } from './testing/system.ts';

const LOCK_MS = 1_000;
const MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://procos.dev/test">
  <bpmn:process id="p" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="work" />
    <bpmn:sequenceFlow id="flow" sourceRef="start" targetRef="work" />
  </bpmn:process>
</bpmn:definitions>
`;

type Holder = { readonly externalTaskId: number; readonly workerId: string; readonly lockCount: number };

const fetchAs = (workerId: string) =>
  ({
    type: 'fetchAndLock',
    workerId,
    maxTasks: 1,
    usePriority: false,
    topics: [{ topic: 'work', lockMs: LOCK_MS }],
  }) as const;

/** What a worker may ask of the task that it holds or held. */
const ASKED: Readonly<Record<string, (holder: Holder) => Command>> = {
  complete: (holder) => ({ type: 'completeExternalTask', ...holder }),
  fail: (holder) => ({ type: 'failExternalTask', ...holder, errorMessage: 'no', retries: 1, retryAfterMs: 0 }),
  error: (holder) => ({ type: 'throwBpmnError', ...holder, errorCode: 'E' }),
  extend: (holder) => ({ type: 'extendLock', ...holder, lockMs: LOCK_MS }),
};

async function bench() {
  const clock = manualClock();
  const kernel = await startTestKernel({ clock });
  const by = { kind: 'user', id: 'ada' } as const;
  const ask = (command: Command) => kernel.engine.submit(command, by);
  const resources = [{ name: 'p.bpmn', content: MODEL }];
  await kernel.engine.deploy({ name: 'p', source: null, tenantId: null, resources, skipUnchanged: false }, by);
  return { clock, ask };
}

async function fetched(ask: Awaited<ReturnType<typeof bench>>['ask'], workerId: string): Promise<Holder | undefined> {
  const outcome = await ask(fetchAs(workerId));
  assert.ok(outcome.ok && 'tasks' in outcome.value);
  const task = (outcome.value.tasks as readonly { readonly task: { id: number; lockCount: number } }[])[0]?.task;
  return task === undefined ? undefined : { externalTaskId: task.id, workerId, lockCount: task.lockCount };
}

test('around the end of a lock: who held it may still report until somebody else has it, but not extend it', async () => {
  const { clock, ask } = await bench();
  for (const offset of [-1, 0, 1]) {
    const isOver = offset >= 0;
    for (const [name, command] of Object.entries(ASKED)) {
      for (const takenOver of [false, true]) {
        await ask({ type: 'createProcessInstance', definition: { bpmnProcessId: 'p' } });
        const first = await fetched(ask, 'first');
        assert.ok(first !== undefined);
        clock.advance(LOCK_MS + offset);
        const second = takenOver ? await fetched(ask, 'second') : undefined;
        assert.equal(second !== undefined, takenOver && isOver, `the task is fetched ${offset} ms from the end`);
        const outcome = await ask(command(first));
        const expected = second === undefined && (name !== 'extend' || !isOver);
        assert.equal(outcome.ok, expected, `${name} ${offset} ms from the end, taken over: ${takenOver}`);
        // Whatever happened: the task is done once, and it is gone for everybody afterwards.
        const holder = second ?? first;
        await ask(ASKED['complete']!(holder));
        clock.advance(LOCK_MS + 1);
        for (let left = await fetched(ask, 'last'); left !== undefined; left = await fetched(ask, 'last'))
          await ask(ASKED['complete']!(left));
        assert.equal((await ask(ASKED['complete']!(holder))).ok, false);
      }
    }
  }
});

test('a wall clock that is set forward shortens no lock, and one that is set back ends none early', async () => {
  for (const jump of [3_600_000, 365 * 86_400_000, -3_600_000]) {
    const { clock, ask } = await bench();
    await ask({ type: 'createProcessInstance', definition: { bpmnProcessId: 'p' } });
    const holder = await fetched(ask, 'first');
    assert.ok(holder);
    clock.advance(LOCK_MS / 2);
    clock.jumpTo(clock.wallNow() + jump);
    assert.equal(await fetched(ask, 'second'), undefined, `right after a jump of ${jump} ms`);
    clock.advance(LOCK_MS / 2 - 1);
    assert.equal(await fetched(ask, 'second'), undefined, `at the last millisecond, after a jump of ${jump} ms`);
    assert.ok((await ask({ type: 'extendLock', ...holder, lockMs: LOCK_MS })).ok);
    // At half speed, where the wall clock is behind.
    clock.advance(2 * LOCK_MS);
    assert.ok(await fetched(ask, 'second'), `when it has ended, after a jump of ${jump} ms`);
  }
});

test('a lock that had ended before the wall clock was set forward is not given back to life', async () => {
  const { clock, ask } = await bench();
  await ask({ type: 'createProcessInstance', definition: { bpmnProcessId: 'p' } });
  assert.ok(await fetched(ask, 'first'));
  clock.advance(LOCK_MS);
  clock.jumpTo(clock.wallNow() + 3_600_000);
  assert.ok(await fetched(ask, 'second'));
});

const PAUSES = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="definitions" targetNamespace="http://procos.dev/test">
  ${['PT1H', 'PT0.1S']
    .map(
      (pause, at) => `<bpmn:process id="pause${at}" isExecutable="true">
    <bpmn:startEvent id="start${at}" />
    <bpmn:intermediateCatchEvent id="wait${at}"><bpmn:timerEventDefinition id="timer${at}"><bpmn:timeDuration>${pause}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="flow${at}" sourceRef="start${at}" targetRef="wait${at}" />
  </bpmn:process>`,
    )
    .join('')}
</bpmn:definitions>
`;

test('a timer that begins after the wall clock was set forward rings in time, though the alarm slept for one that is overdue by then', async () => {
  const clock = manualClock();
  const kernel = await startTestKernel({ clock });
  await kernel.ready;
  const by = { kind: 'user', id: 'ada' } as const;
  const resources = [{ name: 'pauses.bpmn', content: PAUSES }];
  await kernel.engine.deploy({ name: 'pauses', source: null, tenantId: null, resources, skipUnchanged: false }, by);
  const begin = (bpmnProcessId: string) =>
    kernel.engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId } }, by);
  const active = () => kernel.engine.find('timers').filter(({ elementId }) => elementId?.startsWith('wait')).length;
  await begin('pause0');
  await settle();
  clock.jumpTo(clock.wallNow() + 365 * 86_400_000);
  await begin('pause1');
  assert.equal(active(), 2);
  for (let passed = 0; passed < 200; passed += 10) {
    clock.advance(10);
    await settle();
  }
  assert.equal(active(), 0);
});
