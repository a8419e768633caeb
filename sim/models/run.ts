/** `npm run models -- --seed 1 --count 1000`: that many random models; `--show` prints the model, `--shrink` makes a failure small. */
import { parseArgs } from 'node:util';
import { perform, playOf } from './play.ts';
import { shrink } from './shrink.ts';
import { print } from './xml.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    show: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const totals = { models: 0, started: 0, left: 0, commands: 0, failures: 0 };
const reasons = new Map<string, number>();
const began = performance.now();
for (let seed = first; seed < first + Number(values.count); seed += 1) {
  const play = playOf(seed);
  if (values.show) console.log(print(play.tree));
  totals.models += 1;
  try {
    const played = await perform(play);
    totals.started += played.started;
    totals.left += played.left;
    totals.commands += played.commands;
    for (const reason of played.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  } catch (error) {
    totals.failures += 1;
    console.log(`seed ${seed}: ${why(error)}`);
    if (!values.shrink) continue;
    const small = await shrink(play, error);
    console.log(`${print(small.play.tree)}acts ${JSON.stringify(small.play.acts)}\n${why(small.error)}`);
  }
}
console.log(JSON.stringify({ ...totals, seconds: Math.round((performance.now() - began) / 1_000) }));
console.log(JSON.stringify(Object.fromEntries([...reasons].toSorted(([one], [other]) => (one < other ? -1 : 1)))));
process.exitCode = totals.failures === 0 ? 0 : 1;

function why(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 12).join('\n  ') : String(error);
}
