/** Kills the kernel at each write that it makes: while the first system starts, through fifty commands, while it makes a backup. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifySqliteFile } from '@procos/store';
import { Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import { backUp, Client, createClients, FIXED } from '../clients.ts';
import { workThrough } from '../fixed.ts';
import { KernelProcess, Unanswered } from '../kernel-process.ts';
import { Life } from '../life.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';
import { countCalls, storeFiles, strace, straceMissing, type Traced, WRITES } from '../strace.ts';

/** So much in the write-ahead log that it is written back, after 500 pages, in the middle of what is done next. */
const NEARLY_WRITTEN_BACK_BYTES = 425 * (24 + 8_192);
const BACKUPS = 'backups';
const BACKUP = 'copy.db';
const ID_DRIFT = 32;
const ROLES = ['worker1', 'clerk', 'payer', 'mender'];
/** A scenario takes a second; one that is neither done nor dead by then is stuck. */
const PATIENCE_MS = 60_000;
/** Rounds of a stage from which on it is said that most were not killed. */
const FEW = 8;

interface Stage {
  readonly name: string;
  /** Begins from an empty folder. */
  readonly fromNothing?: boolean;
  readonly paths: (directory: string) => readonly string[];
  readonly live: (client: Client, kernel: KernelProcess) => Promise<void>;
}

/** `made`: names that the backup may have while it is made. */
const stages = (made: readonly string[]): readonly Stage[] => [
  { name: 'start', fromNothing: true, paths: storeFiles, live: (_client, kernel) => goDown(kernel) },
  {
    name: 'work',
    paths: storeFiles,
    async live(client, kernel) {
      await workThrough(client, kernel);
      await goDown(kernel);
    },
  },
  {
    name: 'backup',
    paths: (directory) =>
      ['', BACKUP, ...made.flatMap((name) => [name, `${name}-journal`])].map((name) => join(directory, BACKUPS, name)),
    live: (client, kernel) => backUp(client, kernel, BACKUP),
  },
];

export const everyWrite: Scenario = {
  name: 'every-write',
  does: 'kill -9 at each write to the files of the store: at the first start, in fifty commands with a checkpoint, in a backup',
  rounds: { full: Number.POSITIVE_INFINITY, short: 5 },
  missing: straceMissing,
  run,
  control: {
    plant: 'notAtomic',
    rounds: 6,
    breaks: ['startsAgain', 'stateIsWhatTheLogTells', 'nothingStandsStill', 'nothingIsMissing', 'acknowledgedSurvives'],
  },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  const prepared = mkdtempSync(join(tmpdir(), 'procos-torture-prepared-'));
  try {
    await prepare(prepared);
    const points: { readonly stage: Stage; readonly call: string; readonly count: number }[] = [];
    const stagesNow = stages(await namesOfBackup(prepared));
    for (const stage of stagesNow) {
      const writes = await countWrites(stage, prepared);
      if (writes.size === 0) throw new Error(`nothing is written in the stage ${stage.name}: nothing would be tested`);
      for (const [call, times] of writes) {
        tally.figures[`${call} in ${stage.name}`] = times;
        for (let count = 1; count <= times; count += 1) points.push({ stage, call, count });
      }
    }
    const wanted = Math.min(rounds, points.length);
    const lived: string[] = [];
    const ended: string[] = [];
    const first = chance.below(Math.floor(points.length / wanted));
    for (let round = 0; round < wanted; round += 1) {
      const point = points[first + Math.floor((round * points.length) / wanted)];
      if (point === undefined) break;
      tally.rounds += 1;
      const { stage, call, count } = point;
      lived.push(stage.name);
      const held = await attempt(tally, `${call} ${count} in ${stage.name}`, async () => {
        const { acknowledged, killed } = await endAtWrite({ stage, call, count, prepared, chance, plant });
        tally.acknowledged += acknowledged;
        if (!killed) ended.push(stage.name);
      });
      if (!held && plant !== 'none') break;
    }
    if (ended.length > 0) tally.figures['ended by themselves'] = ended.length;
    // A few come to their end sooner, since no two lives do all in the same order.
    for (const { name } of stagesNow) {
      const rounds = lived.filter((one) => one === name).length;
      const survived = ended.filter((one) => one === name).length;
      if (rounds >= FEW && survived * 4 > rounds)
        throw new Error(`${survived} of ${rounds} lives of the stage ${name} were not ended: nothing was tested`);
    }
    return tally;
  } finally {
    rmSync(prepared, { recursive: true });
  }
}

