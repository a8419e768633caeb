/** Every scenario is tested; each has a file of its own beside it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { it } from 'node:test';
import { SCENARIOS } from './scenarios.ts';

it('every scenario is on the list and has a short run', () => {
  const files = readdirSync(new URL('scenarios/', import.meta.url));
  const expected = SCENARIOS.flatMap(({ name }) => [`${name}.test.ts`, `${name}.ts`]);
  assert.deepEqual(files.sort(), expected.sort());
});
