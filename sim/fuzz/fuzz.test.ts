/** A short run of the fuzz: no spoiled model crashes the reader, hangs it, or runs wild in the engine. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { corpus, fuzz, spoiled } from './fuzz.ts';

it('spoiled models are refused with reasons, or run clean', async () => {
  const { files, accepted, failures } = await fuzz(corpus(), 1, 200);
  assert.deepEqual(failures, []);
  assert.ok(accepted > files / 10, `${accepted} of ${files} accepted: the mutations are too coarse to test the engine`);
});

it('the same seed spoils in the same way', () => {
  const models = corpus();
  assert.equal(spoiled(models, 7), spoiled(models, 7));
});