/** A store that somebody has worked with and that was left in a hurry, its log about to be written back. */
async function prepare(directory: string): Promise<void> {
  const kernel = await KernelProcess.start({ directory });
  const client = new Client('before', '');
  while (statSync(join(directory, 'procos.db-wal')).size < NEARLY_WRITTEN_BACK_BYTES) await workThrough(client, kernel);
  await kernel.kill();
}

/**
 * While a backup is made its files are called by the id of its task. How many identities were given out before depends a little on how
 * quick the start was, which it is not while it is traced.
 */
async function namesOfBackup(prepared: string): Promise<readonly string[]> {
  using life = beginWith(prepared);
  const [client] = life.clients;
  const folder = join(life.directory, BACKUPS);
  mkdirSync(folder, { recursive: true });
  const names = new Set<string>();
  const watcher = watch(folder, (_, name) => {
    if (name !== null) names.add(name);
  });
  const kernel = await KernelProcess.start({ directory: life.directory });
  try {
    if (client !== undefined) await backUp(client, kernel, BACKUP);
  } finally {
    watcher.close();
    await kernel.kill();
  }
  const ids = [...names].flatMap((name) => /\.(\d+)\.partial$/.exec(name)?.[1] ?? []);
  return ids.flatMap((id) =>
    Array.from({ length: 2 * ID_DRIFT + 1 }, (_, at) => `${BACKUP}.${Number(id) - ID_DRIFT + at}.partial`),
  );
}

async function countWrites(stage: Stage, prepared: string): Promise<ReadonlyMap<string, number>> {
  using life = begin(stage, prepared);
  const log = join(life.directory, 'calls');
  const { kernel } = await live(stage, life, { calls: WRITES, log });
  await kernel.kill();
  return countCalls(log);
}

interface Point {
  readonly stage: Stage;
  readonly call: string;
  readonly count: number;
  readonly prepared: string;
  readonly chance: Chance;
  readonly plant: Run['plant'];
}

async function endAtWrite({ stage, call, count, prepared, chance, plant }: Point) {
  using life = begin(stage, prepared);
  const { kernel, done } = await live(stage, life, { calls: [call], inject: `signal=KILL:when=${count}` }, plant);
  await kernel.kill();
  life.examine();
  await life.finish(chance, { plant });
  const copy = join(life.directory, BACKUPS, BACKUP);
  if (stage.name === 'backup' && life.acknowledged > 0) {
    const found = verifySqliteFile(copy);
    if (!found.ok) throw new Violation('backupIsWhole', found.problem);
  }
  return { acknowledged: life.acknowledged, killed: !done };
}

function begin(stage: Stage, prepared: string): Life {
  return stage.fromNothing === true ? beginWith(null) : beginWith(prepared);
}

function beginWith(prepared: string | null): Life {
  const life = new Life(undefined, [new Client(FIXED, ''), ...createClients('', ROLES)]);
  if (prepared !== null) cpSync(prepared, life.directory, { recursive: true });
  return life;
}

/** `done`: it came to its end alive. */
async function live(stage: Stage, life: Life, traced: Omit<Traced, 'paths'>, plant: Run['plant'] = 'none') {
  const { directory } = life;
  const through = strace({ ...traced, paths: stage.paths(directory) });
  const kernel = new KernelProcess({ directory, plant, through });
  const [client] = life.clients;
  if (client === undefined) throw new Error('nobody works');
  if (!(await kernel.ready)) return { kernel, done: false };
  const late = sleep(PATIENCE_MS, 'late' as const, { ref: false });
  const work = stage.live(client, kernel).then(
    () => 'done' as const,
    (error: unknown) => {
      if (!(error instanceof Unanswered)) throw error;
      return 'dead' as const;
    },
  );
  const how = await Promise.race([work, late]);
  if (how === 'late') {
    await kernel.kill();
    throw new Violation('nothingIsStuck', 'the fixed work does not end');
  }
  return { kernel, done: how === 'done' };
}

async function goDown(kernel: KernelProcess): Promise<void> {
  const { code } = await kernel.shutDown();
  if (code !== 0) throw new Unanswered(`exit code ${code}`);
}
