/** What people write for a limit is read in its unit, and what is shown can be written again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMIT_KINDS } from './kinds.ts';
import { limitForm, limitText, readLimitValue } from './values.ts';

test('times, counts and costs have their own units', () => {
  const cases = [
    ['time', '90s', 90_000],
    ['time', '1.5h', 5_400_000],
    ['time', '90', undefined],
    ['instanceSize', '64k', 65_536],
    ['steps', '100', 100],
    ['steps', '100ms', undefined],
    ['aiCost', '2.50', 2_500_000],
    ['aiCostPerDay', '0.000001', 1],
    ['aiCost', '2h', undefined],
    ['steps', '-1', undefined],
    ['steps', '1.5', 2],
    ['steps', '', undefined],
    ['steps', '999999999999999m', undefined],
  ] as const;
  for (const [limit, text, value] of cases) assert.equal(readLimitValue(limit, text), value, `${limit}=${text}`);
});

test('what is shown of a value is read as that value, and each form names one that can be read', () => {
  for (const limit of LIMIT_KINDS) {
    for (const value of [0, 10_000, 3_600_000, 86_400_000 * 3])
      assert.equal(readLimitValue(limit, limitText(limit, value)), value, `${limit} ${value}`);
    const example = /such as ([\w.]+)/.exec(limitForm(limit))?.[1] ?? '';
    assert.notEqual(readLimitValue(limit, example), undefined, `${limit} ${example}`);
  }
});
