/** kill -9 at random times, also while the system starts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../../random.ts';
import { workUntilEnded } from '../clients.ts';
import { KernelProcess } from '../kernel-process.ts';
import { Life } from '../life.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

/** Kernels that one store lives through. */
const KILLS_PER_STORE = 25;
/** Of a life that is not ended while it starts. */
const LONGEST_MS = 300;

export const kill: Scenario = {
  name: 'kill',
  does: 'kill -9 of the kernel at a random time under six clients, every fifth while it starts',
  rounds: { full: 1_000, ci: 100, short: 10 },
  missing: () => null,
  run,
  control: {
    plant: 'ackBeforeCommit',
    rounds: 12,
    breaks: ['acknowledgedSurvives', 'whatWasThereStays', 'storeOpens'],
  },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  let slowestStartMs = 0;
  while (tally.rounds < rounds) {
    using life = new Life();
    const name = `store after round ${tally.rounds}`;
    const held = await attempt(tally, name, async () => {
      const upTo = Math.min(rounds, tally.rounds + KILLS_PER_STORE);
      while (tally.rounds < upTo) {
        tally.rounds += 1;
        slowestStartMs = Math.max(slowestStartMs, await endSuddenly(life, chance, plant));
        life.examine();
      }
      await life.finish(chance, { plant });
    });
    tally.acknowledged += life.acknowledged;
    if (!held && plant !== 'none') break;
  }
  tally.figures['slowest start, ms'] = Math.round(slowestStartMs);
  return tally;
}

/** Gives how long the start took; 0 when it was killed before. */
async function endSuddenly(life: Life, chance: Chance, plant: Run['plant']): Promise<number> {
  const began = performance.now();
  const kernel = new KernelProcess({ directory: life.directory, plant });
  if (chance.below(5) === 0) {
    await Promise.race([sleep(chance.below(1_000)), kernel.ready]);
    await kernel.kill();
    return 0;
  }
  if (!(await kernel.ready)) throw new Error(`no start: ${(await kernel.ended).err}`);
  const tookMs = performance.now() - began;
  const working = workUntilEnded(life.clients, kernel, chance);
  await sleep(chance.below(LONGEST_MS));
  await kernel.kill();
  await working;
  return tookMs;
}
