/** What one instance costs the disk, in counts: they do not depend on the machine, so they cannot grow unseen. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock, RunningKernel } from '@procos/kernel';
import { type Counted, type Counts, counting } from '../bench/counters.ts';
import { BENCH, deploy, startMany, withKernel } from '../bench/harness.ts';
import { CORRELATED, loop, PUBLISHED, TIMER } from '../bench/models.ts';
import { prepare, WORKLOADS, type Workload } from '../bench/workloads.ts';
import { assertSearched } from './searched.ts';

const INSTANCES = 1_280;

/** Stands still: however long a run takes, no batch is cut short, no lock ends and no process of the system wakes up and is counted. */
const STANDING: Clock = {
  wallNow: () => Date.UTC(2026, 0, 1, 12, 40),
  monotonicNow: () => 0,
  after: () => () => {},
  soon: (action) => void setImmediate(action),
};

/** The same, but that what is due at once happens: a long command goes on. */
const GOING_ON: Clock = {
  ...STANDING,
  after(ms, action) {
    const due = ms > 0 ? undefined : setImmediate(action);
    return () => clearImmediate(due);
  },
};

function withStandingClock(use: (kernel: RunningKernel) => Promise<void>, clock = STANDING): Promise<void> {
  return withKernel(use, { clock });
}

/** Per instance at most, 64 in flight. Who makes one of them smaller writes it down here. */
const AT_MOST: Readonly<Record<Workload, Counts>> = {
  a: { statements: 1.2, rows: 2, logBytes: 195, syncs: 0.02 },
  b: { statements: 1.2, rows: 2.1, logBytes: 300, syncs: 0.02 },
  c: { statements: 1.2, rows: 2.1, logBytes: 335, syncs: 0.02 },
  u: { statements: 2.4, rows: 8, logBytes: 335, syncs: 0.04 },
  x: { statements: 3.6, rows: 12, logBytes: 390, syncs: 0.06 },
};

describe('what an instance costs, from start to end, at 64 in flight', () => {
  for (const workload of WORKLOADS) {
    test(`model ${workload}: no more SQL statements, rows, log bytes and syncs than before`, async () => {
      await withStandingClock(async (kernel) => {
        const run = await prepare(kernel, workload);
        await run(INSTANCES / 2);
        const counts = await counting(() => run(INSTANCES));
        assertAtMost(counts, AT_MOST[workload]);
        assertNotAskedFor(counts.texts, ['externalTasks', 'timers', 'messages']);
      });
    });
  }
});

describe('what an element of a loop costs, its history included', () => {
  /** Of the longer ones the history has rows: two for each element. Of the parallel one its state also, which comes and goes. */
  for (const [what, sequential, items, atMost] of [
    ['parallel', false, 1_000, { statements: 0.03, rows: 0.02, logBytes: 90, syncs: 0.002 }],
    ['sequential', true, 1_000, { statements: 0.03, rows: 0.02, logBytes: 90, syncs: 0.002 }],
    ['parallel', false, 10_000, { statements: 0.14, rows: 4.02, logBytes: 310, syncs: 0.001 }],
    ['sequential', true, 10_000, { statements: 0.075, rows: 2.02, logBytes: 95, syncs: 0.001 }],
  ] as const) {
    test(`${what}, ${items} times: no more SQL statements, rows and log bytes than before`, async () => {
      await withStandingClock(async (kernel) => {
        await deploy(kernel, 'loop', loop('loop', sequential, items));
        const ended = () => countEnded(kernel, 'loop');
        ended();
        const counts = await counting(async () => {
          await untilEnded(kernel, 'loop');
          assert.equal(ended(), 1);
        });
        assertAtMost(counts, atMost, items);
      }, GOING_ON);
    });
  }
});

/** A long command goes on in others; nothing is asked for meanwhile. */
async function untilEnded({ engine }: RunningKernel, bpmnProcessId: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = engine.onCommitted((records) => {
    for (const { events } of records) if (events.at(-1)?.type === 'processInstanceCompleted') resolve();
  });
  await engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId } }, BENCH);
  await promise;
  stop();
}

