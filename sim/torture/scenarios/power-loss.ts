/** The power fails under a store on a disk of its own: what was not synced is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../../random.ts';
import { workUntilEnded } from '../clients.ts';
import { Disk, diskMissing } from '../disk.ts';
import { KernelProcess } from '../kernel-process.ts';
import { Life } from '../life.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

const LOSSES_PER_STORE = 25;
/** Of a life that does not end while it starts. */
const LONGEST_MS = 300;

export const powerLoss: Scenario = {
  name: 'power-loss',
  does: 'the power of the disk is cut under six clients, every fifth time while the kernel starts',
  rounds: { full: 500, ci: 50, short: 8 },
  missing: diskMissing,
  run,
  control: { plant: 'notSynced', rounds: 8, breaks: ['acknowledgedSurvives', 'whatWasThereStays', 'storeOpens'] },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  while (tally.rounds < rounds) {
    using disk = new Disk();
    using life = new Life(disk.directory);
    const held = await attempt(tally, `store after round ${tally.rounds}`, async () => {
      const upTo = Math.min(rounds, tally.rounds + LOSSES_PER_STORE);
      while (tally.rounds < upTo) {
        tally.rounds += 1;
        await losePower(disk, life, chance, plant);
        life.examine();
      }
      await life.finish(chance, { plant });
    });
    tally.acknowledged += life.acknowledged;
    if (!held && plant !== 'none') break;
  }
  return tally;
}

async function losePower(disk: Disk, life: Life, chance: Chance, plant: Run['plant']): Promise<void> {
  await using kernel = new KernelProcess({ directory: disk.directory, plant });
  const early = chance.below(5) === 0;
  if (early) await Promise.race([sleep(chance.below(600)), kernel.ready]);
  else if (!(await kernel.ready)) throw new Error(`no start: ${(await kernel.ended).err}`);
  const working = early ? null : workUntilEnded(life.clients, kernel, chance);
  if (!early) await sleep(chance.below(LONGEST_MS));
  // What it says after the power is gone nobody must hear.
  await kernel.freeze();
  disk.cutPower();
  await kernel.kill();
  await working;
  disk.unmount();
  disk.mount();
}
