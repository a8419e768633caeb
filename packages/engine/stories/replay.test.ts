/** The central property: whatever is asked in whatever order, replaying the log gives the state, and its counts balance. */
import { it } from 'node:test';
import fc from 'fast-check';
import { anyMove, FIXTURES } from './moves.ts';
import { World } from './world.ts';

it('replaying the log of any sequence of commands gives the same state', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMove, { minLength: 5, maxLength: 60 }), async (sequence) => {
      const world = await World.with(...FIXTURES);
      for (const move of sequence) move(world);
      world.assertReplayEqual();
    }),
    { numRuns: 40 },
  );
});
