import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isLike } from './like.ts';

/** The same by a regular expression, which takes forever on long ones. */
function oracle(text: string, pattern: string): boolean {
  const source = [...pattern].map((one) => (one === '%' ? '.*' : one === '_' ? '.' : one)).join('');
  return new RegExp(`^${source}$`, 'su').test(text);
}

describe('like', () => {
  it('means what a regular expression means, with characters of one and of two code units', () => {
    const some = (...characters: string[]) => fc.array(fc.constantFrom(...characters), { maxLength: 8 });
    fc.assert(
      fc.property(some('a', 'b', '\n', '\u{1F600}'), some('a', 'b', '%', '_', '\u{1F600}'), (text, pattern) => {
        assert.equal(isLike(text.join(''), pattern.join('')), oracle(text.join(''), pattern.join('')));
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes no longer than the texts are long, where it could be tried at every place', () => {
    const text = 'a'.repeat(1_000_000);
    assert.equal(isLike(text, `%${'a'.repeat(400_000)}b%`), false);
    assert.equal(isLike(text, `%${'a%'.repeat(400_000)}`), true);
    assert.equal(isLike(text, `${'%a'.repeat(400_000)}b`), false);
  });
});
