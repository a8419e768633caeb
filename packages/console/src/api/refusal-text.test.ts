import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutAddress } from './refusal-text.ts';

test('a refusal is shown without the address of /api at its end, and with everything else', () => {
  for (const [told, shown] of [
    ['There is no process 9: see /api/processes?state=all.', 'There is no process 9.'],
    ['There is no open task 9: it may be completed. See /api/tasks.', 'There is no open task 9: it may be completed.'],
    ['There is no process p: deploy it first, or see /api/definitions.', 'There is no process p: deploy it first.'],
    [
      'There is no service s (any more): register it, see /api/services.',
      'There is no service s (any more): register it.',
    ],
    ['Hand it in with POST /api/drafts.', 'Hand it in with POST /api/drafts.'],
  ] as const)
    assert.equal(withoutAddress(told), shown);
});
