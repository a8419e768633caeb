/** Rows as they are decoded: all that was encoded, in objects that are quick to copy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Cell, type Cells, type Identified, type Spec, table } from './spec.ts';
import { externalTasks } from './tables/state-tables.ts';
import { elementInstances, processInstances } from './tables/view-tables.ts';

setFlagsFromString('--allow-natives-syntax');
/** Asks V8 itself: how long a copy takes says it too, but not on a machine that does other work. */
const isHashTable = runInNewContext('(row) => !%HasFastProperties(row)') as (row: object) => boolean;

const CELLS = { integer: 5, text: 'text', boolean: 1, json: '{"a":1}' } as const;

function cellsOf<Row extends Identified>({ columns }: Spec<Row>, rest: Cell): Cells {
  return [1, ...columns.map(({ type }) => CELLS[type]), rest];
}

for (const spec of [processInstances, elementInstances, externalTasks] as unknown as readonly Spec<Identified>[]) {
  test(`a row of ${spec.name} is no hash table, however many fields it has`, () => {
    for (const rest of [null, '{"keptIn":[1,2],"startedIn":1}']) {
      const row = spec.decode(cellsOf(spec, rest));
      assert.equal(isHashTable(row), false);
      assert.equal(isHashTable({ ...row, another: 1 }), false);
      assert.deepEqual(spec.encode(row), cellsOf(spec, rest));
    }
  });
}

test('of a field that is a column by now the column counts, not what an older version has left in the rest', () => {
  const spec = table<{ readonly id: number; readonly name: string; readonly age: number }>('people', { name: 'text' });
  assert.deepEqual(spec.decode([1, 'new', '{"name":"old","age":7}']), { id: 1, name: 'new', age: 7 });
});
