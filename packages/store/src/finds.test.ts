/** What a look-up has found is kept over commits and follows them: it is the same as asking the medium again, which is not asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Health } from './health.ts';
import { createMemoryBackend } from './memory/backend.ts';
import { EVER, type Lookup, type Spec, table } from './spec.ts';
import { Table } from './table.ts';

interface Item {
  readonly id: number;
  readonly owner: number;
  readonly place: number;
  readonly open: boolean;
}
const open = { column: 'open', is: 1 } as const;
const inPlace = [{ column: 'place', descending: true }, { column: 'id' }] as const;
const ofOwner: Lookup = { equal: ['owner'], only: [open], order: inPlace, kept: true };
const upTo: Lookup = {
  equal: [],
  only: [open],
  range: { column: 'place' },
  order: [{ column: 'place' }, { column: 'id' }],
  kept: true,
};
const items: Spec<Item> = table<Item>(
  'items',
  { owner: 'integer', place: 'integer', open: 'boolean' },
  { lookups: [ofOwner], rareLookups: [upTo] },
);

function create() {
  const medium = createMemoryBackend().table(items);
  const asked = { selects: 0 };
  const stored = new Proxy(medium, {
    get(target, name: keyof typeof medium) {
      if (name === 'select') asked.selects += 1;
      return target[name].bind(target);
    },
  });
  const rows = new Table(items, stored, new Health());
  const commit = (): void => {
    rows.write();
    rows.settle(EVER);
  };
  return { rows, commit, asked };
}

const item = (id: number, place = 0, isOpen = true): Item => ({ id, owner: 1, place, open: isOpen });
const idsOf = (rows: Iterable<Item>): readonly number[] => Array.from(rows, ({ id }) => id);

test('a queue that is worked off as it grows is asked for once', () => {
  const { rows, commit, asked } = create();
  assert.deepEqual(rows.take(1, ofOwner, [1]), []);
  for (let id = 1; id <= 500; id += 1) {
    rows.put(item(id));
    rows.put(item(id + 1_000, 7));
    commit();
    assert.deepEqual(idsOf(rows.take(2, ofOwner, [1])), [id + 1_000, id]);
    rows.put(item(id, 0, false));
    rows.delete(id + 1_000);
    commit();
  }
  assert.equal(asked.selects, 1);
});

test('of a long backlog only its beginning is kept, and the rest is asked for when it has come to it', () => {
  const { rows, commit, asked } = create();
  for (let id = 1; id <= 1_000; id += 1) rows.put(item(id));
  commit();
  const taken: number[] = [];
  for (let next = 1_001; taken.length < 1_000; next += 1) {
    const [first] = rows.take(1, ofOwner, [1]);
    assert.ok(first !== undefined);
    taken.push(first.id);
    rows.delete(first.id);
    // Behind what is known.
    rows.put(item(next));
    commit();
  }
  assert.deepEqual(
    taken,
    Array.from({ length: 1_000 }, (_, index) => index + 1),
  );
  assert.ok(asked.selects < 1_000 / 16, `${asked.selects} searches`);
});

test('what changes in another table, or in none, costs no search; a bound that moves on is not kept', () => {
  const { rows, commit, asked } = create();
  rows.put(item(1, 5));
  commit();
  for (let times = 0; times < 3; times += 1) {
    assert.deepEqual(idsOf(rows.take(1, upTo, [], EVER)), [1]);
    commit();
  }
  assert.equal(asked.selects, 1);
  for (let bound = 0; bound < 8; bound += 1) {
    assert.deepEqual(idsOf(rows.take(1, upTo, [], bound)), bound < 5 ? [] : [1]);
    commit();
  }
  assert.equal(asked.selects, 9);
});

test('after a rollback nothing is remembered that was not committed', () => {
  const { rows, commit } = create();
  rows.put(item(1));
  commit();
  assert.deepEqual(idsOf(rows.select(ofOwner, [1])), [1]);
  rows.delete(1);
  rows.put(item(2));
  rows.drop();
  assert.deepEqual(idsOf(rows.select(ofOwner, [1])), [1]);
  rows.put(item(3));
  commit();
  assert.deepEqual(idsOf(rows.select(ofOwner, [1])), [1, 3]);
});

test('whatever is put, changed, deleted, committed and taken back: it finds what a scan of all rows finds', () => {
  const change = fc.record({
    kind: fc.constantFrom('put', 'put', 'put', 'delete', 'commit', 'look', 'many', 'drop'),
    id: fc.integer({ min: 1, max: 400 }),
    owner: fc.integer({ min: 1, max: 2 }),
    place: fc.integer({ min: 0, max: 9 }),
    open: fc.boolean(),
    limit: fc.constantFrom(1, 3, 40, 400),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
      const { rows, commit } = create();
      let committed = new Map<number, Item>();
      let now = new Map<number, Item>();
      const put = (one: Item): void => {
        rows.put(one);
        now.set(one.id, one);
      };
      const check = (owner: number, limit: number): void => {
        const all = [...now.values()].filter((one) => one.open);
        const queue = all.filter((one) => one.owner === owner).toSorted((a, b) => b.place - a.place || a.id - b.id);
        assert.deepEqual(idsOf(rows.take(limit, ofOwner, [owner])), idsOf(queue.slice(0, limit)));
        const line = all.toSorted((a, b) => a.place - b.place || a.id - b.id);
        assert.deepEqual(idsOf(rows.take(limit, upTo, [], EVER)), idsOf(line.slice(0, limit)));
      };
      for (const { kind, id, owner, place, open, limit } of changes) {
        if (kind === 'put') put({ id, owner, place, open });
        else if (kind === 'many')
          for (let more = 0; more < 300; more += 1) put({ id: id + more, owner, place: (place + more) % 10, open });
        else if (kind === 'delete') {
          rows.delete(id);
          now.delete(id);
        } else if (kind === 'commit') {
          commit();
          committed = new Map(now);
        } else if (kind === 'drop') {
          rows.drop();
          now = new Map(committed);
        }
        if (kind !== 'put' && kind !== 'delete') check(owner, limit);
      }
    }),
    { numRuns: 150 },
  );
});
