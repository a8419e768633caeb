/** `npm run torture -- [SCENARIO] [--rounds N] [--seed N]`: a real kernel under real faults, each with its control; prints a table. */
import { readArguments } from '../arguments.ts';
import { SCENARIOS } from './scenarios.ts';

const { values, chosen } = readArguments(
  'torture',
  { rounds: null, seed: 1 },
  SCENARIOS.map(({ name }) => name),
);
console.log('| scenario | rounds | acknowledged | broken | control | s |\n|---|---|---|---|---|---|');
for (const scenario of SCENARIOS) {
  const { name, rounds, missing, run, control } = scenario;
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const absence = missing();
  if (absence !== null) {
    console.log(`| ${name} | skipped: ${absence.why} | | | | |`);
    continue;
  }
  const began = performance.now();
  const { seed } = values;
  const tally = await run({ rounds: values.rounds ?? rounds.full, seed, plant: 'none' });
  const planted = await run({ rounds: control.rounds, seed, plant: control.plant });
  const caught = planted.broken.find(({ invariant }) => control.breaks.includes(invariant));
  const seconds = Math.round((performance.now() - began) / 1_000);
  const told = caught === undefined ? `${control.plant} NOT found` : `${control.plant}: ${caught.invariant}`;
  console.log(`| ${name} | ${tally.rounds} | ${tally.acknowledged} | ${tally.broken.length} | ${told} | ${seconds} |`);
  const figures = Object.entries(tally.figures).map(([what, value]) => `${what}: ${value}`);
  if (figures.length > 0) console.log(`${name}: ${figures.join('; ')}`);
  for (const { round, invariant, finding } of tally.broken) console.log(`${name}, ${round}, ${invariant}: ${finding}`);
  if (tally.broken.length > 0 || caught === undefined) process.exitCode = 1;
}
