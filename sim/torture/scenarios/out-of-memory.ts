/** Memory ends under load: the system kills the kernel, or its own heap is full. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import { Client, workUntilEnded } from '../clients.ts';
import { KernelProcess, Unanswered } from '../kernel-process.ts';
import { Life } from '../life.ts';
import { MemoryGroup, memoryGroupMissing } from '../memory-group.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

const ENDS_PER_STORE = 10;
/** Who brings what fills the memory, and how much each time. */
const HUNGRY = 16;
const BALLAST = 'x'.repeat(500_000);
/** A kernel at rest has about 18 MB in its heap; one that finds large records may not come up at all with this. */
const LEAST_HEAP_MB = 20;
/** Of each part of a life. */
const LONGEST_MS = 500;
/** Longest until it has ended. */
const PATIENCE_MS = 30_000;

export const outOfMemory: Scenario = {
  name: 'out-of-memory',
  does: 'the memory of the kernel ends under six clients and large messages, every third time that of its heap',
  rounds: { full: 200, ci: 6, short: 3 },
  missing: memoryGroupMissing,
  run,
  control: { plant: 'ackBeforeCommit', rounds: 6, breaks: ['acknowledgedSurvives', 'whatWasThereStays', 'storeOpens'] },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  const ends = { system: 0, heap: 0 };
  while (tally.rounds < rounds) {
    using life = new Life();
    const held = await attempt(tally, `store after round ${tally.rounds}`, async () => {
      const upTo = Math.min(rounds, tally.rounds + ENDS_PER_STORE);
      while (tally.rounds < upTo) {
        tally.rounds += 1;
        const which = tally.rounds % 3 === 0 ? 'heap' : 'system';
        await (which === 'heap' ? endOfHeap(life, chance, plant) : endOfMemory(life, chance, plant));
        ends[which] += 1;
        life.examine();
      }
      await life.finish(chance, { plant });
    });
    tally.acknowledged += life.acknowledged;
    if (!held && plant !== 'none') break;
  }
  tally.figures['killed by the system'] = ends.system;
  tally.figures['heap full'] = ends.heap;
  return tally;
}

async function endOfMemory(life: Life, chance: Chance, plant: Run['plant']): Promise<void> {
  using group = new MemoryGroup();
  await using kernel = await KernelProcess.start({ directory: life.directory, plant, through: group.entrance });
  const working = work(life, kernel, chance);
  await sleep(chance.below(LONGEST_MS));
  group.limit(group.usage + (1 + chance.below(16)) * 2 ** 20);
  await ended(kernel, 'SIGKILL');
  await working;
  if (group.kills === 0) throw new Violation('memoryEnds', 'it was not killed by the system');
}

async function endOfHeap(life: Life, chance: Chance, plant: Run['plant']): Promise<void> {
  const options = `NODE_OPTIONS=--max-old-space-size=${LEAST_HEAP_MB + chance.below(6)}`;
  await using kernel = new KernelProcess({ directory: life.directory, plant, through: ['env', options] });
  const working = (await kernel.ready) ? work(life, kernel, chance) : undefined;
  await ended(kernel, 'SIGABRT');
  await working;
}

async function ended(kernel: KernelProcess, expected: NodeJS.Signals): Promise<void> {
  const patience = new AbortController();
  const late = sleep(PATIENCE_MS, null, { signal: patience.signal }).catch(() => null);
  const end = await Promise.race([kernel.ended, late]);
  patience.abort();
  if (end === null) throw new Violation('memoryEnds', `it is there after ${PATIENCE_MS} ms`);
  if (end.signal !== expected) throw new Violation('memoryEnds', `it ended with ${end.code ?? end.signal}: ${end.err}`);
}

/** As ever for a while, then those come who want much. */
async function work(life: Life, kernel: KernelProcess, chance: Chance): Promise<void> {
  const working = workUntilEnded(life.clients, kernel, chance);
  await sleep(chance.below(LONGEST_MS));
  await Promise.all([working, ...Array.from({ length: HUNGRY }, (_, at) => devour(kernel, `hungry${at}`))]);
}

/** Messages that nobody waits for, each kept for a moment. What becomes of them is not asked. */
async function devour(kernel: KernelProcess, name: string): Promise<void> {
  const client = new Client(name, '');
  const variables = { ballast: { type: 'String', value: BALLAST } } as const;
  while (kernel.alive) {
    const command = {
      type: 'publishMessage',
      name: 'ballast',
      correlationKey: name,
      timeToLiveMs: 100,
      variables,
    } as const;
    await client.ask(kernel, command).catch((error: unknown) => {
      if (!(error instanceof Unanswered)) throw error;
    });
  }
}
