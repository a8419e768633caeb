/** The ids of rows of variables go on beyond the records for which a number has room at their usual width. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordOfVariable, variableId } from './inside.ts';

test('ids of variables ascend with their records and name them, for 70 thousand million records', () => {
  const later = 2 ** 33 - 2 ** 30;
  const records = [1, 2, 2 ** 32, later - 1, later, later + 1, 2 ** 33, 2 ** 36, 7e10].flatMap((first) => [
    first,
    first + 1,
  ]);
  const ids = [...new Set(records)]
    .sort((left, right) => left - right)
    .flatMap((sequence) =>
      [0, 1, 16_383].map((position) => {
        const id = variableId(sequence, position);
        assert.equal(recordOfVariable(id), sequence);
        assert.ok(Number.isSafeInteger(id), String(sequence));
        return id;
      }),
    );
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((left, right) => left - right),
  );
  assert.equal(variableId(later - 1, 2 ** 20 - 1), variableId(later, 0) - 1);
  assert.equal(variableId(7, 3), 7 * 2 ** 20 + 3);
});
