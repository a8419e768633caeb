/**
 * `npm run models -- --seed 1 --count 1000`: that many random models; `--slice 250` plays so many of them in one process, and
 * the next ones in another; `--show` prints the model, `--shrink` makes a failure small.
 */
import { readArguments } from '../arguments.ts';
import { perform, playOf } from './play.ts';
import { shrink } from './shrink.ts';
import { playInSlices } from './slices.ts';
import { playSeed, type Result, Tally, why } from './tally.ts';
import { print } from './xml.ts';

const { values } = readArguments('models', { seed: 1, count: 1, slice: null, show: false, shrink: false });
const { seed: first, count, slice } = values;
const tally = new Tally();
if (slice !== null) await playInSlices(first, count, slice, take);
else
  for (let seed = first; seed < first + count; seed += 1) {
    if (values.show) console.log(print(playOf(seed).tree));
    const result = await playSeed(seed);
    take(result);
    if (values.shrink && result.failure !== null) await showSmall(seed);
  }
console.log(String(tally));
process.exitCode = tally.failures === 0 ? 0 : 1;

function take(result: Result): void {
  tally.add(result);
  if (result.failure !== null) console.log(`seed ${result.seed}: ${result.failure}`);
}

async function showSmall(seed: number): Promise<void> {
  const play = playOf(seed);
  const error = await perform(play).then(
    () => undefined,
    (found: unknown) => found,
  );
  const small = await shrink(play, error);
  console.log(`${print(small.play.tree)}acts ${JSON.stringify(small.play.acts)}\n${why(small.error)}`);
}
