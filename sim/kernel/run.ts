/** `npm run sim -- --seed 1 --count 100 --commands 1000`: so many runs, and what broke. `--mutants`: hunts planted faults. */
import { writeFileSync } from 'node:fs';
import { readArguments } from '../arguments.ts';
import { catalog } from './models.ts';
import { huntAll } from './report.ts';
import { simulate } from './simulate.ts';
import type { Failure } from './simulation.ts';

const { values } = readArguments('sim', {
  seed: 1,
  count: 1,
  commands: 1_000,
  'until-broken': false,
  mutants: false,
  clean: 300,
  jobs: 2,
});
const { seed: first, count, commands, clean, jobs } = values;

if (values.mutants) {
  const { text, missed } = await huntAll({ seeds: count > 1 ? count : 200, commands, clean, jobs });
  writeFileSync(new URL('../../docs/simulation.md', import.meta.url), text);
  console.log(text);
  process.exitCode = missed === 0 ? 0 : 1;
} else {
  process.exitCode = (await run()) === 0 ? 0 : 1;
}

async function run(): Promise<number> {
  const models = catalog();
  const began = performance.now();
  let [seeds, asked, records, lives, broken] = [0, 0, 0, 0, 0];
  for (let seed = first; seed < first + count; seed += 1) {
    if (values['until-broken']) console.log(`seed ${seed} begins`);
    const done = await simulate(seed, commands, models);
    seeds += 1;
    asked += done.commands;
    records += done.records;
    lives += done.lives;
    if (count === 1)
      console.log(`seed ${seed}: ${done.steps} steps, ${done.tookMs} ms of virtual time, hash ${done.hash}`);
    if (done.failure === null) continue;
    broken += 1;
    tell(done.failure);
    if (values['until-broken']) break;
  }
  const perSecond = Math.round((asked * 1_000) / (performance.now() - began));
  console.log(
    `${seeds} seeds, ${asked} commands, ${records} records, ${lives} lives, ${broken} broken, ${perSecond} commands/s`,
  );
  return broken;
}

function tell({ seed, step, invariant, finding, lastCommands }: Failure): void {
  console.log(`seed ${seed}, step ${step}, ${invariant}\n  ${finding}`);
  console.log(`  last commands:\n    ${lastCommands.join('\n    ')}`);
  console.log(`  again: npm run sim -- --seed ${seed} --commands ${commands}`);
}
