/** `npm run torture -- [SCENARIO] [--rounds N] [--seed N]`: a real kernel under real faults, each with its control; prints a table. */
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const unknown = positionals.filter((name) => SCENARIOS.every((scenario) => scenario.name !== name));
if (unknown.length > 0) {
  console.error(`No scenario ${unknown.join(', ')}. There are: ${SCENARIOS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
console.log('| scenario | rounds | acknowledged | broken | control | s |\n|---|---|---|---|---|---|');
for (const scenario of SCENARIOS) {
  const { name, rounds, missing, run, control } = scenario;
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const absence = missing();
  if (absence !== null) {
    console.log(`| ${name} | skipped: ${absence.why} | | | | |`);
    continue;
  }
  const began = performance.now();
  const seed = Number(values.seed);
  const tally = await run({ rounds: Number(values.rounds ?? rounds.full), seed, plant: 'none' });
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
