/** The process of a slice: plays its seeds and tells how each went. Arguments: the first seed, and how many. */
import type { Said } from './slices.ts';
import { playSeed } from './tally.ts';

const [first = 1, count = 0] = process.argv.slice(2).map(Number);
for (let seed = first; seed < first + count; seed += 1) {
  say({ began: seed });
  say({ result: await playSeed(seed) });
}
process.disconnect();

function say(said: Said): void {
  process.send?.(said);
}
