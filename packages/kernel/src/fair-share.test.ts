/** Shares are counted, not timed: a newcomer waits for at most one turn of each of the others, and weights are kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flow } from '@procos/engine';
import fc from 'fast-check';
import { FairQueue, FairShare, type Weights, weightOf } from './fair-share.ts';

const EQUAL: Weights = { tenant: () => 1, process: () => 1 };
const flow = (tenantId: string | null, bpmnProcessId: string): Flow => ({ tenantId, bpmnProcessId });

test('a newcomer waits for at most one command of each other process of each tenant, however many are waiting', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          tenant: fc.constantFrom<string | null>(null, 'a', 'b'),
          process: fc.nat(4),
          items: fc.integer({ min: 1, max: 400 }),
        }),
        {
          minLength: 1,
          maxLength: 12,
        },
      ),
      fc.nat(600),
      fc.constantFrom<string | null>(null, 'a', 'b', 'c'),
      (backlog, served, tenant) => {
        const queue = new FairQueue<string>(new FairShare(EQUAL));
        for (const { tenant: id, process, items } of backlog)
          for (let item = 0; item < items; item += 1) queue.push(flow(id, `p${process}`), 'old');
        for (let count = 0; count < served; count += 1) queue.next();
        queue.push(flow(tenant, 'newcomer'), 'new');
        let waited = 0;
        while (queue.next() !== 'new') waited += 1;
        const tenants = new Set(backlog.map((one) => one.tenant)).add(tenant).size;
        const mine = new Set(backlog.filter((one) => one.tenant === tenant).map(({ process }) => process)).size + 1;
        assert.ok(waited < tenants * mine, `waited for ${waited}: ${tenants} tenants, ${mine} processes in its own`);
      },
    ),
    { numRuns: 300, seed: 11 },
  );
});

test('what belongs together keeps its order, and nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.record({ tenant: fc.constantFrom(null, 'a'), process: fc.nat(3) }), fc.constant(null))),
      (moves) => {
        const queue = new FairQueue<{ readonly key: string; readonly number: number }>(new FairShare(EQUAL));
        const out: { readonly key: string; readonly number: number }[] = [];
        let number = 0;
        for (const move of moves) {
          if (move === null) {
            const item = queue.next();
            if (item !== undefined) out.push(item);
          } else
            queue.push(flow(move.tenant, `p${move.process}`), {
              key: `${move.tenant} ${move.process}`,
              number: number++,
            });
        }
        for (let item = queue.next(); item !== undefined; item = queue.next()) out.push(item);
        assert.equal(out.length, number);
        assert.equal(queue.size, 0);
        for (const items of Map.groupBy(out, ({ key }) => key).values())
          assert.deepEqual(
            items,
            items.toSorted((one, other) => one.number - other.number),
          );
      },
    ),
    { numRuns: 300, seed: 12 },
  );
});

test('shares are as the weights are, between tenants and between the processes of one', () => {
  const weights: Weights = {
    tenant: (tenantId) => (tenantId === 'a' ? 3 : 1),
    process: ({ bpmnProcessId }) => (bpmnProcessId === 'fast' ? 4 : 1),
  };
  const share = new FairShare(weights);
  const waiting = [flow('a', 'x'), flow('b', 'slow'), flow('b', 'fast')];
  const counts = new Map<Flow, number>();
  for (let count = 0; count < 400; count += 1) {
    const next = share.next(waiting);
    counts.set(next, (counts.get(next) ?? 0) + 1);
  }
  assert.deepEqual(
    waiting.map((one) => counts.get(one)),
    [300, 20, 80],
  );
});

test('who comes back gets no more for having been away', () => {
  const share = new FairShare(EQUAL);
  const [stays, comes] = [flow(null, 'stays'), flow(null, 'comes')];
  for (let count = 0; count < 1_000; count += 1) share.next([stays]);
  const turns = Array.from({ length: 10 }, () => share.next([stays, comes]).bpmnProcessId);
  assert.equal(turns.filter((one) => one === 'comes').length, 5);
});

test('each step of nice is a quarter', () => {
  assert.equal(weightOf(0), 1);
  assert.equal(weightOf(-1), 1.25);
  assert.ok(Math.abs(weightOf(1) * 1.25 - 1) < 1e-9);
});
