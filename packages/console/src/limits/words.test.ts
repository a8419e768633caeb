/** Names of limits and of those they are for; how much is used. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameOfLimit, nameOfTarget, shareUsed, targetOf } from './words.ts';

test('whom a limit is for is said in full', () => {
  assert.equal(nameOfTarget({ pid: '2251' }), 'process 2251');
  assert.equal(nameOfTarget({ bpmnProcessId: 'invoice' }), 'invoice, all versions');
  assert.equal(
    nameOfTarget({ bpmnProcessId: 'invoice', version: 3, tenantId: 'acme' }),
    'invoice, version 3 of tenant acme',
  );
  const tenant = targetOf({ bpmnProcessId: null, version: null, tenantId: 'acme', limits: [], nice: null });
  assert.deepEqual(tenant, { tenantId: 'acme' });
  assert.equal(nameOfTarget(tenant), 'tenant acme');
});

test('a limit is named in words', () => {
  assert.deepEqual(['startsPerMinute', 'aiCostPerDay', 'time'].map(nameOfLimit), [
    'starts per minute',
    'AI cost per day',
    'time',
  ]);
});

test('what is used is a share of the limit, at most all of it; of nothing allowed all is used', () => {
  const of = { limit: 'steps', from: 'definition' } as const;
  assert.equal(shareUsed({ ...of, value: 200, used: 50 }), 25);
  assert.equal(shareUsed({ ...of, value: 10, used: 30 }), 100);
  assert.equal(shareUsed({ ...of, value: 0, used: 0 }), 100);
  assert.equal(shareUsed({ ...of, value: 10 }), undefined);
});