/** Whoever keeps up with the work asks the disk neither what is to be done next nor, after each commit, what is due. */
function assertNotAskedFor(texts: Counted['texts'], tables: readonly string[]): void {
  for (const table of tables) {
    let searches = 0;
    for (const [text, times] of texts)
      if (text.startsWith('SELECT') && text.includes(` FROM ${table} `)) searches += times;
    assert.ok(searches / INSTANCES < 0.02, `${searches} searches of ${table}`);
  }
}

/** Of instances that other commands have pushed out of memory, as those are that have waited long. */
const WAITED = 5_000;

describe('what it costs that an instance goes on which has waited long', () => {
  test('what is read and removed of many of them is read and removed together', async () => {
    await withStandingClock(async (kernel) => {
      await deploy(kernel, 'timer', TIMER);
      const dueAt = STANDING.wallNow() + 3_600_000;
      const due = { due: { type: 'String', value: new Date(dueAt).toISOString() } } as const;
      await startMany(kernel, 'timer', WAITED, () => ({ variables: due }), 250);
      const timers = kernel.engine.find('timers', {
        where: [{ column: 'elementId', op: '=', value: 'wait' }],
        limit: INSTANCES,
      });
      assert.equal(timers.length, INSTANCES);
      const counts = await countGoingOn(kernel, 'timer', (index) => {
        const timerId = timers[index]?.id ?? 0;
        return kernel.engine.submit({ type: 'triggerTimer', timerId }, BENCH);
      });
      assertAtMost(counts, { statements: 1.5, rows: 6.5, logBytes: 120, syncs: 0.01 });
    });
  });

  for (const [by, bpmnProcessId, model] of [
    ['business key', 'correlated', CORRELATED],
    ['correlation key', 'published', PUBLISHED],
  ] as const) {
    test(`who receives one of many messages by its ${by} is looked for together with the others`, async () => {
      await withStandingClock(async (kernel) => {
        await deploy(kernel, bpmnProcessId, model);
        const keyed = (key: string) =>
          ({ businessKey: key, variables: { orderId: { type: 'String', value: key } } }) as const;
        await startMany(kernel, bpmnProcessId, WAITED, (index) => keyed(`order-${index}`), 250);
        const counts = await countGoingOn(kernel, bpmnProcessId, async (index) => {
          const key = `order-${index}`;
          const outcome = await kernel.engine.submit(
            by === 'business key'
              ? { type: 'correlateMessage', name: 'paid', businessKey: key, all: false }
              : { type: 'publishMessage', name: 'paid', correlationKey: key, timeToLiveMs: 0 },
            BENCH,
          );
          assert.equal(outcome.ok && outcome.value.correlated.length, 1);
          return outcome;
        });
        assertAtMost(counts, { statements: 1.5, rows: 6.5, logBytes: 130, syncs: 0.01 });
      });
    });
  }
});

/** Of as many instances, 128 at once, each goes on and ends; until it is seen in the views. */
async function countGoingOn(
  kernel: RunningKernel,
  bpmnProcessId: string,
  goOn: (index: number) => Promise<{ readonly ok: boolean }>,
): Promise<Counted> {
  const ended = () => countEnded(kernel, bpmnProcessId);
  // Brings the views up to what has been started.
  const before = ended();
  const counts = await counting(async () => {
    for (let from = 0; from < INSTANCES; from += 128) {
      const answers = await Promise.all(Array.from({ length: 128 }, (_, index) => goOn(from + index)));
      assert.ok(answers.every(({ ok }) => ok));
    }
    assert.equal(ended(), before + INSTANCES);
  });
  return counts;
}

function countEnded({ engine }: RunningKernel, bpmnProcessId: string): number {
  return engine.count('processInstances', {
    where: [
      { column: 'bpmnProcessId', op: '=', value: bpmnProcessId },
      { column: 'state', op: '=', value: 'completed' },
    ],
  });
}

/** `of`: so many instances, or elements of one. */
function assertAtMost(counts: Counted, atMost: Counts, of = INSTANCES): void {
  for (const [what, most] of Object.entries(atMost) as [keyof Counts, number][]) {
    const each = counts[what] / of;
    assert.ok(each > 0 && each <= most, `${what} for each: ${each}, at most ${most}`);
  }
  assertSearched(counts);
}
