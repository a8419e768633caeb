/** Workers of our own SDK behind a bad line: every job is done once, and soon after the line is good again all are. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import { BadLine, type Line } from '../bad-line.ts';
import { JobSystem } from '../job-system.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

const WORKERS = 2;
/** Of one turn, which is one change of the line. */
const JOBS = 20;
const LONGEST_MS = 1_500;
const LINES: readonly Line[] = ['good', 'slow', 'cut', 'deaf', 'dead'];
/** Twice the longest pause before a worker of the SDK tries again (5 s), and a lease. */
const HEALS_MS = 12_000;
/** A line that stays dead need not be waited for so long. */
const DEAD_MS = 3_000;
const SCRIPT = fileURLToPath(new URL('../sdk-worker.ts', import.meta.url));

export const partition: Scenario = {
  name: 'partition',
  does: 'the line between two workers of the SDK and the system delays, cuts answers off, loses them, or is dead',
  rounds: { full: 200, short: 6 },
  missing: () => null,
  run,
  control: { plant: 'neverHeals', rounds: 2, breaks: ['goesOn'] },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  await using system = await JobSystem.start();
  using line = await BadLine.to(system.url);
  let begun = 0;
  const workers = Array.from({ length: WORKERS }, (_, n) =>
    startWorker(line.url, `sdk${n}`, (tasks) => (begun += tasks)),
  );
  try {
    while (tally.rounds < rounds) {
      tally.rounds += 1;
      await system.startJobs(JOBS);
      line.set(plant === 'neverHeals' ? 'dead' : (chance.pick(LINES) ?? 'good'));
      await sleep(chance.below(LONGEST_MS));
    }
    if (plant !== 'neverHeals') line.set('good');
    const healed = performance.now();
    const patienceMs = plant === 'neverHeals' ? DEAD_MS : HEALS_MS;
    await attempt(tally, 'end', async () => {
      while ((await system.openJobs()) > 0) {
        if (performance.now() - healed > patienceMs)
          throw new Violation('goesOn', `jobs are not done ${patienceMs} ms after the line healed`);
        await sleep(50);
      }
      tally.figures['all done after the line healed, ms'] = Math.round(performance.now() - healed);
      tally.acknowledged = rounds * JOBS;
      await system.finish();
    });
    tally.figures['begun by workers'] = begun;
    return tally;
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
  }
}

function startWorker(url: string, workerId: string, onBegun: (tasks: number) => void): ChildProcess {
  const child = spawn(process.execPath, [SCRIPT, url, workerId], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8').on('data', (text: string) => onBegun(text.split('\n').length - 1));
  return child;
}
