/** The disk of the store fills up under clients, and is given room again: nothing acknowledged may be lost, nothing refused may be done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import { workUntilEnded } from '../clients.ts';
import { Disk, diskMissing } from '../disk.ts';
import { KernelProcess } from '../kernel-process.ts';
import { Life } from '../life.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

const LONGEST_MS = 300;
/** Room that is left at first, so that it ends at any point of a commit. */
const LEAVING_BYTES = 400_000;
const FULL_MS = 600;
/** From when there is room again until something is accepted. */
const RESUMES_MS = 5_000;
const FILLS_PER_STORE = 10;

export const fullDisk: Scenario = {
  name: 'full-disk',
  does: 'the disk fills up under six clients and has room again later; every third time the kernel is killed while it is full',
  rounds: { full: 200, short: 5 },
  missing: diskMissing,
  run,
  control: { plant: 'ackBeforeCommit', rounds: 4, breaks: ['acknowledgedSurvives', 'whatWasThereStays', 'storeOpens'] },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  let slowestMs = 0;
  let refused = 0;
  while (tally.rounds < rounds) {
    using disk = new Disk();
    using life = new Life(disk.directory);
    const held = await attempt(tally, `store after round ${tally.rounds}`, async () => {
      const upTo = Math.min(rounds, tally.rounds + FILLS_PER_STORE);
      while (tally.rounds < upTo) {
        tally.rounds += 1;
        slowestMs = Math.max(slowestMs, await fillUp({ disk, life, chance, plant, kill: tally.rounds % 3 === 0 }));
        life.examine();
      }
      await life.finish(chance, { plant });
    });
    tally.acknowledged += life.acknowledged;
    refused += refusals(life);
    if (!held && plant !== 'none') break;
  }
  tally.figures['refused'] = refused;
  tally.figures['slowest to go on, ms'] = Math.round(slowestMs);
  return tally;
}

interface Round {
  readonly disk: Disk;
  readonly life: Life;
  readonly chance: Chance;
  readonly plant: Run['plant'];
  readonly kill: boolean;
}

/** Gives how long it took until work went on, ms. */
async function fillUp({ disk, life, chance, plant, kill }: Round): Promise<number> {
  await using kernel = await KernelProcess.start({ directory: disk.directory, plant });
  const working = workUntilEnded(life.clients, kernel, chance);
  await sleep(chance.below(LONGEST_MS));
  const before = refusals(life);
  disk.fill(chance.below(LEAVING_BYTES));
  // The last of the room is used up by the clients; some write-ahead logs have enough of their own to go round.
  await sleep(FULL_MS);
  if (!kernel.alive) throw new Violation('staysUp', (await kernel.ended).err);
  // The live state can be read.
  await kernel.find('externalTasks');
  const wasFull = refusals(life) > before;
  if (kill) await kernel.kill();
  disk.makeRoom();
  const tookMs = kill || !wasFull ? 0 : await untilAccepted(life, kernel);
  await kernel.kill();
  await working;
  return tookMs;
}

async function untilAccepted(life: Life, kernel: KernelProcess): Promise<number> {
  const began = performance.now();
  const before = life.acknowledged;
  while (life.acknowledged === before) {
    if (!kernel.alive) throw new Violation('staysUp', (await kernel.ended).err);
    if (performance.now() - began > RESUMES_MS)
      throw new Violation('goesOn', `nothing is accepted ${RESUMES_MS} ms after there is room again`);
    await sleep(5);
  }
  return performance.now() - began;
}

function refusals({ clients }: Life): number {
  return clients.reduce((sum, { refused }) => sum + refused.length, 0);
}
