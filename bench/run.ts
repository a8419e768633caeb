/** `npm run bench -- [all | NAME…] [--full]`: runs the scenarios one after the other and prints their rows as Markdown. */
import { cpus } from 'node:os';
import { readArguments } from '../sim/arguments.ts';
import { batch } from './batch.ts';
import { boot } from './boot.ts';
import { correlation } from './correlation.ts';
import { definitions } from './definitions.ts';
import { expressions } from './expressions.ts';
import { externalTask } from './external-task.ts';
import { handOff } from './hand-off.ts';
import type { Scenario } from './harness.ts';
import { history } from './history.ts';
import { idle } from './idle.ts';
import { multiInstance } from './multi-instance.ts';
import { overload } from './overload/overload.ts';
import { peerProblem } from './peers.ts';
import { restStart } from './rest-start.ts';
import { restart } from './restart.ts';
import { restore } from './restore.ts';
import { scripts } from './scripts.ts';
import { slowSync } from './slow-sync.ts';
import { throughput } from './throughput.ts';
import { timers } from './timers.ts';
import { waiting } from './waiting.ts';

const SCENARIOS: readonly Scenario[] = [
  throughput,
  restStart,
  externalTask,
  handOff,
  waiting,
  restart,
  restore,
  timers,
  correlation,
  definitions,
  boot,
  idle,
  history,
  expressions,
  multiInstance,
  scripts,
  batch,
  overload,
  slowSync,
];

const { values, chosen } = readArguments(
  'bench',
  { full: false },
  SCENARIOS.map(({ name }) => name),
);
const problem = await peerProblem();
if (problem !== undefined) {
  console.error(problem);
  process.exit(2);
}
const size = values.full ? 'full' : 'small';
console.log(`Node ${process.versions.node}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}`);
let failed = false;
for (const scenario of SCENARIOS) {
  if (chosen.length > 0 && !chosen.includes(scenario.name)) continue;
  const command = `npm run bench -- ${scenario.name}${size === 'full' ? ' --full' : ''}`;
  console.log(`\n### ${scenario.title}\n\n\`${command}\`\n\n| measured | value | beside |\n|---|---|---|`);
  try {
    for (const { what, value, beside } of await scenario.run(size)) console.log(`| ${what} | ${value} | ${beside} |`);
  } catch (error) {
    // The others are measured all the same.
    failed = true;
    console.error(error);
  }
}
// The peer leaves timers behind.
process.exit(failed ? 1 : 0);
