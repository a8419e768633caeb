/** What is said of names that no backup or snapshot can have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFileName, nameProblem } from './file-names.ts';

test('a name that is too long is told so, and one of other characters which there may be', () => {
  const longest = `${'a'.repeat(121)}.db`;
  assert.equal(isFileName(longest, '.db'), true);
  assert.equal(isFileName(`a${longest}`, '.db'), false);
  assert.equal(
    nameProblem(`a${longest}`, '.db'),
    'file must be a name of at most 121 characters before its .db; it has 122.',
  );
  for (const name of ['-a.db', '.db', 'a b.db', '../a.db', 'ä.db', 'a.snapshot', 7]) {
    assert.equal(isFileName(name, '.db'), false, String(name));
    assert.match(
      nameProblem(name, '.db'),
      /letters, digits, dots, dashes and underscores, the first a letter or digit/,
    );
  }
});
