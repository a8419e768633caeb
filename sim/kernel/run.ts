/** `npm run sim -- --seed 1 --count 100 --commands 1000`: so many runs, and what broke. */
import { parseArgs } from 'node:util';
import { catalog } from './models.ts';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    commands: { type: 'string', default: '1000' },
  },
});
const models = await catalog();
const [first, count, commands] = [Number(values.seed), Number(values.count), Number(values.commands)];
const began = performance.now();
let [asked, records, lives, broken] = [0, 0, 0, 0];
for (let seed = first; seed < first + count; seed += 1) {
  const run = await simulate(seed, commands, models);
  asked += run.commands;
  records += run.records;
  lives += run.lives;
  if (count === 1) console.log(run);
  if (run.failure === null) continue;
  broken += 1;
  const { step, invariant, finding, lastCommands } = run.failure;
  console.log(
    `seed ${seed}, step ${step}, ${invariant}\n  ${finding}\n  last commands:\n    ${lastCommands.join('\n    ')}`,
  );
}
const seconds = (performance.now() - began) / 1_000;
console.log(
  `${count} seeds, ${asked} commands, ${records} records, ${lives} lives, ${broken} broken; ${Math.round(asked / seconds)} commands/s`,
);
process.exitCode = broken === 0 ? 0 : 1;
