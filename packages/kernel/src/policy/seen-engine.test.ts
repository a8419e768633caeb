/** Rows that name their instance alone: which of them may be seen is looked up for as many as are asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Query, TableName } from '@procos/store';
import type { ProcessEngine } from '../process-engine.ts';
import { SeenEngine } from './seen-engine.ts';

/** Variable n is of instance n; every instance but each tenth follows the hidden definition 7. */
function seen(count: number) {
  const read: number[] = [];
  const find = (table: TableName, { where = [], limit = Number.POSITIVE_INFINITY }: Query<never> = {}) => {
    const [id] = where as readonly { readonly value: number }[];
    if (table === 'processInstances') return [{ id: id?.value, definitionId: Number(id?.value) % 10 === 0 ? 8 : 7 }];
    const rows = Array.from({ length: Math.min(count, limit) }, (_, at) => ({ id: at + 1, processInstanceId: at + 1 }));
    read.push(rows.length);
    return rows;
  };
  return { read, engine: new SeenEngine({ find } as unknown as ProcessEngine, new Set([7]), false) };
}

test('as many rows are read as it takes to find those that are asked for', () => {
  const { engine, read } = seen(100_000);
  assert.deepEqual(
    engine.find('variables', { offset: 1, limit: 2 }).map(({ id }) => id),
    [20, 30],
  );
  assert.ok(Math.max(...read) < 1_000, String(read));
  assert.equal(engine.count('variables', { limit: 50 }), 50);
  assert.ok(Math.max(...read) < 10_000, String(read));
});

test('what there is less of than was asked for is given whole', () => {
  const { engine } = seen(95);
  assert.deepEqual([engine.count('variables'), engine.count('variables', { limit: 50 })], [9, 9]);
  assert.equal(engine.find('variables').length, 9);
  assert.equal(engine.find('variables', { offset: 8, limit: 5 }).length, 1);
  assert.deepEqual([engine.page('variables', { limit: 2 }).rows.length, engine.page('variables').total], [2, 9]);
});
