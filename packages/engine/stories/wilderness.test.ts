/** The central property over everything there is: all fixtures at once, any command at any time, found out from the state. */
import { readdirSync } from 'node:fs';
import { it } from 'node:test';
import fc from 'fast-check';
import { Wilderness } from './wilderness.ts';
import { World } from './world.ts';

const FIXTURES = readdirSync(new URL('../fixtures/', import.meta.url))
  .filter((name) => name.endsWith('.bpmn'))
  .map((name) => name.replace(/\.bpmn$/, ''));
/** Each run deploys some of them; endless recursion has a story of its own. */
const SLOW: readonly string[] = ['recursion', 'endless-loop'];
it('any commands at any time, on any model: replay gives the state, its counts balance, and nothing stands still for no reason', async () => {
  const names = FIXTURES.filter((name) => !SLOW.includes(name));
  const chosen = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 6 });
  const rolls = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 100, maxLength: 600, size: 'max' });
  await fc.assert(
    fc.asyncProperty(chosen, rolls, async (fixtures, numbers) => {
      const world = await World.with(...fixtures);
      await world.deployDecisions('dish');
      let next = 0;
      const wilderness = new Wilderness(world, (below) => (numbers[next++] ?? 0) % below, true);
      while (next < numbers.length) wilderness.act();
      world.assertReplayEqual();
    }),
    { numRuns: Number(process.env['PROCOS_WILD_RUNS'] ?? 150) },
  );
});
