/** A store that was restored gives out identities from 2^36 on, and from there on with each further restore: what is numbered by them stays readable. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { EngineEvent } from '@procos/engine';
import type { Store } from '../contract.ts';
import * as make from '../testing/fixtures.ts';
import { commit, openSqlite } from '../testing/fixtures.ts';
import { openSqliteStore } from './open.ts';

const LIFE = 2 ** 36;
const ELEMENTS = ['a', 'b', 'c'];

function define(store: Store, id: number): void {
  const common = { incoming: [], outgoing: [], line: 1, boundaryEvents: [] };
  const model = make.modelOf(
    'order',
    ELEMENTS.map((element) => ({ ...common, id: element, type: 'manualTask' as const })),
  );
  const definition = make.definition({ id, model });
  store.state.definitions.put(definition);
  commit(store, [{ type: 'processDefined', definition }]);
}

/** An instance that visits the elements and ends. */
function pass(store: Store, id: number, definitionId: number, visits: readonly string[]): void {
  const events: EngineEvent[] = [
    {
      type: 'processInstanceCreated',
      processInstanceId: id,
      definitionId,
      bpmnProcessId: 'order',
      version: 1,
      businessKey: null,
      tenantId: null,
      rootId: id,
      parentId: null,
      parentElementInstanceId: null,
      startElementId: null,
    },
  ];
  for (const [index, elementId] of visits.entries()) {
    const own = { processInstanceId: id, elementInstanceId: id + 1 + index, elementId };
    events.push({ type: 'elementActivated', ...own, scopeId: id, consumedFlows: [] });
    events.push({ type: 'elementCompleted', ...own, takenFlows: [] });
  }
  commit(store, [...events, { type: 'processInstanceCompleted', processInstanceId: id }]);
  store.followUp();
}

function visits(store: Store): number[] {
  const of = (value: string) => ({ where: [{ column: 'elementId', op: '=', value } as const] });
  return ELEMENTS.map((element) => {
    const count = store.count('elementInstances', of(element));
    assert.equal(store.find('elementInstances', of(element)).length, count);
    return count;
  });
}

for (const life of [0, 1, 2, 8, 255]) {
  const first = life * LIFE + 1;

  test(`visits of a definition that was deployed after ${life} restores are counted by element`, () => {
    using opened = openSqlite();
    opened.store.ids.skipTo(first + 1_000);
    define(opened.store, first);
    pass(opened.store, first + 100, first, ['a', 'b', 'c', 'a']);
    assert.deepEqual(visits(opened.store), [2, 1, 1]);
    const again = opened.reopen();
    pass(again, first + 200, first, ['a', 'c']);
    assert.deepEqual(visits(again), [3, 1, 2]);
    commit(again, [{ type: 'historyRemoved', target: { processInstanceIds: [first + 100] }, atMost: 100 }]);
    assert.deepEqual(visits(again), [1, 0, 1]);
  });

  test(`a large instance that began after ${life} restores comes back whole, and goes`, () => {
    using opened = openSqlite();
    const items = Array.from({ length: 70_000 }, (_, index) => ({ type: 'Integer', value: index }) as const);
    const results = items.map((item, index) => (index % 2 === 0 ? item : null));
    const loop = { total: items.length, started: items.length, completed: 35_000, items, results };
    // What had begun before the last restore goes on in it.
    const elements = Array.from({ length: 100 }, (_, index) =>
      make.element({
        id: Math.max(1, first + (index < 50 ? index - LIFE : index) + 10),
        loop: index % 40 === 0 ? loop : null,
      }),
    );
    const large = make.instance({ id: first + 5, elements: new Map(elements.map((element) => [element.id, element])) });
    opened.store.ids.skipTo(first + 1_000);
    opened.store.state.instances.put(large);
    commit(opened.store);
    const expected = structuredClone(large);
    const again = opened.reopen();
    const read = again.state.instances.get(large.id);
    assert.deepEqual([...(read?.elements.keys() ?? [])], [...expected.elements.keys()]);
    assert.deepEqual(structuredClone(read), expected);
    again.state.instances.delete(large.id);
    commit(again);
    using file = new DatabaseSync(join(opened.directory, 'procos.db'));
    assert.equal(file.prepare('SELECT count(*) AS n FROM instanceParts').get()?.['n'], 0);
  });
}

test('visits that were counted under numbers that nobody can read are counted anew when the store is opened', () => {
  using opened = openSqlite();
  const first = LIFE + 1;
  opened.store.ids.skipTo(first + 1_000);
  define(opened.store, 1);
  pass(opened.store, 100, 1, ['b']);
  define(opened.store, first);
  pass(opened.store, first + 100, first, ['a', 'b', 'c', 'a']);
  {
    using file = new DatabaseSync(join(opened.directory, 'procos.db'));
    file.exec('DELETE FROM endedVisits WHERE id < 0');
    file.exec(
      `INSERT INTO endedVisits VALUES (${BigInt(first) * 2n ** 20n}, ${first}, 'order', 'a', NULL, 'manualTask', 'completed', 4, NULL)`,
    );
  }
  opened.store.close();
  const told: string[] = [];
  const again = openSqliteStore({ directory: opened.directory, tell: (text) => told.push(text) });
  assert.deepEqual(visits(again), [2, 2, 1]);
  again.close();
  assert.deepEqual(
    told.map((text) => /(?:in|All) (\d) process instances (?:is|are) counted anew/.exec(text)?.[1]),
    ['1', '1'],
  );
  const later = openSqliteStore({ directory: opened.directory, tell: (text) => told.push(text) });
  assert.deepEqual(visits(later), [2, 2, 1]);
  later.close();
  assert.equal(told.length, 2);
});
