/** `npm run bench [-- NAME…]`: runs the scenarios one after the other and prints their rows as a table. */
import { cpus } from 'node:os';
import { batch } from './batch.ts';
import { boot } from './boot.ts';
import { expressions } from './expressions.ts';
import { externalTask } from './external-task.ts';
import type { Scenario } from './harness.ts';
import { throughput } from './throughput.ts';

const SCENARIOS: readonly Scenario[] = [boot, externalTask, throughput, batch, expressions];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Scenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
console.log(`Node ${process.versions.node}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}`);
for (const scenario of SCENARIOS) {
  if (names.length > 0 && !names.includes(scenario.name)) continue;
  console.log(
    `\n### ${scenario.title}\n\n\`npm run bench -- ${scenario.name}\`\n\n| measured | value | beside |\n|---|---|---|`,
  );
  for (const { what, value, beside } of await scenario.run()) console.log(`| ${what} | ${value} | ${beside} |`);
}
// The peer leaves timers behind.
process.exit(0);
