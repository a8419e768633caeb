/** The descriptor that modelers load is the one that files are read by. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('modeler/procos-moddle.json is the descriptor of the reader', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  assert.equal(read('../../../../modeler/procos-moddle.json'), read('./procos-moddle.json'));
});
