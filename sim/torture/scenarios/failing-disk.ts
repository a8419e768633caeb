/** The disk refuses a sync or a read: the kernel must end at once, and what it has acknowledged must be there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT_STORE_FAILED } from '@procos/kernel';
import { Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import { workUntilEnded } from '../clients.ts';
import { KernelProcess } from '../kernel-process.ts';
import { Life } from '../life.ts';
import type { Plant } from '../plants.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';
import { strace, straceMissing } from '../strace.ts';

const FAULTS_PER_STORE = 25;
/** Of its first calls one fails, and all after it: a disk that has failed does not mend. */
const LATEST_CALL = 60;
/** From the last answer to the end of the process. */
const STOPS_MS = 1_000;
/** So long clients work at most until the call comes. */
const PATIENCE_MS = 3_000;
/** The store was refused at the start. */
const EXIT_REFUSED = 3;

export const failingDisk: Scenario = {
  name: 'failing-disk',
  does: 'the n-th sync of the log fails under six clients, or the n-th read of the store',
  rounds: { full: 100, short: 5 },
  missing: straceMissing,
  run,
  control: {
    plant: 'errorsSwallowed',
    rounds: 4,
    breaks: ['acknowledgedSurvives', 'whatWasThereStays', 'storeOpens', 'sequenceHasNoGap', 'stopsAtOnce'],
  },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  let slowestMs = 0;
  let struck = 0;
  while (tally.rounds < rounds) {
    using life = new Life();
    const held = await attempt(tally, `store after round ${tally.rounds}`, async () => {
      const upTo = Math.min(rounds, tally.rounds + FAULTS_PER_STORE);
      while (tally.rounds < upTo) {
        tally.rounds += 1;
        const tookMs = await failOnce(life, chance, plant);
        if (tookMs !== null) struck += 1;
        slowestMs = Math.max(slowestMs, tookMs ?? 0);
        life.examine();
      }
      await life.finish(chance);
    });
    tally.acknowledged += life.acknowledged;
    if (!held && plant !== 'none') break;
  }
  tally.figures['came to the call'] = struck;
  tally.figures['slowest end, ms'] = slowestMs;
  return tally;
}

/** From the last answer to the end, ms; null: it never came to that call. */
async function failOnce(life: Life, chance: Chance, plant: Plant): Promise<number | null> {
  const { directory } = life;
  const reads = chance.below(4) === 0;
  const calls = reads ? ['pread64'] : ['fsync', 'fdatasync'];
  const paths = [join(directory, 'procos.db-wal'), ...(reads ? [join(directory, 'procos.db')] : [])];
  const inject = `error=EIO:when=${1 + chance.below(LATEST_CALL)}+`;
  const log = join(directory, 'calls');
  await using kernel = new KernelProcess({ directory, plant, through: strace({ calls, paths, inject, log }) });
  const wasReady = await kernel.ready;
  const working = workUntilEnded(life.clients, kernel, chance);
  await Promise.race([kernel.ended, sleep(PATIENCE_MS, undefined, { ref: false })]);
  if (kernel.alive) {
    await kernel.kill();
    await working;
    // A read of the log that is being written back is tried again later: nobody has asked for what it holds.
    if (!reads && readFileSync(log, 'utf8').includes('INJECTED'))
      throw new Violation('stopsAtOnce', 'it goes on after a sync has failed');
    return null;
  }
  await working;
  const { code, signal, err, silentMs } = await kernel.ended;
  if (code === EXIT_REFUSED) return 0;
  if (code !== EXIT_STORE_FAILED) throw new Violation('stopsAtOnce', `it ended with ${code ?? signal}: ${err}`);
  // Before its first answer the boot counts, too: that it ends at all is what is looked at then.
  if (!wasReady) return 0;
  if (silentMs > STOPS_MS) throw new Violation('stopsAtOnce', `it ended ${silentMs} ms after its last answer`);
  return silentMs;
}
