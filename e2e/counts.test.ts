/** What one instance costs the disk, in counts: they do not depend on the machine, so they cannot grow unseen. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Counts, counting } from '../bench/counters.ts';
import { withKernel } from '../bench/harness.ts';
import { prepare, WORKLOADS, type Workload } from '../bench/workloads.ts';

const INSTANCES = 1_280;

/** Per instance at most, 64 in flight. Who makes one of them smaller writes it down here. */
const AT_MOST: Readonly<Record<Workload, Counts>> = {
  a: { statements: 2.3, rows: 2.2, logBytes: 1_300, syncs: 0.02 },
  b: { statements: 2.3, rows: 2.2, logBytes: 2_100, syncs: 0.02 },
  c: { statements: 2.3, rows: 2.2, logBytes: 2_150, syncs: 0.02 },
  u: { statements: 14.2, rows: 12.3, logBytes: 2_000, syncs: 0.04 },
  x: { statements: 19.1, rows: 14.4, logBytes: 2_300, syncs: 0.06 },
};

describe('what an instance costs, from start to end, at 64 in flight', () => {
  for (const workload of WORKLOADS) {
    test(`model ${workload}: no more SQL statements, rows, log bytes and syncs than before`, async () => {
      await withKernel(async (kernel) => {
        const run = await prepare(kernel, workload);
        await run(INSTANCES / 2);
        const counts = await counting(() => run(INSTANCES));
        for (const [what, most] of Object.entries(AT_MOST[workload]) as [keyof Counts, number][]) {
          const each = counts[what] / INSTANCES;
          assert.ok(each > 0 && each <= most, `${what} per instance: ${each}, at most ${most}`);
        }
      });
    });
  }
});
